"""How many cases each model's code passes, strictly and with allowance.

Strict passes are a solid bar and lenient ones an outline after it, so that they are
told apart without colour; both are also written as numbers.
"""

from matplotlib.figure import Figure

from site_builder.charts.data import ChartInput, ModelPoint
from site_builder.charts.geometry import layout
from site_builder.charts.rows import (
    Rows,
    bar_centre,
    bar_height,
    draw_missing,
    draw_name,
    draw_value,
    key_places,
    open_rows,
    put_key,
)
from site_builder.charts.svg import STAND_INS
from site_builder.charts.text import width_units

_OUTLINE = 1.25
_KEY = (("part_strict", True), ("part_lenient", False))


def draw(chart: ChartInput, *, narrow: bool) -> Figure:
    """Draw the passes as parts of the cases that count."""
    sizes = layout(narrow=narrow)
    known = [point for point in chart.points if point.cases_passed is not None]
    room = max(
        (width_units(_text(chart, point), sizes.text) for point in known), default=0
    )
    key = key_places(chart, sizes, tuple(word for word, _ in _KEY))
    rows = open_rows(
        chart,
        sizes,
        limit=max((point.cases_counted or 0 for point in known), default=0),
        head=key[-1][1] + 18,
        value_room=room,
        axis_word="axis_cases",
    )
    put_key(rows.sheet, key, are_solid=tuple(is_solid for _, is_solid in _KEY))
    for number, point in enumerate(chart.points):
        draw_name(rows, number, point.name)
        _draw_passes(chart, rows, number, point)
    return rows.sheet.figure


def _text(chart: ChartInput, point: ModelPoint) -> str:
    strict, lenient = point.cases_passed or 0, point.cases_lenient or 0
    pattern = chart.words["cases_pattern"]
    fields = {
        "{strict}": _number(chart, strict),
        "{lenient}": _number(chart, lenient),
        "{total}": chart.format_number(point.cases_counted or 0, 0),
    }
    for field, text in fields.items():
        pattern = pattern.replace(field, text)
    return pattern


def _number(chart: ChartInput, value: float) -> str:
    """Write a median: half a case stands between two trials."""
    return chart.format_number(value, 0 if value == int(value) else 1)


def _draw_passes(chart: ChartInput, rows: Rows, number: int, point: ModelPoint) -> None:
    strict = point.cases_passed
    if strict is None:
        draw_missing(rows, number, chart.words["not_measured"])
        return
    hue, lenient = STAND_INS[f"s{point.hue}"], point.cases_lenient or 0
    y, height = bar_centre(rows, number), bar_height(rows.sheet.sizes)
    rows.axes.barh(y, strict, height=height, color=hue, linewidth=0)
    if lenient > 0:
        rows.axes.barh(
            y,
            lenient,
            left=strict,
            # The outline's outer edge is level with the solid bar.
            height=height - _OUTLINE,
            facecolor="none",
            edgecolor=hue,
            linewidth=_OUTLINE,
        )
    draw_value(rows, number, _text(chart, point), at=strict + lenient)
