"""The raw values behind a claim, trial by trial."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from collector.metrics import METRICS
from site_builder.analysis.summary import ModelSummary
from site_builder.check import Content
from site_builder.check_report import ClaimRow
from site_builder.claims.claim import Condition, Term
from site_builder.claims.quantities import QUANTITIES
from site_builder.claims.trial_fields import (
    NONE,
    CountedTrial,
    counted_trials,
    field_of,
)
from site_builder.evidence import count

ABOUT_ALL = frozenset({"first", "last", "only", "models", "no_trend"})
"""Predicates that hold the model they name against all others, or name none."""

WITHOUT_CODE = "no code"
"""What an answer without usable code shows of its code."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """What one counted trial shows of a quantity or a condition.

    Attributes:
        shown: A number, a text, or yes or no; None: it is not known.
    """

    model_id: str
    number: int
    round: int | None
    cache: str
    shown: str | float | bool | None


def trial_values(row: ClaimRow, content: Content) -> dict[str, tuple[Value, ...]]:
    """Return what the counted trials show of all that a claim asks, by what it asks.

    A metric that the prompt cache changes has the trials its median is of.
    """
    counted = counted_trials(content.sources.run, content.found)
    values: dict[str, tuple[Value, ...]] = {}
    for term in row.verdict.claim.terms:
        models = _models_of(term, tuple(counted))
        trials = [trial for model_id in models for trial in counted[model_id]]
        for asked in _asked(term):
            if isinstance(asked, Condition):
                key, shown = asked.field, _of_condition(asked, trials)
            else:
                key, shown = asked, _of_quantity(asked, trials, content.summaries)
            known = values.get(key, ())
            values[key] = (*known, *(value for value in shown if value not in known))
    return values


def _asked(term: Term) -> Iterator[str | Condition]:
    """Yield the quantities and conditions of a term."""
    if term.predicate == "stable_rank":
        yield "structure_index"
    elif term.predicate == "type":
        yield Condition(field="type")
    for argument in term.arguments:
        if isinstance(argument, Condition) or (
            isinstance(argument, str) and argument in QUANTITIES
        ):
            yield argument


def _models_of(term: Term, all_models: tuple[str, ...]) -> tuple[str, ...]:
    """Return the models whose values a term rests on, those it names first."""
    named = [a for a in term.arguments if isinstance(a, str) and a in all_models]
    is_of_named = named and term.predicate == "no_trend"
    if term.predicate in ABOUT_ALL and not is_of_named:
        named += all_models
    return tuple(dict.fromkeys(named))


def _of_quantity(
    key: str, trials: Iterable[CountedTrial], summaries: tuple[ModelSummary, ...]
) -> Iterator[Value]:
    caches = {
        summary.model.model_id: estimate.cache
        for summary in summaries
        if (estimate := summary.estimates.get(key)) is not None
    }
    for trial in trials:
        cache = caches.get(trial.trial.model_id)
        if cache in (None, trial.trial.cache):
            shown = _quantity(key, trial)
            if shown is not None:
                yield _value(trial, shown)


def _quantity(key: str, trial: CountedTrial) -> float | None:
    if key == "structure_index":
        return None if trial.structure is None else trial.structure.index
    if key == "cases_passed":
        verdict = trial.verdict
        return None if verdict is None else float(count(verdict, "pass"))
    return METRICS[key].compute(trial.trial) if trial.trial.failure is None else None


def _of_condition(
    condition: Condition, trials: Iterable[CountedTrial]
) -> Iterator[Value]:
    field, name = field_of(condition.field)
    for trial in trials:
        shown = field.show(trial, name)
        yield _value(trial, WITHOUT_CODE if shown is NONE else shown)


def _value(
    trial: CountedTrial,
    shown: str | float | bool | None,  # noqa: FBT001 - what the trial shows, no switch
) -> Value:
    return Value(
        model_id=trial.trial.model_id,
        number=trial.trial.number,
        round=trial.trial.round,
        cache=trial.trial.cache,
        shown=shown,
    )
