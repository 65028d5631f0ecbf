"""A model's page in one language: its text, figures, evidence, code and answers."""

from dataclasses import replace

from collector.metrics import METRICS
from collector.record import PlannedModel
from site_builder.analysis.statistics import centre
from site_builder.analysis.summary import ModelSummary
from site_builder.article import Text
from site_builder.claim_notes import LanguageClaims, claim_notes
from site_builder.code_model import CodePage, ModelPage
from site_builder.code_page import Shown, code_parts
from site_builder.compare_page import compare_link
from site_builder.findings import CodeEvidence
from site_builder.listing import make_visible, preformatted
from site_builder.load import Sources
from site_builder.model import Cell, Evidence, Head, Part, Table, hue_of
from site_builder.places import language_links, model_links, model_path
from site_builder.profile import profile_evidence, range_evidence
from site_builder.tables import MODEL_METRICS, model_table, trials_table
from site_builder.trial_files import trial_files_table
from site_builder.verification import verification_evidence
from site_builder.words import Words

MIN_INTERVAL = 2
"""A single value bounds nothing."""

Summaries = tuple[ModelSummary, ...]


def model_page(
    sources: Sources,
    claims: LanguageClaims,
    summaries: Summaries,
    found: CodeEvidence,
    *,
    index: int,
    text: Text | None,
    shown: Shown,
) -> tuple[ModelPage, tuple[CodePage, ...]]:
    """Return the page of the model at this place, and those its code needs besides.

    Args:
        sources: What the site is made of.
        claims: Of the page's language.
        summaries: Of all models.
        found: What their code shows.
        index: Place of the model among them.
        text: Its note; None: there is none.
        shown: What models wrote, for pages.
    """
    words, summary = claims.words, summaries[index]
    model = summary.model
    meta: dict[str, str] = {} if text is None else text.meta
    parts: tuple[Part, ...] = () if text is None else text.parts
    parted = code_parts(sources, summary, words, shown, hue=hue_of(index))
    tables = [_with_intervals(model_table(summary, words), summary, words)]
    if summary.source != "published":
        # A failure's message is in the server's own words.
        tables.append(_visible(trials_table(summary, words)))
    page = ModelPage(
        head=_head(sources, model, words, meta.get("description")),
        name=model.name,
        hue=hue_of(index),
        phrase=meta.get("phrase", ""),
        observations=tuple(words(f"observation.{key}") for key in summary.observations),
        parts=parts,
        tables=tuple(tables),
        verification=_verification(found, model, words),
        traits=_profile(found, model, words),
        listings=parted.listings,
        answers=parted.answers,
        downloads=trial_files_table(
            summary.trials,
            words,
            shown.files,
            table_id="files",
            caption=words("code.files_caption", title=model.name),
        ),
        others=tuple(
            link
            for place, link in enumerate(model_links(words, summaries))
            if place != index
        ),
        claims=claim_notes(text.claims if text else (), claims),
        compare=compare_link(sources, words, summaries, found),
    )
    return page, parted.pages


def _head(
    sources: Sources, model: PlannedModel, words: Words, description: str | None
) -> Head:
    default = sources.languages[0].words.language
    return Head(
        path=model_path(words.language, model.model_id),
        language=words.language,
        title=words("model.title", name=model.name),
        description=description or words("model.description", name=model.name),
        languages=language_links(
            sources, lambda name: model_path(name, model.model_id)
        ),
        default_path=model_path(default, model.model_id),
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


def _verification(
    found: CodeEvidence, model: PlannedModel, words: Words
) -> tuple[Evidence, ...]:
    """Return what running a model's code showed; lines of a diff may end in a space."""
    evidence = verification_evidence(
        found.verifications[model.model_id], words, name=model.name
    )
    return tuple(
        replace(
            part,
            folds=tuple(
                replace(fold, text=preformatted(fold.text)) for fold in part.folds
            ),
        )
        for part in evidence
    )


def _visible(table: Table) -> Table:
    """Write out every hidden character of a table's cells."""
    rows = tuple(
        tuple(replace(cell, text=make_visible(cell.text)) for cell in row)
        for row in table.rows
    )
    return replace(table, rows=rows)


def _with_intervals(table: Table, summary: ModelSummary, words: Words) -> Table:
    """Add to a model's figures where the true median lies."""
    cells = [_interval(summary, key, words) for key in MODEL_METRICS]
    head = Cell(text=words("code.interval"), is_number=True)
    is_known = any(cell.text != words("no_range") for cell in cells)
    return replace(
        table,
        head=(*table.head[:2], head, *table.head[2:]),
        rows=tuple(
            (*row[:2], cell, *row[2:])
            for row, cell in zip(table.rows, cells, strict=True)
        ),
        notes=(
            *table.notes,
            *([words("code.interval_note")] if is_known else []),
        ),
    )


def _interval(summary: ModelSummary, key: str, words: Words) -> Cell:
    estimate = summary.estimates[key]
    found = centre(estimate.values) if estimate is not None else None
    if found is None or found.n < MIN_INTERVAL:
        return Cell(text=words("no_range"), is_number=True)
    decimals = METRICS[key].decimals
    text = words(
        "code.interval_value",
        low=words.number(found.low, decimals),
        high=words.number(found.high, decimals),
        coverage=words.quantity(100 * found.coverage, "percent", 1),
    )
    return Cell(text=text, is_number=True)
