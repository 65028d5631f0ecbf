"""How far apart two models are, and which side of a limit one lies: exact, few trials.

Beside ``ranks.py``, which asks only who is above whom.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from site_builder.analysis.ranks import EXACT_PRODUCT, null_distribution

RATIO_CONFIDENCE = 0.90
"""Of the interval of a ratio: two one-sided tests at 5 % agree with it."""


@dataclass(frozen=True, kw_only=True)
class RatioInterval:
    """Where the ratio of two models lies.

    Attributes:
        low: Lower end, one of the ratios of two values.
        high: Upper end.
        coverage: How often such an interval holds the true ratio; below the wanted
            confidence with fewer than three values on each side.
    """

    low: float
    high: float
    coverage: float


def ratio_interval(
    first: Sequence[float],
    second: Sequence[float],
    confidence: float = RATIO_CONFIDENCE,
) -> RatioInterval | None:
    """Return the exact interval of the factor between two samples.

    It is that of Hodges and Lehmann on logarithms: all ratios of a value of the first
    to one of the second, in order, less as many at both ends as the rank test would
    reject. It needs no assumption on the noise but that it is alike on both sides.

    Returns:
        None without values on both sides, or with one that is not above 0.
    """
    if not first or not second or min(*first, *second) <= 0:
        return None
    ratios = sorted(a / b for a in first for b in second)
    order, coverage = _order(len(first), len(second), confidence)
    return RatioInterval(low=ratios[order - 1], high=ratios[-order], coverage=coverage)


def sign_test(n_beyond: int, n: int) -> float:
    """Return how likely so many of n values lie beyond the true median by chance.

    Args:
        n_beyond: Values on the side asked about; one on the limit is on neither.
        n: All values.
    """
    return sum(math.comb(n, k) for k in range(n_beyond, n + 1)) / (1 << n)


def _order(m: int, n: int, confidence: float) -> tuple[int, float]:
    """Return from which ratio on the interval runs, and its coverage."""
    outside = (1 - confidence) / 2
    if m * n > EXACT_PRODUCT:
        deviation = math.sqrt(m * n * (m + n + 1) / 12)
        below = m * n / 2 + NormalDist().inv_cdf(outside) * deviation
        return max(1, math.floor(below + 0.5)), confidence
    counts = null_distribution([1] * (m + n), m)
    total = math.comb(m + n, m)
    order = 1
    tail = counts[0]
    # Without ties twice U is even: counts[2 * u] ways give u.
    while (tail + counts[2 * order]) / total <= outside:
        tail += counts[2 * order]
        order += 1
    return order, 1 - 2 * tail / total
