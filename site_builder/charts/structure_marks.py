"""Where a model stands between speed and structure, and the mark it has there."""

from dataclasses import dataclass

from site_builder.charts.data import (
    STRUCTURE_MAX,
    STRUCTURE_POSITIONS,
    ModelPoint,
    StructureSpan,
)
from site_builder.charts.geometry import Box
from site_builder.charts.style import (
    Sheet,
    draw_lines,
    fill_boxes,
    outline_boxes,
)

SQUARE = 9.0
"""Side of the square that is a measured index."""

_END = 7.0
"""Side of the hollow squares that end a range."""
_STROKE = 2.0
_BAND_INSET = 5.0


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A sheet, the box the models are drawn in, and the rate at its top."""

    sheet: Sheet
    box: Box
    limit: float
    """Tokens per second."""


def draw_mark(plot: Plot, point: ModelPoint) -> None:
    """Draw an index, a range with hollow ends, or a dashed line across all."""
    sheet, role = plot.sheet, f"s{point.hue}"
    left, right = span_of(plot, point)
    y = y_of(plot, rate_of(point))
    if point.structure is not None:
        _draw_index(plot, point.structure, y, role)
    elif is_open(point):
        draw_lines(sheet, (((left, y), (right, y)),), role, 1.5, dashes="6 4.5")
    else:
        inner = ((left + _END, y), (right - _END, y))
        draw_lines(sheet, (inner,), role, _STROKE)
        ends = (_square(left + _END / 2, y, _END), _square(right - _END / 2, y, _END))
        outline_boxes(sheet, ends, role, _STROKE)


def _draw_index(plot: Plot, found: StructureSpan, y: float, role: str) -> None:
    middle = _x(plot, found.median)
    low, high = _x(plot, found.low), _x(plot, found.high)
    whiskers = [
        ((start, y), (end, y))
        for start, end in ((low, middle - SQUARE / 2), (middle + SQUARE / 2, high))
        if start < end
    ]
    draw_lines(plot.sheet, whiskers, role, _STROKE)
    square = _square(middle, y, SQUARE)
    if found.is_settled:
        fill_boxes(plot.sheet, (square,), role)
    else:
        outline_boxes(plot.sheet, (square,), role, _STROKE)


def _square(x: float, y: float, side: float) -> Box:
    half = side / 2
    return Box(left=x - half, top=y - half, right=x + half, bottom=y + half)


def is_open(point: ModelPoint) -> bool:
    """Tell whether nothing is known of where a model stands."""
    return point.structure is None and point.structure_position is None


def _x(plot: Plot, index: float) -> float:
    """Give the x of an index, in units."""
    box = plot.box
    return box.left + (box.right - box.left) * index / STRUCTURE_MAX


def rate_of(point: ModelPoint) -> float:
    """Give a model's rate; only models that have one are drawn."""
    return point.decode_tok_s or 0.0


def y_of(plot: Plot, rate_tok_s: float) -> float:
    """Give the y of a rate, in units."""
    box = plot.box
    return box.bottom - (box.bottom - box.top) * rate_tok_s / plot.limit


def _band(box: Box, number: int) -> tuple[float, float]:
    width = (box.right - box.left) / len(STRUCTURE_POSITIONS)
    return box.left + number * width, box.left + (number + 1) * width


def span_of(plot: Plot, point: ModelPoint) -> tuple[float, float]:
    """Give the ends of a model's mark; an open one spans the whole width."""
    if point.structure is not None:
        half, middle = SQUARE / 2, _x(plot, point.structure.median)
        low, high = _x(plot, point.structure.low), _x(plot, point.structure.high)
        return min(low, middle - half), max(high, middle + half)
    if point.structure_position is None:
        return plot.box.left, plot.box.right
    left, right = _band(plot.box, STRUCTURE_POSITIONS.index(point.structure_position))
    return left + _BAND_INSET, right - _BAND_INSET
