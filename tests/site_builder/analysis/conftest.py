"""The four worked answers, cut into code and prose."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "golden" / "answers"
NAMES = ("sketch", "plain", "teacher", "builder")


def read_answer(name):
    """Return code and prose of an answer that has one block."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    block = re.search(r"^```python\n(.*?)^```\n", text, re.DOTALL | re.MULTILINE)
    return block.group(1), text[: block.start()] + text[block.end() :]


@pytest.fixture(scope="session")
def answers():
    return {name: read_answer(name) for name in NAMES}
