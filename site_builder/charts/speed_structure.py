"""Rate against structure: how fast a model is and where it stands.

A reported position is a band, not a point, and is drawn as a range across the
band. A measured index is a square on a line from the lowest to the highest answer,
and hollow where few answers stand behind it. A model without either could stand
anywhere: a dashed line across the whole width.
"""

from dataclasses import dataclass

from site_builder.charts.data import (
    STRUCTURE_MAX,
    STRUCTURE_POSITIONS,
    ChartInput,
    ModelPoint,
)
from site_builder.charts.geometry import (
    CAP_MIDDLE_EM,
    Box,
    Layout,
    layout,
    tick_decimals,
    tick_values,
)
from site_builder.charts.labels import draw_label, label_height
from site_builder.charts.placement import Label, place_labels
from site_builder.charts.structure_marks import (
    SQUARE,
    Plot,
    draw_mark,
    is_open,
    rate_of,
    span_of,
    y_of,
)
from site_builder.charts.style import (
    Anchor,
    Sheet,
    draw_lines,
    new_sheet,
    put_lines,
    put_text,
)
from site_builder.charts.text import truncated, width_units, wrapped

_HEADROOM = 28.0
"""Above the fastest model, for its label."""
_AXIS_GAP = 9.0
_BLOCK_GAP = 7.0
_LABEL_ROOM_MAX = 260.0
_EN_SPACE = "\u2002"


def draw(chart: ChartInput, *, narrow: bool) -> Sheet:
    """Draw decode rates in tokens per second over the four structure positions."""
    sizes = layout(narrow=narrow)
    fastest = max(point.decode_tok_s or 0 for point in chart.points)
    height = _plot_height(chart)
    limit = fastest * height / (height - _HEADROOM)
    ticks = _tick_texts(chart, limit)
    left = max(width_units(text, sizes.note) for text in ticks.values()) + _AXIS_GAP
    top = sizes.line + 12
    # Half the square of a full index is right of the box.
    edge = SQUARE / 2 if _is_measured(chart) else 0
    right = sizes.width - 1 - edge
    box = Box(left=left, top=top, right=right, bottom=top + height)
    below, notes = _words_below(chart, sizes, box), _notes(chart, sizes)
    blocks = [max(len(b.lines) for b in below), *(len(lines) for lines in notes)]
    depth = sum(blocks) * sizes.line + len(blocks) * _BLOCK_GAP
    sheet = new_sheet(sizes, box.bottom + depth + 4)
    plot = Plot(sheet=sheet, box=box, limit=limit or 1)
    _draw_axes(chart, plot, ticks)
    _draw_below(plot, below, notes)
    _draw_models(chart, plot)
    return sheet


def _plot_height(chart: ChartInput) -> float:
    # Placing needs two label heights and a step per label in the worst case.
    return max(270.0, 40.0 * len(chart.points) + 20)


def _tick_texts(chart: ChartInput, limit: float) -> dict[float, str]:
    ticks = tick_values(limit)
    decimals = tick_decimals(ticks)
    return {tick: chart.format_number(tick, decimals) for tick in ticks}


def _is_measured(chart: ChartInput) -> bool:
    return any(point.structure for point in chart.points)


def _words_below(chart: ChartInput, sizes: Layout, box: Box) -> tuple["Below", ...]:
    """Give the words of the bands, or the ticks of the index at the bands' borders."""
    width = (box.right - box.left) / len(STRUCTURE_POSITIONS)
    if not _is_measured(chart):
        return tuple(
            Below(
                lines=wrapped(
                    chart.words[f"position_{position}"], sizes.note, room=width - 1
                ),
                x=box.left + (number + 0.5) * width,
                anchor="middle",
            )
            for number, position in enumerate(STRUCTURE_POSITIONS)
        )
    last = len(STRUCTURE_POSITIONS)
    anchors: dict[int, Anchor] = {0: "start", last: "end"}
    return tuple(
        Below(
            lines=(chart.format_number(STRUCTURE_MAX * number / last, 0),),
            x=box.left + number * width,
            anchor=anchors.get(number, "middle"),
        )
        for number in range(last + 1)
    )


