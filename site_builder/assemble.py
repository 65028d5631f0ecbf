"""Sources and findings into the site that templates see, language by language."""

from datetime import UTC, datetime, time

from collector.record import Trial
from site_builder.analysis.summary import ModelSummary
from site_builder.article import escape_markdown, render_document
from site_builder.data_files import data_files
from site_builder.figures import draw_charts
from site_builder.listing import highlight_python, make_visible
from site_builder.load import Language, Sources
from site_builder.model import (
    Answer,
    ArticlePage,
    CodeListing,
    Head,
    LanguageSite,
    Link,
    ModelPage,
    Part,
    Site,
    hue_of,
)
from site_builder.references import References
from site_builder.tables import (
    conditions_table,
    model_table,
    summary_table,
    trials_table,
)
from site_builder.words import Words

Summaries = tuple[ModelSummary, ...]
ROOT_PATH = "index.html"
TABLE_NAMES = frozenset({"summary", "conditions"})
FIGURE_NAMES = frozenset({"speed-structure", "time-to-answer", "rates"})


def assemble(sources: Sources, summaries: Summaries) -> Site:
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
            _language_site(sources, language, summaries)
            for language in sources.languages
        ),
        data=data_files(sources.run, summaries),
    )


def article_path(language: str) -> str:
    """Return the path of a language's article."""
    return f"{language}/index.html"


def model_path(language: str, model_id: str) -> str:
    """Return the path of a model's page in a language."""
    return f"{language}/models/{model_id}/index.html"


def code_path(run_id: str, trial: Trial) -> str:
    """Return the path of a trial's code as a file of the site."""
    name = f"{trial.task_id}-{trial.number:02d}.py"
    return f"data/records/{run_id}/{trial.model_id}/{name}"


def _language_site(
    sources: Sources, language: Language, summaries: Summaries
) -> LanguageSite:
    words = language.words
    source = sources.run.run.source
    pages = tuple(
        _model_page(sources, language, summaries, index)
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
        article=_article_page(sources, language, summaries, phrases=phrases),
        models=pages,
        feed_updated=(
            datetime.combine(updated, time(), UTC).isoformat() if updated else ""
        ),
    )


def _article_page(
    sources: Sources,
    language: Language,
    summaries: Summaries,
    *,
    phrases: dict[str, str],
) -> ArticlePage:
    words = language.words
    text = render_document(
        language.article, _references(sources, words, summaries, from_article=True)
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
            languages=_language_links(sources, model_id=None),
            default_path=ROOT_PATH,
        ),
        title=text.meta["title"],
        parts=text.parts,
        contents=text.contents,
        tables={
            "summary": summary_table(
                summaries, words, phrases=phrases, model_paths=model_paths
            ),
            "conditions": conditions_table(run, words, prompts=sources.prompts),
        },
        charts=draw_charts(summaries, words),
        models=_model_links(words, summaries),
        dates=_dates(sources, words),
    )


def _model_page(
    sources: Sources, language: Language, summaries: Summaries, index: int
) -> ModelPage:
    words, summary = language.words, summaries[index]
    model = summary.model
    note = language.notes.get(model.model_id)
    meta: dict[str, str] = {}
    parts: tuple[Part, ...] = ()
    if note is not None:
        text = render_document(
            note, _references(sources, words, summaries, from_article=False)
        )
        meta, parts = text.meta, text.parts
    is_published = sources.run.run.source == "published"
    tables = [model_table(summary, words)]
    if not is_published:
        tables.append(trials_table(summary, words))
    return ModelPage(
        head=Head(
            path=model_path(words.language, model.model_id),
            language=words.language,
            title=words("model.title", name=model.name),
            description=meta.get("description")
            or words("model.description", name=model.name),
            languages=_language_links(sources, model_id=model.model_id),
            default_path=model_path(
                sources.languages[0].words.language, model.model_id
            ),
        ),
        name=model.name,
        hue=hue_of(index),
        phrase=meta.get("phrase", ""),
        observations=tuple(words(f"observation.{key}") for key in summary.observations),
        parts=parts,
        tables=tuple(tables),
        listings=_listings(sources, summary, words),
        answers=_answers(summary, words),
        others=tuple(
            link
            for place, link in enumerate(_model_links(words, summaries))
            if place != index
        ),
    )


def _references(
    sources: Sources, words: Words, summaries: Summaries, *, from_article: bool
) -> References:
    to_models = "models" if from_article else ".."
    return References(
        run=sources.run.run,
        summaries={summary.model.model_id: summary for summary in summaries},
        words=words,
        model_path=lambda model_id: f"{to_models}/{model_id}/index.html",
        escape=escape_markdown,
        parts={
            "table": TABLE_NAMES if from_article else frozenset(),
            "figure": FIGURE_NAMES if from_article else frozenset(),
        },
    )


def _language_links(sources: Sources, *, model_id: str | None) -> tuple[Link, ...]:
    names = [entry.words.language for entry in sources.languages]
    return tuple(
        Link(
            text=entry.words("site.language_name"),
            path=article_path(name) if model_id is None else model_path(name, model_id),
            language=name,
        )
        for name, entry in zip(names, sources.languages, strict=True)
    )


def _model_links(words: Words, summaries: Summaries) -> tuple[Link, ...]:
    return tuple(
        Link(
            text=summary.model.name,
            path=model_path(words.language, summary.model.model_id),
            hue=hue_of(index),
        )
        for index, summary in enumerate(summaries)
    )


def _dates(sources: Sources, words: Words) -> tuple[str, ...]:
    config = sources.config
    days = (("published_on", config.published_on), ("updated_on", config.updated_on))
    return tuple(words(f"site.{key}", date=words.date(day)) for key, day in days if day)


def _listings(
    sources: Sources, summary: ModelSummary, words: Words
) -> tuple[CodeListing, ...]:
    codes = sources.run.codes
    return tuple(
        CodeListing(
            title=words("model.code_title", task=trial.task_id, n=trial.number),
            html=highlight_python(codes[trial.model_id, trial.task_id, trial.number]),
            path=code_path(trial.run_id, trial),
        )
        for trial in summary.trials
        if (trial.model_id, trial.task_id, trial.number) in codes
    )


def _answers(summary: ModelSummary, words: Words) -> tuple[Answer, ...]:
    return tuple(
        Answer(
            title=words("model.answer_title", task=trial.task_id, n=trial.number),
            text=make_visible(trial.answer_text),
        )
        for trial in summary.trials
        if trial.answer_text
    )
