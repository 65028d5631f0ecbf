"""Rate against reported structure: how fast a model is and where it stands.

A reported position is a band, not a point, and is drawn as a range across the
band. A model without one could stand anywhere: a dashed line across all bands.
"""

from dataclasses import dataclass

from matplotlib.figure import Figure

from site_builder.charts.data import STRUCTURE_POSITIONS, ChartInput, ModelPoint
from site_builder.charts.geometry import (
    CAP_MIDDLE_EM,
    Box,
    Layout,
    layout,
    tick_decimals,
    tick_values,
)
from site_builder.charts.placement import Label, Place, place_labels
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

_END = 7.0
"""Side of the hollow squares that end a range."""
_STROKE = 2.0
_BAND_INSET = 5.0
_HEADROOM = 28.0
"""Above the fastest model, for its label."""
_AXIS_GAP = 9.0
_BLOCK_GAP = 7.0
_LABEL_EM = 1.2
_ASCENT_EM = 0.93
"""From the top of a label to its baseline, in parts of its size."""
_LABEL_ROOM_MAX = 260.0
_EN_SPACE = "\u2002"


def draw(chart: ChartInput, *, narrow: bool) -> Figure:
    """Draw decode rates in tokens per second over the four structure positions."""
    sizes = layout(narrow=narrow)
    fastest = max(point.decode_tok_s or 0 for point in chart.points)
    height = _plot_height(chart)
    limit = fastest * height / (height - _HEADROOM)
    ticks = _tick_texts(chart, limit)
    left = max(width_units(text, sizes.note) for text in ticks.values()) + _AXIS_GAP
    top = sizes.line + 12
    box = Box(left=left, top=top, right=sizes.width - 1, bottom=top + height)
    bands, notes = _band_words(chart, sizes, box), _notes(chart, sizes)
    blocks = [max(len(lines) for lines in bands), *(len(lines) for lines in notes)]
    depth = sum(blocks) * sizes.line + len(blocks) * _BLOCK_GAP
    sheet = new_sheet(sizes, box.bottom + depth + 4)
    plot = Plot(sheet=sheet, box=box, limit=limit or 1)
    _draw_axes(chart, plot, ticks)
    _draw_below(plot, bands, notes)
    _draw_models(chart, plot)
    return sheet.figure


def _plot_height(chart: ChartInput) -> float:
    # Placing needs two label heights and a step per label in the worst case.
    return max(270.0, 40.0 * len(chart.points) + 20)


def _tick_texts(chart: ChartInput, limit: float) -> dict[float, str]:
    ticks = tick_values(limit)
    decimals = tick_decimals(ticks)
    return {tick: chart.format_number(tick, decimals) for tick in ticks}


def _band_words(
    chart: ChartInput, sizes: Layout, box: Box
) -> tuple[tuple[str, ...], ...]:
    room = (box.right - box.left) / len(STRUCTURE_POSITIONS) - 1
    return tuple(
        wrapped(chart.words[f"position_{position}"], sizes.note, room=room)
        for position in STRUCTURE_POSITIONS
    )


def _notes(chart: ChartInput, sizes: Layout) -> tuple[tuple[str, ...], ...]:
    """Give what stands below the bands: the axis label, then who is missing."""
    is_reported = any(point.structure_position for point in chart.points)
    axis = "axis_structure_reported" if is_reported else "axis_structure_unknown"
    notes = [chart.words[axis]]
    missing = [point.name for point in chart.points if point.decode_tok_s is None]
    if missing:
        room = sizes.width / 2
        names = " · ".join(truncated(n, sizes.note, room=room) for n in missing)
        notes.append(f"{chart.words['not_measured']}: {names}")
    return tuple(wrapped(note, sizes.note, room=sizes.width) for note in notes)


def _draw_axes(chart: ChartInput, plot: "Plot", ticks: dict[float, str]) -> None:
    sheet, box = plot.sheet, plot.box
    axes = new_axes(sheet, box)
    axes.set(xlim=(0, len(STRUCTURE_POSITIONS)), ylim=(0, plot.limit))
    draw_grid(axes, "y", tuple(ticks))
    draw_base(axes, "bottom")
    sizes = sheet.sizes
    for border in range(1, len(STRUCTURE_POSITIONS)):
        axes.axvline(border, color=STAND_INS["grid"], linewidth=1)
    for tick, text in ticks.items():
        put_text(
            sheet,
            text,
            at=(box.left - _AXIS_GAP, _y(plot, tick) + CAP_MIDDLE_EM * sizes.note),
            size=sizes.note,
            role="muted",
            anchor="end",
        )
    put_lines(
        sheet,
        (truncated(chart.words["axis_rate"], sizes.note, room=sizes.width),),
        at=(0, 1.2 * sizes.note),
    )


