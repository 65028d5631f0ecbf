"""Other programs: what they print, or None, and never a wait or an error."""

import subprocess
import sys
import time

from collector.command import run_command


def python(code: str, **options):
    return run_command([sys.executable, "-c", code], **options)


def test_what_a_program_prints_is_returned_as_text_even_if_it_is_no_utf8():
    assert python("print(7)").split() == ["7"]
    code = r"import sys; sys.stdout.buffer.write(b'\xe6\x80\xa7\xff')"
    assert python(code) == "性\ufffd"


def test_a_missing_program_a_failure_and_a_long_wait_are_none():
    assert run_command(["a-program-nobody-has"]) is None
    assert python("print('half'); raise SystemExit(3)") is None
    started = time.monotonic()
    assert python("import time; time.sleep(60)", timeout_s=0.2) is None
    assert time.monotonic() - started < 10


def test_a_program_gets_no_git_variables_and_answers_in_english(monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/elsewhere/.git")
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    monkeypatch.setenv("KEPT", "yes")
    code = (
        "import os;"
        "print('GIT_DIR' in os.environ, os.environ['LC_ALL'], os.environ['KEPT'])"
    )
    assert python(code) == "False C yes\n"


def test_a_program_cannot_read_what_was_meant_for_us():
    ask = "import sys; print(len(sys.stdin.read()))"
    ours = (
        "import sys; from collector.command import run_command;"
        f"print(run_command([sys.executable, '-c', {ask!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", ours],
        input="typed",
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout.split() == ["0"]
