"""The key above a drawing: a small sample of each mark, then its meaning."""

from collections.abc import Callable
from dataclasses import dataclass

from site_builder.charts.geometry import CAP_MIDDLE_EM, Box, Layout
from site_builder.charts.style import Sheet, put_text
from site_builder.charts.text import truncated, width_units

SWATCH = 12.0
_SWATCH_GAP = 7.0
_KEY_GAP = 16.0
_EDGE = 1.0
_BELOW = 18.0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a key."""

    word: str
    draw: Callable[[Sheet, Box], None]
    """Draws the sample into a square of ``SWATCH`` units, in a neutral colour."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """Entries with the places of their samples."""

    places: tuple[tuple[float, float, Entry], ...]
    """The left edge and the baseline of each."""
    depth: float
    """Units it takes from the top of the drawing; 0 without entries."""


def lay_out_key(entries: tuple[Entry, ...], sizes: Layout) -> Key:
    """Place entries on one line if they fit, otherwise on several."""
    places: list[tuple[float, float, Entry]] = []
    x, baseline = _EDGE, sizes.line
    for entry in entries:
        word = truncated(entry.word, sizes.note, room=_room(sizes))
        width = SWATCH + _SWATCH_GAP + width_units(word, sizes.note)
        if places and x + width > sizes.width:
            x, baseline = _EDGE, baseline + sizes.line + 4
        places.append((x, baseline, entry))
        x += width + _KEY_GAP
    depth = places[-1][1] + _BELOW if places else 0.0
    return Key(places=tuple(places), depth=depth)


def draw_key(sheet: Sheet, key: Key) -> None:
    """Draw a key's samples and words."""
    note = sheet.sizes.note
    for x, baseline, entry in key.places:
        middle = baseline - CAP_MIDDLE_EM * note
        square = Box(
            left=x,
            top=middle - SWATCH / 2,
            right=x + SWATCH,
            bottom=middle + SWATCH / 2,
        )
        entry.draw(sheet, square)
        put_text(
            sheet,
            truncated(entry.word, note, room=_room(sheet.sizes)),
            at=(x + SWATCH + _SWATCH_GAP, baseline),
            size=note,
        )


def _room(sizes: Layout) -> float:
    return sizes.width - SWATCH - _SWATCH_GAP - _EDGE
