"""Which cases each model's code passes: a row a model, a column a case.

A cell shows what most trials gave; a dot beside it says that some gave another result.
"""

from dataclasses import dataclass
from functools import partial

from site_builder.charts.case_symbols import draw_symbols
from site_builder.charts.data import RESULTS, CaseMark, ChartInput, ModelPoint
from site_builder.charts.geometry import CAP_MIDDLE_EM, Box, Layout, layout
from site_builder.charts.keys import Entry, draw_key, lay_out_key
from site_builder.charts.rows import name_room
from site_builder.charts.style import Sheet, draw_dots, draw_lines, new_sheet, put_text
from site_builder.charts.svg import Point
from site_builder.charts.text import truncated, width_units

_NAME_ROOM_MAX = 190.0
_GAP = 14.0
_LINE = 21.0
"""From one line of cells to the next."""
_PAD = 6.0
_NAME_LINE = 22.0
_CELL_MAX = 25.0
_CELL_MIN = 17.0
_NUMBER_GAP = 5.0
_DOT = 3.5
_DOT_OFF = 6.5


@dataclass(frozen=True, kw_only=True)
class _Matrix:
    """Where the cells are; all in units."""

    sizes: Layout
    left: float
    name_room: float
    cell: float
    n_cases: int
    per_line: int

    @property
    def n_lines(self) -> int:
        return -(-self.n_cases // self.per_line) if self.n_cases else 1

    @property
    def row(self) -> float:
        name = _NAME_LINE if self.sizes.is_narrow else 0
        return name + self.n_lines * _LINE + 2 * _PAD


def draw(chart: ChartInput, *, narrow: bool) -> Sheet:
    """Draw the results of all counted cases, and how many were passed."""
    sizes = layout(narrow=narrow)
    matrix = _matrix(chart, sizes)
    marks = [mark for point in chart.points for mark in point.cases or ()]
    key = lay_out_key(_entries(chart, marks), sizes)
    head = key.depth + (matrix.n_lines * _LINE + _PAD if matrix.n_cases else 0)
    sheet = new_sheet(sizes, head + len(chart.points) * matrix.row + 2)
    draw_key(sheet, key)
    _draw_numbers(chart, sheet, matrix, top=key.depth)
    tops = [head + row * matrix.row for row in range(len(chart.points))]
    rules = [((0.0, top), (sizes.width, top)) for top in tops]
    draw_lines(sheet, rules, "grid", is_grid=True)
    for point, top in zip(chart.points, tops, strict=True):
        _draw_words(chart, sheet, matrix, point, top=top)
    _draw_cells(chart, sheet, matrix, tops)
    return sheet


def _matrix(chart: ChartInput, sizes: Layout) -> _Matrix:
    n_cases = max((len(point.cases or ()) for point in chart.points), default=0)
    values = [_text(chart, p) for p in chart.points if p.cases_passed is not None]
    value_room = max((width_units(text, sizes.text) for text in values), default=0)
    names = min(name_room(chart, sizes), _NAME_ROOM_MAX)
    left, right = names + _GAP, sizes.width - value_room - _GAP
    if sizes.is_narrow:
        names, left, right = sizes.width - value_room - _GAP, 0.0, sizes.width
    digits = width_units(str(n_cases), sizes.note) + 2
    least = max(_CELL_MIN, digits)
    per_line = max(1, min(n_cases, int((right - left) / least)))
    cell = min(_CELL_MAX, (right - left) / per_line)
    return _Matrix(
        sizes=sizes,
        left=left,
        name_room=names,
        cell=cell,
        n_cases=n_cases,
        per_line=per_line,
    )


def _entries(chart: ChartInput, marks: list[CaseMark]) -> tuple[Entry, ...]:
    found = {mark.result for mark in marks}
    entries = [
        Entry(word=chart.results[result], draw=partial(_sample, result))
        for result in RESULTS
        if result in found
    ]
    if any(mark.is_mixed for mark in marks):
        entries.append(Entry(word=chart.words["mark_mixed"], draw=_sample_mixed))
    return tuple(entries)


def _sample(result: str, sheet: Sheet, box: Box) -> None:
    middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    draw_symbols(sheet, result, (middle,))


def _sample_mixed(sheet: Sheet, box: Box) -> None:
    middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    draw_dots(sheet, (middle,), "ink", _DOT)


def _middle(matrix: _Matrix, number: int, *, top: float) -> Point:
    """Give the middle of a case's cell in lines that begin at ``top``."""
    line, column = divmod(number, matrix.per_line)
    return matrix.left + (column + 0.5) * matrix.cell, top + (line + 0.5) * _LINE


def _cells_top(matrix: _Matrix, top: float) -> float:
    return top + _PAD + (_NAME_LINE if matrix.sizes.is_narrow else 0)


def _draw_numbers(
    chart: ChartInput, sheet: Sheet, matrix: _Matrix, *, top: float
) -> None:
    note = matrix.sizes.note
    widest = width_units(str(matrix.n_cases), note)
    # Where numbers would run into each other, every other one is left out.
    step = 1 if matrix.cell >= widest + _NUMBER_GAP else 2
    for number in range(0, matrix.n_cases, step):
        x, y = _middle(matrix, number, top=top)
        put_text(
            sheet,
            chart.format_number(number + 1, 0),
            at=(x, y + CAP_MIDDLE_EM * note),
            size=note,
            role="muted",
            anchor="middle",
        )


def _draw_words(
    chart: ChartInput, sheet: Sheet, matrix: _Matrix, point: ModelPoint, *, top: float
) -> None:
    """Write a model's name and its passes; or that they are unknown."""
    sizes = matrix.sizes
    middle = top + _PAD + (_NAME_LINE - 2 if sizes.is_narrow else _LINE) / 2
    baseline = middle + CAP_MIDDLE_EM * sizes.text
    name = truncated(point.name, sizes.text, room=matrix.name_room)
    put_text(sheet, name, at=(0, baseline), size=sizes.text)
    if point.cases_passed is not None:
        at = (sizes.width, baseline)
        put_text(sheet, _text(chart, point), at=at, size=sizes.text, anchor="end")
    else:
        y = _cells_top(matrix, top) + _LINE / 2 + CAP_MIDDLE_EM * sizes.note
        room = sizes.width - matrix.left
        word = truncated(chart.words["not_measured"], sizes.note, room=room)
        put_text(sheet, word, at=(matrix.left, y), size=sizes.note, role="muted")


def _draw_cells(
    chart: ChartInput, sheet: Sheet, matrix: _Matrix, tops: list[float]
) -> None:
    """Draw all cells; those of one result are one mark."""
    places: dict[str, list[Point]] = {}
    mixed: list[Point] = []
    for point, top in zip(chart.points, tops, strict=True):
        for number, mark in enumerate(point.cases or ()):
            x, y = _middle(matrix, number, top=_cells_top(matrix, top))
            places.setdefault(mark.result, []).append((x, y))
            if mark.is_mixed:
                mixed.append((x + _DOT_OFF, y - _DOT_OFF))
    for result in RESULTS:
        draw_symbols(sheet, result, places.get(result, ()))
    draw_dots(sheet, mixed, "ink", _DOT)


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
