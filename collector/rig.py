"""Facts about this machine, without anything that names its owner."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from collector.record import Rig


def describe_rig() -> Rig:
    """Return what the standard library tells of this machine; None where it cannot."""
    return Rig(
        cpu=platform.processor() or None,
        cpu_count=os.cpu_count(),
        memory_bytes=_memory_bytes(),
        os=f"{platform.system()} {platform.release()} ({platform.machine()})",
        python=platform.python_version(),
    )


def tool_version() -> str | None:
    """Return Seikaku's installed version; None: it runs uninstalled."""
    try:
        return version("seikaku")
    except PackageNotFoundError:
        return None


def _memory_bytes() -> int | None:
    if sys.platform == "win32" or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
