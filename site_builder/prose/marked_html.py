"""Marks in clean HTML into a span around a claim's wording, and a button behind it."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from site_builder.prose.marks import BLOCKS, Alphabet

_VOID = {"br", "hr", "img", "wbr", "col", "area"}
_CLOSED_TO_BUTTONS = {"a", "code"}
_TAG = re.compile(r'<(/?)([a-zA-Z][\w-]*)(?:[^">]|"[^"]*")*>')
_BLOCK = re.compile(BLOCKS)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a claim shows in the page, as HTML.

    Attributes:
        opening: Tag before the wording.
        button: What follows it.
    """

    opening: str
    button: str


@dataclass(frozen=True, kw_only=True)
class Marked:
    """HTML with its marks.

    Attributes:
        wordings: What each claim says, as plain text; None: its mark was lost.
    """

    html: str
    wordings: tuple[str | None, ...]


@dataclass(frozen=True)
class _Token:
    """A piece of HTML: a tag, a text, or a mark.

    Attributes:
        name: Of the element; of a mark: ``start`` or ``end``.
    """

    kind: Literal["open", "close", "void", "text", "mark"]
    source: str
    name: str = ""
    number: int = 0


def apply_marks(source: str, marks: Sequence[Mark], alphabet: Alphabet) -> Marked:
    """Return clean HTML with each wording's span and button in it, and no marks.

    The span stands where the wording stays inside one block and crosses no element;
    elsewhere the button alone stands at its end. A button is never put into a link.
    """
    tokens = list(_tokens(source, alphabet))
    added: dict[int, list[str]] = {}
    wordings: list[str | None] = []
    for number, mark in enumerate(marks):
        ends = _ends(tokens, number)
        place = None if ends is None else _button_place(tokens, *ends, alphabet)
        if ends is None or place is None:
            wordings.append(None)
            continue
        first, last = ends
        wordings.append(_plain(tokens[first:last], alphabet))
        if _is_within_block(tokens[first + 1 : last]):
            is_inside = place == last
            added.setdefault(first, []).append(mark.opening)
            closing = mark.button + "</span>" if is_inside else "</span>"
            added.setdefault(last, []).append(closing)
            if is_inside:
                continue
        added.setdefault(place, []).append(mark.button)
    parts: list[str] = []
    for index, token in enumerate(tokens):
        parts += added.get(index, ())
        parts.append("" if token.kind == "mark" else token.source)
    return Marked(html="".join(parts), wordings=tuple(wordings))


def _tokens(source: str, alphabet: Alphabet) -> Iterator[_Token]:
    place = 0
    for found in _TAG.finditer(source):
        yield from _text_tokens(source[place : found.start()], alphabet)
        name = found[2].lower()
        kind: Literal["open", "close", "void"] = "close" if found[1] else "open"
        yield _Token(
            kind="void" if name in _VOID else kind,
            source=alphabet.strip(found[0]),
            name=name,
        )
        place = found.end()
    yield from _text_tokens(source[place:], alphabet)


def _text_tokens(text: str, alphabet: Alphabet) -> Iterator[_Token]:
    place = 0
    for found in alphabet.pattern.finditer(text):
        if found.start() > place:
            yield _Token("text", text[place : found.start()])
        number = alphabet.number(found[2])
        name = "start" if found[0] == alphabet.start(number) else "end"
        yield _Token("mark", "", name=name, number=number)
        place = found.end()
    if place < len(text):
        yield _Token("text", text[place:])


def _ends(tokens: Sequence[_Token], number: int) -> tuple[int, int] | None:
    """Return where the marks of a wording are; None: one of them was lost."""
    places: dict[str, int] = {}
    for index, token in enumerate(tokens):
        if token.kind == "mark" and token.number == number:
            places.setdefault(token.name, index)
    if "start" not in places or "end" not in places:
        return None
    return places["start"], places["end"]


def _is_within_block(tokens: Sequence[_Token]) -> bool:
    """Whether these tokens cross no block and leave no element half inside."""
    depth = 0
    for token in tokens:
        if token.name and token.kind != "mark" and _BLOCK.fullmatch(token.name):
            return False
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth < 0:
            return False
    return depth == 0


def _button_place(
    tokens: Sequence[_Token], first: int, last: int, alphabet: Alphabet
) -> int | None:
    """Return before which token a button goes; None: there is no text to mark."""
    texts = [
        index
        for index in range(first, last)
        if tokens[index].kind == "text"
        and alphabet.places.sub("", tokens[index].source).strip()
    ]
    if not texts:
        return None
    blocks = [i for i in range(texts[-1], last) if _BLOCK.fullmatch(tokens[i].name)]
    place = blocks[0] if blocks else last
    opened: list[int] = []
    for index, token in enumerate(tokens[:place]):
        if token.kind == "open":
            opened.append(index)
        elif token.kind == "close":
            opened.pop()
    closed = [i for i in opened if tokens[i].name in _CLOSED_TO_BUTTONS]
    return place if not closed else _behind(tokens, closed[0])


def _behind(tokens: Sequence[_Token], opening: int) -> int:
    """Return the place after the element that opens here."""
    depth = 0
    for index in range(opening, len(tokens)):
        depth += {"open": 1, "close": -1}.get(tokens[index].kind, 0)
        if depth == 0:
            return index + 1
    return len(tokens)


def _plain(tokens: Sequence[_Token], alphabet: Alphabet) -> str:
    """Return what a reader sees of these tokens, on one line."""
    texts = [
        token.source if token.kind == "text" else " "
        for token in tokens
        if token.kind == "text" or token.name == "br" or _BLOCK.fullmatch(token.name)
    ]
    return " ".join(html.unescape(alphabet.places.sub("", "".join(texts))).split())
