"""How busy the processors of this machine were between two moments."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

PRESSURE_PATH = Path("/proc/pressure/cpu")
"""Linux only, from 4.20 on, and not in every kernel."""

# What is not here is idle, or counted twice: Linux has guest in user, and Windows has
# interrupt and dpc in system.
_BUSY = ("user", "nice", "system", "irq", "softirq", "steal")
_IDLE = ("idle", "iowait")


@dataclass(frozen=True, kw_only=True)
class CpuSnapshot:
    """Counters that grow as long as the machine runs; None where it has none.

    Attributes:
        pressure_us: Microseconds in which some task waited for a processor.
        busy_s: Processor seconds that were not idle, of all processors.
        idle_s: Processor seconds that were, waiting for a disk included.
    """

    pressure_us: int | None = None
    busy_s: float | None = None
    idle_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class CpuGauge:
    """Reads the counters.

    Attributes:
        pressure_path: The kernel's account of tasks that wait for a processor.
        cpu_times: Processor seconds by kind, named as psutil names them.
    """

    pressure_path: Path = PRESSURE_PATH
    cpu_times: Callable[[], object] = psutil.cpu_times

    def read(self) -> CpuSnapshot:
        """Return the counters as they are now."""
        busy_s, idle_s = self._processor_seconds()
        return CpuSnapshot(
            pressure_us=self._pressure_us(), busy_s=busy_s, idle_s=idle_s
        )

    def _pressure_us(self) -> int | None:
        try:
            text = self.pressure_path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return None
        found = re.search(r"^some .*\btotal=(\d+)", text, re.MULTILINE)
        return None if found is None else int(found[1])

    def _processor_seconds(self) -> tuple[float | None, float | None]:
        try:
            times = self.cpu_times()
        except (OSError, psutil.Error):
            return None, None
        return _total(times, _BUSY), _total(times, _IDLE)


def cpu_ratios(
    before: CpuSnapshot, after: CpuSnapshot, *, wall_s: float
) -> tuple[float | None, float | None]:
    """Return the pressure and the busy share between two snapshots, each 0 to 1.

    The first is the share of the time in which some task waited for a processor, the
    second the share of all processors' time that was not idle. None: not known, or no
    time went by.

    Args:
        before: The earlier snapshot.
        after: The later one.
        wall_s: Seconds between the two.
    """
    if not wall_s > 0:
        return None, None
    waited_us = _grown(before.pressure_us, after.pressure_us)
    busy_s = _grown(before.busy_s, after.busy_s)
    idle_s = _grown(before.idle_s, after.idle_s)
    pressure = None if waited_us is None else min(1.0, waited_us / 1e6 / wall_s)
    if busy_s is None or idle_s is None or busy_s + idle_s == 0:
        return pressure, None
    return pressure, min(1.0, busy_s / (busy_s + idle_s))


def _grown(before: float | None, after: float | None) -> float | None:
    """Return by how much a counter grew; some run back a little, which is 0."""
    if before is None or after is None:
        return None
    return max(0.0, after - before)


def _total(times: object, kinds: tuple[str, ...]) -> float:
    return sum(float(getattr(times, kind, 0.0)) for kind in kinds)
