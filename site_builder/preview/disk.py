"""The files that a site is made of, without what editors and systems leave there."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from site_builder.preview.settle import EMPTY

Stamp = tuple[int, int, int]
"""Time of the last change in nanoseconds, size in bytes, number of the file."""

_NOISE_NAMES = frozenset({"__pycache__", "4913"})  # vim tries a folder with a 4913
_NOISE_ENDS = (
    *("~", ".swp", ".swo", ".swx", ".tmp", ".temp", ".bak", ".part", ".crswap"),
    *(".pyc", "___jb_tmp___", "___jb_old___"),
)


def is_noise(path: PurePath) -> bool:
    """Say whether a path, relative to what is watched, is never part of a site."""
    return any(
        name.startswith(".")
        or name in _NOISE_NAMES
        or name.endswith(_NOISE_ENDS)
        or (name.startswith("#") and name.endswith("#"))
        for name in path.parts
    )


@dataclass(frozen=True, kw_only=True)
class WatchedFiles:
    """The files below some folders.

    Attributes:
        roots: Resolved folders, none inside another; they need not exist.
        excluded: Folders that are written, not read.
    """

    roots: tuple[Path, ...]
    excluded: tuple[Path, ...] = ()

    def is_ours(self, path: Path) -> bool:
        """Say whether a file or folder belongs to what is watched."""
        if any(path.is_relative_to(folder) for folder in self.excluded):
            return False
        return any(
            path.is_relative_to(root) and not is_noise(path.relative_to(root))
            for root in self.roots
        )

    def digest(self, path: Path) -> str | None:
        """Return a digest of the content; None: it cannot be read as a file."""
        try:
            content = path.read_bytes()
        except OSError:
            return None
        return hashlib.sha256(content).hexdigest() if content else EMPTY

    def below(self, path: Path) -> Iterator[Path]:
        """Yield the files in a folder and its folders; of a file, itself."""
        if path.is_file():
            yield path
        else:
            yield from (found for found, _ in _walk(path) if self.is_ours(found))

    def stamps(self) -> dict[Path, Stamp]:
        """Return by which change of its stamp a change of a file is suspected."""
        return {
            path: stamp
            for root in self.roots
            for path, stamp in _walk(root)
            if self.is_ours(path)
        }


def outermost(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the resolved folders without those that lie in another."""
    resolved = sorted({folder.resolve() for folder in folders})
    return tuple(
        folder
        for folder in resolved
        if not any(
            folder != other and folder.is_relative_to(other) for other in resolved
        )
    )


def _walk(folder: Path) -> Iterator[tuple[Path, Stamp]]:
    """Yield files and their stamps; what vanishes meanwhile is not there."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if is_noise(PurePath(entry.name)):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))
                continue
            status = entry.stat()
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            yield Path(entry.path), stamp
