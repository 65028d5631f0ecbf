"""every, none, count, models, only(condition, …): what happened in the counted trials.

Nothing is inferred: the counts are what they are.
"""

from dataclasses import dataclass

from site_builder.claims.claim import Condition, Fact, Term
from site_builder.claims.predicates.evidence import Evidence
from site_builder.claims.predicates.finding import (
    Finding,
    all_true,
    missing,
    untold,
)
from site_builder.claims.predicates.form import (
    ALL_COMPARISONS,
    Form,
    texts,
    twice,
)
from site_builder.claims.trial_fields import compare, meets


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The counted trials of one model, by a condition.

    Attributes:
        k: Trials that meet it.
        n: All counted ones.
        unknown: Of them, those whose field is not known.
        facts: What was counted.
        gaps: What is missing, if it matters.
    """

    k: int
    n: int
    unknown: int
    facts: tuple[Fact, ...]
    gaps: tuple[Fact, ...]

    @property
    def all_meet(self) -> bool | None:
        """Whether every trial meets it; None: not known, or there is no trial."""
        if self.k + self.unknown < self.n:
            return False
        return None if self.unknown or not self.n else True

    @property
    def none_meets(self) -> bool | None:
        """Whether no trial meets it; None: not known, or there is no trial."""
        if self.k:
            return False
        return None if self.unknown or not self.n else True

    @property
    def some_meets(self) -> bool | None:
        """Whether a trial meets it; None: not known, or there is no trial."""
        none = self.none_meets
        return None if none is None else not none


def condition_of(term: Term) -> Condition:
    """Return the condition of a term, its first argument; raises TypeError."""
    found = term.arguments[0]
    if not isinstance(found, Condition):
        raise TypeError(f"{term.predicate}: its first argument is no condition")
    return found


def written(condition: Condition) -> str:
    """Return a condition as authors write it."""
    if condition.comparison is None:
        return condition.field
    value = condition.value
    shown = f"{value:g}" if isinstance(value, float) else value
    return f"{condition.field} {condition.comparison} {shown}"


def tally(evidence: Evidence, condition: Condition, model_id: str) -> Tally:
    """Count a model's trials."""
    if model_id not in evidence.models:
        gap = missing("model", model_id, name=model_id)
        return Tally(k=0, n=0, unknown=0, facts=(), gaps=(gap,))
    met = [meets(trial, condition) for trial in evidence.trials[model_id]]
    if not met:
        gap = missing("trials", model_id)
        return Tally(k=0, n=0, unknown=0, facts=(), gaps=(gap,))
    k, unknown = met.count(True), met.count(None)
    return Tally(
        k=k,
        n=len(met),
        unknown=unknown,
        facts=(
            Fact(
                key="counted",
                models=(model_id,),
                numbers={"k": k, "n": len(met), "unknown": unknown},
                texts=_texts(condition),
            ),
        ),
        gaps=(missing("field", model_id, name=condition.field),) if unknown else (),
    )


def _texts(condition: Condition) -> dict[str, str]:
    value = condition.value
    return {
        "condition": written(condition),
        "field": condition.field,
        "comparison": condition.comparison or "",
        "value": ""
        if value is None
        else f"{value:g}"
        if isinstance(value, float)
        else value,
    }


def _told(tallies: list[Tally], *first: Fact, is_true: bool | None) -> Finding:
    """Return a finding with the counts, and the gaps only where they leave it open."""
    return Finding(
        is_true=is_true,
        passes=None if is_true is None else True,
        facts=(
            *first,
            *(fact for item in tallies for fact in item.facts),
            *(gap for item in tallies for gap in item.gaps if is_true is None),
        ),
    )


def _every(evidence: Evidence, term: Term) -> Finding:
    condition = condition_of(term)
    tallies = [tally(evidence, condition, m) for m in texts(term, 1)]
    return _told(tallies, is_true=all_true(item.all_meet for item in tallies))


def _none(evidence: Evidence, term: Term) -> Finding:
    condition = condition_of(term)
    tallies = [tally(evidence, condition, m) for m in texts(term, 1)]
    return _told(tallies, is_true=all_true(item.none_meets for item in tallies))


def _count(evidence: Evidence, term: Term) -> Finding:
    condition = condition_of(term)
    (model_id,) = texts(term, 1)
    item = tally(evidence, condition, model_id)
    is_true = _within(term, item.k, item.unknown) if item.n else None
    wanted = Fact(
        key="count_wanted",
        models=(model_id,),
        numbers={"k": item.k, "limit": term.limit or 0.0},
        texts={**_texts(condition), "wanted": _wanted(term)},
    )
    return _told([item], *((wanted,) if item.n else ()), is_true=is_true)


def _models(evidence: Evidence, term: Term) -> Finding:
    condition = condition_of(term)
    tallies = [tally(evidence, condition, m) for m in evidence.models]
    met = [item.all_meet for item in tallies]
    k, unknown = met.count(True), met.count(None)
    counted = Fact(
        key="models_counted",
        numbers={"k": k, "n": len(met), "unknown": unknown},
        texts={**_texts(condition), "wanted": _wanted(term)},
    )
    return _told(tallies, counted, is_true=_within(term, k, unknown))


def only_one(evidence: Evidence, term: Term) -> Finding:
    """Ask whether a trial of one model meets a condition and none of any other."""
    condition = condition_of(term)
    (model_id,) = texts(term, 1)
    others = [m for m in evidence.models if m != model_id]
    if not others:
        return untold(missing("others", model_id), is_inferential=False)
    own = tally(evidence, condition, model_id)
    rest = [tally(evidence, condition, other) for other in others]
    is_true = all_true([own.some_meets, *(item.none_meets for item in rest)])
    return _told([own, *rest], is_true=is_true)


def _within(term: Term, k: int, unknown: int) -> bool | None:
    """Compare a count that may be larger by what is not known; None: it matters."""
    answers = {
        compare(count, term.comparison or "=", term.limit or 0.0)
        for count in range(k, k + unknown + 1)
    }
    return answers.pop() if len(answers) == 1 else None


def _wanted(term: Term) -> str:
    return f"{term.comparison} {term.limit:g}"


def _check_count(term: Term) -> str | None:
    limit = term.limit
    if limit is not None and (limit < 0 or limit != int(limit)):
        return f"{limit:g} is no count: write a whole number"
    return None


def _check_models(term: Term) -> str | None:
    return twice(texts(term, 1))


FORMS: dict[str, tuple[Form, ...]] = {
    "every": (
        Form(
            usage="every(level = as_is, model)",
            kinds=("condition", "model"),
            repeats=True,
            is_inferential=False,
            evaluate=_every,
            check=_check_models,
        ),
    ),
    "none": (
        Form(
            usage="none(uses:pandas, model)",
            kinds=("condition", "model"),
            repeats=True,
            is_inferential=False,
            evaluate=_none,
            check=_check_models,
        ),
    ),
    "count": (
        Form(
            usage="count(option:bom, model) >= 3",
            kinds=("condition", "model"),
            comparisons=ALL_COMPARISONS,
            is_inferential=False,
            evaluate=_count,
            check=_check_count,
        ),
    ),
    "models": (
        Form(
            usage="models(case:03-late-keys = pass) >= 3",
            kinds=("condition",),
            comparisons=ALL_COMPARISONS,
            is_inferential=False,
            evaluate=_models,
            check=_check_count,
        ),
    ),
    "only": (
        Form(
            usage="only(option:bom, model)",
            kinds=("condition", "model"),
            is_inferential=False,
            evaluate=only_one,
        ),
    ),
}
