"""What another run changes: medians that moved, and claims that flipped.

Nothing is called a move unless two exact intervals lie apart, each wide enough to hold
the true median nine times in ten. Too few trials for such an interval decide nothing.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from collector.metrics import METRICS
from collector.record import Run
from collector.store import LoadedRun
from site_builder.analysis.statistics import Centre, centre
from site_builder.claims.claim import Verdict
from site_builder.claims.quantities import CODE_QUANTITIES, Sample

MIN_COVERAGE = 0.9
"""Coverage an interval needs before a move is read from it: five trials have it."""

Movement = Literal[
    "rose",
    "fell",
    "steady",
    "undecidable",
    "incomparable",
    "before_only",
    "after_only",
]
MOVEMENTS: tuple[Movement, ...] = (
    "rose",
    "fell",
    "steady",
    "undecidable",
    "incomparable",
    "before_only",
    "after_only",
)
MOVED: frozenset[Movement] = frozenset({"rose", "fell"})


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run with what follows from it.

    Attributes:
        samples: Of every quantity that claims may be about, by quantity and model.
        verdicts: Of every claim of the registry, by id.
    """

    run: LoadedRun
    samples: Mapping[str, Mapping[str, Sample]]
    verdicts: Mapping[str, Verdict]

    @property
    def names(self) -> dict[str, str]:
        """The names of the run's models by id, in its order."""
        return {model.model_id: model.name for model in self.run.run.models}


@dataclass(frozen=True, kw_only=True)
class Level:
    """A quantity of a model in one run.

    Attributes:
        median: The value that pages show.
        interval: Exact interval of the median; None: too few answers could be read.
    """

    median: float
    interval: Centre | None


@dataclass(frozen=True, kw_only=True)
class MetricChange:
    """A quantity of a model in two runs.

    Attributes:
        before: None: that run has no value.
        movement: ``rose`` and ``fell``: the intervals lie apart. ``steady``: they
            meet. ``undecidable``: a side has too few trials. ``incomparable``: the
            prompt cache was in another state, or code was judged otherwise.
        chance: How often intervals of so many trials lie apart although nothing
            changed; None: nothing was decided.
    """

    model_id: str
    name: str
    metric: str
    before: Level | None
    after: Level | None
    movement: Movement
    chance: float | None


@dataclass(frozen=True, kw_only=True)
class ClaimChange:
    """A claim judged on two runs."""

    before: Verdict
    after: Verdict

    @property
    def is_flipped(self) -> bool:
        """Whether readers are told something else than before."""
        return self.before.standing != self.after.standing


@dataclass(frozen=True, kw_only=True)
class Changes:
    """A run held against an earlier one.

    Attributes:
        metrics: Of the models in both runs, in the order of the later run.
        claims: Every claim, in the order of the registry.
        before_only: Names of the models that only the earlier run has.
        after_only: Names of those that only the later run has.
    """

    before: RunView
    after: RunView
    metrics: tuple[MetricChange, ...]
    claims: tuple[ClaimChange, ...]
    before_only: tuple[str, ...]
    after_only: tuple[str, ...]

    @property
    def flipped(self) -> tuple[ClaimChange, ...]:
        """The claims whose verdict is another one now."""
        return tuple(change for change in self.claims if change.is_flipped)

    @property
    def n_decided(self) -> int:
        """Comparisons that could have shown a move."""
        return sum(change.chance is not None for change in self.metrics)

    @property
    def expected_by_chance(self) -> float:
        """Moves to be expected, at most, if nothing had changed."""
        return math.fsum(change.chance or 0.0 for change in self.metrics)


def compare_runs(before: RunView, after: RunView) -> Changes:
    """Hold a run against an earlier one; both judged with the same registry."""
    shared = {key: name for key, name in after.names.items() if key in before.names}
    return Changes(
        before=before,
        after=after,
        metrics=tuple(
            change
            for model_id, name in shared.items()
            for key in (*METRICS, *CODE_QUANTITIES)
            if (change := _metric_change(before, after, key, model_id, name=name))
        ),
        claims=tuple(
            ClaimChange(before=before.verdicts[claim_id], after=verdict)
            for claim_id, verdict in after.verdicts.items()
            if claim_id in before.verdicts
        ),
        before_only=tuple(n for key, n in before.names.items() if key not in shared),
        after_only=tuple(n for key, n in after.names.items() if key not in shared),
    )


def previous_run(runs: Iterable[Run], shown: Run) -> Run | None:
    """Return the run to hold the shown one against; None: there is none.

    It is the last one of the same source before it. A measured run without one is held
    against the published run. Demo data is held against demo data only.
    """
    others = [run for run in runs if run.run_id != shown.run_id]
    earlier = [
        run for run in others if run.source == shown.source and _age(run) < _age(shown)
    ]
    if not earlier and shown.source == "measured":
        earlier = [run for run in others if run.source == "published"]
    return max(earlier, key=_age, default=None)


def chance_apart(n: int, order: int, m: int, other_order: int) -> float:
    """Return how often two intervals of medians lie apart in samples of one source.

    Each runs from its ``order``-th smallest to its ``order``-th largest value; every
    interleaving of the two samples is equally likely.
    """
    above = _chance_below(n, order, m, other_order)
    below = _chance_below(m, other_order, n, order)
    return (above + below) / math.comb(n + m, n)


def _chance_below(n: int, order: int, m: int, other_order: int) -> int:
    """Count the interleavings with the first interval wholly below the second.

    ``x`` values of the first sample lie below the lower end of the second interval.
    """
    return sum(
        math.comb(x + other_order - 1, x)
        * math.comb(n - x + m - other_order, m - other_order)
        for x in range(n - order + 1, n + 1)
    )


def _metric_change(
    before: RunView, after: RunView, key: str, model_id: str, *, name: str
) -> MetricChange | None:
    """Return what became of a quantity; None where neither run has a value."""
    earlier = before.samples[key].get(model_id)
    later = after.samples[key].get(model_id)
    if earlier is None and later is None:
        return None
    movement = _movement(earlier, later)
    return MetricChange(
        model_id=model_id,
        name=name,
        metric=key,
        before=_level(earlier),
        after=_level(later),
        movement=movement,
        chance=_chance(earlier, later) if movement in {*MOVED, "steady"} else None,
    )


def _level(sample: Sample | None) -> Level | None:
    if sample is None:
        return None
    return Level(median=sample.median, interval=_interval(sample))


def _interval(sample: Sample | None) -> Centre | None:
    if sample is None or not sample.is_testable:
        return None
    return centre(sample.values, confidence=MIN_COVERAGE)


def _movement(before: Sample | None, after: Sample | None) -> Movement:
    if before is None:
        return "after_only"
    if after is None:
        return "before_only"
    if before.basis != after.basis:
        return "incomparable"
    first, second = _interval(before), _interval(after)
    if first is None or second is None or not (_is_wide(first) and _is_wide(second)):
        return "undecidable"
    if second.low > first.high:
        return "rose"
    return "fell" if second.high < first.low else "steady"


def _is_wide(interval: Centre) -> bool:
    return interval.coverage >= MIN_COVERAGE


def _chance(before: Sample | None, after: Sample | None) -> float | None:
    first, second = _interval(before), _interval(after)
    if first is None or second is None:
        return None
    return chance_apart(first.n, first.order, second.n, second.order)


def _age(run: Run) -> tuple[float, str]:
    """Return what puts runs in order of time; a run without a date is the first."""
    return (run.started_at.timestamp() if run.started_at else 0.0, run.run_id)
