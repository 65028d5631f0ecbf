"""Text from elsewhere into text that a terminal shows as it is, and no more."""

from rich.cells import cell_len, set_cell_size


def printable(text: str, encoding: str = "utf-8") -> str:
    """Return the text on one line, without what a terminal would obey.

    Control and direction characters, and characters the encoding lacks, become ``?``
    or U+FFFD; line breaks and tabs become spaces.
    """
    shown = "".join(map(_shown, text))
    return shown.encode(encoding, errors="replace").decode(encoding, errors="replace")


def can_show(text: str, encoding: str | None) -> bool:
    """Whether an encoding has all these characters; no encoding has none of them."""
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def cut(text: str, width: int, *, more: str = "…") -> str:
    """Return a text of at most so many columns; wide characters take two.

    Args:
        text: What may be too long.
        width: Columns; 0 or less gives an empty text.
        more: Put in place of what was cut off, if there is room for it.
    """
    if cell_len(text) <= width:
        return text
    if width <= cell_len(more):
        return set_cell_size(text, max(0, width))
    return set_cell_size(text, width - cell_len(more)) + more


def fill(text: str, width: int, *, more: str = "…") -> str:
    """Return a text of exactly so many columns, cut like ``cut`` or filled up."""
    return set_cell_size(cut(text, width, more=more), max(0, width))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
