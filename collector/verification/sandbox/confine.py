"""A command under watch: stopped for time, output, disk, files and memory.

Shared by all tiers. What a tier promises beyond that is in its own file. Windows' job
objects are out of the standard library's reach: there a process that has left the
tree of its parents outlives it.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from collector.errors import SandboxError
from collector.verification.sandbox.folder import JobFolder, collect, over_limit
from collector.verification.sandbox.protocol import Ending, Job, Limits, Outcome

POLL_S = 0.05
"""How often the folder is measured."""

POLLS_PER_MEMORY_CHECK = 5

END_OF_PIPE_S = 1.0
"""How long output is waited for after the end; a process that got away holds it."""

_PIECE_BYTES = 65536

_Events = queue.SimpleQueue[Ending | None]
"""Why it is to be stopped; None: it has ended by itself."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to run, and what it may take.

    Attributes:
        environment: All of it; nothing is inherited.
        watched: Folders whose bytes and files are counted together.
        pass_fds: Open files that it inherits; POSIX only.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str]
    cwd: Path
    stdin: bytes
    limits: Limits
    watched: Sequence[Path]
    pass_fds: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended.

    Attributes:
        stopped_for: None: it ended by itself.
        code: As ``Popen.returncode`` has it.
    """

    stopped_for: Ending | None
    code: int
    stdout: bytes
    stderr: bytes
    is_output_cut: bool
    wall_s: float


@dataclass(kw_only=True)
class _Capture:
    limit_bytes: int
    content: bytearray = field(default_factory=bytearray)
    is_cut: bool = False


def python_environment(
    job: Job, *, home: str, temporary: str, path: str | None = None
) -> dict[str, str]:
    """Return all the variables of a job's Python, the job's own last."""
    ours = {
        "HOME": home,
        "TMPDIR": temporary,
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",  # numeric libraries would start one a processor
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",  # what was printed is known even if it is stopped
        "PYTHONUTF8": "1",
    }
    return ours | ({} if path is None else {"PATH": path}) | dict(job.environment)


def run_command(command: Command) -> Ended:
    """Run a command until it ends or goes too far; no process of its tree stays.

    Raises:
        SandboxError: It cannot be started.
    """
    began_s = time.monotonic()
    process = _spawn(command)
    events: _Events = queue.SimpleQueue()
    captures = [_Capture(limit_bytes=command.limits.output_bytes) for _ in range(2)]
    threads = _serve(process, command.stdin, captures, events)
    try:
        stopped_for = _watch(process, command, began_s=began_s, events=events)
    finally:
        _kill_tree(process)
        code = process.wait()
        wall_s = time.monotonic() - began_s
        for thread in threads:
            thread.join(END_OF_PIPE_S)
    is_cut = any(capture.is_cut for capture in captures)
    if stopped_for is None and is_cut:
        stopped_for = "output"
    stdout, stderr = (bytes(capture.content) for capture in captures)
    return Ended(
        stopped_for=stopped_for,
        code=code,
        stdout=stdout,
        stderr=stderr,
        is_output_cut=is_cut,
        wall_s=wall_s,
    )


def conclude(
    job: Job,
    ended: Ended,
    folder: JobFolder,
    *,
    ending: Ending,
    exit_code: int | None = None,
) -> Outcome:
    """Return the outcome, with the files that are left.

    Args:
        job: What was run.
        ended: What was seen of the command.
        folder: Where it ran; nothing writes there any more.
        ending: How the program ended, unless it was stopped.
        exit_code: Its exit code if ``ending`` is ``exit``.
    """
    if ended.stopped_for is not None:
        ending = ended.stopped_for
    elif over := over_limit([folder.work, folder.temporary], job.limits):
        ending = over  # faster than the watch
    elif ending == "exit" and exit_code != 0 and _gave_up_for_memory(ended.stderr):
        ending = "memory"
    return Outcome(
        ending=ending,
        exit_code=exit_code if ending == "exit" else None,
        stdout=ended.stdout,
        stderr=ended.stderr,
        files=collect(folder, job),
        wall_s=ended.wall_s,
        is_output_cut=ended.is_output_cut,
    )


def _spawn(command: Command) -> subprocess.Popen[bytes]:
    flags = ("CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW")  # Windows
    try:
        return subprocess.Popen(  # noqa: S603 - a sandbox is what this is
            list(command.arguments),
            stdin=subprocess.PIPE if command.stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=dict(command.environment),
            cwd=command.cwd,
            pass_fds=command.pass_fds,
            start_new_session=True,  # a group to kill
            creationflags=sum(getattr(subprocess, flag, 0) for flag in flags),
        )
    except OSError as error:
        raise SandboxError(
            f"{command.arguments[0]}: cannot be started ({error.strerror or error}): "
            "see `seikaku sandbox probe`"
        ) from error


def _serve(
    process: subprocess.Popen[bytes],
    stdin: bytes,
    captures: Sequence[_Capture],
    events: _Events,
) -> list[threading.Thread]:
    """Start what reads, writes and waits; return the readers."""
    if process.stdout is None or process.stderr is None:
        raise AssertionError("both are pipes")
    threads = [
        threading.Thread(target=_read, args=(stream, capture, events), daemon=True)
        for stream, capture in zip(
            (process.stdout, process.stderr), captures, strict=True
        )
    ]
    others = [threading.Thread(target=_wait, args=(process, events), daemon=True)]
    if process.stdin is not None:
        arguments = (process.stdin, stdin)
        others.append(threading.Thread(target=_write, args=arguments, daemon=True))
    for thread in (*threads, *others):
        thread.start()
    return threads


def _read(stream: IO[bytes], capture: _Capture, events: _Events) -> None:
    with stream:
        while piece := stream.read(_PIECE_BYTES):
            room = capture.limit_bytes - len(capture.content)
            capture.content += piece[:room]
            if len(piece) > room:
                capture.is_cut = True
                events.put("output")
                return


def _write(stream: IO[bytes], content: bytes) -> None:
    rest = memoryview(content)
    with suppress(OSError), stream:  # it need not read to the end
        while rest:
            rest = rest[stream.write(rest) :]


def _wait(process: subprocess.Popen[bytes], events: _Events) -> None:
    process.wait()
    events.put(None)


def _watch(
    process: subprocess.Popen[bytes],
    command: Command,
    *,
    began_s: float,
    events: _Events,
) -> Ending | None:
    limits = command.limits
    polls = 0
    while (left_s := began_s + limits.wall_s - time.monotonic()) > 0:
        with suppress(queue.Empty):
            return events.get(timeout=min(POLL_S, left_s))
        over = over_limit(command.watched, limits)
        if over is not None:
            return over
        polls += 1
        if polls % POLLS_PER_MEMORY_CHECK == 0 and _is_too_big(process.pid, limits):
            return "memory"
    return "time"


def _is_too_big(pid: int, limits: Limits) -> bool:
    """Whether the tree holds more than any one process may, with room for the runner.

    Each process has a limit of its own where the system can give one; this is for
    many of them. Shared pages count several times, hence the factor.
    """
    resident_bytes = 0
    with suppress(psutil.Error):
        parent = psutil.Process(pid)
        for each in (parent, *parent.children(recursive=True)):
            with suppress(psutil.Error):
                resident_bytes += each.memory_info().rss
    return resident_bytes > 2 * limits.memory_bytes + 128 * 2**20


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    children: list[psutil.Process] = []
    if process.poll() is None:
        with suppress(psutil.Error):
            children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    for child in children:
        with suppress(psutil.Error):
            child.kill()


def _gave_up_for_memory(stderr: bytes) -> bool:
    lines = stderr.strip().splitlines()
    return bool(lines) and lines[-1].startswith(b"MemoryError")
