"""ratio, tie: how many times as much one model has as another."""

from site_builder.analysis.two_samples import ratio_interval
from site_builder.claims.claim import Fact, Term
from site_builder.claims.predicates.evidence import Evidence
from site_builder.claims.predicates.finding import (
    UNTESTED_P,
    Finding,
    missing,
    untold,
)
from site_builder.claims.predicates.form import (
    ORDERED,
    Form,
    check_models,
    number,
    texts,
)
from site_builder.claims.predicates.ranking import untested_pair
from site_builder.claims.quantities import Sample
from site_builder.claims.trial_fields import compare

HIGHER = frozenset({">=", ">"})


def _both(
    evidence: Evidence, metric: str, models: tuple[str, str]
) -> tuple[Sample, Sample] | Finding:
    """Return the samples of two models, or what keeps their ratio from being told."""
    known = [evidence.sample(metric, model_id) for model_id in models]
    first, second = known
    if first is None or second is None:
        return untold(
            *(
                evidence.why_no_sample(metric, model_id)
                for model_id, sample in zip(models, known, strict=True)
                if sample is None
            )
        )
    if first.basis != second.basis:
        return untold(missing("comparable", *models, metric=metric))
    if second.median == 0:
        return untold(missing("ratio", models[1], metric=metric))
    return first, second


def _ratio(evidence: Evidence, term: Term) -> Finding:
    metric, *rest = texts(term)
    models = (rest[0], rest[1])
    both = _both(evidence, metric, models)
    if isinstance(both, Finding):
        return both
    first, second = both
    comparison, limit = term.comparison or ">=", term.limit or 0.0
    ratio = first.median / second.median
    is_true = compare(ratio, comparison, limit)
    side = "higher" if comparison in HIGHER else "lower"
    if not (first.is_testable and second.is_testable):
        fact = untested_pair(metric, models, first, second, side=side)
        return Finding(is_true=is_true, p=UNTESTED_P, facts=(fact,))
    scaled = _times(limit, second)
    p = (
        evidence.tests.p_above(first.values, scaled)
        if comparison in HIGHER
        else evidence.tests.p_above(scaled, first.values)
    )
    n_first, n_second = len(first.values), len(second.values)
    numbers = {
        "median_first": first.median,
        "median_second": second.median,
        "ratio": ratio,
        "limit": limit,
        "p": p,
        "n_first": n_first,
        "n_second": n_second,
    }
    fact = Fact(
        key="scaled_test",
        metric=metric,
        models=models,
        numbers=numbers,
        texts={"comparison": comparison, "side": side},
    )
    return Finding(is_true=is_true, p=p, n=min(n_first, n_second), facts=(fact,))


def _tie(evidence: Evidence, term: Term) -> Finding:
    """Test both ways that the ratio lies within the limits (equivalence)."""
    metric, *rest = texts(term)
    models = (rest[0], rest[1])
    both = _both(evidence, metric, models)
    if isinstance(both, Finding):
        return both
    first, second = both
    low, high = 1 - number(term), 1 + number(term)
    ratio = first.median / second.median
    is_true = compare(ratio, ">=", low) and compare(ratio, "<=", high)
    if not (first.is_testable and second.is_testable):
        fact = untested_pair(metric, models, first, second, side="higher")
        return Finding(is_true=is_true, p=UNTESTED_P, facts=(fact,))
    p = max(
        evidence.tests.p_above(first.values, _times(low, second)),
        evidence.tests.p_above(_times(high, second), first.values),
    )
    n_first, n_second = len(first.values), len(second.values)
    numbers = {
        "ratio": ratio,
        "low_limit": low,
        "high_limit": high,
        "p": p,
        "n_first": n_first,
        "n_second": n_second,
    }
    interval = ratio_interval(first.values, second.values)
    if interval is not None:
        numbers |= {
            "low": interval.low,
            "high": interval.high,
            "coverage": interval.coverage,
        }
    key = "tie_open" if interval is None else "tie"
    fact = Fact(key=key, metric=metric, models=models, numbers=numbers)
    return Finding(is_true=is_true, p=p, n=min(n_first, n_second), facts=(fact,))


def _times(factor: float, sample: Sample) -> tuple[float, ...]:
    return tuple(factor * value for value in sample.values)


def _check_ratio(term: Term) -> str | None:
    if term.limit is not None and term.limit <= 0:
        return f"{term.limit:g} is no ratio: write one above 0, such as 1.5"
    return check_models(term)


def _check_tie(term: Term) -> str | None:
    if not 0 < number(term) < 1:
        return (
            f"{number(term):g} is no width: write one between 0 and 1, such as 0.1 "
            "for a tenth more or less"
        )
    return check_models(term)


FORMS: dict[str, tuple[Form, ...]] = {
    "ratio": (
        Form(
            usage="ratio(decode_tok_s, model, other-model) >= 1.5",
            kinds=("metric", "model", "model"),
            comparisons=ORDERED,
            is_inferential=True,
            evaluate=_ratio,
            check=_check_ratio,
        ),
    ),
    "tie": (
        Form(
            usage="tie(decode_tok_s, model, other-model, 0.1)",
            kinds=("metric", "model", "model", "number"),
            is_inferential=True,
            evaluate=_tie,
            check=_check_tie,
        ),
    ),
}
