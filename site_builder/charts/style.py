"""The look all charts share: a sheet measured in units, and what is drawn on it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from site_builder.charts.geometry import CAP_MIDDLE_EM, Box, Layout
from site_builder.charts.svg import Line, Mark, Point, number, painted, path_data
from site_builder.charts.text import plain, width_units

Anchor = Literal["start", "middle", "end"]
_SHARE_BEFORE: dict[Anchor, float] = {"start": 0.0, "middle": 0.5, "end": 1.0}
_BACKING_PAD = 2.0
_BACKING_SHARE = 0.88
"""The estimate leans to the wide side; a gap in the grid beside a text shows."""

_GRID, _MARKS, _BACKINGS, _TEXTS = range(4)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A drawing being made; ``y`` grows downwards from the top edge."""

    sizes: Layout
    height: float
    marks: list[Mark] = field(default_factory=list)


def new_sheet(sizes: Layout, height: float) -> Sheet:
    """Open an empty sheet of so many units' height."""
    return Sheet(sizes=sizes, height=height)


def fill_boxes(sheet: Sheet, boxes: Iterable[Box], role: str) -> None:
    """Paint rectangles, all as one mark."""
    _put_path(sheet, map(corners, boxes), painted("fill", role), is_closed=True)


def outline_boxes(
    sheet: Sheet, boxes: Iterable[Box], role: str, width: float = 1.25
) -> None:
    """Draw the outlines of rectangles; the strokes lie inside them."""
    inner = (
        corners(
            Box(
                left=box.left + width / 2,
                top=box.top + width / 2,
                right=max(box.left + width / 2, box.right - width / 2),
                bottom=box.bottom - width / 2,
            )
        )
        for box in boxes
    )
    attributes = (*painted("stroke", role), ("fill", "none"), *_width(width))
    _put_path(sheet, inner, attributes, is_closed=True)


def draw_lines(
    sheet: Sheet,
    lines: Iterable[Line],
    role: str,
    width: float = 1.0,
    *,
    dashes: str = "",
    is_grid: bool = False,
) -> None:
    """Draw lines through points, all as one mark.

    Args:
        sheet: What is drawn on.
        lines: Each its points.
        role: The colour's role.
        width: Of the stroke.
        dashes: Lengths of strokes and gaps; empty: an unbroken line.
        is_grid: Whether it lies below everything else.
    """
    attributes = (*painted("stroke", role), ("fill", "none"), *_width(width))
    if dashes:
        attributes += (("stroke-dasharray", dashes),)
    _put_path(sheet, lines, attributes, layer=_GRID if is_grid else _MARKS)


def draw_dots(sheet: Sheet, points: Iterable[Point], role: str, size: float) -> None:
    """Draw round dots, all as one mark."""
    attributes = (
        *painted("stroke", role),
        *_width(size),
        # A stroke of no length with round ends is a dot.
        ("stroke-linecap", "round"),
    )
    _put_path(sheet, (((x, y), (x, y)) for x, y in points), attributes)


def fill_shapes(sheet: Sheet, shapes: Iterable[Line], role: str) -> None:
    """Paint polygons, all as one mark."""
    _put_path(sheet, shapes, painted("fill", role), is_closed=True)


def put_text(
    sheet: Sheet,
    text: str,
    *,
    at: Point,
    size: float,
    role: str = "ink",
    anchor: Anchor = "start",
    is_backed: bool = False,
) -> None:
    """Write one line of plain text, its anchor and baseline at (x, y).

    Behind a backed text the background is painted, so that no line of the grid
    runs through it.
    """
    if not plain(text):
        return
    x, y = at
    if is_backed:
        width = width_units(text, size) * _BACKING_SHARE
        left = x - width * _SHARE_BEFORE[anchor] - _BACKING_PAD
        middle = y - CAP_MIDDLE_EM * size
        backing = Box(
            left=left,
            top=middle - size / 2,
            right=left + width + 2 * _BACKING_PAD,
            bottom=middle + size / 2,
        )
        _put_path(
            sheet,
            (corners(backing),),
            painted("fill", "bg"),
            layer=_BACKINGS,
            is_closed=True,
        )
    attributes = (
        ("x", number(x)),
        ("y", number(y)),
        ("font-size", number(size)),
        *painted("fill", role),
    )
    if anchor != "start":
        attributes += (("text-anchor", anchor),)
    sheet.marks.append(
        Mark(layer=_TEXTS, tag="text", attributes=attributes, text=plain(text))
    )


def put_lines(
    sheet: Sheet,
    lines: tuple[str, ...],
    *,
    at: Point,
    role: str = "muted",
    anchor: Anchor = "start",
) -> None:
    """Write lines of the size of notes below each other, the first one's at (x, y)."""
    x, baseline = at
    for count, line in enumerate(lines):
        put_text(
            sheet,
            line,
            at=(x, baseline + count * sheet.sizes.line),
            size=sheet.sizes.note,
            role=role,
            anchor=anchor,
        )


def corners(box: Box) -> Line:
    """Return the corners of a box in turn."""
    return (
        (box.left, box.top),
        (box.right, box.top),
        (box.right, box.bottom),
        (box.left, box.bottom),
    )


def _width(width: float) -> tuple[tuple[str, str], ...]:
    return () if width == 1 else (("stroke-width", number(width)),)


def _put_path(
    sheet: Sheet,
    lines: Iterable[Line],
    attributes: tuple[tuple[str, str], ...],
    *,
    layer: int = _MARKS,
    is_closed: bool = False,
) -> None:
    """Add lines as one path; without any there is none."""
    data = path_data(lines, is_closed=is_closed)
    if data:
        sheet.marks.append(
            Mark(layer=layer, tag="path", attributes=(("d", data), *attributes))
        )
