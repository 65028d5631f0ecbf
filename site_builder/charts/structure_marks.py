"""Where a model stands between speed and structure, and the mark it has there."""

from dataclasses import dataclass

from site_builder.charts.data import (
    STRUCTURE_MAX,
    STRUCTURE_POSITIONS,
    ModelPoint,
    StructureSpan,
)
from site_builder.charts.geometry import Box
from site_builder.charts.style import Sheet
from site_builder.charts.svg import STAND_INS

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
    surface, hue = plot.sheet.surface, STAND_INS[f"s{point.hue}"]
    left, right = span_of(plot, point)
    y = y_of(plot, rate_of(point))
    if point.structure is not None:
        _draw_index(plot, point.structure, y, hue)
        return
    if is_open(point):
        surface.plot([left, right], [y, y], color=hue, linewidth=1.5, dashes=(4, 3))
        return
    surface.plot(
        [left + _END, right - _END],
        [y, y],
        color=hue,
        linewidth=_STROKE,
        solid_capstyle="butt",
    )
    side = _END - _STROKE
    surface.barh(
        [y, y],
        side,
        left=[left + _STROKE / 2, right - _END + _STROKE / 2],
        height=side,
        facecolor="none",
        edgecolor=hue,
        linewidth=_STROKE,
    )


def _draw_index(plot: Plot, found: StructureSpan, y: float, hue: str) -> None:
    surface, middle = plot.sheet.surface, _x(plot, found.median)
    low, high = _x(plot, found.low), _x(plot, found.high)
    for start, end in ((low, middle - SQUARE / 2), (middle + SQUARE / 2, high)):
        if start < end:
            surface.plot(
                [start, end],
                [y, y],
                color=hue,
                linewidth=_STROKE,
                solid_capstyle="butt",
            )
    side = SQUARE - _STROKE
    surface.barh(
        y,
        side,
        left=middle - side / 2,
        height=side,
        facecolor=hue if found.is_settled else "none",
        edgecolor=hue,
        linewidth=_STROKE,
    )


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
