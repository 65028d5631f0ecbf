"""The trials of a run into one summary per model."""

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Any

from collector.metrics import METRICS, Metric
from collector.record import CacheState, PlannedModel, Source, Trial
from collector.store import LoadedRun

CACHE_PREFERENCE: tuple[CacheState, ...] = ("cold", "unknown", "warm")
"""Which trials stand for a metric that the prompt cache changes, best first."""

SUMMARY_METRICS = ("decode_tok_s", "ttft_s", "completion_tokens", "generation_s")


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A metric over the trials of a model.

    Attributes:
        median: The value shown.
        low: Smallest value of a trial.
        high: Largest value of a trial.
        n: Trials that have a value.
        values: Theirs, in the order of the trials.
        cache: State of the prompt cache in all of them, for a metric it changes; None:
            the metric does not ask.
    """

    median: float
    low: float
    high: float
    n: int
    values: tuple[float, ...]
    cache: CacheState | None = None


@dataclass(frozen=True, kw_only=True)
class ModelSummary:
    """What a run says of one model.

    Attributes:
        estimates: By metric; a metric no trial tells is None.
        finish_reason: That of all counted trials; None: unknown, or not one.
        n_trials: Trials asked for, warm-ups not counted.
        n_complete: Trials whose figures count.
        failures: Number of trials that do not count, by kind.
        observations: Keys of what a publication said of the code, each once.
        verdict: Key of a publication's verdict; None: there is none.
        structure_position: Where a publication placed it; None: nowhere.
    """

    model: PlannedModel
    source: Source
    estimates: dict[str, Estimate | None]
    finish_reason: str | None
    n_trials: int
    n_complete: int
    failures: dict[str, int]
    trials: tuple[Trial, ...]
    observations: tuple[str, ...]
    verdict: str | None
    structure_position: str | None

    @property
    def n_failed(self) -> int:
        """Trials that do not count."""
        return sum(self.failures.values())

    def value(self, metric_key: str) -> float | None:
        """Return the value shown for a metric; None: no trial tells it."""
        estimate = self.estimates[metric_key]
        return None if estimate is None else estimate.median


def summarise(run: LoadedRun) -> tuple[ModelSummary, ...]:
    """Return a summary for each model of the run, in the run's order."""
    return tuple(
        _summarise_model(
            model,
            source=run.run.source,
            trials=tuple(
                trial
                for trial in run.trials
                if trial.model_id == model.model_id and not trial.is_warmup
            ),
        )
        for model in run.run.models
    )


def summary_rows(summaries: tuple[ModelSummary, ...]) -> list[dict[str, Any]]:
    """Return the objects of ``summary.json``; a value that is not known is None."""
    return [
        {
            "model": summary.model.model_id,
            "name": summary.model.name,
            **{key: _plain(summary.value(key), key) for key in SUMMARY_METRICS},
            "finish_reason": summary.finish_reason,
            "n_trials": summary.n_trials,
            "source": summary.source,
        }
        for summary in summaries
    ]


def _summarise_model(
    model: PlannedModel, *, source: Source, trials: tuple[Trial, ...]
) -> ModelSummary:
    counted = [trial for trial in trials if trial.failure is None]
    published = [trial.published for trial in counted if trial.published is not None]
    reasons = {trial.finish_reason for trial in counted}
    seen = dict.fromkeys(key for item in published for key in item.observations)
    return ModelSummary(
        model=model,
        source=source,
        estimates={key: _estimate(metric, counted) for key, metric in METRICS.items()},
        finish_reason=reasons.pop() if len(reasons) == 1 else None,
        n_trials=len(trials),
        n_complete=len(counted),
        failures=dict(
            sorted(Counter(t.failure.kind for t in trials if t.failure).items())
        ),
        trials=trials,
        observations=tuple(seen),
        verdict=next((p.verdict for p in published if p.verdict is not None), None),
        structure_position=next(
            (p.structure_position for p in published if p.structure_position), None
        ),
    )


def _estimate(metric: Metric, trials: list[Trial]) -> Estimate | None:
    """Return the median over comparable trials; None where none has a value."""
    groups: list[tuple[CacheState | None, list[Trial]]] = [(None, trials)]
    if metric.needs_same_cache:
        groups = [
            (state, [trial for trial in trials if trial.cache == state])
            for state in CACHE_PREFERENCE
        ]
    for cache, group in groups:
        values = tuple(
            value for trial in group if (value := metric.compute(trial)) is not None
        )
        if values:
            return Estimate(
                median=statistics.median(values),
                low=min(values),
                high=max(values),
                n=len(values),
                values=values,
                cache=cache,
            )
    return None


def _plain(value: float | None, metric_key: str) -> float | None:
    """Return whole counts as integers, so that 786 is not written as 786.0."""
    if value is not None and METRICS[metric_key].decimals == 0 and value == int(value):
        return int(value)
    return value
