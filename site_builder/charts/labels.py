"""A label in its place, with a line to its mark where it does not touch it."""

from site_builder.charts.placement import Place
from site_builder.charts.style import Sheet, draw_lines, put_text

_LABEL_EM = 1.2
_ASCENT_EM = 0.93
"""From the top of a label to its baseline, in parts of its size."""
_LEADER = 0.75


def label_height(size: float) -> float:
    """Give the room of a label's line, in units."""
    return _LABEL_EM * size


def draw_label(sheet: Sheet, text: str, place: Place) -> None:
    """Write a label where it was placed, and its leader if it has one."""
    size, box = sheet.sizes.text, place.box
    put_text(
        sheet,
        text,
        at=(box.right if place.is_at_right else box.left, box.top + _ASCENT_EM * size),
        size=size,
        anchor="end" if place.is_at_right else "start",
        is_backed=True,
    )
    if place.leader:
        x = (place.leader.left + place.leader.right) / 2
        leader = ((x, place.leader.top), (x, place.leader.bottom))
        draw_lines(sheet, (leader,), "muted", _LEADER)
