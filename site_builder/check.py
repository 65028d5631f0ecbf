"""All there is to mend in a site's content, and what the trials say of its claims.

Everything is read, judged and rendered once: a build goes on with what was found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from site_builder.analysis.summary import ModelSummary, summarise
from site_builder.article import Text
from site_builder.check_report import CheckReport, ClaimRow, in_order
from site_builder.claims.claim import Verdict
from site_builder.claims.judge import judge_claims
from site_builder.claims.lock import locked, read_lock
from site_builder.claims.registry import Registry, read_registry, references
from site_builder.config import nearest
from site_builder.errors import ContentError
from site_builder.findings import CodeEvidence, find_evidence
from site_builder.load import Sources
from site_builder.problem import Problem
from site_builder.prose.lint import lint
from site_builder.prose.parity import check_parity, check_unused
from site_builder.prose.reading import Readings
from site_builder.prose.reviews import accept, confirm, is_accepted, outdated
from site_builder.prose.reviews_file import Reviews, read_reviews
from site_builder.texts import TextKey, read_texts, render_texts

_STANDS = {
    "holds": "holds",
    "undecided": "cannot be decided",
    "missing": "cannot be decided for what is missing",
}


@dataclass(frozen=True, kw_only=True)
class Content:
    """All that follows from a site's sources, before pages are made of it.

    Attributes:
        summaries: Of the run's models.
        found: What the run's code shows.
        verdicts: By claim, in the order of the registry.
        readings: The texts as read from their source.
        texts: The same, rendered for this run.
        problems: What is wrong with any of it.
    """

    sources: Sources
    summaries: tuple[ModelSummary, ...]
    found: CodeEvidence
    verdicts: Mapping[str, Verdict]
    readings: Readings
    texts: Mapping[TextKey, Text]
    problems: tuple[Problem, ...]

    @property
    def run_id(self) -> str:
        """The run that the claims are held against."""
        return self.sources.run.run.run_id


def read_content(sources: Sources) -> Content:
    """Read, judge and render everything once; what is wrong is among the problems.

    Raises:
        SiteError: The registry cannot be read, a language lacks a word, or ruff is
            not installed.
    """
    summaries = summarise(sources.run)
    found = find_evidence(sources.run, summaries)
    registry, faults = read_registry(
        sources.claims_path, models=sources.known_models, cases=sources.cases
    )
    verdicts = judge_claims(registry, sources.run, summaries, found)
    readings = read_texts(sources, claims=frozenset(registry.claims))
    rendered = render_texts(sources, summaries, found, verdicts, readings)
    return Content(
        sources=sources,
        summaries=summaries,
        found=found,
        verdicts=verdicts,
        readings=readings,
        texts=rendered.texts,
        problems=(
            *faults,
            *_of_texts(sources, readings),
            *check_parity(readings),
            *_unused(registry, readings),
            *rendered.problems,
        ),
    )


def report_on(content: Content) -> CheckReport:
    """Hold content against what was published and what was confirmed."""
    sources = content.sources
    published, damaged = read_lock(sources.lock_path)
    problems = [*content.problems, *damaged]
    stale: tuple[Problem, ...] = ()
    reviews = Reviews()
    try:
        reviews = read_reviews(sources.reviews_path)
        stale = outdated(content.readings, reviews)
    except ContentError as error:
        path = sources.reviews_path
        message = str(error).removeprefix(f"{path}: ")
        problems.append(Problem(file=path, line=None, message=message))
    sentences = _sentences(content)
    return CheckReport(
        run_id=content.run_id,
        claims=tuple(
            ClaimRow(
                verdict=verdict,
                now=locked(verdict, sentences[claim_id], run_id=content.run_id),
                was=published.get(claim_id),
                is_accepted=_is_accepted(reviews, verdict, content.run_id),
            )
            for claim_id, verdict in content.verdicts.items()
        ),
        problems=in_order(problems),
        outdated=in_order(stale),
    )


def reviewed(
    content: Content,
    reviews: Reviews,
    *,
    sections: Iterable[str],
    claims: Iterable[str],
) -> Reviews:
    """Return reviews with these sections confirmed, these broken claims accepted.

    Raises:
        ContentError: There is no such section or claim, or it need not be accepted.
    """
    which = frozenset(sections)
    if which:
        reviews = confirm(content.readings, reviews, which)
    for claim_id in claims:
        verdict = content.verdicts.get(claim_id)
        if verdict is None:
            known = nearest(claim_id, set(content.verdicts))
            raise ContentError(f"--accept {claim_id}: there is no such claim: {known}")
        if verdict.verdict != "broken":
            raise ContentError(
                f"--accept {claim_id}: it {_STANDS[verdict.standing]}, so there is "
                "nothing to accept: leave the option out"
            )
        reviews = accept(
            reviews,
            claim_id,
            assertion=verdict.claim.assertion,
            run_id=content.run_id,
        )
    return reviews


def _of_texts(sources: Sources, readings: Readings) -> Iterable[Problem]:
    """Yield what is wrong with each text by itself."""
    words = {language.words.language: language.words for language in sources.languages}
    for versions in readings.values():
        for reading in versions:
            yield from reading.problems
            yield from lint(reading.document, words[reading.language])


def _unused(registry: Registry, readings: Readings) -> tuple[Problem, ...]:
    parts = {part for claim in registry.claims.values() for part in references(claim)}
    lines = {
        claim_id: claim.line
        for claim_id, claim in registry.claims.items()
        if claim_id not in parts
    }
    return check_unused(lines, readings, registry=registry.path)


def _is_accepted(reviews: Reviews, verdict: Verdict, run_id: str) -> bool:
    claim = verdict.claim
    return verdict.verdict == "broken" and is_accepted(
        reviews, claim.claim_id, assertion=claim.assertion, run_id=run_id
    )


def _sentences(content: Content) -> dict[str, dict[str, str]]:
    """Return what the texts say of each claim, by language; empty: nothing."""
    languages = [language.words.language for language in content.sources.languages]
    sentences = {
        claim_id: dict.fromkeys(languages, "") for claim_id in content.verdicts
    }
    for (language, _), text in content.texts.items():
        for claim_id, sentence in text.sentences.items():
            said = sentences[claim_id][language]
            sentences[claim_id][language] = " ".join(filter(None, (said, sentence)))
    return sentences
