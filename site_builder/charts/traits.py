"""How each model's code is built: a small panel a model, a row a trait.

A square is the median of the readable answers, and a line their range; every panel
runs from 0 to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from site_builder.charts.data import ChartInput, ModelPoint
from site_builder.charts.geometry import CAP_MIDDLE_EM, Box, Layout, layout
from site_builder.charts.style import (
    Sheet,
    draw_lines,
    fill_boxes,
    new_sheet,
    put_lines,
    put_text,
)
from site_builder.charts.svg import Point
from site_builder.charts.text import truncated, width_units, wrapped

_LABEL_ROOM_MAX = 132.0
_LABEL_GAP = 10.0
_COLUMN_GAP_WIDE = 22.0
_COLUMN_GAP_NARROW = 14.0
_COLUMNS_WIDE = 4
_COLUMNS_NARROW = 2
_PANEL_WIDTH_MAX = 240.0
_PITCH = 21.0
_TITLE_LINES = 2
_TITLE_PAD = 12.0
_ROW_GAP = 22.0
_SIDE = 8.0
_STROKE = 2.0


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """Where the panels are; all in units."""

    label_room: float
    column: float
    """From one panel's left edge to the next one's."""
    panel: float
    columns: int
    title: float
    """From the top of a panel's name to its first row."""


def draw(chart: ChartInput, *, narrow: bool) -> Sheet:
    """Draw the traits of every model whose code could be read."""
    sizes = layout(narrow=narrow)
    known = [point for point in chart.points if point.traits]
    grid = _grid(chart, sizes, known)
    count = -(-len(known) // grid.columns)
    pitch = grid.title + len(chart.trait_names) * _PITCH + sizes.line + _ROW_GAP
    notes = _notes(chart, sizes)
    bottom = count * pitch
    sheet = new_sheet(sizes, bottom + len(notes) * sizes.line + 6)
    for row in range(count):
        members = known[row * grid.columns : (row + 1) * grid.columns]
        _draw_row(chart, sheet, grid, members, top=row * pitch)
    put_lines(sheet, notes, at=(0, bottom + sizes.note))
    return sheet


def _grid(chart: ChartInput, sizes: Layout, known: Sequence[ModelPoint]) -> _Grid:
    names = [width_units(name, sizes.note) for name in chart.trait_names]
    label_room = min(max(names, default=0), _LABEL_ROOM_MAX) + _LABEL_GAP
    wanted, gap = _COLUMNS_WIDE, _COLUMN_GAP_WIDE
    if sizes.is_narrow:
        wanted, gap = _COLUMNS_NARROW, _COLUMN_GAP_NARROW
    columns = min(wanted, len(known) or 1)
    # Half a square at either end may stand out.
    room = sizes.width - label_room - _SIDE - (columns - 1) * gap
    panel = min(room / columns, _PANEL_WIDTH_MAX)
    lines = max((len(_title(p.name, sizes, panel)) for p in known), default=1)
    return _Grid(
        label_room=label_room,
        column=panel + gap,
        panel=panel,
        columns=columns,
        title=lines * sizes.line + _TITLE_PAD,
    )


def _title(name: str, sizes: Layout, room: float) -> tuple[str, ...]:
    """Break a model's name into lines over its panel; what is left over is cut."""
    lines = wrapped(name, sizes.text, room=room)
    if len(lines) <= _TITLE_LINES:
        return lines
    first, second = lines[:_TITLE_LINES]
    # All that follows makes the second line too long, so that it shows it was cut.
    rest = name[name.index(second, len(first)) :]
    return first, truncated(rest, sizes.text, room=room)


def _notes(chart: ChartInput, sizes: Layout) -> tuple[str, ...]:
    missing = [point.name for point in chart.points if not point.traits]
    if not missing:
        return ()
    room = sizes.width / 2
    names = " · ".join(truncated(name, sizes.note, room=room) for name in missing)
    note = f"{chart.words['not_measured']}: {names}"
    return wrapped(note, sizes.note, room=sizes.width)


def _draw_row(
    chart: ChartInput,
    sheet: Sheet,
    grid: _Grid,
    members: Sequence[ModelPoint],
    *,
    top: float,
) -> None:
    """Draw panels side by side, with the names of the traits before the first."""
    note = sheet.sizes.note
    for number, name in enumerate(chart.trait_names):
        put_text(
            sheet,
            truncated(name, note, room=_LABEL_ROOM_MAX),
            at=(0, _middle(grid, top, number) + CAP_MIDDLE_EM * note),
            size=note,
            role="muted",
        )
    for number, point in enumerate(members):
        left = grid.label_room + _SIDE / 2 + number * grid.column
        _draw_panel(chart, sheet, grid, point, at=(left, top))


def _middle(grid: _Grid, top: float, number: int) -> float:
    return top + grid.title + (number + 0.5) * _PITCH


def _draw_panel(
    chart: ChartInput, sheet: Sheet, grid: _Grid, point: ModelPoint, *, at: Point
) -> None:
    (left, top), sizes = at, sheet.sizes
    right, start = left + grid.panel, top + grid.title
    end = start + len(point.traits or ()) * _PITCH
    title = _title(point.name, sizes, grid.panel)
    for number, line in enumerate(reversed(title)):
        y = start - _TITLE_PAD + 4 - number * sizes.line
        put_text(sheet, line, at=(left, y), size=sizes.text)
    _draw_frame(sheet, Box(left=left, top=start, right=right, bottom=end))
    for value, x in ((0, left), (1, right)):
        put_text(
            sheet,
            chart.format_number(value, 0),
            at=(x, end + sizes.line),
            size=sizes.note,
            role="muted",
            anchor="middle",
        )
    _draw_traits(sheet, point, Box(left=left, top=start, right=right, bottom=end))


def _draw_frame(sheet: Sheet, box: Box) -> None:
    count = round((box.bottom - box.top) / _PITCH)
    middles = [box.top + (number + 0.5) * _PITCH for number in range(count)]
    lines = [((box.left, y), (box.right, y)) for y in middles]
    lines += [((x, box.top), (x, box.bottom)) for x in (box.left, box.right)]
    draw_lines(sheet, lines, "grid", is_grid=True)


def _draw_traits(sheet: Sheet, point: ModelPoint, box: Box) -> None:
    role, half = f"s{point.hue}", _SIDE / 2
    squares, ranges = [], []
    for number, spread in enumerate(point.traits or ()):
        y = box.top + (number + 0.5) * _PITCH
        low, x, high = (
            box.left + (box.right - box.left) * min(value, 1)
            for value in (spread.low, spread.median, spread.high)
        )
        squares.append(
            Box(left=x - half, top=y - half, right=x + half, bottom=y + half)
        )
        if low < high:
            ranges.append(((low, y), (high, y)))
    draw_lines(sheet, ranges, role, _STROKE)
    fill_boxes(sheet, squares, role)
