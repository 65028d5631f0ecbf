"""Every link inside a built site, followed as GitHub Pages would answer it."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from site_builder.preview.shown import NOT_FOUND, Shown, find
from site_builder.problem import Problem

_ADDRESSES = frozenset(
    {"action", "data-file", "formaction", "href", "poster", "src", "xlink:href"}
)
"""Attributes that hold an address; ``data-file`` is what the race loads."""
_META = frozenset({"og:url", "og:image", "twitter:image"})
_LOCATIONS = frozenset({"loc", "id"})
"""Elements of a sitemap and a feed whose text is an address."""
_DRAWN = re.compile(r"url\(\s*['\"]?(?P<target>[^'\")]+)['\"]?\s*\)")
_IMPORTED = re.compile(r"@import\s+['\"](?P<target>[^'\"]+)['\"]")
_REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)
_MARKED_UP = (".html", ".svg", ".xml")


@dataclass(frozen=True, kw_only=True)
class Link:
    """An address as a file has it, and the line it stands on.

    Attributes:
        is_own: Whether it cannot but lead into this site: all but what a reader may
            follow to a neighbour on the same host.
    """

    target: str
    line: int
    is_own: bool = True


@dataclass(kw_only=True)
class _Found:
    """What a file links to, and the anchors it has."""

    links: list[Link] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


def check_links(files: Mapping[str, bytes], base_url: str) -> tuple[Problem, ...]:
    """Return every link that leads to nothing in the site it should lead into.

    Args:
        files: The site by path.
        base_url: Address it will have, with a last slash.
    """
    shown = Shown(number=1, files=files, base_url=base_url)
    read = {path: _read(path, data) for path, data in files.items()}
    return tuple(
        Problem(
            file=Path(path),
            line=link.line,
            message=f"{link.target!r} {fault}: mend the link, or --base-url",
        )
        for path, found in read.items()
        for link in found.links
        if (fault := _fault(link, path, shown, read)) is not None
    )


def _fault(
    link: Link, path: str, shown: Shown, read: Mapping[str, _Found]
) -> str | None:
    """Return what is wrong with a link; None: it is right, or leads elsewhere."""
    target = link.target.strip()
    try:
        given = urlsplit(target)
        parts = urlsplit(urljoin(shown.base_url + path, target))
    except ValueError:
        return "is no address"
    base = urlsplit(shown.base_url)
    if parts.scheme not in {"http", "https"} or parts.netloc != base.netloc:
        return None
    is_neighbour = given.netloc and not _is_below(parts.path, shown)
    if is_neighbour and not link.is_own and path != NOT_FOUND:
        return None
    if path == NOT_FOUND and not (given.netloc or given.path.startswith("/")):
        if given.path:
            return "is relative, on the page that is served at any depth"
        return _fault_of_anchor(parts.fragment, path, read[path])
    return _fault_of_answer(parts, shown, read)


def _fault_of_answer(
    whole: SplitResult, shown: Shown, read: Mapping[str, _Found]
) -> str | None:
    """Return what is wrong with a whole address into the site; None: nothing is."""
    answer = find(whole.path.encode(), shown)
    if answer.location:
        return f"is answered by a redirect to {answer.location}"
    if answer.path is None or answer.status != 200:
        return f"leads to nothing under {shown.base}"
    return _fault_of_anchor(whole.fragment, answer.path, read[answer.path])


def _fault_of_anchor(fragment: str, path: str, found: _Found) -> str | None:
    """Return what is wrong with the part behind the ``#``; None: nothing is."""
    anchor = unquote(fragment.partition(":~:")[0])
    is_there = anchor in {"", "top"} or anchor in found.anchors
    if is_there or not path.endswith((".html", ".svg")):
        return None
    return f"names an anchor that {path} does not have"


def _is_below(path: str, shown: Shown) -> bool:
    """Whether a whole address leads into this site and not to a neighbour.

    At the root of a host lie the folders of its owner's other sites as well.
    """
    own = {file.split("/")[0] for file in shown.files or {}} | {""}
    return path.startswith(shown.base) and (
        shown.base != "/" or path.removeprefix("/").split("/")[0] in own
    )


def _read(path: str, data: bytes) -> _Found:
    suffix = posixpath.splitext(path)[1]
    if suffix in _MARKED_UP:
        reader = _Reader()
        reader.feed(data.decode("utf-8", "replace"))
        reader.close()
        return reader.found
    found = _Found()
    if suffix == ".css":
        found.links += _of_style(data.decode("utf-8", "replace"))
    return found


def _of_style(text: str) -> Iterator[Link]:
    """Yield what a stylesheet loads."""
    bare = _REMARK.sub(lambda match: "\n" * match[0].count("\n"), text)
    for pattern in (_DRAWN, _IMPORTED):
        for match in pattern.finditer(bare):
            line = bare.count("\n", 0, match.start()) + 1
            yield Link(target=match["target"].strip(), line=line)


class _Reader(HTMLParser):
    """Collects links and anchors of a page, a drawing, a feed or a sitemap."""

    def __init__(self) -> None:
        super().__init__()
        self.found = _Found()
        self._is_location = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what an element links to."""
        self._is_location = tag in _LOCATIONS
        values = {name: value or "" for name, value in attrs}
        names = ("id", "name") if tag == "a" else ("id",)
        self.found.anchors |= {values[name] for name in names if name in values}
        for name, value in values.items():
            if name in _ADDRESSES and (value or name == "href"):
                self._add(value, is_own=tag != "a")
            elif name == "srcset":
                for candidate in value.split(","):
                    self._add(candidate.split()[0] if candidate.split() else "")
            else:
                for match in _DRAWN.finditer(value):
                    self._add(match["target"])
        if tag == "object" and values.get("data"):
            self._add(values["data"])
        if tag == "meta":
            self._read_meta(values)

    def handle_data(self, data: str) -> None:
        """Collect an address that is an element's text."""
        if self._is_location and data.strip():
            self._add(data.strip())

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser passes it
        """Leave an element."""
        self._is_location = False

    def _read_meta(self, values: Mapping[str, str]) -> None:
        content = values.get("content", "")
        if {values.get("property"), values.get("name")} & _META:
            self._add(content)
        if values.get("http-equiv", "").lower() == "refresh" and "=" in content:
            self._add(content.partition("=")[2].strip())

    def _add(self, target: str, *, is_own: bool = True) -> None:
        line = self.getpos()[0]
        self.found.links.append(Link(target=target, line=line, is_own=is_own))
