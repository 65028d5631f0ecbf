"""Which model is above which, as far as the trials can tell.

Pairs are compared by Mann and Whitney's rank test. Its p is counted out over all ways
of dealing the pooled values to the two models, equal values sharing their middle rank,
so that it holds for few trials and with ties. Holm's correction covers all pairs.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

ALPHA = 0.05
EXACT_PRODUCT = 400
"""Beyond, 20 trials against 20, the normal approximation is used."""


@dataclass(frozen=True, kw_only=True)
class RankTest:
    """The rank test of one sample against another.

    Attributes:
        u: Pairs in which the first is larger, equal ones counted by half.
        p: Two-sided probability of ranks at least as far apart by chance.
        p_greater: One-sided, for the first being larger.
    """

    u: float
    p: float
    p_greater: float


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two models compared.

    Attributes:
        first: The one with the higher ranks, or the earlier where they are equal.
        p: Of this pair alone.
        p_adjusted: After Holm, over all pairs.
    """

    first: str
    second: str
    p: float
    p_adjusted: float

    @property
    def is_decided(self) -> bool:
        """Whether the first is above the second at 5 % over all pairs."""
        return self.p_adjusted <= ALPHA


@dataclass(frozen=True, kw_only=True)
class Place:
    """A model's rank.

    Attributes:
        rank: 1 + the number of models significantly above it.
        is_shared: Whether another model has the same rank.
    """

    rank: int
    is_shared: bool


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Ranks of all models that have values, and the pairs they rest on."""

    places: dict[str, Place]
    pairs: tuple[Pair, ...]

    def is_above(self, first: str, second: str) -> bool:
        """Whether the trials show the first above the second."""
        return any(
            pair.is_decided and (pair.first, pair.second) == (first, second)
            for pair in self.pairs
        )


def rank_test(first: Sequence[float], second: Sequence[float]) -> RankTest:
    """Compare two samples by ranks; both must have a value.

    Raises:
        ValueError: A sample is empty.
    """
    if not first or not second:
        raise ValueError("a rank test needs values on both sides")
    m, n = len(first), len(second)
    twice_u = sum((a > b) * 2 + (a == b) for a in first for b in second)
    tie_sizes = [size for _, size in sorted(Counter([*first, *second]).items())]
    if m * n > EXACT_PRODUCT:
        return _approximate(twice_u / 2, m, n, tie_sizes)
    counts = null_distribution(tie_sizes, m)
    total = math.comb(m + n, m)
    distance = abs(twice_u - m * n)
    far = sum(c for u, c in counts.items() if abs(u - m * n) >= distance)
    above = sum(c for u, c in counts.items() if u >= twice_u)
    return RankTest(u=twice_u / 2, p=far / total, p_greater=above / total)


def null_distribution(tie_sizes: Sequence[int], m: int) -> dict[int, int]:
    """Count the ways of choosing m of the pooled values by twice their U.

    Group by group from the smallest value up: choosing c of a group of t that has
    ``below`` others under it adds 2·c·(others not chosen below) + c·(t − c).

    Args:
        tie_sizes: How often each different value occurs, in rising order of values.
        m: Size of the first sample.
    """
    states: dict[tuple[int, int], int] = {(0, 0): 1}
    below = 0
    for size in tie_sizes:
        following: dict[tuple[int, int], int] = {}
        for (chosen, twice_u), ways in states.items():
            for c in range(min(size, m - chosen) + 1):
                gain = 2 * c * (below - chosen) + c * (size - c)
                key = (chosen + c, twice_u + gain)
                following[key] = following.get(key, 0) + ways * math.comb(size, c)
        states, below = following, below + size
    return {u: ways for (chosen, u), ways in sorted(states.items()) if chosen == m}


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values adjusted for all of them, in the order given."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for done, index in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - done) * p_values[index]))
        adjusted[index] = running
    return adjusted


def rank(samples: Mapping[str, Sequence[float]]) -> Ranking:
    """Rank models, larger values first; those without any value are left out."""
    known = {key: values for key, values in samples.items() if values}
    found = []
    for first, second in combinations(known, 2):
        test = rank_test(known[first], known[second])
        is_above = 2 * test.u >= len(known[first]) * len(known[second])
        found.append(((first, second) if is_above else (second, first), test.p))
    adjusted = holm([p for _, p in found])
    pairs = tuple(
        Pair(first=names[0], second=names[1], p=p, p_adjusted=after)
        for (names, p), after in zip(found, adjusted, strict=True)
    )
    beaten = Counter(pair.second for pair in pairs if pair.is_decided)
    ranks = {key: 1 + beaten[key] for key in known}
    shared = Counter(ranks.values())
    places = {
        key: Place(rank=value, is_shared=shared[value] > 1)
        for key, value in ranks.items()
    }
    return Ranking(places=places, pairs=pairs)


def smallest_p(n: int) -> float:
    """Return the two-sided p of two models of n trials that do not overlap."""
    return 2 / math.comb(2 * n, n)


def separable_models(n: int, alpha: float = ALPHA) -> int:
    """Return how many models of n trials could all be told apart; 0: no two."""
    models = 1
    while math.comb(models + 1, 2) * smallest_p(n) <= alpha:
        models += 1
    return models if models > 1 else 0


def _approximate(u: float, m: int, n: int, tie_sizes: Sequence[int]) -> RankTest:
    """Use the normal distribution, with the variance under ties and a correction."""
    total = m + n
    ties = sum(size**3 - size for size in tie_sizes) / (total * (total - 1))
    deviation = math.sqrt(m * n / 12 * (total + 1 - ties))
    if deviation == 0:
        return RankTest(u=u, p=1.0, p_greater=1.0)
    excess = u - m * n / 2
    normal = NormalDist()
    p = min(1.0, 2 * normal.cdf(-max(abs(excess) - 0.5, 0) / deviation))
    return RankTest(u=u, p=p, p_greater=normal.cdf(-(excess - 0.5) / deviation))
