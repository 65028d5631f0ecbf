"""The folder a job runs in: made fresh, measured, read and deleted, no link followed.

What a program leaves may be links, pipes, files without rights, or folders nested
deeper than a path can name.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from collector.errors import SandboxError
from collector.verification.sandbox.protocol import Ending, Job, Limits

DEPTH_MAX = 16
"""Folders within folders; files deeper than that are not brought back."""

_O_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)  # Windows has none of these
_O_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_O_BINARY = getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, kw_only=True)
class JobFolder:
    """Where one job happens.

    Attributes:
        root: The parent's alone.
        work: What the program sees as its folder.
        temporary: What it may see as its temporary folder.
    """

    root: Path
    work: Path
    temporary: Path


@contextmanager
def fresh_folder(job: Job) -> Iterator[JobFolder]:
    """Make a folder with the job's files, and delete all of it afterwards.

    Raises:
        SandboxError: It cannot be made.
        ValueError: The job names a file outside the folder, or no script of its own.
    """
    for name in job.files:
        _check_name(name)
    if job.script not in job.files:
        raise ValueError(f"the script {job.script!r} is not among the job's files")
    try:
        root = Path(tempfile.mkdtemp(prefix="seikaku-"))
    except OSError as error:
        raise SandboxError(
            f"{tempfile.gettempdir()}: no folder can be made there "
            f"({error.strerror or error}): free space, or set TMPDIR to another place"
        ) from error
    folder = JobFolder(root=root, work=root / "work", temporary=root / "tmp")
    try:
        _fill(folder, job.files)
        yield folder
    finally:
        delete(root)


def over_limit(places: Sequence[Path], limits: Limits) -> Ending | None:
    """Say whether the folders hold more than a job may leave there; None: they do not.

    Folders and links count as files.
    """
    size_bytes = 0
    for count, (_, entry) in enumerate(_walk(places), start=1):
        if count > limits.files:
            return "files"
        with suppress(OSError):  # it was deleted in the meantime
            size_bytes += entry.stat(follow_symlinks=False).st_size
        if size_bytes > limits.folder_bytes:
            return "disk"
    return None


def collect(folder: JobFolder, job: Job) -> dict[str, bytes]:
    """Return regular files that were not given, or were changed, by relative name.

    At most ``limits.files`` files, ``file_bytes`` of each and ``folder_bytes`` in all;
    names that are not text are left out.
    """
    found: dict[str, bytes] = {}
    room = job.limits.folder_bytes
    for seen, (depth, entry) in enumerate(_walk([folder.work])):
        if seen >= job.limits.files:
            break
        name = Path(entry.path).relative_to(folder.work).as_posix()
        if depth > DEPTH_MAX or not _is_wanted(name, job.collects):
            continue
        content = _read_regular(Path(entry.path), min(room, job.limits.file_bytes))
        if content is not None and content != job.files.get(name):
            found[name] = content
            room -= len(content)
    return dict(sorted(found.items()))


def delete(root: Path) -> None:
    """Delete a folder whatever a program made of it.

    Each folder within is first moved up, so that no path gets too long.

    Raises:
        SandboxError: Something stays.
    """
    waiting = [root]
    number = 0
    while waiting:
        place = waiting.pop()
        with suppress(OSError):
            place.chmod(0o700)
        for entry in _entries(place):
            with suppress(OSError):
                if not entry.is_dir(follow_symlinks=False):
                    Path(entry.path).unlink()
                    continue
                if place == root:
                    waiting.append(Path(entry.path))
                    continue
                Path(entry.path).chmod(0o700)  # moving a folder writes to it
                number += 1
                aside = root / f".{number}"
                Path(entry.path).rename(aside)
                waiting.append(aside)
        if place != root:
            with suppress(OSError):
                place.rmdir()
    # What another process was still writing to, or Windows still held open.
    shutil.rmtree(root, ignore_errors=True)
    if root.exists():
        raise SandboxError(f"{root}: cannot be deleted: delete it by hand")


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    is_plain = name == str(path) and not path.is_absolute() and ".." not in path.parts
    if not is_plain or name == "." or any(character in name for character in "\\:\0"):
        raise ValueError(f"{name!r}: a job's file has a relative name with /")


def _fill(folder: JobFolder, files: Mapping[str, bytes]) -> None:
    try:
        folder.temporary.mkdir()
        folder.work.mkdir()
        for name, content in files.items():
            path = folder.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise SandboxError(
            f"{folder.root}: cannot be filled ({error.strerror or error}): free space "
            "there, or set TMPDIR to another place"
        ) from error


def _walk(places: Sequence[Path]) -> Iterator[tuple[int, os.DirEntry[str]]]:
    """Yield every entry with its depth; what cannot be listed is passed over."""
    waiting = [(1, place) for place in places]
    while waiting:
        depth, place = waiting.pop()
        for entry in _entries(place):
            yield depth, entry
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((depth + 1, Path(entry.path)))


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return list(entries)
    except OSError:
        return []


def _is_wanted(name: str, endings: tuple[str, ...]) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return not endings or name.lower().endswith(endings)


def _read_regular(path: Path, limit_bytes: int) -> bytes | None:
    """Return at most so much of a regular file; None: it is none, or cannot be read."""
    with suppress(OSError):
        # Before it is opened: opening a device may already do something.
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with suppress(OSError):
            path.chmod(0o600)  # a program may take away even its owner's right
        flags = os.O_RDONLY | _O_NOFOLLOW | _O_NONBLOCK | _O_BINARY
        with os.fdopen(os.open(path, flags), "rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read(limit_bytes)
    return None
