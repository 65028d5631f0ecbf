"""What GitHub Pages and git do not take."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from site_builder.errors import ContentError

MB = 10**6
WARN_SITE_BYTES = 800 * MB
MAX_SITE_BYTES = 1000 * MB
MAX_FILE_BYTES = 100 * MB


def check_limits(site: Path) -> tuple[str, ...]:
    """Return what comes near a limit, a line each.

    Raises:
        ContentError: A file or the whole is too large, or something is no plain file;
            all of it is named.
    """
    faults: list[str] = []
    total_bytes = 0
    for path in _entries(site):
        name = path.relative_to(site).as_posix()
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            faults.append(f"{name}: is no plain file: Pages takes no links")
        elif status.st_size > MAX_FILE_BYTES:
            faults.append(
                f"{name}: has {_mb(status.st_size)}, GitHub refuses more than "
                f"{_mb(MAX_FILE_BYTES)} a file: take records out of the run"
            )
        total_bytes += status.st_size
    size = f"the site has {_mb(total_bytes)}"
    if total_bytes > MAX_SITE_BYTES:
        faults.append(
            f"{size}, GitHub Pages takes {_mb(MAX_SITE_BYTES)}: show a smaller run"
        )
    if faults:
        raise ContentError("\n  ".join(("the site cannot be published:", *faults)))
    if total_bytes >= WARN_SITE_BYTES:
        return (f"{size}; GitHub Pages takes {_mb(MAX_SITE_BYTES)}",)
    return ()


def _entries(site: Path) -> Iterator[Path]:
    """Yield all that is no folder, links to folders as well."""
    for folder, folders, names in os.walk(site):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        yield from (here / name for name in (*links, *names))


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / MB:,.0f} MB"
