"""no_trend: whether values rose or fell over a run; the claim is that they did not."""

from collector.metrics import METRICS
from site_builder.analysis.ranks import ALPHA
from site_builder.analysis.stability import drift
from site_builder.claims.claim import Fact, Term
from site_builder.claims.predicates.evidence import Evidence
from site_builder.claims.predicates.finding import Finding, missing, untold
from site_builder.claims.predicates.form import Form, texts


def _no_trend(evidence: Evidence, term: Term) -> Finding:
    """Look for a trend of one model, or of all of them together."""
    metric_key, *named = texts(term)
    absent = [m for m in named if m not in evidence.samples[metric_key]]
    if absent:
        fact = evidence.why_no_sample(metric_key, absent[0])
        return untold(fact, is_inferential=False)
    models = tuple(named) or evidence.models
    known = [m for m in models if m in evidence.samples[metric_key]]
    if not known:
        gaps = (missing("value", m, metric=metric_key) for m in models)
        return untold(*gaps, is_inferential=False)
    found = drift([evidence.summaries[m].trials for m in known], METRICS[metric_key])
    if found is None:
        n = sum(len(evidence.samples[metric_key][m].values) for m in known)
        fact = Fact(
            key="trend_undecidable",
            metric=metric_key,
            models=tuple(named),
            numbers={"n": n},
        )
        return Finding(is_true=True, passes=False, facts=(fact,))
    fact = Fact(
        key="trend",
        metric=metric_key,
        models=tuple(named),
        numbers={"tau": found.tau, "p": found.p, "n": found.n},
    )
    return Finding(is_true=found.p > ALPHA, facts=(fact,))


FORMS: dict[str, tuple[Form, ...]] = {
    "no_trend": (
        Form(
            usage="no_trend(decode_tok_s)",
            kinds=("trial_metric",),
            is_inferential=False,
            evaluate=_no_trend,
        ),
        Form(
            usage="no_trend(decode_tok_s, model)",
            kinds=("trial_metric", "model"),
            is_inferential=False,
            evaluate=_no_trend,
        ),
    ),
}
