"""Exchange two folders in one step, where the system can.

Linux has renameat2(RENAME_EXCHANGE) since 3.15, macOS renamex_np(RENAME_SWAP) since
10.12. Python offers neither, and Windows has nothing like it.
"""

import ctypes
import errno
import os
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})


def can_exchange() -> bool:
    """Whether this system has a call for it; a file system may still refuse."""
    return sys.platform in {"linux", "darwin"}


def exchange(first: Path, second: Path) -> bool:
    """Exchange two existing paths on one file system, at once for every observer.

    Returns:
        False where the C library or the file system does not know the call; nothing
        has changed then.

    Raises:
        OSError: The system refused for another reason.
    """
    library = ctypes.CDLL(None, use_errno=True)
    one, two = os.fsencode(first), os.fsencode(second)
    if sys.platform == "darwin":
        if not hasattr(library, "renamex_np"):
            return False
        failed = library.renamex_np(one, two, ctypes.c_uint(_RENAME_SWAP))
    else:
        if not hasattr(library, "renameat2"):
            return False
        failed = library.renameat2(
            _AT_FDCWD, one, _AT_FDCWD, two, ctypes.c_uint(_RENAME_EXCHANGE)
        )
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(second))
