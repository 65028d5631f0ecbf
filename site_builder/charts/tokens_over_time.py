"""How much had come after how many seconds: a line for each model.

An unbroken line is a recorded answer. A dashed one is straight because nobody recorded
what came in between. A hollow square is where thinking ends and the answer begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from site_builder.charts.data import ChartInput, Course, ModelPoint
from site_builder.charts.geometry import (
    CAP_MIDDLE_EM,
    Box,
    Layout,
    layout,
    tick_decimals,
    tick_values,
)
from site_builder.charts.keys import SWATCH, Entry, draw_key, lay_out_key
from site_builder.charts.labels import draw_label, label_height
from site_builder.charts.placement import Label, place_labels
from site_builder.charts.style import (
    Sheet,
    draw_lines,
    fill_boxes,
    new_sheet,
    outline_boxes,
    put_lines,
    put_text,
)
from site_builder.charts.svg import Point
from site_builder.charts.text import truncated, width_units, wrapped
from site_builder.charts.thinning import thinned

POINTS_MAX = 120
_TOLERANCE = 0.4
"""Units by which a line may miss a point that it leaves out."""

_HEIGHT = 300.0
_HEAD = 24.0
_AXIS_GAP = 9.0
_BLOCK_GAP = 7.0
_LABEL_ROOM_MAX = 240.0
_STROKE = 2.0
_DASHES = "7 4"
_SAMPLE_DASHES = "5 2"
_END = 7.0
_TURN = 9.0
_OBSTACLE = 14.0
"""Width of the boxes that keep labels off a line."""
_EN_SPACE = "\u2002"


@dataclass(frozen=True, kw_only=True)
class _Plot:
    sheet: Sheet
    box: Box
    seconds: float
    amount: float


def draw(chart: ChartInput, *, narrow: bool) -> Sheet:
    """Draw what had come of each model's answer over the seconds since the request."""
    sizes = layout(narrow=narrow)
    courses = [point.course for point in chart.points if point.course]
    height = max(_HEIGHT, 40.0 * len(courses) + 20)
    amount = max((course.points[-1][1] for course in courses), default=0)
    limit = amount * height / (height - 1.5 * sizes.text)
    ticks = tick_values(limit)
    texts = [chart.format_number(tick, tick_decimals(ticks)) for tick in ticks]
    left = max(width_units(text, sizes.note) for text in texts) + _AXIS_GAP
    key = lay_out_key(_entries(chart, courses), sizes)
    top = key.depth + _HEAD
    box = Box(left=left, top=top, right=sizes.width - _END / 2, bottom=top + height)
    notes = _notes(chart, sizes)
    depth = sizes.line + sum(len(note) * sizes.line + _BLOCK_GAP for note in notes)
    sheet = new_sheet(sizes, box.bottom + depth + 10)
    seconds = max((course.points[-1][0] for course in courses), default=0)
    plot = _Plot(sheet=sheet, box=box, seconds=seconds or 1, amount=limit or 1)
    draw_key(sheet, key)
    _draw_axes(chart, plot, list(zip(ticks, texts, strict=True)))
    _draw_notes(plot, notes)
    _draw_models(chart, plot)
    return sheet


def _entries(chart: ChartInput, courses: list[Course]) -> tuple[Entry, ...]:
    entries = []
    if any(course.is_rebuilt for course in courses):
        entries.append(Entry(word=chart.words["mark_rebuilt"], draw=_sample_dashed))
    if any(course.answer_at for course in courses):
        entries.append(Entry(word=chart.words["mark_answer_begins"], draw=_sample_turn))
    return tuple(entries)


def _sample_dashed(sheet: Sheet, box: Box) -> None:
    y = (box.top + box.bottom) / 2
    line = ((box.left, y), (box.right, y))
    draw_lines(sheet, (line,), "muted", _STROKE, dashes=_SAMPLE_DASHES)


def _sample_turn(sheet: Sheet, box: Box) -> None:
    inset = (SWATCH - _TURN) / 2
    square = Box(
        left=box.left + inset,
        top=box.top + inset,
        right=box.right - inset,
        bottom=box.bottom - inset,
    )
    outline_boxes(sheet, (square,), "muted", _STROKE)


def _notes(chart: ChartInput, sizes: Layout) -> list[tuple[str, ...]]:
    """Give what stands below the ticks: the axis label, then who is missing."""
    notes = [chart.words["axis_since_request"]]
    missing = [point.name for point in chart.points if point.course is None]
    if missing:
        room = sizes.width / 2
        names = " · ".join(truncated(n, sizes.note, room=room) for n in missing)
        notes.append(f"{chart.words['not_measured']}: {names}")
    return [wrapped(note, sizes.note, room=sizes.width) for note in notes]


def _at(plot: _Plot, point: Point) -> Point:
    """Give the place of a time and an amount, in units."""
    box, (t_s, amount) = plot.box, point
    return (
        box.left + (box.right - box.left) * t_s / plot.seconds,
        box.bottom - (box.bottom - box.top) * amount / plot.amount,
    )


