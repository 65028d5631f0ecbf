"""Whether a sandbox holds: a program inside tries to get out, and must fail."""

import json
import secrets
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.errors import SandboxError
from collector.verification.sandbox.protocol import Job, Limits, Outcome

PROBE_LIMITS = Limits(wall_s=30.0, processes=8)

_SET_BY_THE_SYSTEM = {"LC_CTYPE", "OLDPWD", "PWD", "SHLVL", "_"}

_PROGRAM = """\
import json, os, socket, sys, threading, time
token, canary, port, threads = sys.argv[1:]

def can(action):
    try:
        action()
    except BaseException:
        return False
    return True

def read(path):
    with open(path, "rb") as file:
        return file.read()

def connect():
    with socket.socket() as caller:
        caller.settimeout(2)
        caller.connect(("127.0.0.1", int(port)))

def start():
    threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()

print(json.dumps({
    "token": token,
    "python": sys.version.split()[0],
    "files": [path for path in (canary, "/etc/passwd") if can(lambda: read(path))],
    "connected": can(connect),
    "variables": sorted(os.environ),
    "threads": sum(can(start) for _ in range(int(threads))),
}))
"""


class TierMissingError(SandboxError):
    """A tier cannot be used here; ``remedy`` says what to do, None: nothing helps."""

    def __init__(self, message: str, *, remedy: str | None) -> None:
        super().__init__(message if remedy is None else f"{message}: {remedy}")
        self.message = message
        self.remedy = remedy


class LeakError(SandboxError):
    """A program inside could get out."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a program inside told of its Python."""

    guest_python: str


def prove(
    run: Callable[[Job], Outcome], *, variables: set[str], is_native: bool
) -> Proof:
    """Run a program that tries to get out, and return what it told.

    Args:
        run: Runs a job in the sandbox.
        variables: Names that the sandbox gives on purpose.
        is_native: Whether threads must start, but not more than the limit.

    Raises:
        LeakError: Something could be reached.
        SandboxError: There is no clear answer.
    """
    token = secrets.token_hex(8)
    with (
        tempfile.TemporaryDirectory(prefix="seikaku-canary-") as folder,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        canary = Path(folder) / "canary"
        canary.write_text(token, encoding="utf-8")
        # Hidden by the sandbox, and not by a lack of rights.
        Path(folder).chmod(0o755)
        canary.chmod(0o644)
        outcome = run(
            _job(token, canary, listener.getsockname()[1], is_native=is_native)
        )
        was_called = _was_called(listener)
    told = _told(outcome, token)
    got = [f"read {path}" for path in told["files"]]
    if told["connected"] or was_called:
        got.append("reach a server of this machine")
    if leaked := set(told["variables"]) - variables - _SET_BY_THE_SYSTEM:
        got.append(f"see the variables {', '.join(sorted(leaked))}")
    if is_native and told["threads"] > PROBE_LIMITS.processes:
        got.append("make more processes than its limit")
    if got:
        raise LeakError(f"a program inside could {' and '.join(got)}")
    if is_native and told["threads"] == 0:
        raise SandboxError("a program inside could not start a thread")
    return Proof(guest_python=told["python"])


def _job(token: str, canary: Path, port: int, *, is_native: bool) -> Job:
    threads = 2 * PROBE_LIMITS.processes if is_native else 0
    return Job(
        script="probe.py",
        files={"probe.py": _PROGRAM.encode()},
        arguments=(token, str(canary), str(port), str(threads)),
        limits=PROBE_LIMITS,
    )


def _told(outcome: Outcome, token: str) -> dict[str, Any]:
    try:
        told = json.loads(outcome.stdout)
        if outcome.exit_code == 0 and told["token"] == token:
            return dict(told)
    except (ValueError, TypeError, KeyError):
        pass
    said = outcome.stderr.decode("utf-8", "replace").strip()[-500:]
    raise SandboxError(
        f"a program inside did not answer (it ended with {outcome.ending} "
        f"{outcome.exit_code}; it said: {said or 'nothing'})"
    )


def _was_called(listener: socket.socket) -> bool:
    listener.setblocking(False)  # noqa: FBT003 - whoever called waits in line
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
