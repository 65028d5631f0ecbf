"""The command as a user runs it and stops it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from site_builder.cli import Command
from site_builder.preview.command import serve_command

posix = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

PROGRAM = """
import sys, time
from pathlib import Path
from site_builder.cli import Command
from site_builder.preview import building
from site_builder.preview.command import serve_command
from site_builder.preview.result import Fault, Result

content = Path(sys.argv[2])

def build(plan):
    text = (content / "a.md").read_text(encoding="utf-8")
    if text == "slow":
        print("slow", flush=True)
        time.sleep(20)
    if text == "broken":
        return Result(files=None, problems=(Fault(file="a.md", line=3, what="bad"),))
    notes = (Fault(file="a.md", line=1, what="claim"),) if text == "noted" else ()
    return Result(files={"ja/index.html": text.encode()}, problems=notes,
        base_url=plan.base_url or "", home="ja/index.html")

building.build_in_memory = build
serve_command(Command, lambda given: given)()
"""


class Running:
    """The command in a process of its own; its lines come as it writes them."""

    def __init__(self, content: Path, *options: str) -> None:
        self.content = content
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "--content", str(content), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def line(self) -> str:
        return self.process.stdout.readline().rstrip("\n")

    def save(self, text: str) -> None:
        (self.content / "a.md").write_text(text, encoding="utf-8")

    def end(self) -> tuple[int, str]:
        rest = self.process.stdout.read()
        return self.process.wait(10), rest


@pytest.fixture
def content(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text("one", encoding="utf-8")
    return tmp_path


@pytest.fixture
def start(content: Path) -> Iterator:
    started: list[Running] = []

    def start_command(*options: str) -> Running:
        started.append(Running(content, *options))
        return started[-1]

    yield start_command
    for running in started:
        running.process.kill()
        running.process.stdout.close()
        running.process.wait()


@posix
def test_it_tells_what_it_does_and_a_user_who_stops_it_gets_a_0(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = start("--port", str(port), "--base-url", "https://u.example/repo/")
        first = running.line()
        assert first.startswith(f"port {port} is taken; taking ")
        free = first.rpartition(" ")[2]
        assert running.line().startswith("built in ")
        assert running.line() == (
            f"http://127.0.0.1:{free}/repo/ja/ follows your edits; Ctrl-C stops it"
        )
        running.save("noted")
        assert running.line() == "to mend: a.md:1: claim"
        assert running.line().startswith("a.md: built in ")
        running.save("broken")
        assert running.line() == "error: a.md:3: bad"
        assert running.line() == "a.md: the last good site stays until it is mended"
        running.process.send_signal(signal.SIGINT)
        assert running.end() == (0, "stopped\n")


@posix
def test_a_second_ctrl_c_does_not_wait_for_a_build(start):
    running = start("--port", "0")
    running.line(), running.line()
    running.save("slow")
    assert running.line() == "slow"
    running.process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        running.process.wait(0.6)
    running.process.send_signal(signal.SIGINT)
    assert running.end() == (130, "interrupted\n")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "localhost.example"])  # noqa: S104 - it is refused
def test_only_this_machine_can_be_served(content, host):
    command = serve_command(Command, lambda given: given)
    result = CliRunner().invoke(command, ["--content", str(content), "--host", host])
    assert result.exit_code == 2
    assert "is not one of" in result.output


def test_a_content_folder_that_is_not_there_is_told_at_once(tmp_path):
    command = serve_command(Command, lambda given: given)
    result = CliRunner().invoke(command, ["--content", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "give it with --content" in result.output
