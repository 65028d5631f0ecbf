"""The files of single trials as a table, in one language."""

from collections.abc import Mapping

from collector.record import Trial
from site_builder.model import Cell, Table
from site_builder.places import answer_path, code_path, record_path, trial_name
from site_builder.words import Words

Files = Mapping[str, bytes]

_UNITS = ((10**6, "mb", 1), (10**3, "kb", 1), (1, "byte", 0))


def trial_files_table(
    trials: tuple[Trial, ...],
    words: Words,
    files: Files,
    *,
    table_id: str,
    caption: str,
) -> Table:
    """Return the files of each of these trials, with their sizes."""
    kinds = ("record", "code", "answer", "verdict")
    return Table(
        table_id=table_id,
        caption=caption,
        head=tuple(
            Cell(text=words(key))
            for key in ("table.trial", *(f"code.file_{kind}" for kind in kinds))
        ),
        rows=tuple(
            (
                Cell(text=trial_name(trial)),
                *(_file_cell(path, words, files) for path in _paths(trial)),
            )
            for trial in trials
        ),
    )


def _size(n_bytes: int, words: Words) -> str:
    """Write a size in the unit that suits it."""
    size, unit, decimals = next(
        entry for entry in _UNITS if n_bytes >= entry[0] or entry[0] == 1
    )
    return words(f"code.size_{unit}", n=words.number(n_bytes / size, decimals))


def _paths(trial: Trial) -> tuple[str, ...]:
    verdict = record_path(trial).removesuffix(".json") + ".verdict.json"
    return record_path(trial), code_path(trial), answer_path(trial), verdict


def _file_cell(path: str, words: Words, files: Files) -> Cell:
    if path not in files:
        return Cell(text=words("no_range"))
    name = path.rpartition("/")[2]
    size = _size(len(files[path]), words)
    return Cell(text=words("code.file", name=name, size=size), href=path)
