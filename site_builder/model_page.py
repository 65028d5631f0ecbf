"""A model's page in one language: its text, figures, evidence, code and answers."""

from collector.record import PlannedModel
from site_builder.analysis.summary import ModelSummary
from site_builder.article import render_document
from site_builder.findings import CodeEvidence
from site_builder.listing import highlight_python, make_visible
from site_builder.load import Language, Sources
from site_builder.model import (
    Answer,
    CodeListing,
    Evidence,
    Head,
    ModelPage,
    Part,
    hue_of,
)
from site_builder.page_references import page_references
from site_builder.places import (
    code_path,
    language_links,
    model_links,
    model_path,
)
from site_builder.profile import profile_evidence, range_evidence
from site_builder.tables import model_table, trials_table
from site_builder.verification import verification_evidence
from site_builder.words import Words

Summaries = tuple[ModelSummary, ...]


def model_page(
    sources: Sources,
    language: Language,
    summaries: Summaries,
    found: CodeEvidence,
    *,
    index: int,
) -> ModelPage:
    """Return the page of the model at this place.

    Raises:
        ContentError: Its note refers to something that is not there.
    """
    words, summary = language.words, summaries[index]
    model = summary.model
    note = language.notes.get(model.model_id)
    meta: dict[str, str] = {}
    parts: tuple[Part, ...] = ()
    if note is not None:
        text = render_document(
            note, page_references(sources, words, summaries, found, to_models="..")
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
            languages=language_links(
                sources, lambda name: model_path(name, model.model_id)
            ),
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
        verification=verification_evidence(
            found.verifications[model.model_id], words, name=model.name
        ),
        traits=_profile(found, model, words),
        listings=_listings(sources, summary, words),
        answers=_answers(summary, words),
        others=tuple(
            link
            for place, link in enumerate(model_links(words, summaries))
            if place != index
        ),
    )


def _profile(
    found: CodeEvidence, model: PlannedModel, words: Words
) -> tuple[Evidence, ...]:
    """Return how a model's code is built, or what published words say of it."""
    published = found.ranges.get(model.model_id)
    if published is not None:
        return (range_evidence(published, words, name=model.name),)
    portraits = found.portraits.get(model.model_id, ())
    return profile_evidence(portraits, words, name=model.name)


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
