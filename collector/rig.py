"""Facts about this machine, without anything that names its owner."""

import importlib
import platform
import re
import sys
from pathlib import Path

import psutil

from collector.command import Runner, run_command
from collector.gpu import Gpu
from collector.record import Rig

CPUINFO_PATH = Path("/proc/cpuinfo")
_WINDOWS_CPU_KEY = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"


def describe_rig(gpu: Gpu | None = None) -> Rig:
    """Return what this machine tells of itself; None where it does not.

    Args:
        gpu: Its GPU; None: not known, or none.
    """
    gpu = Gpu() if gpu is None else gpu
    return Rig(
        gpu=gpu.name,
        gpu_count=gpu.count,
        gpu_memory_bytes=gpu.memory_bytes,
        gpu_power_limit_w=gpu.power_limit_w,
        driver=gpu.driver,
        cpu=cpu_name(),
        cpu_count=psutil.cpu_count(),
        memory_bytes=psutil.virtual_memory().total,
        os=os_name(),
        python=platform.python_version(),
    )


def cpu_name(
    system: str = sys.platform,
    *,
    cpuinfo: Path = CPUINFO_PATH,
    run: Runner = run_command,
) -> str | None:
    """Return the processor's name as its maker gives it; None: not known.

    Args:
        system: As ``sys.platform`` names it.
        cpuinfo: Where Linux describes its processors.
        run: Runs the system's own commands.
    """
    if system == "linux":
        name = _linux_cpu_name(cpuinfo, run)
    elif system == "darwin":
        name = run(["sysctl", "-n", "machdep.cpu.brand_string"])
    elif system == "win32":
        name = _windows_cpu_name()
    else:
        name = None
    return " ".join((name or platform.processor()).split()) or None


def os_name(system: str = sys.platform) -> str:
    """Return the system and its version as its users call it, and the machine's kind.

    Args:
        system: As ``sys.platform`` names it.
    """
    machine = platform.machine()
    if system == "linux":
        kernel = f"Linux {platform.release()}"
        return ", ".join(filter(None, (_distribution(), kernel, machine)))
    if system == "darwin":
        return f"macOS {platform.mac_ver()[0]}, {machine}"
    if system == "win32":
        release, version, *_ = platform.win32_ver()
        build = version.rpartition(".")[2]
        return f"Windows {release} (build {build}), {machine}"
    return f"{platform.system()} {platform.release()}, {machine}"


def _linux_cpu_name(cpuinfo: Path, run: Runner) -> str | None:
    """Return the kernel's name, or one found by the processor's numbers.

    On ARM the kernel gives numbers only, which lscpu knows; failing that, the board.
    """
    try:
        facts = _pairs(cpuinfo.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        facts = {}
    if name := facts.get("model name"):
        return name[0]
    named = _pairs(run(["lscpu"]) or "").get("Model name", [])
    if cores := [name for name in named if name != "-"]:
        return ", ".join(cores)
    for key in ("Hardware", "Model", "cpu model", "Processor", "cpu", "uarch"):
        if name := facts.get(key):
            return name[0]
    return None


def _pairs(text: str) -> dict[str, list[str]]:
    """Return the different values of each key in lines such as ``key : value``."""
    found: dict[str, list[str]] = {}
    for key, value in re.findall(
        r"^[ \t]*(.*?)[ \t]*:[ \t]*(\S.*)$", text, re.MULTILINE
    ):
        values = found.setdefault(key, [])
        if value.strip() not in values:
            values.append(value.strip())
    return found


def _windows_cpu_name() -> str | None:
    # By name, for only Windows has it, and a type checker elsewhere finds it empty.
    winreg = importlib.import_module("winreg")
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _WINDOWS_CPU_KEY) as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0])
    except OSError:
        return None


def _distribution() -> str | None:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return None
