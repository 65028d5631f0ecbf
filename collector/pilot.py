"""The decode rates of a short pilot into the number of trials a comparison takes.

The test is the one a report may rank by: Mann-Whitney's rank test, two-sided and exact
(no approximation of its null distribution), at 5 % for one pair and at 5 % shared out
evenly, after Bonferroni, over all pairs of models. Its power is simulated: normal noise
with the pilot's coefficient of variation, so that both models are equally noisy in
proportion. Drift of the machine comes on top and is met by the plan's rounds.
"""

import math
import random
import statistics
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collector.errors import ServerError

PILOT_TRIALS = 6
MIN_RATES = 3
MAX_TRIALS = 40
GAPS = (0.05, 0.10)
"""Differences of medians a reader would notice, as shares of the slower rate."""
ALPHA = 0.05
WANTED_POWER = 0.8
N_SIMULATIONS = 2000
"""The standard error of a simulated power of 0.8 is then 0.9 percentage points."""
SEED = 20261124
UPPER_CONFIDENCE = 0.9


@dataclass(frozen=True, kw_only=True)
class Need:
    """How many trials per model it takes to tell a gap; None: more than 40.

    Attributes:
        gap_ratio: The difference of the two medians, over the smaller.
        one_pair: For one pair of models chosen beforehand.
        all_pairs: For any one pair when all pairs of the plan are compared.
    """

    gap_ratio: float
    one_pair: int | None
    all_pairs: int | None


@dataclass(frozen=True, kw_only=True)
class Pilot:
    """What a pilot says of the noise, and what follows for the plan.

    Attributes:
        n_rates: Trials of the pilot that gave a rate.
        cv_ratio: Standard deviation of the rates over their mean.
        cv_upper_ratio: What the true one stays below with 90 % confidence.
        needs: For each gap, with the noise as measured.
        needs_at_upper: Likewise, with the noise as large as it may well be.
    """

    n_rates: int
    n_models: int
    mean_tok_s: float
    cv_ratio: float
    cv_upper_ratio: float
    needs: tuple[Need, ...]
    needs_at_upper: tuple[Need, ...]


def assess(rates: Sequence[float], *, n_models: int, seed: int = SEED) -> Pilot:
    """Return what the decode rates of a pilot of one model say.

    Args:
        rates: Tokens per second of the trials that gave a rate.
        n_models: Models of the plan.
        seed: Of the simulated noise.

    Raises:
        ServerError: Fewer than three trials gave a rate.
    """
    if len(rates) < MIN_RATES:
        raise ServerError(
            f"pilot: {len(rates)} trials gave a rate, {MIN_RATES} are needed to judge "
            "the noise: see why the others failed, then repeat the pilot"
        )
    mean = statistics.fmean(rates)
    cv = statistics.stdev(rates) / mean
    upper = cv * _upper_factor(len(rates))
    limits = critical_values(n_pairs(n_models))

    def needs(cv_ratio: float) -> tuple[Need, ...]:
        return tuple(_need(cv_ratio, gap, limits=limits, seed=seed) for gap in GAPS)

    return Pilot(
        n_rates=len(rates),
        n_models=n_models,
        mean_tok_s=mean,
        cv_ratio=cv,
        cv_upper_ratio=upper,
        needs=needs(cv),
        needs_at_upper=needs(upper),
    )


def describe(pilot: Pilot, *, rounds: int, trials: int) -> list[str]:
    """Return sentences for the terminal, with a verdict on the plan's number.

    Args:
        pilot: What ``assess`` returned.
        rounds: Rounds of the plan.
        trials: Trials per model, task and round of the plan.
    """
    planned = rounds * trials
    noise = (
        f"Pilot: {pilot.n_rates} trials, mean {pilot.mean_tok_s:.2f} tok/s, "
        f"coefficient of variation {_percent(pilot.cv_ratio, 1)}; with so few trials "
        f"it may be up to {_percent(pilot.cv_upper_ratio, 1)}."
    )
    verdict = (
        f"The plan has {planned} per model and task ({rounds} rounds × {trials}): "
        f"{_verdict(pilot, planned)}."
    )
    basis = (
        "Two-sided exact rank test at 5 % over all pairs, power 80 %; "
        "drift of the machine comes on top."
    )
    found = [
        _sentence(need, upper, pilot=pilot)
        for need, upper in zip(pilot.needs, pilot.needs_at_upper, strict=True)
    ]
    return [noise, *found, verdict, basis]


def n_pairs(n_models: int) -> int:
    """Return how many pairs so many models make."""
    return n_models * (n_models - 1) // 2


