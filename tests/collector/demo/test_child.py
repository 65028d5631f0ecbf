import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from collector.demo import child, demo_server
from collector.demo.script import read_models

COMMAND = (sys.executable, "-P", "-m", "collector.demo")
PARENT = """
import time
from collector.demo import demo_server
with demo_server() as base_url:
    print(base_url, flush=True)
    time.sleep(60)
"""

only_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has neither SIGKILL nor process groups"
)


def environment() -> dict[str, str]:
    home = str(Path(child.__file__).parents[2])
    return {**os.environ, "PYTHONPATH": home}


def answers(base_url: str) -> bool:
    address = urlsplit(base_url)
    try:
        with socket.create_connection((address.hostname, address.port), timeout=5):
            return True
    except OSError:
        return False


def ends(base_url: str) -> bool:
    """Whether nobody listens there any more, or soon will not."""
    deadline_s = time.monotonic() + 5
    while time.monotonic() < deadline_s:
        if not answers(base_url):
            return True
        time.sleep(0.005)
    return False


@pytest.fixture
def process():
    """The server as the module starts it."""
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as running:
        yield running
        running.kill()


@pytest.fixture
def parent(tmp_path):
    """A program that runs the demo server, in a process group of its own."""
    with subprocess.Popen(
        (sys.executable, "-c", PARENT),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
        cwd=tmp_path,
        start_new_session=True,
    ) as running:
        yield running
        running.kill()


def test_the_server_ends_with_its_standard_input(process):
    base_url = json.loads(process.stdout.readline())["base_url"]
    assert answers(base_url)

    process.stdin.close()

    assert process.wait(timeout=5) == 0
    assert not answers(base_url)


@only_posix
def test_the_server_ends_when_its_parent_is_killed(parent):
    base_url = parent.stdout.readline().strip()
    assert answers(base_url)

    parent.send_signal(signal.SIGKILL)

    assert ends(base_url)


@only_posix
def test_ctrl_c_is_left_to_the_parent(parent, process):
    parents_url = parent.stdout.readline().strip()
    base_url = json.loads(process.stdout.readline())["base_url"]

    os.killpg(parent.pid, signal.SIGINT)
    process.send_signal(signal.SIGINT)

    _, complaint = parent.communicate(timeout=10)
    assert complaint.count("Traceback") == 1
    assert not answers(parents_url)
    assert answers(base_url)


def test_the_server_runs_while_the_block_runs(tmp_path, monkeypatch):
    # Neither the current folder nor what lies in it matters.
    (tmp_path / "json.py").write_text("raise SystemExit(1)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    with demo_server() as base_url:
        assert base_url.endswith("/v1")
        assert answers(base_url)

    assert not answers(base_url)


def test_the_server_ends_when_the_block_is_interrupted():
    with pytest.raises(KeyboardInterrupt), demo_server() as base_url:
        raise KeyboardInterrupt

    assert not answers(base_url)


def test_importing_the_package_loads_neither_the_server_nor_pydantic():
    code = (
        "import sys, collector.demo\n"
        "print({'http.server', 'pydantic', 'openai'} & sys.modules.keys())"
    )

    finished = subprocess.run(
        (sys.executable, "-c", code),
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert finished.stdout.strip() == "set()"


def test_a_stream_over_the_loopback_keeps_the_scripts_pace(task):
    model = next(each for each in read_models() if each.key == "demo/plain")
    body = {
        "model": model.key,
        "stream": True,
        "messages": [{"role": "user", "content": task}],
    }
    with demo_server() as base_url:
        connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=10)
        connection.request("POST", "/v1/chat/completions", json.dumps(body))
        reply = connection.getresponse()
        times_s = [time.perf_counter() for line in reply if b'"content":' in line]
        connection.close()

    tok_s = (len(times_s) - 1) / (times_s[-1] - times_s[0])
    assert tok_s == pytest.approx(model.tok_s, rel=0.05)
