"""What the preview shows, and the answer to an address of it, as GitHub Pages gives it.

Files are looked up by name in memory: no address can lead to anything else.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urlsplit

from site_builder.preview.result import Fault, Result

NOT_FOUND = "404.html"
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_UNASKABLE = re.compile(r"[\x00-\x1f\x7f\\]")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The last good site and the last build's problems.

    Attributes:
        number: Counts the builds, from 1.
        files: The last good site; None: there has been none.
        base_url: Address that site is built for; empty: none.
        home: Path of its primary article.
        problems: Of the last build.
        is_current: Whether the last build gave these files.
        edited: The files whose change led to the last build.
    """

    number: int
    files: Mapping[str, bytes] | None
    base_url: str = ""
    home: str = "index.html"
    problems: tuple[Fault, ...] = ()
    is_current: bool = True
    edited: frozenset[Path] = field(default_factory=frozenset)

    @property
    def base(self) -> str:
        """Return the path the site lies under, such as ``/repository/``."""
        return (urlsplit(self.base_url).path if self.base_url else "") or "/"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an address leads to.

    Attributes:
        path: The file to send; None: none.
        location: Where to go instead; empty: nowhere.
    """

    status: int
    path: str | None = None
    location: str = ""


def advance(before: Shown | None, result: Result, edited: frozenset[Path]) -> Shown:
    """Return what to show after a build; a failed one leaves the last good site."""
    number = before.number + 1 if before else 1
    if result.files is not None:
        return Shown(
            number=number,
            files=result.files,
            base_url=result.base_url,
            home=result.home,
            problems=result.problems,
            edited=edited,
        )
    if before is None:
        before = Shown(number=number, files=None)
    return replace(
        before,
        number=number,
        problems=result.problems,
        is_current=False,
        edited=edited,
    )


def find(target: bytes, shown: Shown) -> Answer:
    """Return what GitHub Pages would answer to a request's target.

    Args:
        target: As it stands in the request, escapes and query included.
        shown: The site.
    """
    raw, question, query = target.partition(b"?")
    path = _decoded(raw)
    if path is None:
        return Answer(status=400)
    more = (question + query).decode("ascii", "replace")
    base = shown.base
    if path == "/" != base:  # the publisher's other site, of which we know nothing
        return Answer(status=302, location=quote(base))
    if path + "/" == base:
        return Answer(status=301, location=quote(base) + more)
    if not path.startswith(base):
        return Answer(status=404)
    return _find_inside(path.removeprefix(base), shown, more=more)


def _find_inside(wanted: str, shown: Shown, *, more: str) -> Answer:
    """Look up a path below the base; a redirect keeps the query in ``more``."""
    files = shown.files or {}
    is_folder = wanted == "" or wanted.endswith("/")
    names = (f"{wanted}index.html",) if is_folder else (wanted, f"{wanted}.html")
    for name in names:
        if name in files:
            return Answer(status=200, path=name)
    if not is_folder and f"{wanted}/index.html" in files:
        return Answer(status=301, location=quote(f"{shown.base}{wanted}/") + more)
    return Answer(status=404, path=NOT_FOUND if NOT_FOUND in files else None)


def address(path: str, shown: Shown) -> str:
    """Return the rooted address of a page, in the form that ends in a slash."""
    folder, name = posixpath.split(path)
    short = path if name != "index.html" else f"{folder}/" if folder else ""
    return quote(shown.base + short)


def _decoded(raw: bytes) -> str | None:
    """Return the path; None: no browser asks so, or it climbs."""
    if not raw.startswith(b"/") or _BAD_ESCAPE.search(raw):
        return None
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if _UNASKABLE.search(path) or {".", ".."} & set(path.split("/")):
        return None
    return path
