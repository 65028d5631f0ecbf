"""A symbol for each result of a case, told apart by form before colour."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from site_builder.charts.geometry import Box
from site_builder.charts.style import Sheet, draw_lines, fill_boxes, outline_boxes
from site_builder.charts.svg import Point

_HALF = 4.5
_STROKE = 2.0


def draw_symbols(sheet: Sheet, result: str, middles: Sequence[Point]) -> None:
    """Draw a result's symbol about each of these points, all as one mark or two."""
    _DRAW[result](sheet, middles)


def _square(middle: Point) -> Box:
    x, y = middle
    return Box(left=x - _HALF, top=y - _HALF, right=x + _HALF, bottom=y + _HALF)


def _filled(sheet: Sheet, middles: Sequence[Point]) -> None:
    fill_boxes(sheet, map(_square, middles), "good")


def _triangles(sheet: Sheet, middles: Sequence[Point]) -> None:
    low, high = 3.6, 4.6
    lines = [
        (
            (x - _HALF, y + low),
            (x, y - high),
            (x + _HALF, y + low),
            (x - _HALF, y + low),
        )
        for x, y in middles
    ]
    draw_lines(sheet, lines, "fair", _STROKE)


def _crosses(sheet: Sheet, middles: Sequence[Point]) -> None:
    lines = []
    for x, y in middles:
        lines += [
            ((x - _HALF, y - _HALF), (x + _HALF, y + _HALF)),
            ((x - _HALF, y + _HALF), (x + _HALF, y - _HALF)),
        ]
    draw_lines(sheet, lines, "poor", _STROKE)


def _clocks(sheet: Sheet, middles: Sequence[Point]) -> None:
    outline_boxes(sheet, map(_square, middles), "poor", 1.5)
    hands = [((x, y - _HALF), (x, y), (x + _HALF, y)) for x, y in middles]
    draw_lines(sheet, hands, "poor", 1.5)


def _plus_minus(sheet: Sheet, middles: Sequence[Point]) -> None:
    lines = []
    for x, y in middles:
        lines += [
            ((x - _HALF, y - 1), (x + _HALF, y - 1)),
            ((x, y - 5), (x, y + 3)),
            ((x - _HALF, y + _HALF), (x + _HALF, y + _HALF)),
        ]
    draw_lines(sheet, lines, "fair", 1.75)


def _dashes(sheet: Sheet, middles: Sequence[Point]) -> None:
    lines = [((x - _HALF, y), (x + _HALF, y)) for x, y in middles]
    draw_lines(sheet, lines, "muted", _STROKE)


_DRAW: Mapping[str, Callable[[Sheet, Sequence[Point]], None]] = MappingProxyType(
    {
        "pass": _filled,
        "lenient": _triangles,
        "fail": _crosses,
        "timeout": _clocks,
        "flaky": _plus_minus,
        "not_run": _dashes,
    }
)
