"""A server of ours in a child process that never outlives its parent: both ends.

The child announces its address as one line of JSON and ends with its standard input,
which the system closes when the parent ends, however it ends.
"""

import json
import os
import queue
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from collector.errors import CollectorError

START_TIMEOUT_S = 20.0
"""A cold start with a virus scanner takes seconds; more means it hangs."""

STOP_TIMEOUT_S = 5.0


class ChildServerError(CollectorError):
    """A server of ours did not start; the message has what it printed."""


@contextmanager
def child_server(module: str) -> Iterator[str]:
    """Run ``python -m module`` while the block runs, and yield its base URL.

    No process is left behind, even if this one is killed.

    Raises:
        ChildServerError: It ended, or gave no address within ``START_TIMEOUT_S``.
    """
    # -P keeps the current folder out of the import path, -X utf8 makes what the
    # child prints readable on every system.
    command = (sys.executable, "-P", "-X", "utf8", "-m", module)
    with serving(command, name=module, timeout_s=START_TIMEOUT_S) as base_url:
        yield base_url


@contextmanager
def serving(command: Sequence[str], *, name: str, timeout_s: float) -> Iterator[str]:
    """Run a command that announces a base URL while the block runs, and yield that.

    Raises:
        ChildServerError: It cannot be started, ended, or gave no address in time.
    """
    process = _start(command, name=name)
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both are pipes")
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    reader = threading.Thread(
        target=_read_lines, args=(process.stdout, lines), daemon=True
    )
    try:
        reader.start()
        yield _await_base_url(lines, name=name, timeout_s=timeout_s)
    finally:
        _stop(process, process.stdin)
        reader.join(STOP_TIMEOUT_S)
        process.stdout.close()


def serve_until_input_ends(server: socketserver.BaseServer, base_url: str) -> None:
    """Announce the address and serve until standard input ends: the child's end.

    Ctrl-C is left to the parent, which shares the terminal: it closes the input.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # It looks this often whether it is to stop; half a second would be felt.
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    sys.stdout.write(json.dumps({"base_url": base_url}) + "\n")
    sys.stdout.flush()
    while sys.stdin.buffer.read(4096):
        pass
    server.shutdown()


def _start(command: Sequence[str], *, name: str) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=_environment(),
            # Ctrl-C is for the parent, which then ends the child in order.
            start_new_session=True,  # POSIX
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Windows
        )
    except OSError as error:
        raise ChildServerError(
            f"The server {name} could not be started with {command[0]!r} "
            f"({error.strerror or error}): run Seikaku with an ordinary Python"
        ) from error


def _environment() -> dict[str, str]:
    """Let the child import this very package, from a checkout or installed."""
    home = str(Path(__file__).resolve().parents[1])
    inherited = os.environ.get("PYTHONPATH")
    path = home if not inherited else os.pathsep.join((home, inherited))
    return {**os.environ, "PYTHONPATH": path}


def _read_lines(stdout: IO[str], lines: queue.SimpleQueue[str | None]) -> None:
    # To the end, so that the child never waits for room in the pipe.
    for line in stdout:
        lines.put(line)
    lines.put(None)


def _await_base_url(
    lines: queue.SimpleQueue[str | None], *, name: str, timeout_s: float
) -> str:
    deadline_s = time.monotonic() + timeout_s
    printed = ""
    reason = f"gave no address within {timeout_s:g} s"
    with suppress(queue.Empty):
        while (left_s := deadline_s - time.monotonic()) > 0:
            line = lines.get(timeout=left_s)
            if line is None:
                reason = "ended before it gave its address"
                break
            base_url = _base_url(line)
            if base_url is not None:
                return base_url
            printed += line
    raise ChildServerError(
        f"The server {name} {reason}. It printed: {printed.strip() or 'nothing'}. "
        f"Run `python -m {name}` by hand to see why."
    )


def _base_url(line: str) -> str | None:
    try:
        announcement = json.loads(line)
    except ValueError:
        return None
    if not isinstance(announcement, dict):
        return None
    base_url = announcement.get("base_url")
    return base_url if isinstance(base_url, str) else None


def _stop(process: subprocess.Popen[str], stdin: IO[str]) -> None:
    try:
        with suppress(OSError):  # the child may be gone already
            stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_TIMEOUT_S)
    finally:  # also when Ctrl-C cuts the wait short
        if process.poll() is None:
            process.kill()
        process.wait()
