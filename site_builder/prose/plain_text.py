"""A text's source with all that a reader does not read as prose blanked out.

Every blank is as long as what it stands for, so that places and lines hold.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from site_builder.prose.scan import STRING, Piece, scan

REFERENCE = "\ufffc"
"""Stands in the blanked text for each character of a ``{{ }}``."""

NOTHING = "\u200b"
"""Fills up where less is read than is written; a reader sees nothing of it."""

_FALLBACK = re.compile(rf"\bfallback\s*=\s*({STRING})")

_FENCE = re.compile(
    r"^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^`\n]*\n(?:.*\n)*?[ ]{0,3}(?P=fence)[ \t]*$",
    re.MULTILINE,
)
_CODE_SPAN = re.compile(
    r"(?<![\\`])(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)",
    re.DOTALL,
)
_AUTOLINK = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*|[^\s<>@]+@[^\s<>@]+)>")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s(?:\"[^\"]*\"|'[^']*'|[^'\"<>])*)?/?>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK_TARGET = re.compile(
    r"(?<=\])\(\s*(?:<[^<>\n]*>|[^\s()\"']*(?:\([^\s()]*\)[^\s()\"']*)*)"
)
_DEFINITION = re.compile(
    r"^[ ]{0,3}\[[^\[\]^\n][^\[\]\n]*\]:[ \t]*(?:<[^>\n]*>|\S*)", re.MULTILINE
)
_FOOTNOTE = re.compile(r"\[\^[^\[\]\n]+\]:?")
_ADDRESS = re.compile(r"https?://[!-;=?-~]+")
_ATTRIBUTES = re.compile(r"\{(?::|[ ]*[#.])[^{}\n]*\}")
_LIST_NUMBER = re.compile(r"^[ \t>]*\d{1,3}\.(?=[ \t])", re.MULTILINE)
_SHOWN_ATTRIBUTE = re.compile(r"\b(?:title|alt)\s*=\s*(\"[^\"]*\"|'[^']*')")
_ENTITY = re.compile(r"&[A-Za-z][A-Za-z0-9]*;")


@dataclass(frozen=True, kw_only=True)
class PlainText:
    """A source without what is no prose.

    Attributes:
        text: As long as the source, with its line ends; blanks are spaces, those of
            references are ``REFERENCE``.
        plain: Where a ``{% plain %}`` holds, from and up to, in order.
        claims: Where a ``{% claim %}`` holds.
    """

    text: str
    plain: tuple[tuple[int, int], ...]
    claims: tuple[tuple[int, int], ...]


def read_plain_text(source: str) -> PlainText:
    """Blank out references, statements, code, addresses, tags and list numbers.

    Texts a reader may see are left: a reference's fallback, titles of links and tags.
    A block without an end excuses nothing. Code that is only indented is left, as it
    looks like what continues a list.
    """
    pieces = tuple(scan(source))
    text = _without(source, pieces)
    for pattern in (_FENCE, _CODE_SPAN, _COMMENT, _AUTOLINK):
        text = pattern.sub(_blank, text)
    text = _TAG.sub(_blank_but_shown, text)
    for pattern in (_DEFINITION, _FOOTNOTE, _LINK_TARGET, _ADDRESS):
        text = pattern.sub(_blank, text)
    text = _ATTRIBUTES.sub(_blank_but_shown, text)
    text = _LIST_NUMBER.sub(_blank, text)
    text = _ENTITY.sub(_resolve, text)
    return PlainText(
        text=text,
        plain=tuple(_blocks(pieces, "plain")),
        claims=tuple(_blocks(pieces, "claim")),
    )


def _without(source: str, pieces: Iterable[Piece]) -> str:
    parts, end = [], 0
    for piece in pieces:
        if piece.kind == "open":
            continue
        parts.append(source[end : piece.start])
        parts.append(
            _blank_except(piece.text, _FALLBACK, REFERENCE)
            if piece.kind == "value"
            else _blanked(piece.text, " ")
        )
        end = piece.end
    return "".join((*parts, source[end:]))


def _blocks(pieces: Iterable[Piece], name: str) -> Iterator[tuple[int, int]]:
    """Yield where the contents of the blocks of a name begin and end."""
    start: int | None = None
    for piece in pieces:
        tag = piece.tag[0] if piece.kind == "tag" else ""
        if tag == name and start is None:
            start = piece.end
        elif tag == f"end{name}" and start is not None:
            yield start, piece.start
            start = None


def _blank(found: re.Match[str]) -> str:
    """References stay to be seen: an address may hold one."""
    return _blanked(found[0], " ")


def _blanked(text: str, character: str) -> str:
    return "".join(c if c in {"\n", "\r", REFERENCE} else character for c in text)


def _blank_but_shown(found: re.Match[str]) -> str:
    return _blank_except(found[0], _SHOWN_ATTRIBUTE, " ")


def _blank_except(text: str, shown: re.Pattern[str], filler: str) -> str:
    """Blank a text but for what the group of the pattern matches."""
    parts, end = [], 0
    for found in shown.finditer(text):
        parts += [_blanked(text[end : found.start(1)], filler), found[1]]
        end = found.end(1)
    return "".join((*parts, _blanked(text[end:], filler)))


def _resolve(found: re.Match[str]) -> str:
    """Write a named character as itself: ``&frac12;`` is a number."""
    resolved = html.unescape(found[0])
    if len(resolved) > len(found[0]) or "\n" in resolved:
        return found[0]
    return resolved.ljust(len(found[0]), NOTHING)