def _draw_axes(
    chart: ChartInput, plot: _Plot, ticks: Sequence[tuple[float, str]]
) -> None:
    sheet, box = plot.sheet, plot.box
    note = sheet.sizes.note
    times = tick_values(plot.seconds)
    across = [_at(plot, (0, tick))[1] for tick, _ in ticks]
    grid = [((box.left, y), (box.right, y)) for y in across[1:]]
    draw_lines(sheet, grid, "grid", is_grid=True)
    base = ((box.left, box.bottom), (box.right, box.bottom))
    draw_lines(sheet, (base,), "ink", is_grid=True)
    for y, (_, text) in zip(across, ticks, strict=True):
        put_text(
            sheet,
            text,
            at=(box.left - _AXIS_GAP, y + CAP_MIDDLE_EM * note),
            size=note,
            role="muted",
            anchor="end",
        )
    for t_s in times:
        text = chart.format_number(t_s, tick_decimals(times))
        x, half = _at(plot, (t_s, 0))[0], width_units(text, note) / 2
        put_text(
            sheet,
            text,
            at=(min(x, sheet.sizes.width - half), box.bottom + sheet.sizes.line + 2),
            size=note,
            role="muted",
            anchor="middle",
        )
    is_tokens = not any(p.course and p.course.is_in_characters for p in chart.points)
    axis = "axis_tokens" if is_tokens else "axis_characters"
    label = truncated(chart.words[axis], note, room=sheet.sizes.width)
    put_lines(sheet, (label,), at=(0, box.top - _HEAD + 1.2 * note))


def _draw_notes(plot: _Plot, notes: list[tuple[str, ...]]) -> None:
    line = plot.sheet.sizes.line
    baseline = plot.box.bottom + 2 * line + _BLOCK_GAP
    for lines in notes:
        put_lines(plot.sheet, lines, at=(0, baseline))
        baseline += len(lines) * line + _BLOCK_GAP


def _draw_models(chart: ChartInput, plot: _Plot) -> None:
    known = [(point, point.course) for point in chart.points if point.course]
    obstacles: list[Box] = []
    labels, texts = [], []
    for point, course in known:
        line = thinned(
            [_at(plot, item) for item in course.points],
            tolerance=_TOLERANCE,
            count_max=POINTS_MAX,
        )
        _draw_course(plot, point, course, line)
        obstacles += _boxes_along(line)
        texts.append(_label_text(chart, point, course, plot))
        labels.append(_label(plot, line[-1], texts[-1]))
    for text, place in zip(
        texts, place_labels(labels, plot.box, lines=obstacles), strict=True
    ):
        draw_label(plot.sheet, text, place)


def _draw_course(
    plot: _Plot, point: ModelPoint, course: Course, line: Sequence[Point]
) -> None:
    sheet, role = plot.sheet, f"s{point.hue}"
    dashes = _DASHES if course.is_rebuilt else ""
    draw_lines(sheet, (line,), role, _STROKE, dashes=dashes)
    fill_boxes(sheet, (_square(line[-1], _END),), role)
    if course.answer_at is not None:
        square = _square(_at(plot, course.answer_at), _TURN)
        fill_boxes(sheet, (square,), "bg")
        outline_boxes(sheet, (square,), role, _STROKE)


def _square(middle: Point, side: float) -> Box:
    (x, y), half = middle, side / 2
    return Box(left=x - half, top=y - half, right=x + half, bottom=y + half)


def _boxes_along(line: Sequence[Point]) -> list[Box]:
    """Cover a line with small boxes, as a long slope fills none of its own box."""
    boxes = []
    for (x0, y0), (x1, y1) in pairwise(line):
        count = max(1, int(max(x1 - x0, y0 - y1) / _OBSTACLE))
        for step in range(count):
            start, end = step / count, (step + 1) / count
            boxes.append(
                Box(
                    left=x0 + (x1 - x0) * start - 1,
                    top=y0 + (y1 - y0) * end - 1,
                    right=x0 + (x1 - x0) * end + 1,
                    bottom=y0 + (y1 - y0) * start + 1,
                )
            )
    return boxes


def _label_text(
    chart: ChartInput, point: ModelPoint, course: Course, plot: _Plot
) -> str:
    size, box = plot.sheet.sizes.text, plot.box
    number = chart.format_number(course.points[-1][0], 1)
    time = _EN_SPACE + chart.words["seconds_pattern"].replace("{n}", number)
    room = min(_LABEL_ROOM_MAX, box.right - box.left) - width_units(time, size)
    return truncated(point.name, size, room=room) + time


def _label(plot: _Plot, end: Point, text: str) -> Label:
    size = plot.sheet.sizes.text
    mark = _square(end, _END + 2)
    return Label(
        mark=Box(
            left=max(mark.left, plot.box.left),
            top=mark.top,
            right=min(mark.right, plot.box.right),
            bottom=min(mark.bottom, plot.box.bottom),
        ),
        width=width_units(text, size),
        height=label_height(size),
        is_line=False,
    )
