"""What the text of each page may refer to, from all that the site is made of."""

from collections.abc import Mapping
from types import MappingProxyType

from site_builder.analysis.summary import ModelSummary
from site_builder.article import escape_markdown
from site_builder.constants import constants
from site_builder.findings import CodeEvidence
from site_builder.load import Sources
from site_builder.references import References
from site_builder.words import Words

NO_PARTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"table": frozenset(), "figure": frozenset()}
)


def page_references(
    sources: Sources,
    words: Words,
    summaries: tuple[ModelSummary, ...],
    found: CodeEvidence,
    *,
    to_models: str,
    parts: Mapping[str, frozenset[str]] = NO_PARTS,
) -> References:
    """Return what the text of a page may refer to.

    Args:
        sources: What the site is made of.
        words: The page's language.
        summaries: The models' figures.
        found: What the code shows.
        to_models: The way from the page to the folder of the models' pages.
        parts: Names of the tables and figures the page has, by kind.
    """
    return References(
        run=sources.run.run,
        summaries={summary.model.model_id: summary for summary in summaries},
        words=words,
        model_path=lambda model_id: f"{to_models}/{model_id}/index.html",
        escape=escape_markdown,
        parts=parts,
        constants=constants(words),
        is_verified=found.is_verified,
        has_structure=found.has_structure,
    )
