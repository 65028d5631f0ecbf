"""How long the answer takes: the first token, thinking, and the answer itself.

The parts differ in form, so that they are told apart without colour: an outline, a
thin bar and a thick one. Loading happens before the request and is a dashed line
below the bar, never a part of it. All are also written as numbers.
"""

from dataclasses import dataclass

from site_builder.charts.data import ChartInput, ModelPoint
from site_builder.charts.geometry import CAP_MIDDLE_EM, Box, layout
from site_builder.charts.keys import Entry, draw_key, lay_out_key
from site_builder.charts.rows import (
    Rows,
    bar,
    bar_centre,
    bar_height,
    draw_missing,
    draw_name,
    draw_value,
    name_baseline,
    open_rows,
    x_of,
)
from site_builder.charts.style import (
    Sheet,
    draw_lines,
    fill_boxes,
    outline_boxes,
    put_text,
)
from site_builder.charts.text import width_units

_PARTS_GAP = 12.0
_LOAD_STRIP = 22.0
_LOAD_DASHES = "3 3"
_LOAD_STROKE = 2.5
_LOAD_DROP = 12.0
"""From the lower edge of a bar to the line of its loading."""
_THINKING_SHARE = 0.4


@dataclass(frozen=True, kw_only=True)
class _Times:
    """A model's time in parts; all in seconds."""

    first_s: float
    thinking_s: float
    rest_s: float
    total_s: float


def draw(chart: ChartInput, *, narrow: bool) -> Sheet:
    """Draw the seconds to the finished answer, in their parts."""
    sizes = layout(narrow=narrow)
    known = [times for point in chart.points if (times := _times(point))]
    loads = [point.load_s for point in chart.points if point.load_s is not None]
    total_room = _widest([_total_text(chart, t) for t in known], sizes.text)
    parts_room = _widest([_parts_text(chart, t) for t in known], sizes.note)
    key = lay_out_key(_entries(chart, known, has_loads=bool(loads)), sizes)
    rows = open_rows(
        chart,
        sizes,
        limit=max([*(_end(times) for times in known), *loads], default=0),
        head=key.depth,
        value_room=total_room + (0 if narrow else parts_room + _PARTS_GAP),
        axis_word="axis_seconds",
        extra=_LOAD_STRIP if loads else 0.0,
    )
    draw_key(rows.sheet, key)
    for row, point in enumerate(chart.points):
        draw_name(rows, row, point.name, taken=parts_room + _PARTS_GAP)
        times = _times(point)
        if times is None:
            draw_missing(rows, row, chart.words["not_measured"])
        else:
            _draw_bar(rows, row, point.hue, times)
            x = draw_value(rows, row, _total_text(chart, times), at=_end(times))
            _draw_parts(chart, rows, row, times, after_total=x)
        if point.load_s is not None:
            _draw_load(chart, rows, row, point.hue, point.load_s)
    return rows.sheet


def _times(point: ModelPoint) -> _Times | None:
    """Give the parts; None if one is unknown: so is the total then."""
    first_s, generation_s = point.ttft_s, point.generation_s
    if first_s is None or generation_s is None:
        return None
    thinking_s = min(point.thinking_s or 0.0, generation_s)
    total_s = point.answer_s
    return _Times(
        first_s=first_s,
        thinking_s=thinking_s,
        rest_s=generation_s - thinking_s,
        total_s=first_s + generation_s if total_s is None else total_s,
    )


def _end(times: _Times) -> float:
    return times.first_s + times.thinking_s + times.rest_s


def _entries(
    chart: ChartInput, known: list[_Times], *, has_loads: bool
) -> tuple[Entry, ...]:
    """Give the key: of the parts, those that some bar has."""
    is_told_apart = all(
        point.thinking_s is not None for point in chart.points if _times(point)
    )
    rest = "part_answer" if is_told_apart and known else "part_generation"
    entries = [Entry(word=chart.words["part_first_token"], draw=_sample_outline)]
    if any(times.thinking_s for times in known):
        entries.append(Entry(word=chart.words["part_thinking"], draw=_sample_thin))
    entries.append(Entry(word=chart.words[rest], draw=_sample_solid))
    if has_loads:
        entries.append(Entry(word=chart.words["part_load"], draw=_sample_dashed))
    return tuple(entries)


