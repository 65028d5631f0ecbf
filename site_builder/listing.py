"""Text that models wrote, made fit to be shown: highlighted, and nothing hidden."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from markupsafe import Markup, escape

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e01ef]"
)
"""Controls, and marks that reorder or hide text; tab and line feed are kept."""

_AT_END = re.compile(r"[ \t](?=\n)")

_SHOWN = ("k", "s", "c", "m", "ow", "nf", "nc", "nd", "nb", "bp", "fm")
"""Beginnings of the short names of tokens that a style may set apart."""

MAX_COLOURED_CHARS = 60_000
"""Longer code is not read by the highlighter, whose time is not bounded by length."""

Style = Literal["coloured", "numbered", "plain"]


@dataclass(frozen=True, kw_only=True)
class Weight:
    """What a piece of HTML costs a page: its elements and its characters."""

    n_elements: int
    n_chars: int

    def fits(self, other: "Weight") -> bool:
        """Whether it is no more than another in both."""
        return self.n_elements <= other.n_elements and self.n_chars <= other.n_chars

    def __sub__(self, other: "Weight") -> "Weight":
        return Weight(
            n_elements=self.n_elements - other.n_elements,
            n_chars=self.n_chars - other.n_chars,
        )


def make_visible(text: str) -> str:
    """Return the text with every hidden character written out as its number.

    A line break in any of the systems' ways becomes a line feed.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def preformatted(text: str) -> Markup:
    """Return a text for a ``pre``; a space or tab at a line's end is a reference.

    Tools that tidy or check pages take bare ones there for waste.
    """
    # Escaped, and only references are put in.
    return Markup(_AT_END.sub(lambda m: f"&#{ord(m[0])};", escape(text)))  # noqa: S704


def has_hidden(text: str) -> bool:
    """Whether a text holds characters that readers would not see."""
    return make_visible(text) != text.replace("\r\n", "\n")


def weight(html: str) -> Weight:
    """Return what a piece of HTML costs."""
    return Weight(n_elements=html.count("</"), n_chars=len(html))


def count_lines(text: str) -> int:
    """Return the number of lines; one that has no end counts."""
    shown = make_visible(text)
    return shown.count("\n") + (not shown.endswith("\n") and bool(shown))


class Listings:
    """Code as HTML, each text highlighted once however often it is shown."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[Markup, ...]] = {}

    def html(self, code: str, anchor: str, *, within: Weight) -> tuple[Markup, Style]:
        """Return code as HTML with the most help that keeps within a weight.

        Args:
            code: As the model wrote it.
            anchor: Begins the id of each line: ``a`` gives ``a-L1``.
            within: Colours, then numbered lines, are left out where they weigh more.
        """
        shown = make_visible(code)
        if len(code) <= MAX_COLOURED_CHARS:
            html = _numbered(self.lines(code), anchor)
            if weight(html).fits(within):
                return html, "coloured"
        html = _numbered([escape(line) for line in _split(shown)], anchor)
        if weight(html).fits(within):
            return html, "numbered"
        return preformatted(shown), "plain"

    def lines(self, code: str) -> tuple[Markup, ...]:
        """Return the code's lines as HTML in which only classes say what a word is."""
        if code not in self._lines:
            self._lines[code] = tuple(_highlight(make_visible(code)))
        return self._lines[code]


def _numbered(lines: Iterable[Markup], anchor: str) -> Markup:
    """Give each line an id, and a link to itself that holds no text to be copied."""
    return Markup("").join(
        _line(line, f"{anchor}-L{number}", number)
        for number, line in enumerate(lines, 1)
    )


def _line(line: Markup, line_id: str, number: int) -> Markup:
    # Screen readers skip the link: it would interrupt every line.
    link = Markup(
        '<a href="#{}" tabindex="-1" aria-hidden="true" aria-label="{}"></a>'
    ).format(line_id, number)
    bare, end = (line[:-1], "\n") if line.endswith("\n") else (line, "")
    return Markup('<span id="{}">{}{}</span>{}').format(line_id, link, bare, end)


def _split(text: str) -> list[str]:
    """Split at line feeds only, and keep them."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _highlight(text: str) -> Iterator[Markup]:
    """Yield each line, its line feed included."""
    line: list[Markup] = []
    for name, pieces in groupby(_tokens(text), key=lambda token: token[0]):
        for piece in _split("".join(text for _, text in pieces)):
            bare, end = piece.removesuffix("\n"), piece.endswith("\n")
            if bare:
                shown = escape(bare)
                # The class is one of the highlighter's own names.
                line.append(
                    Markup(f'<span class="{name}">{shown}</span>')  # noqa: S704
                    if name and bare.strip()
                    else shown
                )
            if end:
                yield Markup("").join((*line, "\n"))
                line = []
    if line:
        yield Markup("").join(line)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the class and text of each token; no class: nothing sets it apart."""
    # pygments takes a tenth of a second to import: only sites with code pay for it.
    from pygments.lexers.python import PythonLexer  # noqa: PLC0415
    from pygments.token import STANDARD_TYPES  # noqa: PLC0415

    for kind, piece in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text):
        name = STANDARD_TYPES.get(kind, "")
        yield (name if name.startswith(_SHOWN) else ""), piece
