"""stable_rank, type: what the structure of a model's code lets one say."""

from site_builder.analysis.archetypes import (
    FAST_P,
    FAST_RATIO,
    MIN_VOTES,
    SETTLED_FROM,
    Settled,
)
from site_builder.analysis.weights import STABLE_SHARE
from site_builder.claims.claim import Fact, Term
from site_builder.claims.predicates.evidence import Evidence
from site_builder.claims.predicates.finding import Finding, missing, untold
from site_builder.claims.predicates.form import Form, texts, twice
from site_builder.claims.predicates.ranking import pair

STRUCTURE = "structure_index"
FAST_SKETCH = "speed_sketcher"
SKETCH = "sketcher"


def _stable_rank(evidence: Evidence, term: Term) -> Finding:
    """Ask both the trials and other weights of the index."""
    first, second = texts(term)
    absent = [m for m in (first, second) if m not in evidence.samples[STRUCTURE]]
    if absent:
        return untold(*(evidence.why_no_sample(STRUCTURE, m) for m in absent))
    tested = pair(evidence, STRUCTURE, (first, second), is_higher=True)
    task_id = evidence.found.task_id
    shares = {} if task_id is None else evidence.found.judgements[task_id].order_shares
    share = shares.get((first, second))
    numbers = {"needed": STABLE_SHARE}
    if share is not None:
        numbers["share"] = share
    weights = Fact(
        key="weight_share_unknown" if share is None else "weight_share",
        metric=STRUCTURE,
        models=(first, second),
        numbers=numbers,
    )
    return Finding(
        is_true=tested.is_true,
        passes=share is not None and share >= STABLE_SHARE,
        p=tested.p,
        n=tested.n,
        facts=(tested.fact, weights),
    )


def _type(evidence: Evidence, term: Term) -> Finding:
    """Ask for the commonest type; a fast sketcher is a sketcher, too."""
    model_id, wanted = texts(term)
    if model_id not in evidence.models:
        fact = missing("model", model_id, name=model_id)
        return untold(fact, is_inferential=False)
    structure = evidence.found.structure(model_id)
    settled = None if structure is None else structure.archetype
    if settled is None or not settled.votes:
        return untold(missing("type", model_id), is_inferential=False)
    form = SKETCH if wanted == FAST_SKETCH else wanted
    commonest = {key for key, k in settled.votes.items() if k == settled.k}
    is_settled = settled.settlement == "settled"
    fact = Fact(
        key="type",
        models=(model_id,),
        numbers={
            "k": settled.k,
            "n": settled.n,
            "needed": SETTLED_FROM,
            "needed_n": MIN_VOTES,
        },
        texts={
            "type": form if form in commonest else next(iter(settled.votes)),
            "wanted": wanted,
            "settlement": settled.settlement,
        },
    )
    if wanted == FAST_SKETCH and form in commonest:
        return _fast(settled, model_id, fact, is_settled=is_settled)
    return Finding(is_true=form in commonest, passes=is_settled, facts=(fact,))


def _fast(settled: Settled, model_id: str, fact: Fact, *, is_settled: bool) -> Finding:
    """Ask of a sketcher whether it is fast as well."""
    speed = settled.speed
    if speed is None:
        return untold(fact, missing("speed", model_id), is_inferential=False)
    facts = [
        fact,
        Fact(
            key="speed",
            models=(model_id,),
            numbers={"ratio": speed.ratio, "needed": FAST_RATIO},
        ),
    ]
    if speed.p is not None:
        numbers = {"p": speed.p, "needed": FAST_P}
        facts.append(Fact(key="speed_test", models=(model_id,), numbers=numbers))
    return Finding(
        is_true=speed.ratio >= FAST_RATIO,
        passes=is_settled and speed.is_fast,
        facts=tuple(facts),
    )


def _check_pair(term: Term) -> str | None:
    return twice(texts(term))


FORMS: dict[str, tuple[Form, ...]] = {
    "stable_rank": (
        Form(
            usage="stable_rank(model, other-model)",
            kinds=("model", "model"),
            is_inferential=True,
            evaluate=_stable_rank,
            check=_check_pair,
        ),
    ),
    "type": (
        Form(
            usage="type(model) = careful_teacher",
            kinds=("model",),
            comparisons=("=",),
            compared="type",
            is_inferential=False,
            evaluate=_type,
        ),
    ),
}
