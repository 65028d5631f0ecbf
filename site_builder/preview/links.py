"""Which page of the site a file that was edited belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from site_builder.places import article_path, method_path, model_path
from site_builder.preview.shown import Shown


@dataclass(frozen=True, kw_only=True)
class Folders:
    """The folders that are edited, resolved."""

    content: Path
    records: Path


def page_to_open(shown: Shown, folders: Folders, *, seen: str) -> str | None:
    """Return the path of the page that the last edit belongs to; None: to no one page.

    Args:
        shown: The site, and what was edited.
        folders: Where the edited files lie.
        seen: Path of the page that a browser shows; one in another language than the
            edited text keeps what it shows.
    """
    language = seen.partition("/")[0]
    found = {
        page
        for file in shown.edited
        for page in _pages_of(file, folders, language)
        if page in (shown.files or {})
    }
    return found.pop() if len(found) == 1 else None


def _pages_of(file: Path, folders: Folders, language: str) -> Iterable[str]:
    if file.is_relative_to(folders.records):
        match file.relative_to(folders.records).parts:
            case (_, model_id, _):
                yield model_path(language, model_id)
    elif file.is_relative_to(folders.content):
        yield from _pages_of_text(file.relative_to(folders.content), language)


def _pages_of_text(file: PurePath, language: str) -> Iterable[str]:
    match file.parts:
        case (own, "article.md" | "strings.toml") if own == language:
            yield article_path(language)
        case (own, "method.md") if own == language:
            yield method_path(language)
        case (own, "models", name) if own == language and name.endswith(".md"):
            yield model_path(language, name.removesuffix(".md"))
