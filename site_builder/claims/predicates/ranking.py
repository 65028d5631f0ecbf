"""first, last, order: who is above whom, by exact rank tests."""

from dataclasses import dataclass
from itertools import combinations, pairwise

from site_builder.claims.claim import Fact, Term
from site_builder.claims.predicates.evidence import Evidence
from site_builder.claims.predicates.finding import (
    UNTESTED_P,
    Finding,
    all_true,
    missing,
    untold,
)
from site_builder.claims.predicates.form import Form, check_models, texts
from site_builder.claims.quantities import Sample, is_larger_better


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One model held against another, as far as both are known.

    Attributes:
        is_true: Whether the medians lie as asked; None: they cannot be compared.
        n: Fewest trials of the two; None: no test was made.
    """

    is_true: bool | None
    p: float
    n: int | None
    fact: Fact


def pair(
    evidence: Evidence, metric: str, models: tuple[str, str], *, is_higher: bool
) -> Pair:
    """Ask whether the first of two models is higher, or lower, than the second.

    Both must have a value.
    """
    first, second = (evidence.samples[metric][model_id] for model_id in models)
    if first.basis != second.basis:
        return Pair(
            is_true=None,
            p=UNTESTED_P,
            n=None,
            fact=missing("comparable", *models, metric=metric),
        )
    is_true = (
        first.median > second.median if is_higher else first.median < second.median
    )
    side = "higher" if is_higher else "lower"
    if not (first.is_testable and second.is_testable):
        fact = untested_pair(metric, models, first, second, side=side)
        return Pair(is_true=is_true, p=UNTESTED_P, n=None, fact=fact)
    upper, lower = (first, second) if is_higher else (second, first)
    p = evidence.tests.p_above(upper.values, lower.values)
    numbers = {**_both(first, second), "p": p}
    if second.median:
        numbers["ratio"] = first.median / second.median
    return Pair(
        is_true=is_true,
        p=p,
        n=min(len(first.values), len(second.values)),
        fact=Fact(
            key="rank_test",
            metric=metric,
            models=models,
            numbers=numbers,
            texts={"side": side},
        ),
    )


def untested_pair(
    metric: str, models: tuple[str, str], first: Sample, second: Sample, *, side: str
) -> Fact:
    """Return the fact that two models are known, but not well enough for a test."""
    return Fact(
        key="rank_untested",
        metric=metric,
        models=models,
        numbers=_both(first, second),
        texts={"side": side},
    )


def _both(first: Sample, second: Sample) -> dict[str, float]:
    return {
        "median_first": first.median,
        "median_second": second.median,
        "n_first": len(first.values),
        "n_second": len(second.values),
    }


def _together(pairs: list[Pair], facts: tuple[Fact, ...] = ()) -> Finding:
    """All pairs must lie as asked: the weakest test counts."""
    sides = [pair.n for pair in pairs if pair.n is not None]
    is_true = all_true(pair.is_true for pair in pairs)
    return Finding(
        is_true=is_true,
        passes=None if is_true is None else True,
        p=max((pair.p for pair in pairs), default=UNTESTED_P),
        n=min(sides, default=None),
        facts=(*(pair.fact for pair in pairs), *facts),
    )


def _extreme(evidence: Evidence, term: Term, *, is_higher: bool) -> Finding:
    """Hold one model against every other one that has a value."""
    metric, model_id = texts(term)
    known = evidence.samples[metric]
    if model_id not in known:
        return untold(evidence.why_no_sample(metric, model_id))
    others = [other for other in evidence.models if other != model_id]
    compared = [other for other in others if other in known]
    if not compared:
        return untold(missing("others", model_id, metric=metric))
    return _together(
        [
            pair(evidence, metric, (model_id, other), is_higher=is_higher)
            for other in compared
        ],
        tuple(
            Fact(key="left_out", metric=metric, models=(other,))
            for other in others
            if other not in known
        ),
    )


def _first(evidence: Evidence, term: Term) -> Finding:
    metric, _ = texts(term)
    return _extreme(evidence, term, is_higher=is_larger_better(metric))


def _last(evidence: Evidence, term: Term) -> Finding:
    metric, _ = texts(term)
    return _extreme(evidence, term, is_higher=not is_larger_better(metric))


def _order(evidence: Evidence, term: Term) -> Finding:
    """Test neighbours; whoever is known must lie in order even where one is missing."""
    metric, *models = texts(term)
    is_higher = is_larger_better(metric)
    known = [m for m in models if evidence.sample(metric, m) is not None]
    absent = tuple(evidence.why_no_sample(metric, m) for m in models if m not in known)
    neighbours = _together(
        [pair(evidence, metric, both, is_higher=is_higher) for both in pairwise(known)],
        absent,
    )
    if not absent:
        return neighbours
    contradicted = any(
        pair(evidence, metric, both, is_higher=is_higher).is_true is False
        for both in combinations(known, 2)
    )
    return Finding(
        is_true=False if contradicted else None,
        passes=None,
        p=UNTESTED_P,
        facts=neighbours.facts,
    )


FORMS: dict[str, tuple[Form, ...]] = {
    "first": (
        Form(
            usage="first(decode_tok_s, model)",
            kinds=("metric", "model"),
            is_inferential=True,
            evaluate=_first,
        ),
    ),
    "last": (
        Form(
            usage="last(decode_tok_s, model)",
            kinds=("metric", "model"),
            is_inferential=True,
            evaluate=_last,
        ),
    ),
    "order": (
        Form(
            usage="order(decode_tok_s, best-model, next-model)",
            kinds=("metric", "model", "model"),
            repeats=True,
            is_inferential=True,
            evaluate=_order,
            check=check_models,
        ),
    ),
}
