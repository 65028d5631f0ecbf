"""What the bar charts share: one row per model, a value axis, text at the bars."""

from dataclasses import dataclass

from matplotlib.axes import Axes

from site_builder.charts.data import ChartInput
from site_builder.charts.geometry import (
    CAP_MIDDLE_EM,
    Box,
    Layout,
    tick_decimals,
    tick_values,
)
from site_builder.charts.style import (
    Sheet,
    draw_base,
    draw_grid,
    new_axes,
    new_sheet,
    put_lines,
    put_text,
)
from site_builder.charts.svg import STAND_INS
from site_builder.charts.text import truncated, width_units, wrapped

_NAME_ROOM_MAX = 216.0
_NAME_GAP = 18.0
_VALUE_GAP = 7.0
_SWATCH = 12.0
_SWATCH_GAP = 7.0
_KEY_GAP = 16.0
_OUTLINE = 1.25
_EDGE = 1.0
"""Half the axis line, so that it is not cut at the edge of the drawing."""


def open_rows(
    chart: ChartInput,
    sizes: Layout,
    *,
    limit: float,
    head: float,
    value_room: float,
    axis_word: str,
) -> "Rows":
    """Open a sheet with a row per model and draw all but names, bars and values.

    The axis ends at limit (1 if that is 0), ``head`` units stay free above the
    rows and ``value_room`` units right of the longest bar.
    """
    left = _EDGE if sizes.is_narrow else _name_room(chart, sizes) + _NAME_GAP
    bottom = head + len(chart.points) * _pitch(sizes)
    label = wrapped(chart.words[axis_word], sizes.note, room=sizes.width - left)
    sheet = new_sheet(sizes, bottom + (len(label) + 1) * sizes.line + 16)
    right = sizes.width - value_room - _VALUE_GAP
    box = Box(left=left, top=head, right=right, bottom=bottom)
    axes = new_axes(sheet, box)
    axes.set(xlim=(0, limit or 1), ylim=(bottom, head))
    rows = Rows(sheet=sheet, axes=axes, box=box, limit=limit or 1)
    _draw_axis(chart, rows, limit)
    put_lines(sheet, label, at=(left, bottom + 2 * sizes.line + 6))
    return rows


def draw_name(rows: "Rows", number: int, name: str, *, taken: float = 0.0) -> None:
    """Write a model's name beside its bar, or above it in the narrow drawing.

    ``taken`` units at the right of a name above its bar belong to other text.
    """
    sizes = rows.sheet.sizes
    room = sizes.width - taken if sizes.is_narrow else _NAME_ROOM_MAX
    put_text(
        rows.sheet,
        truncated(name, sizes.text, room=room),
        at=(0, name_baseline(rows, number)),
        size=sizes.text,
        is_backed=sizes.is_narrow,
    )


def draw_value(rows: "Rows", number: int, text: str, *, at: float) -> float:
    """Write a value where its bar ends; return the x it starts at, in units."""
    sizes = rows.sheet.sizes
    x = rows.box.left + (rows.box.right - rows.box.left) * at / rows.limit + _VALUE_GAP
    baseline = bar_centre(rows, number) + CAP_MIDDLE_EM * sizes.text
    put_text(rows.sheet, text, at=(x, baseline), size=sizes.text, is_backed=True)
    return x


def draw_missing(rows: "Rows", number: int, text: str) -> None:
    """Write where a bar would be that there is none, and why."""
    sizes = rows.sheet.sizes
    x = rows.box.left + _VALUE_GAP
    put_text(
        rows.sheet,
        truncated(text, sizes.note, room=sizes.width - x),
        at=(x, bar_centre(rows, number) + CAP_MIDDLE_EM * sizes.note),
        size=sizes.note,
        role="muted",
        is_backed=True,
    )


def key_places(
    chart: ChartInput, sizes: Layout, keys: tuple[str, ...]
) -> list[tuple[float, float, str]]:
    """Give x, baseline and word of the key's entries, on one line if they fit."""
    places: list[tuple[float, float, str]] = []
    x, baseline = _EDGE, sizes.line
    for key in keys:
        word = truncated(
            chart.words[key],
            sizes.note,
            room=sizes.width - _SWATCH - _SWATCH_GAP - _EDGE,
        )
        width = _SWATCH + _SWATCH_GAP + width_units(word, sizes.note)
        if places and x + width > sizes.width:
            x, baseline = _EDGE, baseline + sizes.line + 4
        places.append((x, baseline, word))
        x += width + _KEY_GAP
    return places


def put_key(
    sheet: Sheet,
    places: list[tuple[float, float, str]],
    *,
    are_solid: tuple[bool, ...],
) -> None:
    """Draw the key: a solid or an outlined square before each word."""
    for (x, baseline, word), is_solid in zip(places, are_solid, strict=True):
        edge = 0 if is_solid else _OUTLINE
        sheet.surface.barh(
            baseline - CAP_MIDDLE_EM * sheet.sizes.note,
            _SWATCH - edge,
            left=x + edge / 2,
            height=_SWATCH - edge,
            facecolor=STAND_INS["muted"] if is_solid else "none",
            edgecolor=STAND_INS["muted"],
            linewidth=edge,
        )
        put_text(
            sheet,
            word,
            at=(x + _SWATCH + _SWATCH_GAP, baseline),
            size=sheet.sizes.note,
        )


def bar_height(sizes: Layout) -> float:
    """Give the thickness of a bar, in units."""
    return 14.0 if sizes.is_narrow else 16.0


def bar_centre(rows: "Rows", number: int) -> float:
    """Give the y of a row's bar, in units from the top of the drawing."""
    sizes = rows.sheet.sizes
    share = 0.68 if sizes.is_narrow else 0.5
    return rows.box.top + (number + share) * _pitch(sizes)


def name_baseline(rows: "Rows", number: int) -> float:
    """Give the baseline of a row's name, in units from the top of the drawing."""
    sizes = rows.sheet.sizes
    if sizes.is_narrow:
        return bar_centre(rows, number) - bar_height(sizes) / 2 - 7
    return bar_centre(rows, number) + CAP_MIDDLE_EM * sizes.text


def _pitch(sizes: Layout) -> float:
    return 54.0 if sizes.is_narrow else 38.0


def _name_room(chart: ChartInput, sizes: Layout) -> float:
    widest = max(width_units(point.name, sizes.text) for point in chart.points)
    return min(widest, _NAME_ROOM_MAX)


def _draw_axis(chart: ChartInput, rows: "Rows", limit: float) -> None:
    sizes, box = rows.sheet.sizes, rows.box
    ticks = tick_values(limit)
    draw_grid(rows.axes, "x", ticks)
    if not sizes.is_narrow:  # There it would run through the names.
        draw_base(rows.axes, "left")
    for tick in ticks:
        is_cut_off = tick == 0 and sizes.is_narrow
        put_text(
            rows.sheet,
            chart.format_number(tick, tick_decimals(ticks)),
            at=(
                box.left + (box.right - box.left) * tick / rows.limit,
                box.bottom + sizes.line,
            ),
            size=sizes.note,
            role="muted",
            anchor="start" if is_cut_off else "middle",
        )


@dataclass(frozen=True, kw_only=True)
class Rows:
    """An open bar chart: in its axes x is the value and y is units of the sheet."""

    sheet: Sheet
    axes: Axes
    box: Box
    limit: float
    """Value at the right end of the axes."""
