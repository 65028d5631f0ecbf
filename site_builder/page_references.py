"""What the text of each page may refer to, from all that the site is made of."""

from collections.abc import Mapping
from types import MappingProxyType

from site_builder.analysis.summary import ModelSummary
from site_builder.article import escape_markdown
from site_builder.claims.claim import Verdict
from site_builder.constants import constants
from site_builder.findings import CodeEvidence
from site_builder.load import Sources
from site_builder.prose.vocabulary import Vocabulary
from site_builder.references import References
from site_builder.words import Words

NO_PARTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"table": frozenset(), "figure": frozenset()}
)
NO_VERDICTS: Mapping[str, Verdict] = MappingProxyType({})


def page_references(
    sources: Sources,
    words: Words,
    summaries: tuple[ModelSummary, ...],
    found: CodeEvidence,
    *,
    to_models: str,
    parts: Mapping[str, frozenset[str]] = NO_PARTS,
    verdicts: Mapping[str, Verdict] = NO_VERDICTS,
) -> References:
    """Return what the text of a page may refer to.

    Args:
        sources: What the site is made of.
        words: The page's language.
        summaries: The models' figures.
        found: What the code shows.
        to_models: The way from the page to the folder of the models' pages.
        parts: Names of the tables and figures the page has, by kind.
        verdicts: What the trials say of each claim of the registry, by id.
    """
    return References(
        run=sources.run.run,
        summaries={summary.model.model_id: summary for summary in summaries},
        words=words,
        model_path=lambda model_id: f"{to_models}/{model_id}/index.html",
        escape=escape_markdown,
        parts=parts,
        constants=constants(words),
        found=found,
        verdicts=verdicts,
        names=_names(sources, words),
    )


def page_vocabulary(
    sources: Sources,
    words: Words,
    *,
    claims: frozenset[str],
    parts: Mapping[str, frozenset[str]] = NO_PARTS,
) -> Vocabulary:
    """Return the names the text of a page may use, whatever this run holds.

    Args:
        sources: What the site is made of.
        words: The page's language.
        claims: Ids of the registry.
        parts: Names of the tables and figures the page can have, by kind.
    """
    return Vocabulary(
        models=frozenset(_names(sources, words)),
        claims=claims,
        constants=frozenset(constants(words)),
        tables=parts["table"],
        figures=parts["figure"],
        observations=frozenset(words.section("observation")),
        units=frozenset(words.section("unit")),
    )


def _names(sources: Sources, words: Words) -> Mapping[str, str]:
    """Return the names of all models the texts of a language may name, by id."""
    return next(
        language.names
        for language in sources.languages
        if language.words.language == words.language
    )
