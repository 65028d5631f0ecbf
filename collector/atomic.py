"""Write one file so that nobody ever sees half of it."""

import os
import secrets
from pathlib import Path

from collector.errors import StorageError


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, sees the old file or the new one.

    The bytes go to a file beside it that no reader takes for a record, are flushed to
    the disk, and take the name in one step.

    Raises:
        StorageError: The file cannot be written; nothing is left behind.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be written ({error.strerror or error}): "
            "free space or give a folder you may write to, then start again"
        ) from error
