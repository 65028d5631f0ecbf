"""How long the answer takes: waiting for the first token, then generation.

The first part is an outline and the second a solid bar, so that they are told
apart without colour; both are also written as numbers.
"""

from matplotlib.figure import Figure

from site_builder.charts.data import ChartInput, ModelPoint
from site_builder.charts.geometry import Layout, layout
from site_builder.charts.rows import (
    Rows,
    bar_centre,
    bar_height,
    draw_missing,
    draw_name,
    draw_value,
    key_places,
    name_baseline,
    open_rows,
    put_key,
)
from site_builder.charts.style import put_text
from site_builder.charts.svg import STAND_INS
from site_builder.charts.text import width_units

_PARTS_GAP = 12.0
_OUTLINE = 1.25


def draw(chart: ChartInput, *, narrow: bool) -> Figure:
    """Draw the seconds to the finished answer, in their two parts."""
    sizes = layout(narrow=narrow)
    total_room, parts_room = _text_rooms(chart, sizes)
    beside_bar = 0 if narrow else parts_room + _PARTS_GAP
    key = key_places(chart, sizes, ("part_first_token", "part_generation"))
    rows = open_rows(
        chart,
        sizes,
        limit=max((sum(both) for p in chart.points if (both := _parts(p))), default=0),
        head=key[-1][1] + 18,
        value_room=total_room + beside_bar,
        axis_word="axis_seconds",
    )
    put_key(rows.sheet, key, are_solid=(False, True))
    for number, point in enumerate(chart.points):
        draw_name(rows, number, point.name, taken=parts_room + _PARTS_GAP)
        _draw_times(chart, rows, number, point)
    return rows.sheet.figure


def _parts(point: ModelPoint) -> tuple[float, float] | None:
    """Give both parts in seconds; None if one is unknown: so is the total then."""
    if point.ttft_s is None or point.generation_s is None:
        return None
    return point.ttft_s, point.generation_s


def _total_text(chart: ChartInput, parts_s: tuple[float, float]) -> str:
    number = chart.format_number(sum(parts_s), 1)
    return chart.words["seconds_pattern"].replace("{n}", number)


def _parts_text(chart: ChartInput, parts_s: tuple[float, float]) -> str:
    first_s, generation_s = parts_s
    return f"{chart.format_number(first_s, 2)} + {chart.format_number(generation_s, 1)}"


def _text_rooms(chart: ChartInput, sizes: Layout) -> tuple[float, float]:
    """Give the units to keep free for the totals and for their parts."""
    known = [parts for point in chart.points if (parts := _parts(point))]
    totals = [width_units(_total_text(chart, parts), sizes.text) for parts in known]
    details = [width_units(_parts_text(chart, parts), sizes.note) for parts in known]
    return max(totals, default=0), max(details, default=0)


def _draw_times(chart: ChartInput, rows: Rows, number: int, point: ModelPoint) -> None:
    parts_s = _parts(point)
    if parts_s is None:
        draw_missing(rows, number, chart.words["not_measured"])
        return
    first_s, generation_s = parts_s
    hue = STAND_INS[f"s{point.hue}"]
    y, height = bar_centre(rows, number), bar_height(rows.sheet.sizes)
    rows.axes.barh(
        y,
        first_s,
        # The outline's outer edge is level with the solid bar.
        height=height - _OUTLINE,
        facecolor="none",
        edgecolor=hue,
        linewidth=_OUTLINE,
    )
    rows.axes.barh(y, generation_s, left=first_s, height=height, color=hue, linewidth=0)
    x = draw_value(rows, number, _total_text(chart, parts_s), at=sum(parts_s))
    _draw_parts(chart, rows, number, after_total=x)


def _draw_parts(
    chart: ChartInput, rows: Rows, number: int, *, after_total: float
) -> None:
    """Write both parts, since a short wait is too thin to see."""
    sizes, parts_s = rows.sheet.sizes, _parts(chart.points[number])
    if parts_s is None:
        return
    total_width = width_units(_total_text(chart, parts_s), sizes.text)
    beside = after_total + total_width + _PARTS_GAP
    put_text(
        rows.sheet,
        _parts_text(chart, parts_s),
        at=(sizes.width if sizes.is_narrow else beside, name_baseline(rows, number)),
        size=sizes.note,
        role="muted",
        is_backed=True,
        anchor="end" if sizes.is_narrow else "start",
    )
