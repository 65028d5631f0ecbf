import sys
import time

import pytest

from collector import child
from collector.child import ChildServerError, child_server, serving
from collector.errors import CollectorError


def test_a_child_that_ends_early_is_an_error_with_its_words():
    command = (sys.executable, "-c", "print('no luck'); print(3)")

    with (
        pytest.raises(ChildServerError, match=r"(?s)ended before.*no luck\n3\."),
        serving(command, name="x.y", timeout_s=20),
    ):
        pass


def test_a_child_that_says_nothing_is_an_error_after_the_timeout():
    command = (sys.executable, "-c", "import sys; sys.stdin.read()")

    with (
        pytest.raises(ChildServerError, match=r"within 0.05 s. It printed: nothing"),
        serving(command, name="x.y", timeout_s=0.05),
    ):
        pass


def test_a_child_that_does_not_end_is_killed(monkeypatch):
    monkeypatch.setattr(child, "STOP_TIMEOUT_S", 0.05)
    code = """if True:
        import time
        print('{"base_url": "http://x/v1"}', flush=True)
        time.sleep(60)
    """
    started_s = time.monotonic()

    command = (sys.executable, "-c", code)
    with serving(command, name="x.y", timeout_s=20) as base_url:
        assert base_url == "http://x/v1"

    assert time.monotonic() - started_s < 10


def test_a_missing_python_is_an_error_a_user_can_read(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    with (
        pytest.raises(ChildServerError, match=r"x\.y could not be started"),
        child_server("x.y"),
    ):
        pass
    assert issubclass(ChildServerError, CollectorError)


def test_a_module_that_does_not_exist_is_an_error_that_says_how_to_look():
    with (
        pytest.raises(
            ChildServerError, match=r"(?s)No module.*python -m collector\.x`"
        ),
        child_server("collector.x"),
    ):
        pass
