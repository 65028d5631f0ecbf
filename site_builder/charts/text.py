"""How much room a text takes, without a font: estimated, so the same everywhere.

The reader's browser chooses the font, so nothing measured here could be right.
The estimates lean to the wide side.
"""

import re
import unicodedata
from collections.abc import Iterator

_ELLIPSIS = "…"
_CLOSING = frozenset(
    "、。，．,.)）」』】〕:：;；!！?？ー…ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
"""What a line does not begin with."""
_BREAKS = re.compile(r"[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
"""Spaces that SVG would collapse, and line breaks; not the wider spaces."""
_NOT_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Controls, lone halves of pairs and the two code points XML forbids."""
_NO_WIDTH = frozenset({"Mn", "Me", "Cf"})


def plain(text: str) -> str:
    """Bring a text to one line of characters that XML can hold."""
    return _NOT_XML.sub("", _BREAKS.sub(" ", text).strip(" "))


def width_units(text: str, size: float) -> float:
    """Estimate the width of a text; both in units of the drawing."""
    return size * sum(_width_em(character) for character in text)


def truncated(text: str, size: float, *, room: float) -> str:
    """Cut a text with an ellipsis if it does not fit into so many units."""
    if width_units(text, size) <= room:
        return text
    kept = text
    while kept and width_units(kept + _ELLIPSIS, size) > room:
        kept = kept[:-1]
    return kept.rstrip(" \u200d") + _ELLIPSIS


def wrapped(text: str, size: float, *, room: float) -> tuple[str, ...]:
    """Break a text into lines that fit into so many units.

    Breaks at spaces and between CJK characters, inside a word only if the word
    is longer than a line.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(text, size, room):
        if line and width_units((line + piece).rstrip(), size) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return (*lines, line.rstrip())


def _width_em(character: str) -> float:
    if unicodedata.category(character) in _NO_WIDTH:
        return 0.0
    # Ambiguous ones are full width in Japanese fonts.
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    if character in "mwMW@%":
        return 0.9
    return 0.7 if character.isupper() else 0.56


def _pieces(text: str, size: float, room: float) -> Iterator[str]:
    """Yield what is not broken: words with the space after them, CJK characters."""
    for word in re.findall(r"\S+\s*|\s+", text):
        piece = ""
        for character in word:
            may_break = _is_wide(character) or (piece != "" and _is_wide(piece[-1]))
            is_full = width_units(piece + character.strip(), size) > room
            if piece and ((may_break and character not in _CLOSING) or is_full):
                yield piece
                piece = ""
            piece += character
        yield piece


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
