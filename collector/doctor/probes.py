"""What the checks ask of machine and server, so that tests can answer instead."""

import http.client
import os
import platform
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from collector.verification.sandbox.choose import TierState, probe_all

GET_TIMEOUT_S = 5.0
MAX_BODY_BYTES = 4 * 2**20


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A server's answer.

    Attributes:
        headers: Names in lower case.
        body: At most ``MAX_BODY_BYTES`` of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a command.

    Attributes:
        exit_code: None: it took too long and was ended.
    """

    exit_code: int | None
    stdout: str
    stderr: str


@dataclass(frozen=True, kw_only=True)
class Probes:
    """Ways to ask.

    Attributes:
        get: The server's answer at a path, with the token or without; None: no answer.
        run: What came of a command within so many seconds; None: no such program.
        sandboxes: What became of the probe of each sandbox.
        free_bytes: Space on the disk of a folder that exists.
        can_write: Whether a file can be made in a folder that exists.
        system: ``Linux``, ``Darwin`` or ``Windows``.
        env: The environment's variables.
        encoding: The console's; None: not known.
        clock_resolution_s: Resolution of the clock that measures.
    """

    get: Callable[[str, bool], Reply | None]
    run: Callable[[tuple[str, ...], float], Outcome | None]
    sandboxes: Callable[[], Sequence[TierState]]
    free_bytes: Callable[[Path], int]
    can_write: Callable[[Path], bool]
    system: str
    env: Mapping[str, str]
    encoding: str | None
    clock_resolution_s: float


def make_probes(
    base_url: str, *, env: Mapping[str, str], encoding: str | None
) -> Probes:
    """Return the ways to ask this machine and the server at this address."""
    token = env.get("LM_API_TOKEN")

    def ask(path: str, has_token: bool) -> Reply | None:  # noqa: FBT001 - a callback
        return get(base_url, path, token=token if has_token else None)

    return Probes(
        get=ask,
        run=run_program,
        sandboxes=lambda: probe_all(env=env),
        free_bytes=lambda folder: shutil.disk_usage(folder).free,
        can_write=can_write,
        system=platform.system(),
        env=env,
        encoding=encoding,
        clock_resolution_s=time.get_clock_info("perf_counter").resolution,
    )


def get(base_url: str, path: str, *, token: str | None) -> Reply | None:
    """Ask the server for a path on a connection of its own; None: it did not answer.

    Proxies are not used and redirects not followed: the token goes nowhere else.
    """
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        with closing(_connection(base_url)) as connection:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return Reply(
                status=response.status,
                headers={name.lower(): value for name, value in response.getheaders()},
                body=response.read(MAX_BODY_BYTES),
            )
    except (OSError, ValueError, http.client.HTTPException):
        return None  # No connection, no such address, or no HTTP.


def _connection(base_url: str) -> http.client.HTTPConnection:
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=GET_TIMEOUT_S)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(
        host, port, timeout=GET_TIMEOUT_S, context=context
    )


def run_program(command: tuple[str, ...], timeout_s: float) -> Outcome | None:
    """Run a program without input; None: there is no such program here."""
    path = shutil.which(command[0])
    if path is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - the checks' own fixed commands
            (path, *command[1:]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(exit_code=None, stdout="", stderr="")
    except OSError as error:
        return Outcome(exit_code=126, stdout="", stderr=str(error))
    return Outcome(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def can_write(folder: Path) -> bool:
    """Whether a file can be made in this folder; it is removed at once."""
    if not os.access(folder, os.W_OK):
        return False
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
