"""The first GPU of this machine: what it is, and how it is at a moment.

NVIDIA's is asked through NVML, if the optional package nvidia-ml-py is installed; a Mac
tells no more than the name without root; others are not asked. UUIDs and serial numbers
are never read.
"""

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Self

from collector.command import Runner, run_command
from collector.record import GpuReading


def open_gpu(
    nvml: Any = None, *, system: str = sys.platform, run: Runner = run_command
) -> "Gpu | None":
    """Find the first GPU of this machine; None: there is none that can be asked.

    Args:
        nvml: Stands in for the module ``pynvml``.
        system: As ``sys.platform`` names it.
        run: Runs the system's own commands.
    """
    if system == "darwin":
        return _mac_gpu(run)
    nvml = _import_nvml() if nvml is None else nvml
    return None if nvml is None else _nvidia_gpu(nvml)


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A GPU; close it when done. Facts are None where the driver does not tell.

    Attributes:
        count: GPUs of the machine; this is the first.
        memory_bytes: Its own memory; None also if it shares the machine's.
        power_limit_w: The power limit in force when it was opened.
        reader: Asks the driver for a reading; None: it gives none.
        closing: What is left to do when done.
    """

    name: str | None = None
    count: int | None = None
    memory_bytes: int | None = None
    driver: str | None = None
    power_limit_w: float | None = None
    reader: Callable[[], GpuReading] | None = None
    closing: ExitStack = field(default_factory=ExitStack)

    def read(self) -> GpuReading | None:
        """Return how it is now; None: it cannot be read.

        The driver's power is on many cards the mean of the last second, its utilization
        the share of the last sixth of a second to second in which anything ran.
        """
        return None if self.reader is None else self.reader()

    def close(self) -> None:
        """Let go of the driver; a second time does nothing."""
        self.closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _import_nvml() -> Any:
    """Return ``pynvml`` as Any, for it has no types; None: it is not installed."""
    try:
        import pynvml  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        return None
    return pynvml


def _nvidia_gpu(nvml: Any) -> Gpu | None:
    """Return the first GPU that NVML knows; None: no driver, or no GPU."""
    closing = ExitStack()
    try:
        nvml.nvmlInit()
        closing.callback(_told, nvml, nvml.nvmlShutdown)
        count = nvml.nvmlDeviceGetCount()
        gpu = nvml.nvmlDeviceGetHandleByIndex(0)
    except nvml.NVMLError:
        closing.close()
        return None
    memory = _told(nvml, nvml.nvmlDeviceGetMemoryInfo, gpu)
    return Gpu(
        name=_text(_told(nvml, nvml.nvmlDeviceGetName, gpu)),
        count=count,
        memory_bytes=None if memory is None else memory.total,
        driver=_text(_told(nvml, nvml.nvmlSystemGetDriverVersion)),
        power_limit_w=_watts(_told(nvml, nvml.nvmlDeviceGetEnforcedPowerLimit, gpu)),
        reader=lambda: _reading(nvml, gpu),
        closing=closing,
    )


def _reading(nvml: Any, gpu: Any) -> GpuReading:
    clock = nvml.nvmlDeviceGetClockInfo
    temperature_c = _told(
        nvml, nvml.nvmlDeviceGetTemperature, gpu, nvml.NVML_TEMPERATURE_GPU
    )
    use = _told(nvml, nvml.nvmlDeviceGetUtilizationRates, gpu)
    return GpuReading(
        temperature_c=None if temperature_c is None else float(temperature_c),
        clock_mhz=_told(nvml, clock, gpu, nvml.NVML_CLOCK_GRAPHICS),
        memory_clock_mhz=_told(nvml, clock, gpu, nvml.NVML_CLOCK_MEM),
        power_w=_watts(_told(nvml, nvml.nvmlDeviceGetPowerUsage, gpu)),
        utilization_ratio=None if use is None or use.gpu > 100 else use.gpu / 100,
    )


_NOT_AVAILABLE = 0xFFFF_FFFF
"""How NVML marks a 32-bit number that it does not have."""


def _told(nvml: Any, query: Callable[..., Any], *args: Any) -> Any:
    """Return the driver's answer; None: it has none."""
    try:
        answer = query(*args)
    except (nvml.NVMLError, UnicodeDecodeError):  # pynvml decodes names itself
        return None
    return None if answer == _NOT_AVAILABLE else answer


def _text(value: str | bytes | None) -> str | None:
    """Return a text that older versions of pynvml give as bytes."""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    return value or None


def _watts(milliwatts: int | None) -> float | None:
    return None if milliwatts is None else milliwatts / 1000


def _mac_gpu(run: Runner) -> Gpu | None:
    """Return the name that macOS gives; what lies beside it may name the owner."""
    printed = run(["system_profiler", "SPDisplaysDataType", "-json"])
    if printed is None:
        return None
    try:
        names = [
            card["sppci_model"] for card in json.loads(printed)["SPDisplaysDataType"]
        ]
    except (ValueError, LookupError, TypeError):
        return None
    return Gpu(name=str(names[0]), count=len(names)) if names else None
