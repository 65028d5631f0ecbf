"""What the bar charts share: one row per model, a value axis, text at the bars."""

from dataclasses import dataclass

from site_builder.charts.data import ChartInput
from site_builder.charts.geometry import (
    CAP_MIDDLE_EM,
    Box,
    Layout,
    tick_decimals,
    tick_values,
)
from site_builder.charts.style import Sheet, draw_lines, new_sheet, put_lines, put_text
from site_builder.charts.text import truncated, width_units, wrapped

_NAME_ROOM_MAX = 216.0
_NAME_GAP = 18.0
_VALUE_GAP = 7.0
_EDGE = 1.0
"""Half the axis line, so that it is not cut at the edge of the drawing."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """An open bar chart."""

    sheet: Sheet
    box: Box
    limit: float
    """Value at the right end of the box."""
    extra: float
    """Units below each bar for what else its row shows."""


def open_rows(
    chart: ChartInput,
    sizes: Layout,
    *,
    limit: float,
    head: float,
    value_room: float,
    axis_word: str,
    extra: float = 0.0,
) -> Rows:
    """Open a sheet with a row per model and draw all but names, bars and values.

    The axis ends at limit (1 if that is 0), ``head`` units stay free above the
    rows, ``value_room`` units right of the longest bar and ``extra`` below each.
    """
    left = _EDGE if sizes.is_narrow else name_room(chart, sizes) + _NAME_GAP
    bottom = head + len(chart.points) * (_pitch(sizes) + extra)
    label = wrapped(chart.words[axis_word], sizes.note, room=sizes.width - left)
    sheet = new_sheet(sizes, bottom + (len(label) + 1) * sizes.line + 16)
    right = sizes.width - value_room - _VALUE_GAP
    box = Box(left=left, top=head, right=right, bottom=bottom)
    rows = Rows(sheet=sheet, box=box, limit=limit or 1, extra=extra)
    _draw_axis(chart, rows, limit)
    put_lines(sheet, label, at=(left, bottom + 2 * sizes.line + 6))
    return rows


def draw_name(rows: Rows, row: int, name: str, *, taken: float = 0.0) -> None:
    """Write a model's name beside its bar, or above it in the narrow drawing.

    ``taken`` units at the right of a name above its bar belong to other text.
    """
    sizes = rows.sheet.sizes
    room = sizes.width - taken if sizes.is_narrow else _NAME_ROOM_MAX
    put_text(
        rows.sheet,
        truncated(name, sizes.text, room=room),
        at=(0, name_baseline(rows, row)),
        size=sizes.text,
        is_backed=sizes.is_narrow,
    )


def draw_value(rows: Rows, row: int, text: str, *, at: float) -> float:
    """Write a value where its bar ends; return the x it starts at, in units."""
    sizes = rows.sheet.sizes
    x = x_of(rows, at) + _VALUE_GAP
    baseline = bar_centre(rows, row) + CAP_MIDDLE_EM * sizes.text
    put_text(rows.sheet, text, at=(x, baseline), size=sizes.text, is_backed=True)
    return x


def draw_missing(rows: Rows, row: int, text: str) -> None:
    """Write where a bar would be that there is none, and why."""
    sizes = rows.sheet.sizes
    x = rows.box.left + _VALUE_GAP
    put_text(
        rows.sheet,
        truncated(text, sizes.note, room=sizes.width - x),
        at=(x, bar_centre(rows, row) + CAP_MIDDLE_EM * sizes.note),
        size=sizes.note,
        role="muted",
        is_backed=True,
    )


def bar(rows: Rows, row: int, start: float, end: float) -> Box:
    """Return the box of a row's bar between two values."""
    middle, half = bar_centre(rows, row), bar_height(rows.sheet.sizes) / 2
    return Box(
        left=x_of(rows, start),
        top=middle - half,
        right=x_of(rows, end),
        bottom=middle + half,
    )


def x_of(rows: Rows, value: float) -> float:
    """Return the x of a value, in units."""
    return rows.box.left + (rows.box.right - rows.box.left) * value / rows.limit


def bar_height(sizes: Layout) -> float:
    """Give the thickness of a bar, in units."""
    return 14.0 if sizes.is_narrow else 16.0


def bar_centre(rows: Rows, row: int) -> float:
    """Give the y of a row's bar, in units from the top of the drawing."""
    sizes = rows.sheet.sizes
    pitch = _pitch(sizes)
    share = 0.68 if sizes.is_narrow else 0.5
    return rows.box.top + row * (pitch + rows.extra) + share * pitch


def name_baseline(rows: Rows, row: int) -> float:
    """Give the baseline of a row's name, in units from the top of the drawing."""
    sizes = rows.sheet.sizes
    if sizes.is_narrow:
        return bar_centre(rows, row) - bar_height(sizes) / 2 - 7
    return bar_centre(rows, row) + CAP_MIDDLE_EM * sizes.text


def name_room(chart: ChartInput, sizes: Layout) -> float:
    """Give the units that the names take beside the bars."""
    widest = max(width_units(point.name, sizes.text) for point in chart.points)
    return min(widest, _NAME_ROOM_MAX)


def _pitch(sizes: Layout) -> float:
    return 54.0 if sizes.is_narrow else 38.0


def _draw_axis(chart: ChartInput, rows: Rows, limit: float) -> None:
    sizes, box = rows.sheet.sizes, rows.box
    ticks = tick_values(limit)
    grid = [x_of(rows, tick) for tick in ticks if tick > 0]
    draw_lines(
        rows.sheet,
        [((x, box.top), (x, box.bottom)) for x in grid],
        "grid",
        is_grid=True,
    )
    if not sizes.is_narrow:  # There it would run through the names.
        draw_lines(
            rows.sheet,
            [((box.left, box.top), (box.left, box.bottom))],
            "ink",
            is_grid=True,
        )
    for tick in ticks:
        is_cut_off = tick == 0 and sizes.is_narrow
        put_text(
            rows.sheet,
            chart.format_number(tick, tick_decimals(ticks)),
            at=(x_of(rows, tick), box.bottom + sizes.line),
            size=sizes.note,
            role="muted",
            anchor="start" if is_cut_off else "middle",
        )
