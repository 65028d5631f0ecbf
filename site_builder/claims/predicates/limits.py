"""above, below, only(metric, …): on which side of a limit a model's median lies."""

from dataclasses import dataclass
from typing import Literal

from site_builder.analysis.statistics import centre
from site_builder.analysis.two_samples import sign_test
from site_builder.claims.claim import Fact, Term
from site_builder.claims.predicates.evidence import Evidence
from site_builder.claims.predicates.finding import (
    UNTESTED_P,
    Finding,
    all_true,
    missing,
    untold,
)
from site_builder.claims.predicates.form import Form, number, texts
from site_builder.claims.quantities import Sample
from site_builder.claims.trial_fields import compare

Side = Literal["above", "below", "at_least", "under"]

NEEDED_COVERAGE = 0.90
"""Of the interval: five values reach it, four do not."""

_COMPARISONS: dict[Side, str] = {
    "above": ">",
    "below": "<",
    "at_least": ">=",
    "under": "<",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one model lies: its median, its interval, its sign test."""

    is_true: bool
    passes: bool
    p: float
    n: int | None
    fact: Fact


def place(
    metric: str, model_id: str, sample: Sample, *, limit: float, side: Side
) -> Place:
    """Ask whether a model's median lies on one side of a limit."""
    comparison = _COMPARISONS[side]
    is_true = compare(sample.median, comparison, limit)
    found = centre(sample.values, NEEDED_COVERAGE)
    n = len(sample.values)
    if found is None or not sample.is_testable:
        fact = Fact(
            key="untested",
            metric=metric,
            models=(model_id,),
            numbers={"median": sample.median, "limit": limit, "n": n},
            texts={"side": side},
        )
        return Place(is_true=is_true, passes=False, p=UNTESTED_P, n=None, fact=fact)
    p = sign_test(sum(compare(v, comparison, limit) for v in sample.values), n)
    end = found.low if side in ("above", "at_least") else found.high
    is_wide_enough = found.coverage >= NEEDED_COVERAGE
    numbers = {
        "median": sample.median,
        "low": found.low,
        "high": found.high,
        "coverage": found.coverage,
        "limit": limit,
        "p": p,
        "n": n,
    }
    if not is_wide_enough:
        numbers["needed"] = NEEDED_COVERAGE
    return Place(
        is_true=is_true,
        passes=is_wide_enough and compare(end, comparison, limit),
        p=p,
        n=n,
        fact=Fact(
            key="interval" if is_wide_enough else "interval_short",
            metric=metric,
            models=(model_id,),
            numbers=numbers,
            texts={"side": side},
        ),
    )


def _one_side(evidence: Evidence, term: Term, side: Side) -> Finding:
    metric, model_id = texts(term)
    sample = evidence.sample(metric, model_id)
    if sample is None:
        return untold(evidence.why_no_sample(metric, model_id))
    found = place(metric, model_id, sample, limit=number(term), side=side)
    return Finding(
        is_true=found.is_true,
        passes=found.passes,
        p=found.p,
        n=found.n,
        facts=(found.fact,),
    )


def _above(evidence: Evidence, term: Term) -> Finding:
    return _one_side(evidence, term, "above")


def _below(evidence: Evidence, term: Term) -> Finding:
    return _one_side(evidence, term, "below")


def only_above(evidence: Evidence, term: Term) -> Finding:
    """Ask whether one model alone reaches a limit; every other must be known."""
    metric, model_id = texts(term)
    if model_id not in evidence.models:
        return _contradicted(evidence, term, missing("model", model_id, name=model_id))
    if len(evidence.models) == 1:
        return untold(missing("others", model_id, metric=metric))
    samples = {m: evidence.sample(metric, m) for m in evidence.models}
    places = [
        place(
            metric,
            m,
            sample,
            limit=number(term),
            side="at_least" if m == model_id else "under",
        )
        for m, sample in samples.items()
        if sample is not None
    ]
    absent = [m for m, sample in samples.items() if sample is None]
    is_true = all_true([*(p.is_true for p in places), *(None for _ in absent)])
    sides = [p.n for p in places if p.n is not None]
    return Finding(
        is_true=is_true,
        passes=None if is_true is None else all(p.passes for p in places),
        p=UNTESTED_P if absent else max(p.p for p in places),
        n=min(sides, default=None),
        facts=(
            *(p.fact for p in places),
            *(evidence.why_no_sample(metric, m) for m in absent),
        ),
    )


def _contradicted(evidence: Evidence, term: Term, absent: Fact) -> Finding:
    """Where the model is not in the run, another that reaches the limit still tells."""
    metric, _ = texts(term)
    places = [
        place(metric, m, sample, limit=number(term), side="under")
        for m, sample in evidence.samples[metric].items()
    ]
    reached = [p.fact for p in places if not p.is_true]
    return Finding(
        is_true=False if reached else None,
        passes=None,
        p=UNTESTED_P,
        facts=(*reached, absent),
    )


FORMS: dict[str, tuple[Form, ...]] = {
    "above": (
        Form(
            usage="above(decode_tok_s, model, 30)",
            kinds=("metric", "model", "number"),
            is_inferential=True,
            evaluate=_above,
        ),
    ),
    "below": (
        Form(
            usage="below(ttft_s, model, 0.5)",
            kinds=("metric", "model", "number"),
            is_inferential=True,
            evaluate=_below,
        ),
    ),
    "only": (
        Form(
            usage="only(decode_tok_s, model, 50)",
            kinds=("metric", "model", "number"),
            is_inferential=True,
            evaluate=only_above,
        ),
    ),
}
