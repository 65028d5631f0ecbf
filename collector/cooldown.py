"""The rest before a model's block: a fixed time, then until the GPU is cool."""

from collections.abc import Callable

from collector.backends.protocol import Clock
from collector.plan import Design

POLL_S = 1.0
"""Seconds between two looks at the temperature."""


def rest(
    design: Design,
    *,
    first_c: float | None,
    temperature_c: Callable[[], float | None],
    clock: Clock,
    sleep: Callable[[float], None],
) -> float:
    """Rest as the design asks and return for how many seconds; an interrupt ends it.

    First ``cooldown_s``; then, given a band, until the temperature is at most so much
    above the first one, for at most another ``cooldown_limit_s``.

    Args:
        design: The plan's.
        first_c: The run's first temperature; None: not known, so no band.
        temperature_c: Reads it now; None: it cannot be read (any more), so no band.
        clock: Monotonic nanoseconds.
        sleep: Sleeps for so many seconds.
    """
    start_ns = clock()

    def rested_s() -> float:
        return (clock() - start_ns) / 1e9

    while (left_s := design.cooldown_s - rested_s()) > 0:
        sleep(left_s)
    if design.cooldown_band_c is None or first_c is None:
        return rested_s()
    cool_c = first_c + design.cooldown_band_c
    limit_s = rested_s() + design.cooldown_limit_s
    while (left_s := limit_s - rested_s()) > 0:
        now_c = temperature_c()
        if now_c is None or now_c <= cool_c:
            break
        sleep(min(POLL_S, left_s))
    return rested_s()