def _draw_below(
    plot: "Plot", bands: tuple[tuple[str, ...], ...], notes: tuple[tuple[str, ...], ...]
) -> None:
    sheet, box = plot.sheet, plot.box
    line = sheet.sizes.line
    baseline = box.bottom + line + 1
    for number, lines in enumerate(bands):
        left, right = _band(box, number)
        middle = (left + right) / 2
        put_lines(sheet, lines, at=(middle, baseline), role="ink", anchor="middle")
    baseline += max(len(lines) for lines in bands) * line + _BLOCK_GAP
    for lines in notes:
        put_lines(sheet, lines, at=(0, baseline))
        baseline += len(lines) * line + _BLOCK_GAP


def _draw_models(chart: ChartInput, plot: "Plot") -> None:
    known = [point for point in chart.points if point.decode_tok_s is not None]
    texts = [_label_text(chart, point, plot) for point in known]
    labels = [
        _label(plot, point, text) for point, text in zip(known, texts, strict=True)
    ]
    for point in known:
        _draw_mark(plot, point)
    places = place_labels(labels, plot.box)
    for text, place in zip(texts, places, strict=True):
        _draw_label(plot, text, place)


def _label_text(chart: ChartInput, point: ModelPoint, plot: "Plot") -> str:
    size, box = plot.sheet.sizes.text, plot.box
    rate = _EN_SPACE + chart.format_number(_rate(point), 2)
    room = min(_LABEL_ROOM_MAX, box.right - box.left) - width_units(rate, size)
    return truncated(point.name, size, room=room) + rate


def _label(plot: "Plot", point: ModelPoint, text: str) -> Label:
    size = plot.sheet.sizes.text
    left, right = _span(plot, point)
    y, is_line = _y(plot, _rate(point)), point.structure_position is None
    half = 1.5 if is_line else _END / 2 + 1
    return Label(
        mark=Box(left=left, top=y - half, right=right, bottom=y + half),
        width=width_units(text, size),
        height=_LABEL_EM * size,
        is_line=is_line,
    )


def _draw_mark(plot: "Plot", point: ModelPoint) -> None:
    """Draw a range with hollow ends, or a dashed line if the position is unknown."""
    surface, hue = plot.sheet.surface, STAND_INS[f"s{point.hue}"]
    left, right = _span(plot, point)
    y = _y(plot, _rate(point))
    if point.structure_position is None:
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


def _draw_label(plot: "Plot", text: str, place: Place) -> None:
    size, box = plot.sheet.sizes.text, place.box
    put_text(
        plot.sheet,
        text,
        at=(box.right if place.is_at_right else box.left, box.top + _ASCENT_EM * size),
        size=size,
        anchor="end" if place.is_at_right else "start",
        is_backed=True,
    )
    if place.leader:
        x = (place.leader.left + place.leader.right) / 2
        plot.sheet.surface.plot(
            [x, x],
            [place.leader.top, place.leader.bottom],
            color=STAND_INS["muted"],
            linewidth=0.75,
            solid_capstyle="butt",
        )


def _rate(point: ModelPoint) -> float:
    return point.decode_tok_s or 0.0


def _y(plot: "Plot", rate_tok_s: float) -> float:
    box = plot.box
    return box.bottom - (box.bottom - box.top) * rate_tok_s / plot.limit


def _band(box: Box, number: int) -> tuple[float, float]:
    width = (box.right - box.left) / len(STRUCTURE_POSITIONS)
    return box.left + number * width, box.left + (number + 1) * width


def _span(plot: "Plot", point: ModelPoint) -> tuple[float, float]:
    """Give the ends of a model's mark: of its band, or of all bands."""
    if point.structure_position is None:
        return plot.box.left, plot.box.right
    left, right = _band(plot.box, STRUCTURE_POSITIONS.index(point.structure_position))
    return left + _BAND_INSET, right - _BAND_INSET


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A sheet, the box the models are drawn in, and the rate at its top."""

    sheet: Sheet
    box: Box
    limit: float
    """Tokens per second."""