def _notes(chart: ChartInput, sizes: Layout) -> tuple[tuple[str, ...], ...]:
    """Give what stands below the bands: the axis label, then who is missing."""
    is_reported = any(point.structure_position for point in chart.points)
    axis = "axis_structure_reported" if is_reported else "axis_structure_unknown"
    if _is_measured(chart):
        axis = "axis_structure_measured"
    notes = [chart.words[axis]]
    missing = [point.name for point in chart.points if point.decode_tok_s is None]
    if missing:
        room = sizes.width / 2
        names = " · ".join(truncated(n, sizes.note, room=room) for n in missing)
        notes.append(f"{chart.words['not_measured']}: {names}")
    return tuple(wrapped(note, sizes.note, room=sizes.width) for note in notes)


def _draw_axes(chart: ChartInput, plot: Plot, ticks: dict[float, str]) -> None:
    sheet, box = plot.sheet, plot.box
    sizes = sheet.sizes
    across = [y_of(plot, tick) for tick in ticks if tick > 0]
    count = len(STRUCTURE_POSITIONS)
    width = (box.right - box.left) / count
    upright = [box.left + border * width for border in range(1, count)]
    grid = [((box.left, y), (box.right, y)) for y in across]
    grid += [((x, box.top), (x, box.bottom)) for x in upright]
    draw_lines(sheet, grid, "grid", is_grid=True)
    base = ((box.left, box.bottom), (box.right, box.bottom))
    draw_lines(sheet, (base,), "ink", is_grid=True)
    for tick, text in ticks.items():
        put_text(
            sheet,
            text,
            at=(box.left - _AXIS_GAP, y_of(plot, tick) + CAP_MIDDLE_EM * sizes.note),
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
    plot: Plot, below: tuple["Below", ...], notes: tuple[tuple[str, ...], ...]
) -> None:
    sheet, line = plot.sheet, plot.sheet.sizes.line
    baseline = plot.box.bottom + line + 1
    for part in below:
        put_lines(
            sheet, part.lines, at=(part.x, baseline), role="ink", anchor=part.anchor
        )
    baseline += max(len(part.lines) for part in below) * line + _BLOCK_GAP
    for lines in notes:
        put_lines(sheet, lines, at=(0, baseline))
        baseline += len(lines) * line + _BLOCK_GAP


def _draw_models(chart: ChartInput, plot: Plot) -> None:
    known = [point for point in chart.points if point.decode_tok_s is not None]
    texts = [_label_text(chart, point, plot) for point in known]
    labels = [
        _label(plot, point, text) for point, text in zip(known, texts, strict=True)
    ]
    for point in known:
        draw_mark(plot, point)
    places = place_labels(labels, plot.box)
    for text, place in zip(texts, places, strict=True):
        draw_label(plot.sheet, text, place)


def _label_text(chart: ChartInput, point: ModelPoint, plot: Plot) -> str:
    size, box = plot.sheet.sizes.text, plot.box
    rate = _EN_SPACE + chart.format_number(rate_of(point), 2)
    room = min(_LABEL_ROOM_MAX, box.right - box.left) - width_units(rate, size)
    return truncated(point.name, size, room=room) + rate


def _label(plot: Plot, point: ModelPoint, text: str) -> Label:
    size = plot.sheet.sizes.text
    left, right = span_of(plot, point)
    y, is_line = y_of(plot, rate_of(point)), is_open(point)
    half = 1.5 if is_line else SQUARE / 2 + 1
    return Label(
        mark=Box(left=left, top=y - half, right=right, bottom=y + half),
        width=width_units(text, size),
        height=label_height(size),
        is_line=is_line,
    )


@dataclass(frozen=True, kw_only=True)
class Below:
    """Words under the box: of a band, or of a tick."""

    lines: tuple[str, ...]
    x: float
    anchor: Anchor
