"""``content/`` and records into one frozen value; bad records are named, not fatal."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.store import BadRecord, LoadedRun, RecordError, list_runs, load_run
from site_builder.config import LATEST, SiteConfig, read_text
from site_builder.errors import ContentError
from site_builder.words import Words, check_same_keys, read_words

FENCE = "+++"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A Markdown file: its settings and its text.

    Attributes:
        meta: The TOML between the two ``+++`` lines at the top.
        first_line: Line of the file on which ``body`` begins, from 1.
    """

    path: Path
    meta: dict[str, str]
    body: str
    first_line: int


@dataclass(frozen=True, kw_only=True)
class Language:
    """Everything written in one language; notes are by model id."""

    words: Words
    article: Document
    method: Document
    notes: dict[str, Document]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """All that a site is made of.

    Attributes:
        languages: The primary language first, the others by name.
        prompts: The prompt of each task of the run whose folder is there.
        bad: Record files that were left out.
    """

    config: SiteConfig
    languages: tuple[Language, ...]
    run: LoadedRun
    prompts: dict[str, str]
    bad: tuple[BadRecord, ...]


def load(
    content: Path, *, records: Path, config: SiteConfig, run_id: str | None
) -> Sources:
    """Read what the site is made of.

    Args:
        content: The content folder.
        records: The folder that holds the runs.
        config: The site's settings.
        run_id: The run to show; None: as the settings say.

    Raises:
        ContentError: A text, a translation or the run is missing or wrong.
    """
    chosen, bad_runs = choose_run(records, run_id or config.run)
    run = load_chosen(records, chosen)
    words = _read_languages(content, config)
    check_same_keys(words)
    languages = tuple(_read_language(content, entry, run) for entry in words)
    _check_notes(languages, content)
    return Sources(
        config=config,
        languages=languages,
        run=run,
        prompts=_read_prompts(content, run),
        bad=(*bad_runs, *run.bad),
    )


def load_chosen(records: Path, run_id: str) -> LoadedRun:
    """Read a run; raises ContentError if its own record is missing or bad."""
    try:
        return load_run(records, run_id)
    except RecordError as error:
        raise ContentError(str(error)) from error


def choose_run(records: Path, wanted: str) -> tuple[str, tuple[BadRecord, ...]]:
    """Return the id of the wanted run, and the run files that could not be read.

    ``latest`` is the measured run that began last, or the published one where nothing
    was measured; a demo run is shown only when it is named.

    Raises:
        ContentError: There is no run to choose.
    """
    if wanted != LATEST:
        return wanted, ()
    listed, bad = list_runs(records)
    measured = [entry.run for entry in listed if entry.run.source == "measured"]
    if measured:
        newest = max(
            measured,
            key=lambda run: (
                run.started_at.timestamp() if run.started_at else 0.0,
                run.run_id,
            ),
        )
        return newest.run_id, tuple(bad)
    published = [entry.run for entry in listed if entry.run.source == "published"]
    if published:
        return published[-1].run_id, tuple(bad)
    reasons = "".join(f"\n  {entry}" for entry in bad)
    raise ContentError(
        f"{records}: there is no measured or published run: run seikaku collect, or "
        f"name a run with --run{reasons}"
    )


def read_document(path: Path) -> Document:
    """Read a Markdown file with settings between ``+++`` lines.

    Raises:
        ContentError: Missing, not UTF-8, or its settings are no TOML of texts.
    """
    text = read_text(path)
    lines = text.split("\n")
    if lines[0].strip() != FENCE:
        return Document(path=path, meta={}, body=text, first_line=1)
    ends = [index for index, line in enumerate(lines) if line.strip() == FENCE]
    if len(ends) == 1:
        raise ContentError(f"{path}:1: the opening {FENCE} has no closing one: add it")
    try:
        meta: dict[str, Any] = tomllib.loads("\n".join(lines[1 : ends[1]]))
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{path}: the settings are not TOML ({error})") from error
    for key, value in meta.items():
        if not isinstance(value, str):
            raise ContentError(f"{path}: {key} is no text: put it in quotes")
    return Document(
        path=path,
        meta=meta,
        body="\n".join(lines[ends[1] + 1 :]),
        first_line=ends[1] + 2,
    )


def _read_languages(content: Path, config: SiteConfig) -> tuple[Words, ...]:
    """Read every folder with a ``strings.toml``: a new language is a new folder."""
    if not content.is_dir():
        raise ContentError(
            f"{content}: there is no such folder: give it with --content"
        )
    words = [read_words(path) for path in sorted(content.glob("*/strings.toml"))]
    names = [entry.language for entry in words]
    if config.primary_language not in names:
        raise ContentError(
            f"{content / config.primary_language / 'strings.toml'}: there is no such "
            "file, but site.toml calls it the primary language: write it"
        )
    words.sort(
        key=lambda entry: (entry.language != config.primary_language, entry.path)
    )
    return tuple(words)


def _read_language(content: Path, words: Words, run: LoadedRun) -> Language:
    folder = content / words.language
    article, method = (
        _read_titled(folder / name) for name in ("article.md", "method.md")
    )
    ids = [model.model_id for model in run.run.models]
    paths = {model_id: folder / "models" / f"{model_id}.md" for model_id in ids}
    notes = {
        model_id: read_document(path)
        for model_id, path in paths.items()
        if path.is_file()
    }
    return Language(words=words, article=article, method=method, notes=notes)


def _read_titled(path: Path) -> Document:
    """Read a page's text; raises ContentError without a title and a description."""
    document = read_document(path)
    for key in ("title", "description"):
        if key not in document.meta:
            raise ContentError(
                f"{path}: {key!r} is missing between the {FENCE} lines: add it"
            )
    return document


def _read_prompts(content: Path, run: LoadedRun) -> dict[str, str]:
    prompts = {}
    for task_id in sorted({trial.task_id for trial in run.trials}):
        path = content / "tasks" / task_id / "prompt.md"
        if path.is_file():
            prompts[task_id] = read_text(path).strip()
    return prompts


def _check_notes(languages: tuple[Language, ...], content: Path) -> None:
    """A model has a note in every language or in none."""
    faults: list[str] = []
    for model_id in sorted({key for language in languages for key in language.notes}):
        having = [lang.words.language for lang in languages if model_id in lang.notes]
        faults.extend(
            f"{content / lang.words.language / 'models' / model_id}.md: "
            f"there is no such file, but {', '.join(having)} has one: translate it"
            for lang in languages
            if model_id not in lang.notes
        )
    if faults:
        raise ContentError("\n".join(faults))