def _sample_outline(sheet: Sheet, box: Box) -> None:
    outline_boxes(sheet, (box,), "muted")


def _sample_thin(sheet: Sheet, box: Box) -> None:
    fill_boxes(sheet, (_thin(box),), "muted")


def _sample_solid(sheet: Sheet, box: Box) -> None:
    fill_boxes(sheet, (box,), "muted")


def _sample_dashed(sheet: Sheet, box: Box) -> None:
    y = (box.top + box.bottom) / 2
    line = ((box.left, y), (box.right, y))
    draw_lines(sheet, (line,), "muted", _LOAD_STROKE, dashes=_LOAD_DASHES)


def _thin(box: Box) -> Box:
    """Give the middle of a bar, for thinking."""
    middle = (box.top + box.bottom) / 2
    half = (box.bottom - box.top) * _THINKING_SHARE / 2
    return Box(left=box.left, top=middle - half, right=box.right, bottom=middle + half)


def _widest(texts: list[str], size: float) -> float:
    return max((width_units(text, size) for text in texts), default=0)


def _total_text(chart: ChartInput, times: _Times) -> str:
    return _seconds(chart, times.total_s)


def _seconds(chart: ChartInput, seconds: float) -> str:
    number = chart.format_number(seconds, 1)
    return chart.words["seconds_pattern"].replace("{n}", number)


def _parts_text(chart: ChartInput, times: _Times) -> str:
    rest = [times.thinking_s, times.rest_s] if times.thinking_s else [times.rest_s]
    first = chart.format_number(times.first_s, 2)
    return " + ".join([first, *(chart.format_number(part, 1) for part in rest)])


def _draw_bar(rows: Rows, row: int, hue: int, times: _Times) -> None:
    sheet, role = rows.sheet, f"s{hue}"
    begun = times.first_s + times.thinking_s
    outline_boxes(sheet, (bar(rows, row, 0, times.first_s),), role)
    solid = [bar(rows, row, begun, begun + times.rest_s)]
    if times.thinking_s:
        solid.insert(0, _thin(bar(rows, row, times.first_s, begun)))
    fill_boxes(sheet, solid, role)


def _draw_parts(
    chart: ChartInput, rows: Rows, row: int, times: _Times, *, after_total: float
) -> None:
    """Write the parts, since a short wait is too thin to see."""
    sizes = rows.sheet.sizes
    total_width = width_units(_total_text(chart, times), sizes.text)
    beside = after_total + total_width + _PARTS_GAP
    put_text(
        rows.sheet,
        _parts_text(chart, times),
        at=(sizes.width if sizes.is_narrow else beside, name_baseline(rows, row)),
        size=sizes.note,
        role="muted",
        is_backed=True,
        anchor="end" if sizes.is_narrow else "start",
    )


def _draw_load(
    chart: ChartInput, rows: Rows, row: int, hue: int, load_s: float
) -> None:
    sheet = rows.sheet
    note = sheet.sizes.note
    y = bar_centre(rows, row) + bar_height(sheet.sizes) / 2 + _LOAD_DROP
    line = ((rows.box.left, y), (x_of(rows, load_s), y))
    draw_lines(sheet, (line,), f"s{hue}", _LOAD_STROKE, dashes=_LOAD_DASHES)
    number = chart.format_number(load_s, 1)
    text = chart.words["load_pattern"].replace("{n}", number)
    x = min(x_of(rows, load_s) + 7, sheet.sizes.width - width_units(text, note))
    put_text(
        sheet,
        text,
        at=(x, y + CAP_MIDDLE_EM * note),
        size=note,
        role="muted",
        is_backed=True,
    )
