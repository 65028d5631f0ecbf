"""Tier ``bubblewrap``: the system's own Python in namespaces of its own; Linux only.

Nothing of home, no network, no other process. As an ordinary user it runs in a user
namespace. As root it does not, since the limit of processes would not hold there: the
program gets a user that exists nowhere instead.
"""

import json
import math
import os
import queue
import re
import select
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from collector.command import run_command as ask
from collector.errors import SandboxError
from collector.verification.sandbox.confine import (
    Command,
    Ended,
    conclude,
    python_environment,
    run_command,
)
from collector.verification.sandbox.folder import JobFolder, fresh_folder
from collector.verification.sandbox.probe import LeakError, TierMissingError, prove
from collector.verification.sandbox.protocol import Ending, Job, Limits, Outcome, Tier

NAME = "bubblewrap"
PYTHON = "/usr/bin/python3"
VERSION_MIN = (0, 8)
"""The first that can forbid further user namespaces."""

FREE_UIDS = range(65520, 65534)
"""Users that no distribution gives away; one for each job at a time, because the
limit of processes counts all those of a user."""

INTERPRETER_BYTES = 64 * 2**20
"""Address space of an idle Python."""

OPEN_FILES = 256
_SIGNALLED = 128
_SIGXCPU = 24
_SIGNAL_MAX = 64
_DEATH_S = 5.0

_INSTALL = "apt install bubblewrap, or your distribution's package of that name"
_PROFILE = "bwrap-userns-restrict"
_NO_NAMESPACES = (
    "most often a system forbids programs namespaces of their own. Ubuntu: sudo apt "
    "install apparmor-profiles; sudo install -m 0644 "
    f"/usr/share/apparmor/extra-profiles/{_PROFILE} /etc/apparmor.d/; "
    f"sudo apparmor_parser -r /etc/apparmor.d/{_PROFILE}. "
    "In a container: use the wasi tier"
)


@dataclass(frozen=True, kw_only=True)
class Bubblewrap:
    """The tier, ready to run.

    Attributes:
        program: Path of ``bwrap``.
        python: Path of a Python below ``/usr``.
        free_uids: Users not in use; None: not root, who alone can choose one.
    """

    tier: Tier
    program: str
    python: str
    free_uids: "queue.SimpleQueue[int] | None"

    def run(self, job: Job) -> Outcome:
        """Run a job; see ``Sandbox``."""
        with (
            fresh_folder(job) as folder,
            self._uid() as uid,
            tempfile.TemporaryFile() as options,
            tempfile.TemporaryFile() as status,
        ):
            if uid is not None:
                _give(folder.work, uid)
            options.write(b"\0".join(map(os.fsencode, _options(job, folder, uid))))
            options.seek(0)
            # Options by file, since the program can read the command line of bwrap.
            files = (options.fileno(), status.fileno())
            head = (self.program, "--args", str(files[0]))
            tail = ("--json-status-fd", str(files[1]), "--", *self._inside(job, uid))
            command = Command(
                arguments=(*head, *tail),
                environment={"PATH": "/usr/bin:/bin"},
                cwd=folder.root,
                stdin=job.stdin,
                limits=job.limits,
                watched=[folder.work],
                pass_fds=files,
            )
            ended = run_command(command)
            told = _read_status(status)
            _await_death(told.get("child-pid"))
            ending, exit_code = _ending(ended, told)
            return conclude(job, ended, folder, ending=ending, exit_code=exit_code)

    def _inside(self, job: Job, uid: int | None) -> tuple[str, ...]:
        change = () if uid is None else _change_user(uid)
        return (
            *change,
            *_limit(job.limits),
            self.python,
            f"/work/{job.script}",
            *job.arguments,
        )

    @contextmanager
    def _uid(self) -> Iterator[int | None]:
        if self.free_uids is None:
            yield None
            return
        uid = self.free_uids.get()
        try:
            yield uid
        finally:
            self.free_uids.put(uid)


def open_bubblewrap(*, env: Mapping[str, str], python: str = PYTHON) -> Bubblewrap:
    """Return the tier after it has held against a program that tries to get out.

    Args:
        env: Where ``PATH`` is looked up.
        python: A Python below ``/usr``; nothing else is seen inside.

    Raises:
        TierMissingError: It cannot be used here; with what to do.
    """
    if sys.platform != "linux":
        raise TierMissingError("bubblewrap is for Linux only", remedy=None)
    program = shutil.which("bwrap", path=env.get("PATH", ""))
    if program is None:
        raise TierMissingError("bwrap is not installed", remedy=_INSTALL)
    version = _version(program)
    if tuple(map(int, version.split(".")[:2])) < VERSION_MIN:
        needed = ".".join(map(str, VERSION_MIN))
        raise TierMissingError(
            f"bubblewrap {version} is too old, {needed} is needed",
            remedy="install a newer one, or use the wasi tier",
        )
    uids: queue.SimpleQueue[int] | None = None
    if os.geteuid() == 0:
        uids = queue.SimpleQueue()
        for uid in FREE_UIDS:
            uids.put(uid)
    draft = Bubblewrap(
        tier=Tier(name=NAME, version=version, guest_python="unknown"),
        program=program,
        python=python,
        free_uids=uids,
    )
    names = {"PATH", *python_environment(_NO_JOB, home="", temporary="")}
    try:
        proof = prove(draft.run, variables=names, is_native=True)
    except LeakError as error:
        raise TierMissingError(
            f"bubblewrap does not hold here: {error}", remedy="use the wasi tier"
        ) from error
    except SandboxError as error:
        raise TierMissingError(
            f"bubblewrap does not work here ({error})", remedy=_NO_NAMESPACES
        ) from error
    return replace(draft, tier=replace(draft.tier, guest_python=proof.guest_python))


