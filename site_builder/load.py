"""``content/`` and records into one frozen value; bad records are named, not fatal."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.store import BadRecord, LoadedRun, RecordError, list_runs, load_run
from site_builder.config import LATEST, SiteConfig, read_text, read_toml
from site_builder.errors import ContentError
from site_builder.words import Words, check_same_keys, read_words

FENCE = "+++"
TITLED = ("article.md", "method.md")


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
    """Everything written in one language.

    Attributes:
        notes: By model id, those of models that the run does not have among them.
        names: Names readers see, by id, of every model that a text may name: those
            of the run, of ``plan.toml``, and those with a note.
    """

    words: Words
    article: Document
    method: Document
    notes: Mapping[str, Document]
    names: Mapping[str, str]

    @property
    def documents(self) -> dict[str, Document]:
        """All texts by their name without the language, such as ``models/a``."""
        notes = {f"models/{model_id}": note for model_id, note in self.notes.items()}
        return {"article": self.article, "method": self.method, **notes}


@dataclass(frozen=True, kw_only=True)
class Sources:
    """All that a site is made of.

    Attributes:
        content: The folder they were read from.
        languages: The primary language first, the others by name.
        prompts: The prompt of each task of the run whose folder is there.
        bad: Record files that were left out.
    """

    content: Path
    config: SiteConfig
    languages: tuple[Language, ...]
    run: LoadedRun
    prompts: dict[str, str]
    bad: tuple[BadRecord, ...]

    @property
    def claims_path(self) -> Path:
        """The registry of claims; it may be absent."""
        return self.content / "claims.toml"

    @property
    def lock_path(self) -> Path:
        """What was claimed at the last publication; it may be absent."""
        return self.content / "claims.lock"

    @property
    def reviews_path(self) -> Path:
        """The sections and broken claims that were confirmed; it may be absent."""
        return self.content / "reviews.lock"

    @property
    def cases(self) -> frozenset[str] | None:
        """Ids of the cases of all tasks; None: no task's folder is there."""
        paths = self.content.glob("tasks/*/cases/*")
        return frozenset(path.name for path in paths if path.is_dir()) or None

    @property
    def known_models(self) -> frozenset[str]:
        """Ids of the models that a text or a claim may name."""
        return frozenset(self.languages[0].names)


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
    languages = _with_texts(content, words, run)
    _check_notes(languages, content)
    return Sources(
        content=content,
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


def _with_texts(
    content: Path, words: Iterable[Words], run: LoadedRun
) -> tuple[Language, ...]:
    """Read the texts of every language; raises ContentError with all that is wrong."""
    names = {
        **_planned_names(content / "plan.toml"),
        **{model.model_id: model.name for model in run.run.models},
    }
    faults: list[str] = []
    read = [_read_language(content / w.language, w, names, faults) for w in words]
    if faults:
        raise ContentError("\n".join(faults))
    return tuple(language for language in read if language is not None)


def _read_language(
    folder: Path, words: Words, names: Mapping[str, str], faults: list[str]
) -> Language | None:
    """Read a language's texts; None: what is wrong with them was added to faults."""
    paths = [folder / name for name in TITLED]
    texts: dict[Path, Document] = {}
    for path in (*paths, *sorted((folder / "models").glob("*.md"))):
        try:
            texts[path] = _read_titled(path) if path in paths else read_document(path)
        except ContentError as error:
            faults.append(str(error))
    if any(path not in texts for path in paths):
        return None
    article, method = (texts.pop(path) for path in paths)
    notes = {path.stem: note for path, note in texts.items()}
    noted = {key: note.meta.get("name", key) for key, note in notes.items()}
    return Language(
        words=words,
        article=article,
        method=method,
        notes=notes,
        names={**noted, **names},
    )


def _planned_names(path: Path) -> dict[str, str]:
    """Return the names of the plan's models by id.

    What is wrong with an entry is for the collector to say: it is left out here.
    """
    models = read_toml(path).get("models") if path.is_file() else None
    if not isinstance(models, list):
        return {}
    entries = [entry for entry in models if isinstance(entry, dict)]
    return {
        str(entry["id"]): str(entry.get("name") or entry["id"])
        for entry in entries
        if entry.get("id")
    }


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
