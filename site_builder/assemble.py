"""Sources and findings into the site that templates see, language by language."""

from datetime import UTC, datetime, time

from site_builder.analysis.summary import ModelSummary
from site_builder.article import render_document
from site_builder.code_columns import code_columns
from site_builder.data_files import data_files
from site_builder.figures import draw_charts, figure_names
from site_builder.findings import CodeEvidence
from site_builder.load import Language, Sources
from site_builder.method import METHOD_TABLES, method_tables
from site_builder.model import ArticlePage, Head, LanguageSite, MethodPage, Site
from site_builder.model_page import model_page
from site_builder.page_references import page_references
from site_builder.places import (
    ROOT_PATH,
    article_path,
    language_links,
    method_path,
    model_links,
    model_path,
)
from site_builder.tables import conditions_table, summary_table
from site_builder.words import Words

Summaries = tuple[ModelSummary, ...]
TABLE_NAMES = frozenset({"summary", "conditions"})


def assemble(sources: Sources, summaries: Summaries, found: CodeEvidence) -> Site:
    """Return the whole site.

    Raises:
        ContentError: A text refers to something that is not there, or a word is
            missing; the message names file and line.
    """
    return Site(
        base_url=sources.config.base_url,
        repository=sources.config.repository,
        source=sources.run.run.source,
        languages=tuple(
            _language_site(sources, language, summaries, found)
            for language in sources.languages
        ),
        data=data_files(sources.run, summaries, found),
    )


def _language_site(
    sources: Sources, language: Language, summaries: Summaries, found: CodeEvidence
) -> LanguageSite:
    words = language.words
    source = sources.run.run.source
    pages = tuple(
        model_page(sources, language, summaries, found, index=index)
        for index in range(len(summaries))
    )
    phrases = {
        summary.model.model_id: page.phrase
        for summary, page in zip(summaries, pages, strict=True)
        if page.phrase
    }
    updated = sources.config.updated_on
    return LanguageSite(
        language=words.language,
        name=words("site.language_name"),
        words=words.entries,
        notice=words(f"notice.{source}"),
        article=_article_page(sources, language, summaries, found, phrases=phrases),
        models=pages,
        method=_method_page(sources, language, summaries, found),
        feed_updated=(
            datetime.combine(updated, time(), UTC).isoformat() if updated else ""
        ),
    )


def _article_page(
    sources: Sources,
    language: Language,
    summaries: Summaries,
    found: CodeEvidence,
    *,
    phrases: dict[str, str],
) -> ArticlePage:
    words = language.words
    text = render_document(
        language.article,
        page_references(
            sources,
            words,
            summaries,
            found,
            to_models="models",
            parts={"table": TABLE_NAMES, "figure": figure_names(found)},
        ),
    )
    run = sources.run.run
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
        },
        charts=draw_charts(summaries, found, words),
        models=model_links(words, summaries),
        dates=_dates(sources, words),
    )


def _method_page(
    sources: Sources, language: Language, summaries: Summaries, found: CodeEvidence
) -> MethodPage:
    words = language.words
    text = render_document(
        language.method,
        page_references(
            sources,
            words,
            summaries,
            found,
            to_models="../models",
            parts={"table": METHOD_TABLES, "figure": frozenset()},
        ),
    )
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
    )


def _dates(sources: Sources, words: Words) -> tuple[str, ...]:
    config = sources.config
    days = (("published_on", config.published_on), ("updated_on", config.updated_on))
    return tuple(words(f"site.{key}", date=words.date(day)) for key, day in days if day)
