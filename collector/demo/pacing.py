"""When things are due, and waiting for it without drift."""

import time
from collections.abc import Callable
from dataclasses import dataclass

COARSE_S = 0.001
"""The last stretch before a time that is waited for in short sleeps."""

FINE_S = 0.0003
"""The last stretch of that, spent polling: shorter than any system's sleep."""


@dataclass(frozen=True)
class Timer:
    """A clock in seconds and a sleep that goes with it."""

    clock: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep

    def wait_until(self, due_s: float) -> None:
        """Return when the clock shows ``due_s``, at once if that is past.

        Waiting for times of a fixed schedule, instead of for spans, keeps late
        wake-ups from adding up.
        """
        while (left_s := due_s - self.clock()) > 0:
            if left_s > COARSE_S:
                self.sleep(left_s - COARSE_S)
            elif left_s > FINE_S:
                self.sleep(left_s - FINE_S)
            else:
                self.sleep(0)  # polls, and lets other threads run
