"""What the measuring machine can tell of itself around a trial."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from collector.gpu import Gpu, open_gpu
from collector.pressure import CpuGauge, CpuSnapshot, cpu_ratios
from collector.record import Conditions, GpuReading, Rig
from collector.rig import describe_rig


def open_sensors(
    *, is_local: bool | None, find_gpu: Callable[[], Gpu | None] = open_gpu
) -> "Sensors":
    """Return the sensors that concern a run; close them when done.

    A server on another machine has another GPU than ours, so ours is not looked for.
    The processors' load concerns our own measuring in any case.

    Args:
        is_local: Whether the server runs on this machine; None: not known.
        find_gpu: Finds this machine's GPU.
    """
    is_rig = is_local is True
    return Sensors(gauge=CpuGauge(), gpu=find_gpu() if is_rig else None, is_rig=is_rig)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The sensors at one moment."""

    gpu: GpuReading | None = None
    cpu: CpuSnapshot = field(default_factory=CpuSnapshot)


@dataclass(frozen=True, kw_only=True)
class Sensors:
    """The sensors of this machine; without any, it is inert and tells nothing.

    Attributes:
        gauge: Reads the processors' counters.
        gpu: The GPU that serves the models.
        is_rig: Whether the server runs on this machine.
    """

    gauge: CpuGauge | None = None
    gpu: Gpu | None = None
    is_rig: bool = False

    def rig(self) -> Rig:
        """Describe the machine the server runs on; all None if it is another one."""
        return describe_rig(self.gpu) if self.is_rig else Rig()

    def snapshot(self) -> Snapshot:
        """Read everything once; take one just before and one just after a trial."""
        # The processors last: their time then runs from return to return.
        gpu = None if self.gpu is None else self.gpu.read()
        cpu = CpuSnapshot() if self.gauge is None else self.gauge.read()
        return Snapshot(gpu=gpu, cpu=cpu)

    def conditions(
        self,
        before: Snapshot,
        after: Snapshot,
        *,
        wall_s: float,
        collector_cpu_s: float | None,
    ) -> Conditions:
        """Return what a trial's record keeps.

        Args:
            before: Taken just before the request left.
            after: Taken just after the stream ended.
            wall_s: Seconds between the two.
            collector_cpu_s: Processor seconds we used meanwhile; None: not known.
        """
        pressure, busy = cpu_ratios(before.cpu, after.cpu, wall_s=wall_s)
        return Conditions(
            cpu_pressure_ratio=pressure,
            cpu_busy_ratio=busy,
            collector_cpu_s=collector_cpu_s,
            gpu_before=before.gpu,
            gpu_after=after.gpu,
        )

    def temperature_c(self) -> float | None:
        """Return the GPU's temperature now; None: it cannot be read."""
        reading = None if self.gpu is None else self.gpu.read()
        return None if reading is None else reading.temperature_c

    def close(self) -> None:
        """Let go of the GPU's driver; a second time does nothing."""
        if self.gpu is not None:
            self.gpu.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
