"""Text that models wrote, made fit to be shown: highlighted, and nothing hidden."""

import re

from markupsafe import Markup

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
"""Controls, and marks that reorder or hide text; tab and line feed are kept."""


def make_visible(text: str) -> str:
    """Return the text with every hidden character written out as its number.

    A line break in any of the systems' ways becomes a line feed.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def highlight_python(code: str) -> Markup:
    """Return Python code as HTML in which only classes say what a word is."""
    # pygments takes a tenth of a second to import: only sites with code pay for it.
    from pygments import highlight  # noqa: PLC0415
    from pygments.formatters.html import HtmlFormatter  # noqa: PLC0415
    from pygments.lexers.python import PythonLexer  # noqa: PLC0415

    formatter = HtmlFormatter[str](nowrap=True)
    # The formatter escapes every token.
    return Markup(highlight(make_visible(code), PythonLexer(), formatter))  # noqa: S704
