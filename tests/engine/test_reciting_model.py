"""The reciting model itself: the same bytes again, and a server that goes away."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.engine

HERE = Path(__file__).parent


@given(st.text(alphabet="ab\n日", max_size=60))
def test_any_text_is_cut_into_pieces_that_all_differ(text):
    from .make_reciting_model import cut

    pieces = cut(text)

    assert "".join(pieces) == text
    assert len(set(pieces)) == len(pieces)
    assert "" not in pieces


def test_a_model_made_again_is_the_same_bytes_and_small(tmp_path):
    from .make_reciting_model import write_model

    for name in ("one", "two"):
        write_model(tmp_path / name, answer="x = 1\n", thoughts="one")
    write_model(tmp_path / "other", answer="x = 2\n", thoughts="one")

    content = (tmp_path / "one").read_bytes()
    assert content == (tmp_path / "two").read_bytes()
    assert content != (tmp_path / "other").read_bytes()
    assert len(content) < 600_000


def test_the_server_ends_when_its_input_ends(tmp_path):
    from .make_reciting_model import write_model

    path = tmp_path / "model.gguf"
    write_model(path, answer="x = 1\n")
    command = [sys.executable, str(HERE / "serve_model.py"), str(path)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        url = json.loads(process.stdout.readline())["base_url"]
        with urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - loopback
            assert answer.status == 200
        process.stdin.close()
        assert process.wait(timeout=5) == 0
    with pytest.raises(URLError):
        urlopen(f"{url}/health", timeout=5)  # noqa: S310 - loopback
