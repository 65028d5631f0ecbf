"""An answer as a model wrote it: its Markdown as harmless HTML, its thinking apart.

Nothing in it loads, links or is hidden: addresses and HTML are shown as text, headings
as bold paragraphs, so that the outline of the page stays its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from site_builder.listing import make_visible, preformatted

MAX_RENDERED_CHARS = 60_000
"""A longer answer is shown as it came only: a reader gains nothing from its layout."""

_OPENED = re.compile(
    r"\s*(?:<(think|thinking|thought)>(?P<angle>.*?)(?:</\1>|\Z)"
    r"|\[THINK\](?P<square>.*?)(?:\[/THINK\]|\Z))",
    re.DOTALL | re.IGNORECASE,
)
_CLOSING = "</think>"

_TAGS = {
    *("blockquote", "br", "code", "del", "div", "em", "hr", "li", "ol", "p", "pre"),
    *("span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES = {
    "div": {"class", "tabindex"},
    "ol": {"start"},
    "p": {"class"},
    "pre": {"tabindex"},
    "span": {"class"},
    "table": {"aria-label"},
    "th": {"scope"},
}


@dataclass(frozen=True, kw_only=True)
class Parted:
    """An answer in two: what was thought aloud before it, and the rest."""

    thinking: str
    rest: str


def part_thinking(answer: str) -> Parted:
    """Take the thinking from the beginning of an answer.

    A template may open it in the prompt, so that only its end is in the answer. Marks
    further on belong to the answer.
    """
    opened = _OPENED.match(answer)
    if opened is not None:
        thinking = opened["angle"] if opened["square"] is None else opened["square"]
        return Parted(thinking=thinking.strip("\n"), rest=answer[opened.end() :])
    before, mark, after = answer.partition(_CLOSING)
    is_unopened = mark and not any(text in before for text in ("```", "<think>"))
    if is_unopened and _CLOSING not in after:
        return Parted(thinking=before.strip("\n"), rest=after)
    return Parted(thinking="", rest=answer)


class Answers:
    """Answers as HTML, each text rendered once however often it is shown."""

    def __init__(self) -> None:
        self._markdown = _renderer()
        self._known: dict[str, Markup | None] = {}

    def html(self, text: str) -> Markup | None:
        """Return an answer's Markdown as HTML; None: it is too long for that."""
        if len(text) > MAX_RENDERED_CHARS:
            return None
        if text not in self._known:
            self._known[text] = self._render(text)
        return self._known[text]

    def _render(self, text: str) -> Markup:
        html = self._markdown.render(make_visible(text))
        # The renderer escapes all text; this holds even if a rule of it should not.
        clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None)
        # Entities may have become characters that hide or reorder.
        return Markup(preformatted(Markup(make_visible(clean))))  # noqa: S704


def _renderer() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False})
    markdown.enable(["table", "strikethrough"])
    for name, rule in {
        "heading_open": _as('<p class="heading"><strong>'),
        "heading_close": _as("</strong></p>\n"),
        "fence": _code,
        "code_block": _code,
        "image": _image,
        "link_open": _as('<span class="address">'),
        "link_close": _address,
        "s_open": _as("<del>"),
        "s_close": _as("</del>"),
        "table_open": _table,
        "table_close": _as("</table></div>\n"),
        "th_open": _head,
        "th_close": _head,
        "td_open": _as("<td>"),
    }.items():
        # The renderer calls a rule with itself first, as if it were its method.
        markdown.add_render_rule(name, rule)
    return markdown


def _as(html: str) -> Any:
    def fixed(*_: object) -> str:
        return html

    return fixed


def _code(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    return f'<pre tabindex="0"><code>{escape(tokens[index].content)}</code></pre>\n'


def _image(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    token = tokens[index]
    written = f"![{token.content}]({token.attrGet('src') or ''})"
    return f'<span class="address">{escape(written)}</span>'


def _address(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    """Close a link by the address it had, unless the text is the address."""
    start = next(at for at in range(index, -1, -1) if tokens[at].type == "link_open")
    href = str(tokens[start].attrGet("href") or "")
    text = "".join(token.content for token in tokens[start:index])
    told = "" if text == href else f" <code>{escape(href)}</code>"
    return f"{told}</span>"


def _table(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    """Open a table, named by its headers as it has no caption."""
    end = next(
        at for at in range(index, len(tokens)) if tokens[at].type == "thead_close"
    )
    words = (token.content for token in tokens[index:end] if token.type == "inline")
    name = escape(", ".join(filter(None, words)) or "…")
    return f'<div class="wide" tabindex="0"><table aria-label="{name}">\n'


def _head(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    """Give a header of a column its tag; one without a word is no header."""
    opens = tokens[index].nesting == 1
    word = tokens[index + 1 if opens else index - 1].content.strip()
    if word:
        return '<th scope="col">' if opens else "</th>"
    return "<td>" if opens else "</td>"
