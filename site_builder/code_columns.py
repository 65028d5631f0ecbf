"""What the comparison shows of code: columns of the summary, and notes below it."""

from collections.abc import Iterator
from dataclasses import dataclass

from site_builder.analysis.summary import ModelSummary
from site_builder.constants import constants
from site_builder.evidence import UNSAFE_TIER, Passes, settings_of
from site_builder.findings import CodeEvidence
from site_builder.model import Cell
from site_builder.verification import level_cell, tier_name
from site_builder.words import Words

KINDS = ("works", "cases", "structure", "type")


@dataclass(frozen=True, kw_only=True)
class CodeColumns:
    """Columns to add to the comparison; empty where nothing is known.

    Attributes:
        rows: The cells of each model, in the order of the models.
    """

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]


def code_columns(
    summaries: tuple[ModelSummary, ...],
    found: CodeEvidence,
    words: Words,
    *,
    kinds: tuple[str, ...] = KINDS,
) -> CodeColumns:
    """Return the columns of these kinds for which some model has something to show."""
    ids = [summary.model.model_id for summary in summaries]
    shown = {
        "works": any(found.level(key) for key in ids),
        "cases": found.is_verified,
        "structure": found.has_structure,
        "type": any(found.archetype(key) for key in ids),
    }
    known = [kind for kind in kinds if shown[kind]]
    return CodeColumns(
        head=tuple(
            Cell(text=words(f"table.{kind}"), is_number=kind in ("cases", "structure"))
            for kind in known
        ),
        rows=tuple(
            tuple(_cell(kind, key, found, words) for kind in known) for key in ids
        ),
        notes=tuple(_notes(found, ids, words)),
    )


def passes_text(passes: Passes, words: Words) -> str:
    """Return a model's passes as strict, lenient and total; halves are kept."""
    return words(
        "table.n_cases",
        strict=_median(passes.strict, words),
        lenient=_median(passes.lenient, words),
        total=words.number(passes.n_counted, 0),
    )


def setting_notes(found: CodeEvidence, words: Words) -> Iterator[str]:
    """Yield what a reader must know before comparing passes."""
    names = _setting_names(found, words)
    if len(names) > 1:
        settings = words("conditions.model_separator").join(names)
        yield words("note.cases_settings", settings=settings)
    if _is_unsafe(found):
        yield words("note.cases_unsafe")


def _setting_names(found: CodeEvidence, words: Words) -> tuple[str, ...]:
    return tuple(
        words("list_separator").join(
            part
            for part in (
                tier_name(setting.sandbox, words),
                setting.sandbox_version,
                setting.guest_python,
                setting.judge_version,
            )
            if part
        )
        for setting in settings_of(found.verifications)
        if setting.task_id == found.task_id
    )


def _cell(kind: str, model_id: str, found: CodeEvidence, words: Words) -> Cell:
    if kind == "works":
        return level_cell(found.level(model_id), words)
    if kind == "cases":
        passes = found.passes(model_id)
        text = words("unknown") if passes is None else passes_text(passes, words)
        return Cell(text=text, is_number=True)
    if kind == "structure":
        return Cell(text=structure_text(found, model_id, words), is_number=True)
    archetype = found.archetype(model_id)
    known = words("unknown") if archetype is None else words(f"archetype.{archetype}")
    return Cell(text=known)


def structure_text(found: CodeEvidence, model_id: str, words: Words) -> str:
    """Return a model's index; in brackets where too few answers stand behind it."""
    structure = found.structure(model_id)
    if structure is None or structure.style is None:
        return words("unknown")
    text = words.number(structure.style, 1)
    return f"({text})" if structure.is_hollow else text


def _median(value: float, words: Words) -> str:
    """Write a median of counts: half a case lies between two trials."""
    return words.number(value, 0 if value == int(value) else 1)


def _notes(found: CodeEvidence, ids: list[str], words: Words) -> Iterator[str]:
    if found.is_verified:
        yield words("note.cases", task=found.task_id)
    yield from setting_notes(found, words)
    if any(_is_apart(found, key) for key in ids):
        yield words("note.cases_apart")
    if found.has_structure:
        yield words("note.structure", **constants(words))
    structures = [found.structure(key) for key in ids]
    if any(s is not None and s.is_hollow and s.style is not None for s in structures):
        yield words("note.hollow", **constants(words))


def _is_unsafe(found: CodeEvidence) -> bool:
    return any(
        setting.sandbox == UNSAFE_TIER and setting.task_id == found.task_id
        for setting in settings_of(found.verifications)
    )


def _is_apart(found: CodeEvidence, model_id: str) -> bool:
    benches = found.verifications[model_id].benches
    return sum(bench.setting.task_id == found.task_id for bench in benches) > 1
