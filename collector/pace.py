"""How fast a run goes and how long the rest of it takes; pure functions."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

RATE_WINDOW_NS = 1_000_000_000
RATE_SPAN_MIN_NS = 200_000_000
"""Below this, there are too few events for a rate."""

Kind = tuple[str, bool]
"""A model's id, and whether it is a warm-up: slots of one kind take about as long."""


class Sample(NamedTuple):
    """How many events with text had come at a time."""

    at_ns: int
    events: int


@dataclass(frozen=True, kw_only=True)
class TimeLeft:
    """How long slots still take.

    Attributes:
        known_s: Seconds of all slots whose kind has been timed; None: none has.
        untimed: Ids of the models with a slot whose kind has not been timed.
    """

    known_s: float | None
    untimed: frozenset[str]


def add_sample(samples: deque[Sample], sample: Sample) -> None:
    """Add a sample and drop those before the window, but for the one at its start."""
    samples.append(sample)
    while len(samples) > 2 and samples[1].at_ns <= sample.at_ns - RATE_WINDOW_NS:
        samples.popleft()


def events_per_s(samples: Sequence[Sample]) -> float | None:
    """Events a second from the first sample to the last; None: too little to tell."""
    if not samples or samples[-1].at_ns - samples[0].at_ns < RATE_SPAN_MIN_NS:
        return None
    first, last = samples[0], samples[-1]
    return (last.events - first.events) / ((last.at_ns - first.at_ns) / 1e9)


def time_left(
    left: Mapping[Kind, int], timed_s: Mapping[Kind, Sequence[float]]
) -> TimeLeft:
    """Estimate the time of slots from finished ones of the same model and kind.

    Args:
        left: How many slots of each kind are left.
        timed_s: Seconds that each finished slot of a kind took.
    """
    known_s = None if left else 0.0
    untimed = set()
    for kind, count in left.items():
        if seconds := timed_s.get(kind):
            known_s = (known_s or 0.0) + count * fmean(seconds)
        else:
            untimed.add(kind[0])
    return TimeLeft(known_s=known_s, untimed=frozenset(untimed))
