"""Sources and findings into the site that templates see, language by language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from types import MappingProxyType

from site_builder.analysis.changes import Changes
from site_builder.analysis.summary import ModelSummary
from site_builder.article import Text
from site_builder.changes_page import changes_page
from site_builder.citing import citation_files
from site_builder.claim_notes import (
    CLAIMS_JSON,
    LanguageClaims,
    Verdicts,
    claim_notes,
    claims_json,
)
from site_builder.claim_table import claims_table
from site_builder.code_columns import code_columns
from site_builder.code_page import Shown
from site_builder.compare_page import compare_page
from site_builder.data_files import data_files
from site_builder.downloads import downloads_page
from site_builder.figure_tables import chart_csv
from site_builder.figures import chart_points, draw_charts
from site_builder.findings import CodeEvidence
from site_builder.load import Sources
from site_builder.method import method_tables
from site_builder.model import ArticlePage, Head, LanguageSite, MethodPage, Site
from site_builder.model_page import model_page
from site_builder.places import (
    ROOT_PATH,
    article_path,
    language_links,
    method_path,
    model_links,
    model_path,
)
from site_builder.race import make_race
from site_builder.race_data import RaceData, race_data
from site_builder.tables import conditions_table, summary_table
from site_builder.texts import TextKey
from site_builder.words import Words

Summaries = tuple[ModelSummary, ...]
Texts = Mapping[TextKey, Text]
NO_VERDICTS: Verdicts = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class _Basis:
    """What the pages of every language are made of."""

    sources: Sources
    summaries: Summaries
    found: CodeEvidence
    changes: Changes | None
    race: RaceData
    shown: Shown


def assemble(
    sources: Sources,
    summaries: Summaries,
    found: CodeEvidence,
    texts: Texts,
    verdicts: Verdicts = NO_VERDICTS,
    *,
    changes: Changes | None = None,
) -> Site:
    """Return the whole site.

    Args:
        sources: What the site is made of.
        summaries: The models' figures.
        found: What the code shows.
        texts: The texts as rendered.
        verdicts: Of every claim of the registry, by id.
        changes: What the run changes; None: there is no earlier one.

    Raises:
        ContentError: A word is missing; the message names file and line.
    """
    race = race_data(sources.run, found.task_id)
    data = {
        **data_files(sources.run, summaries, found),
        CLAIMS_JSON: claims_json(verdicts),
        **race.files,
        **citation_files(sources.config, _titles(sources, texts)),
    }
    basis = _Basis(
        sources=sources,
        summaries=summaries,
        found=found,
        changes=changes,
        race=race,
        shown=Shown(files=data),
    )
    languages = tuple(
        _language_site(
            basis,
            texts=texts,
            claims=LanguageClaims(
                verdicts=verdicts,
                words=language.words,
                names=language.names,
                paged=frozenset(s.model.model_id for s in summaries),
            ),
        )
        for language in sources.languages
    )
    for language in languages:
        data.update(_chart_files(language.article))
    return Site(
        base_url=sources.config.base_url,
        repository=sources.config.repository,
        source=sources.run.run.source,
        languages=languages,
        data=data,
    )


def _titles(sources: Sources, texts: Texts) -> dict[str, str]:
    """Return the article's title by language, the primary one first."""
    names = [language.words.language for language in sources.languages]
    return {name: texts[name, "article"].meta["title"] for name in names}


def _language_site(
    basis: _Basis, *, texts: Texts, claims: LanguageClaims
) -> LanguageSite:
    words, sources = claims.words, basis.sources
    summaries, found, shown = basis.summaries, basis.found, basis.shown
    source = sources.run.run.source
    made = tuple(
        model_page(
            sources,
            claims,
            summaries,
            found,
            index=index,
            text=texts.get((words.language, f"models/{summary.model.model_id}")),
            shown=shown,
        )
        for index, summary in enumerate(summaries)
    )
    phrases = {
        summary.model.model_id: page.phrase
        for summary, (page, _) in zip(summaries, made, strict=True)
        if page.phrase
    }
    article = _article_page(
        sources,
        claims,
        summaries,
        found,
        text=texts[words.language, "article"],
        phrases=phrases,
        race=basis.race,
    )
    files = {**shown.files, **_chart_files(article)}
    updated = sources.config.updated_on
    return LanguageSite(
        language=words.language,
        name=words("site.language_name"),
        words=words.entries,
        notice=words(f"notice.{source}"),
        article=article,
        models=tuple(page for page, _ in made),
        method=_method_page(sources, claims, texts[words.language, "method"]),
        downloads=downloads_page(sources, words, files),
        compare=compare_page(sources, words, summaries, found, shown),
        more=tuple(page for _, pages in made for page in pages),
        changes=(
            None
            if basis.changes is None
            else changes_page(sources, words, basis.changes, names=claims.names)
        ),
        feed_updated=(
            datetime.combine(updated, time(), UTC).isoformat() if updated else ""
        ),
    )


def _chart_files(article: ArticlePage) -> dict[str, bytes]:
    """Return what the charts of one language draw, as files."""
    charts = article.charts.values()
    return {chart.csv_path: chart_csv(chart.table) for chart in charts}


def _article_page(
    sources: Sources,
    claims: LanguageClaims,
    summaries: Summaries,
    found: CodeEvidence,
    *,
    text: Text,
    phrases: dict[str, str],
    race: RaceData,
) -> ArticlePage:
    words, run = claims.words, sources.run.run
    claim_ids = text.claims
    model_paths = {
        summary.model.model_id: model_path(words.language, summary.model.model_id)
        for summary in summaries
    }
    return ArticlePage(
        head=Head(
            path=article_path(words.language),
            language=words.language,
            title=text.meta["title"],
            description=text.meta["description"],
            languages=language_links(sources, article_path),
            default_path=ROOT_PATH,
        ),
        title=text.meta["title"],
        parts=text.parts,
        contents=text.contents,
        race=make_race(race, words, source=run.source),
        tables={
            "summary": summary_table(
                summaries,
                words,
                phrases=phrases,
                model_paths=model_paths,
                code=code_columns(summaries, found, words),
            ),
            "conditions": conditions_table(
                run, words, prompts=sources.prompts, trials=sources.run.trials
            ),
            "claims": claims_table(
                claim_ids, claims, path=article_path(words.language)
            ),
        },
        charts=draw_charts(
            summaries,
            found,
            words,
            points=chart_points(summaries, found, sources.run.trials),
        ),
        models=model_links(words, summaries),
        dates=_dates(sources, words),
        claims=claim_notes(claim_ids, claims),
    )


def _method_page(sources: Sources, claims: LanguageClaims, text: Text) -> MethodPage:
    words = claims.words
    return MethodPage(
        head=Head(
            path=method_path(words.language),
            language=words.language,
            title=text.meta["title"],
            description=text.meta["description"],
            languages=language_links(sources, method_path),
            default_path=method_path(sources.languages[0].words.language),
        ),
        title=text.meta["title"],
        parts=text.parts,
        contents=text.contents,
        tables=method_tables(words),
        claims=claim_notes(text.claims, claims),
    )


def _dates(sources: Sources, words: Words) -> tuple[str, ...]:
    config = sources.config
    days = (("published_on", config.published_on), ("updated_on", config.updated_on))
    return tuple(words(f"site.{key}", date=words.date(day)) for key, day in days if day)
