"""The worked programs are read once for all tests of claims: reading is pure."""

from functools import cache

import pytest

from site_builder import findings
from site_builder.analysis.structure import analyse_code


@pytest.fixture(autouse=True, scope="session")
def _read_once():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(findings, "analyse_code", cache(analyse_code))
        yield
