"""How steady a model's trials were: spread, drift, and what was odd about single ones.

Nothing here drops a trial. It counts, so that tables and texts can say it.
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector.metrics import FLAGS, METRICS, Metric
from collector.record import Trial

UNSTABLE_SD_RATIO = 0.10
UNSTABLE_EXTREME_RATIO = 0.50
"""pyperf warns of an unstable benchmark at these two (``format_checks`` in _cli.py)."""

CONTAMINATED = "cpu_pressure"
"""The flag of a trial whose stamps other work on the machine may have delayed."""

UNDECIDABLE_P = 0.10
"""Where even a perfect trend is as likely as this by chance, no drift can be decided.

Four trials of one model are decidable (2 orders of 24), three are not (2 of 6).
"""

DECODE_RATE = METRICS["decode_tok_s"]

EXACT_PAIRS = 2000
"""Up to so many pairs the null distribution is counted out (some 60 trials)."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Whether a metric rose or fell over the order of trials.

    Attributes:
        tau: Kendall's tau-b; negative where later trials had smaller values. Over
            several models or tasks, the mean of theirs weighted by their pairs.
        p: Two-sided probability of a tau at least as far from zero without drift.
        n: Trials it rests on.
    """

    tau: float
    p: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Stability:
    """What a model's trials say of their own steadiness.

    Attributes:
        sd_ratio: Standard deviation of the decode rate over its mean, of the task in
            which it is largest; None: no task has two rates.
        is_unstable: Whether a task's rates spread as far as pyperf warns of; None:
            no task has two rates.
        drift: None: not decidable with these trials.
        n_contaminated: Trials during which the measuring machine was too busy; None:
            it was not watched.
        flags: Trials by what was odd about them, at least one each.
        n_interruptions: Earlier attempts at these trials that came to no end.
    """

    sd_ratio: float | None
    is_unstable: bool | None
    drift: Drift | None
    n_contaminated: int | None
    flags: dict[str, int]
    n_interruptions: int


def stability(trials: Sequence[Trial]) -> Stability:
    """Return how steady the trials of one model were; warm-ups are to be left out.

    Spread and drift rest on the trials that count, flags and interruptions on all.
    """
    groups = [
        [rate for _, rate in pairs]
        for pairs in _values_by_task(trials, DECODE_RATE)
        if len(pairs) > 1
    ]
    spreads = [statistics.stdev(rates) / statistics.fmean(rates) for rates in groups]
    counts = Counter(key for trial in trials for key in flags_of(trial))
    return Stability(
        sd_ratio=max(spreads, default=None),
        is_unstable=any(map(_is_unstable, groups)) if groups else None,
        drift=drift([trials]),
        n_contaminated=count_contaminated(trials),
        flags={key: counts[key] for key in FLAGS if counts[key]},
        n_interruptions=sum(len(trial.interruptions) for trial in trials),
    )


def flags_of(trial: Trial) -> tuple[str, ...]:
    """Return the keys of what is odd about a trial, in a fixed order."""
    return tuple(key for key, is_raised in FLAGS.items() if is_raised(trial))


def count_contaminated(trials: Iterable[Trial]) -> int | None:
    """Count the trials of a too busy machine; None: no trial tells how busy it was."""
    watched = [trial for trial in trials if is_watched(trial)]
    return sum(map(FLAGS[CONTAMINATED], watched)) if watched else None


def is_watched(trial: Trial) -> bool:
    """Whether the trial tells how busy the measuring machine was."""
    conditions = trial.conditions
    return conditions is not None and conditions.cpu_pressure_ratio is not None


def drift(
    models: Iterable[Sequence[Trial]], metric: Metric = DECODE_RATE
) -> Drift | None:
    """Return the drift of a metric over the schedule, of one model or pooled.

    Kendall's S (pairs in which the later trial had the larger value, less those in
    which it had the smaller) is taken within each task of each model and added up, as
    in the seasonal Kendall test (Hirsch, Slack and Smith 1982, Water Resources Research
    18(1), 107-121), with models and tasks for seasons: they differ in rate, but one
    machine warms up under all of them. Their test approximates the distribution of S by
    the normal one. Here it is exact: all orders of the values within each task and
    model, counted by a generating function, which also takes care of equal values. Only
    beyond ``EXACT_PAIRS`` pairs the normal approximation is used. Of a metric that the
    prompt cache changes, trials of another cache are another season, too.

    Returns:
        None where even a perfect trend would prove nothing.
    """
    strata = [
        [value for _, value in sorted(pairs)]
        for trials in models
        for pairs in _values_by_task(trials, metric)
        if len(pairs) > 1
    ]
    if math.prod(map(_orders, strata)) < 2 / UNDECIDABLE_P:
        return None
    s = sum(map(_kendall_s, strata))
    weight = sum(math.sqrt(math.comb(len(x), 2) * _untied_pairs(x)) for x in strata)
    is_exact = sum(map(_untied_pairs, strata)) <= EXACT_PAIRS
    return Drift(
        tau=s / weight,
        p=_exact_p(strata, s) if is_exact else _normal_p(strata, s),
        n=sum(map(len, strata)),
    )


def _values_by_task(
    trials: Sequence[Trial], metric: Metric
) -> list[list[tuple[int, float]]]:
    """Return position and value of the trials that count and have both, by task.

    Trials of another prompt cache are apart where the metric asks for it.
    """
    found: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for trial in trials:
        value = metric.compute(trial)
        if trial.failure is None and trial.position is not None and value is not None:
            cache = trial.cache if metric.needs_same_cache else ""
            found[trial.task_id, cache].append((trial.position, value))
    return list(found.values())


def _is_unstable(rates: list[float]) -> bool:
    mean = statistics.fmean(rates)
    extreme = max(abs(rate - mean) for rate in rates)
    return (
        statistics.stdev(rates) >= UNSTABLE_SD_RATIO * mean
        or extreme >= UNSTABLE_EXTREME_RATIO * mean
    )


def _kendall_s(rates: list[float]) -> int:
    return sum(
        (later > earlier) - (later < earlier)
        for index, earlier in enumerate(rates)
        for later in rates[index + 1 :]
    )


def _ties(rates: list[float]) -> list[int]:
    return list(Counter(rates).values())


def _untied_pairs(rates: list[float]) -> int:
    return math.comb(len(rates), 2) - sum(math.comb(size, 2) for size in _ties(rates))


def _orders(rates: list[float]) -> int:
    """Return how many different orders these rates have."""
    return math.factorial(len(rates)) // math.prod(
        math.factorial(size) for size in _ties(rates)
    )


def _exact_p(strata: list[list[float]], s: int) -> float:
    """Count the orders by their inversions: a product of Gaussian multinomials.

    S is the number of untied pairs less twice the inversions, and symmetric.
    """
    untied = sum(map(_untied_pairs, strata))
    counts = [1] + [0] * untied
    for rates in strata:
        for factor in range(2, len(rates) + 1):
            _multiply(counts, factor)
        for size in _ties(rates):
            for factor in range(2, size + 1):
                _divide(counts, factor)
    tail = sum(counts[: (untied - abs(s)) // 2 + 1])
    return min(1.0, 2 * tail / math.prod(map(_orders, strata)))


def _multiply(counts: list[int], factor: int) -> None:
    """Multiply a polynomial by 1 + q + … + q^(factor - 1), in place."""
    for power in range(len(counts) - 1, factor - 1, -1):
        counts[power] -= counts[power - factor]
    for power in range(1, len(counts)):
        counts[power] += counts[power - 1]


def _divide(counts: list[int], factor: int) -> None:
    """Divide a polynomial by 1 + q + … + q^(factor - 1), in place."""
    for power in range(len(counts) - 1, 0, -1):
        counts[power] -= counts[power - 1]
    for power in range(factor, len(counts)):
        counts[power] += counts[power - factor]


def _normal_p(strata: list[list[float]], s: int) -> float:
    """Approximate, with Kendall's variance under ties and a continuity correction."""
    variance = sum(
        _spread(len(rates)) - sum(map(_spread, _ties(rates))) for rates in strata
    )
    z = max(abs(s) - 1, 0) / math.sqrt(variance)
    return min(1.0, 2 * statistics.NormalDist().cdf(-z))


def _spread(n: int) -> float:
    return n * (n - 1) * (2 * n + 5) / 18
