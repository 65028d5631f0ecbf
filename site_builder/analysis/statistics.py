"""Medians and shares with exact intervals: few trials, and no assumption on noise.

Bootstrap intervals are left out on purpose: for three to ten trials they are narrower
than they claim.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

CONFIDENCE = 0.95
_BISECTIONS = 60


@dataclass(frozen=True, kw_only=True)
class Centre:
    """A median and where the true one lies.

    Attributes:
        low: Lower end of the interval, one of the values.
        high: Upper end.
        coverage: How often such an interval holds the true median, at least; below
            0.95 with fewer than six values, 0 with one.
        order: The interval runs from the ``order``-th smallest to the ``order``-th
            largest value.
    """

    median: float
    low: float
    high: float
    coverage: float
    order: int
    n: int


@dataclass(frozen=True, kw_only=True)
class Share:
    """A count of successes and where the true share lies (Clopper and Pearson)."""

    k: int
    n: int
    low: float
    high: float


def centre(values: Sequence[float], confidence: float = CONFIDENCE) -> Centre | None:
    """Return the median with the narrowest exact interval of the wanted confidence.

    The interval lies symmetrically among the ordered values. Where none reaches the
    confidence it is the whole range, with the coverage it has.

    Returns:
        None without any value.
    """
    if not values:
        return None
    ordered = sorted(values)
    n = len(ordered)
    order = 1
    while 2 * (order + 1) <= n and median_coverage(n, order + 1) >= confidence:
        order += 1
    return Centre(
        median=median(ordered),
        low=ordered[order - 1],
        high=ordered[n - order],
        coverage=median_coverage(n, order),
        order=order,
        n=n,
    )


def median_coverage(n: int, order: int = 1) -> float:
    """Return how often the true median lies within the order statistics.

    1 − 2 · P(B < order) for B ~ Binomial(n, ½): the interval misses where fewer than
    ``order`` values lie on one side.
    """
    outside = sum(math.comb(n, below) for below in range(order))
    return 1 - 2 * outside / (1 << n)


def share(k: int, n: int, confidence: float = CONFIDENCE) -> Share | None:
    """Return the share of successes with its exact interval.

    Returns:
        None where nothing was tried.
    """
    if n == 0:
        return None
    tail = (1 - confidence) / 2
    return Share(
        k=k,
        n=n,
        low=0.0 if k == 0 else _solve(lambda p: at_least(k, n, p), tail),
        high=1.0 if k == n else 1 - _solve(lambda p: at_least(n - k, n, p), tail),
    )


def at_least(k: int, n: int, p: float) -> float:
    """Return the probability of k or more successes in n, each of probability p."""
    return math.fsum(
        math.comb(n, i) * math.pow(p, i) * math.pow(1 - p, n - i)
        for i in range(k, n + 1)
    )


def _solve(rising: Callable[[float], float], target: float) -> float:
    """Return where a rising function of a probability meets the target."""
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if rising(middle) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
