"""What the ``lms`` command says of a server on this machine: whether it is idle."""

import shutil
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from collector.backends.protocol import Clock
from collector.backends.untrusted import count_of, decode, object_of
from collector.command import run_command
from collector.errors import ServerError

Lms = Callable[..., str | None]
"""Runs ``lms`` with arguments and returns what it prints, or None."""

COMMAND_TIMEOUT_S = 15.0
POLL_S = 1.0
"""Each poll starts a process, which takes a good part of a second itself."""


def run_lms(*arguments: str) -> str | None:
    """Return what ``lms`` prints; None: it is missing, fails, or takes too long."""
    program = shutil.which("lms")
    if program is None:
        return None
    return run_command([program, *arguments], timeout_s=COMMAND_TIMEOUT_S)


def serves(lms: Lms, base_url: str) -> bool:
    """Whether ``lms`` speaks of the server at this address of this machine.

    Its answer reads a file and the port: LM Studio is not started by it.
    """
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    status = object_of(_decoded(lms("server", "status", "--json", "--quiet")))
    return status.get("running") is True and count_of(status.get("port")) == port


def wait_until_idle(
    lms: Lms,
    *,
    clock: Clock,
    deadline_ns: int,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Poll ``lms ps`` until nothing is generated or queued.

    Returns:
        False: it does not tell.

    Raises:
        ServerError: A model is still busy at the deadline.
    """
    while (is_idle := read_is_idle(lms("ps", "--json"))) is False:
        if clock() >= deadline_ns:
            raise ServerError(
                "lms ps: a model is still busy with a request that was given up: "
                "unload it in LM Studio, or raise limits.trial_s in the plan"
            )
        sleep(POLL_S)
    return is_idle is True


def read_is_idle(printed: str | None) -> bool | None:
    """Return whether ``lms ps --json`` shows no work at all; None: it does not tell."""
    entries = _decoded(printed)
    if not isinstance(entries, list):
        return None
    is_idle = True
    for entry in map(object_of, entries):
        status, queued = entry.get("status"), count_of(entry.get("queued"))
        if not isinstance(status, str) or queued is None:
            return None
        is_idle = is_idle and status == "idle" and queued == 0
    return is_idle


def _decoded(printed: str | None) -> object:
    if printed is None:
        return None
    try:
        return decode(printed.encode("utf-8", errors="replace"))
    except ValueError:
        return None
