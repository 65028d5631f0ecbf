"""The ``lms`` command on this machine, and what its answers mean."""

import os
import stat
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.backends.lms import read_is_idle, run_lms, serves


@pytest.mark.parametrize(
    ("printed", "is_idle"),
    [
        ("[]", True),
        ('[{"status":"idle","queued":0}]', True),
        ('[{"status":"idle","queued":0},{"status":"generating","queued":0}]', False),
        ('[{"status":"idle","queued":2}]', False),
        ('[{"status":"idle","queued":0},{"status":"idle"}]', None),
        ('[{"status":null,"queued":0}]', None),
        ('[{"status":"idle","queued":"0"}]', None),
        ('[{"status":"generating","queued":0},7]', None),
        ('{"status":"idle","queued":0}', None),
        ("LM Studio is not running.", None),
        ("", None),
        (None, None),
    ],
)
def test_idle_is_only_what_is_said_to_be(printed, is_idle):
    assert read_is_idle(printed) is is_idle


@given(st.text())
def test_no_output_breaks_the_reading(printed):
    assert read_is_idle(printed) in {True, False, None}


@pytest.mark.parametrize(
    ("url", "status", "is_it"),
    [
        ("http://127.0.0.1:1234/v1", '{"running":true,"port":1234}', True),
        ("http://localhost/v1", '{"running":true,"port":80}', True),
        ("http://127.0.0.1:1235/v1", '{"running":true,"port":1234}', False),
        ("http://127.0.0.1:1234/v1", '{"running":false,"port":1234}', False),
        ("http://127.0.0.1:1234/v1", '{"running":true,"port":null}', False),
        ("http://127.0.0.1:1234/v1", "[]", False),
        ("http://127.0.0.1:1234/v1", None, False),
    ],
)
def test_lms_speaks_for_the_server_of_its_port_only(url, status, is_it):
    assert serves(lambda *_: status, url) is is_it


def test_without_the_command_nothing_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert run_lms("ps", "--json") is None


@pytest.mark.skipif(os.name != "posix", reason="writes a shell script")
def test_the_command_on_the_path_is_run_with_the_arguments(monkeypatch, tmp_path):
    script = tmp_path / "lms"
    script.write_text(f'#!{sys.executable}\nimport sys\nprint(sys.argv[1:], "é")\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))

    printed = run_lms("ps", "--json")

    assert printed is not None
    assert printed.startswith("['ps', '--json']")
