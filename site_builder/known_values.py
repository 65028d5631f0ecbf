"""What a run tells of its models, in no language: what references in prose look up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from collector.metrics import METRICS
from collector.record import MeasuringError, Run
from site_builder.analysis.summary import ModelSummary
from site_builder.claims.claim import Term
from site_builder.claims.quantities import QUANTITIES, Sample, read_samples
from site_builder.errors import ContentError
from site_builder.findings import CodeEvidence
from site_builder.prose.vocabulary import unknown_name
from site_builder.quantities import CODE_METRICS, COUNT_UNIT, Shown, typed_decimals

SAME_RATE_RATIO = 0.01
"""Schedules whose rates differ by no more are the one a writer means."""

NO_CODE = CodeEvidence(
    task_id=None,
    verifications=MappingProxyType({}),
    portraits=MappingProxyType({}),
    judgements=MappingProxyType({}),
    ranges=MappingProxyType({}),
)
"""What is known of code where nothing is."""

_LIMIT_UNITS = {"ratio": "x", "count": COUNT_UNIT, "tie": "percent"}
"""Units of the limits that are not held against a metric."""


@dataclass(frozen=True, kw_only=True)
class KnownValues:
    """What is known of the models of a run.

    Attributes:
        found: What their code shows.
        names: By id, those of models that are known and need not be in this run.
    """

    run: Run
    summaries: Mapping[str, ModelSummary]
    found: CodeEvidence
    names: Mapping[str, str]

    def sample(self, metric: str, model: str) -> Sample | None:
        """Return a model's sample; None: it has no value, or is not in this run.

        Raises:
            ContentError: Nobody knows the metric or the model.
        """
        if metric not in QUANTITIES:
            raise ContentError(unknown_name("metric", metric, QUANTITIES))
        self.check_model(model)
        return self._samples[metric].get(model)

    def n_trials(self, metric: str, model: str) -> int:
        """Return how many trials of a model of the run have a value."""
        if metric in METRICS:
            estimate = self.summaries[model].estimates[metric]
            return 0 if estimate is None else estimate.n
        if metric == "structure_index":
            structure = self.found.structure(model)
            return 0 if structure is None else structure.n_ok
        passes = self.found.passes(model)
        return 0 if passes is None else passes.n_trials

    def check_model(self, model: str) -> None:
        """Raise ContentError if nobody knows the model."""
        known = {*self.summaries, *self.names}
        if model not in known:
            raise ContentError(unknown_name("model", model, known))

    def measuring_error(self, tok_s: float) -> MeasuringError | None:
        """Return our own error at this rate; None: it was not determined."""
        errors = () if self.run.calibration is None else self.run.calibration.errors
        return next(
            (e for e in errors if abs(e.tok_s / tok_s - 1) <= SAME_RATE_RATIO), None
        )

    @cached_property
    def _samples(self) -> Mapping[str, Mapping[str, Sample]]:
        return read_samples(tuple(self.summaries.values()), self.found)


def shown_as(metric: str, *values: float) -> Shown:
    """Return how a metric is printed; half a case, a median of two, stays one."""
    if metric in METRICS:
        return Shown(unit=METRICS[metric].unit, decimals=METRICS[metric].decimals)
    shown = CODE_METRICS[metric]
    if metric == "cases_passed":
        return Shown(unit=shown.unit, decimals=max(map(typed_decimals, values)))
    return shown


def limits_of(terms: tuple[Term, ...]) -> Iterator[tuple[float, str | None]]:
    """Yield the numbers that terms assert, each with its unit."""
    for term in terms:
        numbers = [a for a in term.arguments if isinstance(a, float)]
        if term.limit is not None:
            numbers.append(term.limit)
        unit = _LIMIT_UNITS.get(term.predicate)
        metric = str(term.arguments[0]) if term.arguments else ""
        if unit is None and metric in QUANTITIES:
            unit = shown_as(metric, 0).unit
        for number in numbers:
            is_share = term.predicate == "tie"
            yield (round(100 * number, 6) if is_share else number), unit