_NO_JOB = Job(script="", files={})


def _version(program: str) -> str:
    said = ask((program, "--version")) or ""
    found = re.search(r"\d+\.\d+(\.\d+)?", said)
    return "0.0" if found is None else found[0]


def _options(job: Job, folder: JobFolder, uid: int | None) -> Iterator[str]:
    """Yield bwrap's options, each followed by its values."""
    yield from ("--die-with-parent", "--new-session", "--clearenv")
    yield from ("--cap-drop", "ALL", "--unshare-cgroup-try")
    for kind in ("ipc", "net", "pid", "uts"):
        yield f"--unshare-{kind}"
    if uid is None:
        yield from ("--unshare-user", "--disable-userns")
        yield from ("--uid", "65534", "--gid", "65534")
    else:
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            yield from ("--cap-add", capability)  # setpriv needs them, and drops them
    yield from ("--hostname", "sandbox")
    yield from _system_files()
    yield from ("--proc", "/proc", "--dev", "/dev")
    size = str(job.limits.file_bytes)
    yield from ("--perms", "1777", "--size", size, "--tmpfs", "/tmp")  # noqa: S108 - inside
    yield from ("--perms", "1777", "--size", "65536", "--tmpfs", "/dev/shm")  # noqa: S108 - inside
    yield from ("--bind", str(folder.work), "/work", "--chdir", "/work")
    yield from ("--remount-ro", "/")
    environment = python_environment(
        job,
        home="/work",
        temporary="/tmp",  # noqa: S108 - inside
        path="/usr/bin:/bin",
    )
    for name, value in environment.items():
        yield from ("--setenv", name, value)


def _system_files() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ("bin", "lib", "lib32", "lib64"):
        place = Path("/", name)
        if place.is_symlink():
            yield from ("--symlink", str(place.readlink()), str(place))
        elif place.is_dir():
            yield from ("--ro-bind", str(place), str(place))
    # Debian's libraries, numpy's among them, are found through these two. A folder
    # that is not made on purpose could be entered by root only.
    yield from ("--perms", "0755", "--dir", "/etc")
    for name in ("alternatives", "ld.so.cache"):
        place = Path("/etc", name)
        if place.exists():
            yield from ("--ro-bind", str(place), str(place))


def _change_user(uid: int) -> tuple[str, ...]:
    return (
        "setpriv",
        f"--reuid={uid}",
        f"--regid={uid}",
        "--clear-groups",
        "--inh-caps=-all",
        "--bounding-set=-all",
        "--",
    )


def _limit(limits: Limits) -> tuple[str, ...]:
    cpu_s = max(1, math.ceil(limits.cpu_s))
    return (
        "prlimit",
        f"--as={limits.memory_bytes + INTERPRETER_BYTES}",
        f"--nproc={limits.processes}",
        f"--fsize={limits.file_bytes}",
        # First a signal that says why, then one that cannot be caught.
        f"--cpu={cpu_s}:{cpu_s + 1}",
        f"--nofile={OPEN_FILES}",
        "--core=0",
        "--",
    )


def _give(work: Path, uid: int) -> None:
    for place in (work, *work.rglob("*")):
        os.chown(place, uid, uid)
    # The folder around it is ours alone.
    work.parent.chmod(0o711)


def _read_status(status: IO[bytes]) -> dict[str, int]:
    """Return what bwrap wrote down: the process inside, and its exit code."""
    status.seek(0)
    told: dict[str, int] = {}
    for line in status.read().splitlines():
        with suppress(ValueError):
            told |= json.loads(line)
    return told


def _await_death(pid: int | None) -> None:
    """Wait until the namespace's first process is gone, and with it all the others."""
    if pid is None:
        return
    with suppress(OSError):  # it is gone
        file = os.pidfd_open(pid)
        try:
            select.select([file], [], [], _DEATH_S)
        finally:
            os.close(file)


def _ending(ended: Ended, told: Mapping[str, int]) -> tuple[Ending, int | None]:
    if ended.stopped_for is not None:
        return ended.stopped_for, None
    exit_code = told.get("exit-code")
    if exit_code is None:
        said = ended.stderr.decode("utf-8", "replace").strip()
        raise SandboxError(
            f"bwrap could not start the program ({said or f'code {ended.code}'}): "
            "see `seikaku sandbox probe`"
        )
    # A program that exits with such a code itself is taken for one that crashed.
    if exit_code == _SIGNALLED + _SIGXCPU:
        return "time", None
    if _SIGNALLED < exit_code <= _SIGNALLED + _SIGNAL_MAX:
        return "signal", None
    return "exit", exit_code
