"""How fast each model writes: a bar per model, in the order given."""

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
    open_rows,
)
from site_builder.charts.svg import STAND_INS
from site_builder.charts.text import width_units


def draw(chart: ChartInput, *, narrow: bool) -> Figure:
    """Draw the decode rates, in tokens per second."""
    sizes = layout(narrow=narrow)
    rates = [p.decode_tok_s for p in chart.points if p.decode_tok_s is not None]
    room = max(
        (width_units(_rate_text(chart, rate), sizes.text) for rate in rates), default=0
    )
    rows = open_rows(
        chart,
        sizes,
        limit=max(rates, default=0),
        head=8,
        value_room=room,
        axis_word="axis_rate",
    )
    for number, point in enumerate(chart.points):
        draw_name(rows, number, point.name)
        _draw_rate(chart, rows, number, point)
    return rows.sheet.figure


def _draw_rate(chart: ChartInput, rows: Rows, number: int, point: ModelPoint) -> None:
    rate = point.decode_tok_s
    if rate is None:
        draw_missing(rows, number, chart.words["not_measured"])
        return
    rows.axes.barh(
        bar_centre(rows, number),
        rate,
        height=bar_height(rows.sheet.sizes),
        color=STAND_INS[f"s{point.hue}"],
        linewidth=0,
    )
    draw_value(rows, number, _rate_text(chart, rate), at=rate)


def _rate_text(chart: ChartInput, rate_tok_s: float) -> str:
    return f"{chart.format_number(rate_tok_s, 2)} {chart.words['unit_rate']}"
