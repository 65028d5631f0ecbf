"""Every text of the site in every language: read, and rendered, each once."""

from collections.abc import Mapping
from dataclasses import dataclass

from site_builder.analysis.summary import ModelSummary
from site_builder.article import Text, render_document_with_problems
from site_builder.charts import CHART_IDS
from site_builder.claims.claim import Verdict
from site_builder.figures import figure_names
from site_builder.findings import CodeEvidence
from site_builder.load import Sources
from site_builder.method import METHOD_TABLES
from site_builder.page_references import NO_PARTS, page_references, page_vocabulary
from site_builder.problem import Problem
from site_builder.prose.read import read_prose
from site_builder.prose.reading import Readings
from site_builder.race import RACE

ARTICLE_TABLES = frozenset({"summary", "conditions", "claims"})

TextKey = tuple[str, str]
"""Language and name of a text, such as ``("ja", "models/a")``."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """The texts that a site shows, as far as they could be rendered.

    Attributes:
        problems: What is wrong in the wordings that this run shows.
    """

    texts: Mapping[TextKey, Text]
    problems: tuple[Problem, ...]


def read_texts(sources: Sources, *, claims: frozenset[str]) -> Readings:
    """Read all texts by name, those of models that this run does not have as well.

    Args:
        sources: What the site is made of.
        claims: Ids of the registry.
    """
    keys = dict.fromkeys(
        key for language in sources.languages for key in language.documents
    )
    return {
        key: tuple(
            read_prose(
                language.documents[key],
                key=key,
                language=language.words.language,
                vocabulary=page_vocabulary(
                    sources,
                    language.words,
                    claims=claims,
                    parts=_parts(key, frozenset((*CHART_IDS, RACE))),
                ),
            )
            for language in sources.languages
            if key in language.documents
        )
        for key in keys
    }


def render_texts(
    sources: Sources,
    summaries: tuple[ModelSummary, ...],
    found: CodeEvidence,
    verdicts: Mapping[str, Verdict],
    readings: Readings,
) -> Rendered:
    """Render every text that a page of this run shows, from how it was read."""
    models = (f"models/{summary.model.model_id}" for summary in summaries)
    shown = ("article", "method", *models)
    texts: dict[TextKey, Text] = {}
    problems: list[Problem] = []
    words_of = {
        language.words.language: language.words for language in sources.languages
    }
    wanted = [reading for key in shown for reading in readings.get(key, ())]
    for reading in wanted:
        words, key = words_of[reading.language], reading.key
        text, faults = render_document_with_problems(
            reading.document,
            page_references(
                sources,
                words,
                summaries,
                found,
                to_models=_TO_MODELS.get(key, ".."),
                parts=_parts(key, figure_names(found) | {RACE}),
                verdicts=verdicts,
            ),
            parsed=reading.parsed,
        )
        texts[words.language, key] = text
        problems += faults
    return Rendered(texts=texts, problems=tuple(problems))


_TO_MODELS = {"article": "models", "method": "../models"}
"""The way from a text's page to the models' pages, where that is not up."""


def _parts(key: str, figures: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """Return the tables and figures of a text's page, of those that there are."""
    if key == "article":
        return {"table": ARTICLE_TABLES, "figure": figures}
    if key == "method":
        return {"table": METHOD_TABLES, "figure": frozenset()}
    return NO_PARTS