def null_distribution(n: int) -> list[int]:
    """Count the orders of two samples of ``n`` without ties by their U, up to n²/2.

    The counts are the coefficients of a Gaussian binomial, built up factor by factor;
    the half beyond is its mirror image.
    """
    half = n * n // 2
    counts = [1] + [0] * half
    for factor in range(1, n + 1):
        for u in range(half, n + factor - 1, -1):
            counts[u] -= counts[u - n - factor]
        for u in range(factor, half + 1):
            counts[u] += counts[u - factor]
    return counts


def critical_values(pairs: int) -> list[tuple[int, int]]:
    """Return the largest U that is significant, by n from 0: for one pair, for all.

    -1: no U is, so that nothing could be told with so few trials.
    """
    values = [(-1, -1)]
    for n in range(1, MAX_TRIALS + 1):
        counts, orders = null_distribution(n), math.comb(2 * n, n)
        one = _critical(counts, orders, ALPHA)
        values.append((one, _critical(counts, orders, ALPHA / max(pairs, 1))))
    return values


def simulate_power(
    cv_ratio: float, gap_ratio: float, *, limits: list[tuple[int, int]], seed: int
) -> Iterator[tuple[float, float]]:
    """Yield the power with 1, 2, … trials per model: for one pair, for all pairs.

    Each simulated comparison grows trial by trial, and U with it.
    """
    draw = random.Random(seed).gauss  # noqa: S311 - noise, not a secret
    slow: list[list[float]] = [[] for _ in range(N_SIMULATIONS)]
    fast: list[list[float]] = [[] for _ in range(N_SIMULATIONS)]
    wins = [0] * N_SIMULATIONS
    for n, (one, every) in enumerate(limits[1:], start=1):
        n_one = n_every = 0
        for index in range(N_SIMULATIONS):
            low = draw(1.0, cv_ratio)
            high = (1 + gap_ratio) * draw(1.0, cv_ratio)
            insort(slow[index], low)
            wins[index] += n - 1 - bisect_right(fast[index], low)
            insort(fast[index], high)
            wins[index] += bisect_left(slow[index], high)
            smaller = min(wins[index], n * n - wins[index])
            n_one += smaller <= one
            n_every += smaller <= every
        yield n_one / N_SIMULATIONS, n_every / N_SIMULATIONS


def _need(
    cv_ratio: float, gap_ratio: float, *, limits: list[tuple[int, int]], seed: int
) -> Need:
    one_pair: int | None = None
    all_pairs: int | None = None
    powers = simulate_power(cv_ratio, gap_ratio, limits=limits, seed=seed)
    for n, (one, every) in enumerate(powers, start=1):
        if one_pair is None and one >= WANTED_POWER:
            one_pair = n
        if every >= WANTED_POWER:
            all_pairs = n
            break
    return Need(gap_ratio=gap_ratio, one_pair=one_pair, all_pairs=all_pairs)


def _critical(counts: list[int], orders: int, alpha: float) -> int:
    below = 0
    for u, count in enumerate(counts):
        below += count
        if 2 * below > alpha * orders:
            return u - 1
    return len(counts) - 1


def _upper_factor(n: int) -> float:
    """Return what a standard deviation of n normal values is to be multiplied by.

    It is the upper limit of a one-sided interval from the chi-squared distribution,
    whose quantile is approximated after Wilson and Hilferty (1931).
    """
    degrees = n - 1
    z = statistics.NormalDist().inv_cdf(1 - UPPER_CONFIDENCE)
    spread = 2 / (9 * degrees)
    quantile = degrees * (1 - spread + z * math.sqrt(spread)) ** 3
    return math.sqrt(degrees / quantile)


def _sentence(need: Need, upper: Need, *, pilot: Pilot) -> str:
    pairs = n_pairs(pilot.n_models)
    found = f"{_times(need.one_pair)} for one pair"
    at_upper = _times(upper.one_pair)
    if pairs > 1:
        found += f", {_times(need.all_pairs)} for any of the plan's {pairs} pairs"
        at_upper += f" and {_times(upper.all_pairs)}"
    return (
        f"Trials per model to tell medians {_percent(need.gap_ratio)} apart: {found}; "
        f"at {_percent(pilot.cv_upper_ratio, 1)} variation, {at_upper}."
    )


def _verdict(pilot: Pilot, planned: int) -> str:
    enough: list[str] = []
    short: list[str] = []
    for need in pilot.needs:
        gap, wanted = _percent(need.gap_ratio), need.all_pairs
        if wanted is not None and wanted <= planned:
            enough.append(gap)
        else:
            short.append(f"{gap} (that takes {_times(wanted)})")
    parts = [f"enough for gaps of {' and '.join(enough)}"] if enough else []
    if short:
        parts.append(f"not enough for gaps of {' and '.join(short)}")
    return ", ".join(parts)


def _times(n: int | None) -> str:
    return f"more than {MAX_TRIALS}" if n is None else str(n)


def _percent(ratio: float, decimals: int = 0) -> str:
    return f"{ratio * 100:.{decimals}f} %"
