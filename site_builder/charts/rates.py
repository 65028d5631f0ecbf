"""How fast each model writes: a bar to the median, and a dot for every trial.

Over the end of a bar a line spans the interval of the median, where trials give one.
"""

from collections.abc import Sequence

from site_builder.charts.data import ChartInput, ModelPoint, Spread
from site_builder.charts.geometry import Box, layout
from site_builder.charts.keys import Entry, draw_key, lay_out_key
from site_builder.charts.rows import (
    Rows,
    bar,
    bar_centre,
    bar_height,
    draw_missing,
    draw_name,
    draw_value,
    open_rows,
    x_of,
)
from site_builder.charts.style import Sheet, draw_dots, draw_lines, fill_boxes
from site_builder.charts.text import width_units

DOT = 5.0
_DOT_PITCH = 6.0
"""From dot to dot where one cannot stand beside another."""
_LEVELS = 3
_DOT_DROP = 6.0
"""From the lower edge of a bar to the middle of the first level."""
_STROKE = 1.5
_CAP = 3.5
_HALO = 2.0


def draw(chart: ChartInput, *, narrow: bool) -> Sheet:
    """Draw the decode rates, in tokens per second."""
    sizes = layout(narrow=narrow)
    rates = [p.decode_tok_s for p in chart.points if p.decode_tok_s is not None]
    single = [rate for p in chart.points if _has_dots(p) for rate in p.rates]
    spans = [p.rate_interval for p in chart.points if p.rate_interval]
    key = lay_out_key(_entries(chart, has_dots=bool(single)), sizes)
    texts = [_rate_text(chart, rate) for rate in rates]
    rows = open_rows(
        chart,
        sizes,
        limit=max([*rates, *single, *(span.high for span in spans)], default=0),
        head=key.depth or 8,
        value_room=max((width_units(text, sizes.text) for text in texts), default=0),
        axis_word="axis_rate",
        extra=_LEVELS * _DOT_PITCH - 4 if single else 0.0,
    )
    draw_key(rows.sheet, key)
    for row, point in enumerate(chart.points):
        draw_name(rows, row, point.name)
        _draw_rate(chart, rows, row, point)
    return rows.sheet


def levels_of(xs: Sequence[float]) -> tuple[int, ...]:
    """Give each dot the first level on which it covers none before it.

    Where all levels are taken it stands on the first, over another dot.
    """
    taken: list[list[float]] = [[] for _ in range(_LEVELS)]
    levels = []
    for x in xs:
        level = next(
            (
                number
                for number, others in enumerate(taken)
                if all(abs(x - other) >= DOT for other in others)
            ),
            0,
        )
        taken[level].append(x)
        levels.append(level)
    return tuple(levels)


def _has_dots(point: ModelPoint) -> bool:
    """Tell whether there are several trials: a single one is the bar itself."""
    return len(point.rates) > 1


def _entries(chart: ChartInput, *, has_dots: bool) -> tuple[Entry, ...]:
    if not has_dots:
        return ()
    return (
        Entry(word=chart.words["mark_trial"], draw=_sample_dot),
        Entry(word=chart.words["mark_interval"], draw=_sample_interval),
    )


def _sample_dot(sheet: Sheet, box: Box) -> None:
    middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    draw_dots(sheet, (middle,), "muted", DOT)


def _sample_interval(sheet: Sheet, box: Box) -> None:
    y = (box.top + box.bottom) / 2
    draw_lines(sheet, _whisker(box.left + 1, box.right - 1, y), "ink", _STROKE)


def _whisker(
    left: float, right: float, y: float
) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Give a line with a cap at both ends."""
    return (
        ((left, y), (right, y)),
        ((left, y - _CAP), (left, y + _CAP)),
        ((right, y - _CAP), (right, y + _CAP)),
    )


def _draw_rate(chart: ChartInput, rows: Rows, row: int, point: ModelPoint) -> None:
    rate = point.decode_tok_s
    if rate is None:
        draw_missing(rows, row, chart.words["not_measured"])
        return
    fill_boxes(rows.sheet, (bar(rows, row, 0, rate),), f"s{point.hue}")
    end = rate
    if point.rate_interval is not None:
        _draw_interval(rows, row, point.rate_interval)
        end = max(end, point.rate_interval.high)
    if _has_dots(point):
        xs = [x_of(rows, value) for value in point.rates]
        top = bar_centre(rows, row) + bar_height(rows.sheet.sizes) / 2 + _DOT_DROP
        dots = [
            (x, top + level * _DOT_PITCH)
            for x, level in zip(xs, levels_of(xs), strict=True)
        ]
        draw_dots(rows.sheet, dots, f"s{point.hue}", DOT)
    draw_value(rows, row, _rate_text(chart, rate), at=end)


def _draw_interval(rows: Rows, row: int, span: Spread) -> None:
    y = bar_centre(rows, row)
    left, right = x_of(rows, span.low), x_of(rows, span.high)
    halo = Box(
        left=left - _HALO,
        top=y - _CAP - _HALO,
        right=right + _HALO,
        bottom=y + _CAP + _HALO,
    )
    fill_boxes(rows.sheet, (halo,), "bg")
    draw_lines(rows.sheet, _whisker(left, right, y), "ink", _STROKE)


def _rate_text(chart: ChartInput, rate_tok_s: float) -> str:
    return f"{chart.format_number(rate_tok_s, 2)} {chart.words['unit_rate']}"
