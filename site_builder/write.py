"""The only writer of output: the whole site beside the old one, then swapped in."""

import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from site_builder.errors import OutputError
from site_builder.exchange import can_exchange, exchange

MARKER = ".seikaku-site"
"""A file by which a folder is known as ours, to be replaced without asking."""

STALE_S = 3600.0
"""Age at which a folder left by a killed build is removed."""


def write_site(files: Mapping[str, bytes], output: Path) -> None:
    """Replace a folder by these files; at any moment it is whole, old or new.

    Args:
        files: Content by path inside the site.
        output: The folder; it must be missing, empty, or a site written before.

    Raises:
        OutputError: The folder is something else, or cannot be written; what was
            there is still there.
    """
    output = output.absolute()
    aside = output.with_name(f".{output.name}.{secrets.token_hex(4)}.new")
    recover(output)
    _refuse_foreign(output)
    try:
        _remove_stale(output)
        _write_all({**files, MARKER: b""}, aside)
        _swap(aside, output)
    except OSError as error:
        raise OutputError(
            f"{error.filename or output}: the site cannot be written "
            f"({error.strerror or error}): free space or give another --output; "
            f"the old {output} is untouched"
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def recover(output: Path) -> None:
    """Put back the old site if a build was killed between the two renames of a swap.

    Only systems without an atomic exchange of folders can come to that.
    """
    if output.exists():
        return
    for old in sorted(output.parent.glob(f".{output.name}.*.old")):
        if (old / MARKER).is_file():
            old.rename(output)
            return


def _refuse_foreign(output: Path) -> None:
    if output.is_dir():
        is_ours = (output / MARKER).is_file() or not any(output.iterdir())
    else:
        is_ours = not output.exists()
    if not is_ours:
        raise OutputError(
            f"{output}: is not a site that seikaku wrote, and would be replaced: "
            "give another folder with --output, or empty it"
        )


def _write_all(files: Mapping[str, bytes], folder: Path) -> None:
    for parent in sorted({(folder / path).parent for path in files}):
        parent.mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        (folder / path).write_bytes(data)


def _swap(new: Path, output: Path) -> None:
    """Let the new folder take the place of the old one."""
    if not output.exists():
        new.rename(output)
    elif can_exchange() and exchange(new, output):
        return
    else:
        old = new.with_suffix(".old")
        output.rename(old)
        new.rename(output)
        shutil.rmtree(old, ignore_errors=True)


def _remove_stale(output: Path) -> None:
    """Remove what killed builds left, unless it may belong to one still running."""
    for suffix in ("new", "old"):
        for left in output.parent.glob(f".{output.name}.*.{suffix}"):
            if time.time() - left.stat().st_mtime > STALE_S:
                shutil.rmtree(left, ignore_errors=True)
