"""Claims held against a run: which hold, which cannot be told, which are broken.

All claims that rest on a test are one family: Holm's correction over the whole
registry decides, so that an article of many claims is wrong in any of them by chance
in one run of twenty at most. A claim that only refers to others adds no test and does
not count in the family: it is wrong only where one of them is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collector.store import LoadedRun
from site_builder.analysis.ranks import ALPHA, holm
from site_builder.analysis.summary import ModelSummary
from site_builder.claims.claim import Claim, Fact, Term, Verdict, VerdictName
from site_builder.claims.predicates import form_of
from site_builder.claims.predicates.evidence import Evidence, gather
from site_builder.claims.predicates.finding import Finding, missing
from site_builder.claims.registry import Registry, references
from site_builder.findings import CodeEvidence

ROUNDING = 1e-12
"""A p of 1/20 times one is 0.05, whatever its last bit."""


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One term of a claim, told.

    Attributes:
        p: Largest of its tests; None: nothing is inferred.
        p_adjusted: After Holm.
    """

    verdict: VerdictName
    is_missing: bool
    p: float | None
    p_adjusted: float | None
    n: int | None
    facts: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True)
class _Family:
    """The claims that rest on a test of their own.

    Attributes:
        own: The largest p of a claim's own tests, by claim.
        adjusted: The same after Holm.
    """

    own: Mapping[str, float]
    adjusted: Mapping[str, float]


def judge_claims(
    registry: Registry,
    run: LoadedRun,
    summaries: tuple[ModelSummary, ...],
    found: CodeEvidence,
) -> Mapping[str, Verdict]:
    """Return the verdict on every claim of the registry, in its order.

    Args:
        registry: The claims; those that refer to each other in a circle are not in it.
        run: The run the article shows.
        summaries: Of its models.
        found: What its code shows.
    """
    evidence = gather(run, summaries, found)
    findings = {
        claim_id: [_evaluate(evidence, term) for term in claim.terms]
        for claim_id, claim in registry.claims.items()
    }
    family = _family(findings)
    verdicts: dict[str, Verdict] = {}
    for claim_id in registry.claims:
        _judge(claim_id, registry, findings, family, verdicts)
    return {claim_id: verdicts[claim_id] for claim_id in registry.claims}


def _evaluate(evidence: Evidence, term: Term) -> Finding | None:
    """Return what the trials say of a term; None: it refers to another claim."""
    form = form_of(term.predicate, len(term.arguments) - _n_compared(term))
    if form is None:
        raise ValueError(f"{term.predicate} has no such form")
    return None if form.evaluate is None else form.evaluate(evidence, term)


def _n_compared(term: Term) -> int:
    """Return how many arguments stand after the comparison: a type does."""
    return int(term.comparison is not None and term.limit is None)


def _family(findings: Mapping[str, list[Finding | None]]) -> _Family:
    own = {
        claim_id: max(known)
        for claim_id, terms in findings.items()
        if (known := [t.p for t in terms if t is not None and t.p is not None])
    }
    adjusted = holm(list(own.values()))
    return _Family(own=own, adjusted=dict(zip(own, adjusted, strict=True)))


def _judge(
    claim_id: str,
    registry: Registry,
    findings: Mapping[str, list[Finding | None]],
    family: _Family,
    verdicts: dict[str, Verdict],
) -> None:
    """Add a claim's verdict, after those of the claims it refers to."""
    claim = registry.claims[claim_id]
    for other in references(claim):
        if other in registry.claims and other not in verdicts:
            _judge(other, registry, findings, family, verdicts)
    adjusted = family.adjusted.get(claim_id)
    parts = [
        _referred(str(term.arguments[0]), verdicts)
        if finding is None
        else _told(finding, adjusted)
        for term, finding in zip(claim.terms, findings[claim_id], strict=True)
    ]
    verdicts[claim_id] = _joined(claim, parts, family)


def _told(finding: Finding, adjusted: float | None) -> _Part:
    """Return what a term comes to, now that the p of all claims is known."""
    is_inferential = finding.p is not None
    is_shown = not is_inferential or (
        adjusted is not None and adjusted <= ALPHA + ROUNDING
    )
    verdict: VerdictName = "undecided"
    if finding.is_true is False:
        verdict = "broken"
    elif finding.is_true and finding.passes and is_shown:
        verdict = "holds"
    return _Part(
        verdict=verdict,
        is_missing=verdict == "undecided"
        and (finding.is_true is None or finding.passes is None),
        p=finding.p,
        p_adjusted=adjusted if is_inferential else None,
        n=finding.n,
        facts=finding.facts,
    )


def _referred(claim_id: str, verdicts: Mapping[str, Verdict]) -> _Part:
    """Return what a reference comes to: the other claim's verdict."""
    other = verdicts.get(claim_id)
    if other is None:
        return _Part(
            verdict="undecided",
            is_missing=True,
            p=None,
            p_adjusted=None,
            n=None,
            facts=(missing("claim", name=claim_id),),
        )
    fact = Fact(key="claim", texts={"id": claim_id, "verdict": other.verdict})
    return _Part(
        verdict=other.verdict,
        is_missing=other.is_missing,
        p=other.p,
        p_adjusted=other.p_adjusted,
        n=other.n,
        facts=(fact,),
    )


def _joined(claim: Claim, parts: list[_Part], family: _Family) -> Verdict:
    """Join the terms: the worst decides, the largest p counts."""
    names = {part.verdict for part in parts}
    verdict: VerdictName = "holds"
    if names & {"broken", "undecided"}:
        verdict = "broken" if "broken" in names else "undecided"
    facts: tuple[Fact, ...] = ()
    for part in parts:
        # What two terms need and the run lacks is told once.
        facts += tuple(fact for fact in part.facts if fact not in facts)
    own = family.own.get(claim.claim_id)
    if own is not None:
        numbers = {
            "p": own,
            "p_adjusted": family.adjusted[claim.claim_id],
            "n_claims": len(family.own),
            "alpha": ALPHA,
        }
        facts += (Fact(key="family", numbers=numbers),)
    return Verdict(
        claim=claim,
        verdict=verdict,
        is_missing=verdict == "undecided" and any(part.is_missing for part in parts),
        p=_largest(part.p for part in parts),
        p_adjusted=_largest(part.p_adjusted for part in parts),
        n=min((part.n for part in parts if part.n is not None), default=None),
        facts=facts,
    )


def _largest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
