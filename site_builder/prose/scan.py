"""The pieces of a text that are no prose: tags, references, comments, raw blocks.

They are found without being understood, so that one broken piece does not hide what is
wrong with the others.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

STRING = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
_INSIDE = rf"(?:{STRING}|(?!\{{\{{|\{{%)[^\"'])*?"
_PIECE = re.compile(
    r"(?P<comment>\{##.*?##\})"
    r"|(?P<raw>\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\})"
    rf"|(?P<tag>\{{%{_INSIDE}%\}})"
    rf"|(?P<value>\{{\{{{_INSIDE}\}}\}})"
    r"|(?P<open>\{\{|\{%|\{##)",
    re.DOTALL,
)
_TAG = re.compile(r"\{%[-+]?\s*(\w*)\s*(.*?)\s*[-+]?%\}", re.DOTALL)

Kind = Literal["comment", "raw", "tag", "value", "open"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something to mend on a line of the file."""

    line: int
    message: str


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a text between braces.

    Attributes:
        kind: ``value``: a reference; ``open``: it begins a piece that does not end.
        start: Place of its first character.
        end: Place after its last one.
        line: Line of the file it begins on.
    """

    kind: Kind
    text: str
    start: int
    end: int
    line: int

    @property
    def tag(self) -> tuple[str, str]:
        """Name and arguments of a tag."""
        found = _TAG.fullmatch(self.text)
        return (found[1], found[2]) if found else ("", "")


def scan(source: str, first_line: int = 1) -> Iterator[Piece]:
    """Yield the pieces of a text in order."""
    line, place = first_line, 0
    for found in _PIECE.finditer(source):
        line += source.count("\n", place, found.start())
        place = found.start()
        kind: Kind = found.lastgroup  # type: ignore[assignment] # one of the groups
        yield Piece(
            kind=kind,
            text=found[0],
            start=found.start(),
            end=found.end(),
            line=line,
        )


def mask(source: str, pieces: Iterable[Piece], filler: str = " ") -> str:
    """Return the text without these pieces; every line keeps its number."""
    parts, place = [], 0
    for piece in sorted(pieces, key=lambda item: item.start):
        parts.append(source[place : piece.start])
        parts.append(re.sub(r"[^\n]", filler, piece.text))
        place = piece.end
    return "".join((*parts, source[place:]))


def keep_lines(source: str) -> str:
    """Return the text with a plus in each tag that must not take the line with it.

    A line of nothing but tags leaves no line behind (jinja's ``trim_blocks`` and
    ``lstrip_blocks``). Elsewhere a tag would join its line with the next, or take away
    the indentation that makes it part of a list.
    """
    pieces = [p for p in scan(source) if p.kind in ("tag", "comment", "raw")]
    tags = [piece for piece in pieces if piece.kind != "raw"]
    bare = mask(source, tags)
    parts, done = [], 0
    for piece in pieces:
        line_start = bare.rfind("\n", 0, piece.start) + 1
        line_end = (bare + "\n").index("\n", piece.end)
        if not bare[line_start:line_end].strip():
            continue
        closing = "##}" if piece.kind == "comment" else "%}"
        if piece.tag[0] in ("if", "claim", "plain") and piece.text[2] not in "+-":
            parts += [source[done : piece.start + 2], "+"]
            done = piece.start + 2
        has_sign = piece.text.removesuffix(closing)[-1] in "+-"
        if source.startswith("\n", piece.end) and not has_sign:
            parts += [source[done : piece.end - len(closing)], "+", closing]
            done = piece.end
    return "".join((*parts, source[done:]))
