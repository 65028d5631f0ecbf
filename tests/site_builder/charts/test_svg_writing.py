"""What the writer of drawings makes of marks, and what it refuses."""

import pytest

from site_builder.charts.geometry import Box, layout
from site_builder.charts.style import (
    draw_dots,
    draw_lines,
    fill_boxes,
    new_sheet,
    outline_boxes,
    put_text,
)
from site_builder.charts.svg import number, painted, path_data, write_svg
from site_builder.charts.thinning import thinned

UNIT = Box(left=1, top=2, right=4, bottom=6)


@pytest.fixture
def sheet():
    return new_sheet(layout(narrow=False), 10)


def written(sheet):
    svg = write_svg(
        sheet.marks, (720, 10), "c-x-w", title="t", description="d", classes="chart"
    )
    return svg.partition("</desc>")[2].removesuffix("</svg>").strip().split("\n")


def test_numbers_have_one_decimal_at_most():
    assert [number(v) for v in (3.0, 0.04, -0.04, 0.25, 12.36, -0.5)] == [
        "3",
        "0",
        "0",
        ".2",
        "12.4",
        "-.5",
    ]


def test_paths_go_from_point_to_point_in_steps():
    assert path_data([((1, 2), (4, 2), (4, -1), (6, 0))]) == "M1 2h3v-3l2 1"
    assert path_data([((0, 0), (1, 1), (2, 3))]) == "M0 0l1 1 1 2"
    assert path_data([((0, 0), (1, 1), (0, 3))]) == "M0 0l1 1-1 2"
    assert path_data([((1, 1), (2, 1)), ((5, 5), (5, 4))]) == "M1 1h1M5 5v-1"


def test_rounding_never_adds_up():
    # Forty steps of 0.04 are 1.6, though each alone rounds to nothing.
    line = [(0.04 * step, 0.0) for step in range(41)]
    steps = path_data([line]).split("h")[1].split()
    assert sum(float(step) for step in steps) == pytest.approx(1.6)


def test_boxes_of_one_colour_are_one_mark(sheet):
    fill_boxes(sheet, (UNIT, Box(left=0, top=0, right=1, bottom=1)), "s3")
    assert written(sheet) == ['<path d="M1 2h3v4h-3zM0 0h1v1h-1z" class="f-s3"/>']


def test_an_outline_lies_inside_its_box(sheet):
    outline_boxes(sheet, (UNIT,), "s1", 1)
    assert written(sheet) == ['<path d="M1.5 2.5h2v3h-2z" class="s-s1" fill="none"/>']


def test_a_box_thinner_than_its_outline_is_not_turned_inside_out(sheet):
    outline_boxes(sheet, (Box(left=1, top=2, right=1.2, bottom=6),), "s1", 1)
    assert written(sheet) == ['<path d="M1.5 2.5h0v3h0z" class="s-s1" fill="none"/>']


def test_dots_are_strokes_of_no_length(sheet):
    draw_dots(sheet, ((1, 2), (3, 4)), "s2", 5)
    assert written(sheet) == [
        '<path d="M1 2h0M3 4h0" class="s-s2" stroke-width="5" stroke-linecap="round"/>'
    ]


def test_nothing_is_written_of_nothing(sheet):
    fill_boxes(sheet, (), "ink")
    draw_lines(sheet, [], "ink")
    put_text(sheet, "\x00 ", at=(1, 1), size=14)
    assert sheet.marks == []


def test_grids_lie_below_marks_and_texts_above_their_backing(sheet):
    put_text(sheet, "ab", at=(10, 20), size=10, is_backed=True)
    fill_boxes(sheet, (UNIT,), "s1")
    draw_lines(sheet, [((0, 0), (5, 0))], "grid", is_grid=True)
    classes = [
        line.partition('class="')[2].partition('"')[0] for line in written(sheet)
    ]
    assert classes == ["s-grid", "f-s1", "f-bg", "f-ink"]


def test_text_is_escaped(sheet):
    put_text(sheet, '<b>&"$', at=(1, 2), size=14, anchor="end", role="muted")
    assert written(sheet) == [
        (
            '<text x="1" y="2" font-size="14" class="f-muted" text-anchor="end">'
            '&lt;b&gt;&amp;"$</text>'
        )
    ]


@pytest.mark.parametrize(
    ("paint", "role"), [("fill", "grid"), ("stroke", "bg"), ("fill", "red")]
)
def test_a_role_the_page_cannot_paint_is_refused(paint, role):
    with pytest.raises(ValueError, match=f"{paint} {role}: the page has no such role"):
        painted(paint, role)


def test_results_are_seen_even_without_their_colours():
    assert painted("stroke", "poor") == (
        ("class", "s-poor"),
        ("stroke", "currentColor"),
    )
    assert painted("fill", "s1") == (("class", "f-s1"),)


def test_points_on_a_straight_line_are_left_out():
    line = [(float(x), 2.0 * x) for x in range(100)]
    assert thinned(line, tolerance=0.1, count_max=120) == ((0, 0), (99, 198))


def test_a_bend_is_kept_if_it_is_larger_than_the_tolerance():
    bent = [(0.0, 0.0), (5.0, 1.0), (10.0, 0.0)]
    assert thinned(bent, tolerance=0.9, count_max=9) == tuple(bent)
    assert thinned(bent, tolerance=1.1, count_max=9) == (bent[0], bent[2])


def test_no_more_points_are_left_than_allowed():
    jagged = [(float(x), 10.0 * (x % 2)) for x in range(400)]
    kept = thinned(jagged, tolerance=0.1, count_max=50)
    assert len(kept) <= 50
    assert (kept[0], kept[-1]) == (jagged[0], jagged[-1])
