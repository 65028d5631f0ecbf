"""Rates over reported positions, and labels that never cover each other."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.charts.data import (
    STRUCTURE_POSITIONS,
    ChartDataError,
    StructureSpan,
)

rates = st.one_of(
    st.floats(0, 200),
    st.sampled_from([13.55, 14.33, 14.34, 76.02]),  # close ones are the hard case
)
models = st.lists(
    st.tuples(rates, st.sampled_from([None, *STRUCTURE_POSITIONS])),
    min_size=1,
    max_size=12,
)


def labels(drawing, *, narrow):
    """Give the models' labels; nothing else has their size."""
    size = 15 if narrow else 14
    return [text for text in drawing.texts if text.size == size]


def overlap(one, other):
    # 0.8 em above the baseline and 0.2 em below it hold Latin and CJK glyphs.
    return (
        one.left < other.right
        and other.left < one.right
        and abs(one.baseline - other.baseline) < one.size
    )


@settings(max_examples=25, deadline=None, database=None)
@given(models=models, narrow=st.booleans())
def test_labels_never_overlap(draw, point, models, narrow):
    points = [
        point(f"モデル {hue} Instruct", rate, structure_position=position, hue=hue)
        for hue, (rate, position) in enumerate(models, start=1)
    ]
    placed = labels(draw("speed-structure", points, narrow=narrow), narrow=narrow)
    assert len(placed) == len(points)
    assert not any(overlap(one, other) for one, other in combinations(placed, 2))


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("position", [None, "middle"])
def test_twelve_models_at_one_rate_are_all_labelled(draw, point, position, narrow):
    points = [
        point(f"Model {hue} 長い名前", 14.0, structure_position=position, hue=hue)
        for hue in range(1, 13)
    ]
    placed = labels(draw("speed-structure", points, narrow=narrow), narrow=narrow)
    assert len(placed) == 12
    assert not any(overlap(one, other) for one, other in combinations(placed, 2))


@pytest.mark.parametrize("narrow", [False, True])
def test_a_reported_position_is_a_range_over_its_band(draw, published, narrow):
    drawing = draw("speed-structure", published, narrow=narrow)
    plot = drawing.shapes("s-ink")[0]  # the line at 0 spans all four bands
    band = (plot.right - plot.left) / 4
    for number, point in enumerate(published):
        marks = drawing.shapes(f"s-s{point.hue}")
        assert sum(len(mark.lines) for mark in marks) == 3  # a line, two hollow ends
        left = min(mark.left for mark in marks)
        right = max(mark.right for mark in marks)
        # 5 units stay free at both sides; the ends' strokes are 2 wide.
        assert left == pytest.approx(plot.left + number * band + 6, abs=0.11)
        assert right == pytest.approx(plot.left + (number + 1) * band - 6, abs=0.11)


def test_rates_are_heights_above_zero(draw, published):
    drawing = draw("speed-structure", published)
    zero = drawing.shapes("s-ink")[0].top
    heights = [
        zero - min(drawing.shapes(f"s-s{hue}"), key=lambda s: s.bottom - s.top).top
        for hue in (1, 2, 3, 4)
    ]
    shares = [height / heights[0] for height in heights]
    assert shares == pytest.approx([1, 0.42989, 0.17824, 0.18850], abs=6e-4)


def test_an_unknown_position_is_a_dashed_line_across_all_bands(draw, point):
    drawing = draw("speed-structure", [point("A", 14.33)])
    plot, (line,) = drawing.shapes("s-ink")[0], drawing.shapes("s-s1")
    assert (line.left, line.right) == (plot.left, plot.right)
    assert line.top == line.bottom
    assert drawing.svg.count("stroke-dasharray") == 1


def test_the_axis_says_what_is_reported_and_what_is_not_known(draw, point):
    known, unknown = point(structure_position="middle"), point()
    reported = "Position as the author reported it; not a measurement"
    not_known = "Position between speed and structure: not known"
    for points, said in (
        ([known, unknown], reported),
        ([unknown], not_known),
    ):
        words = draw("speed-structure", points).words
        assert [w for w in words if w in (reported, not_known)] == [said]
        for band in ("Speed end", "Middle", "Towards structure", "Structure end"):
            assert band in words


def test_names_and_rates_label_the_marks(draw, published):
    words = draw("speed-structure", published).words
    assert "Qwen 3-VL-4B\u200276.02" in words
    assert "GPT-OSS 20B\u200214.33" in words


def test_unmeasured_models_are_listed_under_the_chart(draw, point):
    points = [point("Seen", 10.0), point("One", None), point("Two", None)]
    drawing = draw("speed-structure", points)
    (note,) = [t for t in drawing.texts if t.text == "Not measured: One · Two"]
    assert note.baseline > drawing.shapes("s-ink")[0].bottom


def test_two_close_whole_width_lines_are_labelled_above_and_below(draw, point):
    points = [point("Upper", 14.33), point("Lower", 13.55, hue=2), point("Top", 76.0)]
    drawing = draw("speed-structure", points, narrow=True)
    above, below = (
        next(text for text in drawing.texts if text.text.startswith(name))
        for name in ("Upper", "Lower")
    )
    upper_line, lower_line = drawing.shapes("s-s1")[0], drawing.shapes("s-s2")[0]
    assert above.baseline < upper_line.top < lower_line.top < below.baseline


def span(median, low=None, high=None, *, is_settled=True):
    return StructureSpan(
        median=median,
        low=median if low is None else low,
        high=median if high is None else high,
        is_settled=is_settled,
    )


@pytest.mark.parametrize("narrow", [False, True])
def test_a_measured_index_is_a_square_on_the_line_of_its_answers(draw, point, narrow):
    points = [
        point("Least", 80.0, structure=span(0.0)),
        point("Half", 40.0, structure=span(50.0, 25.0, 75.0), hue=2),
        point("Most", 20.0, structure=span(100.0), hue=3),
    ]
    drawing = draw("speed-structure", points, narrow=narrow)
    plot = drawing.shapes("s-ink")[0]
    left, right = plot.left, plot.right
    (least,), (most,) = drawing.shapes("f-s1"), drawing.shapes("f-s3")
    assert (least.left + least.right) / 2 == pytest.approx(left, abs=0.11)
    assert (most.left + most.right) / 2 == pytest.approx(right, abs=0.11)
    (square,) = drawing.shapes("f-s2")
    assert (square.left + square.right) / 2 == pytest.approx((left + right) / 2, 1e-3)
    whisker = drawing.shapes("s-s2")
    quarter = (right - left) / 4
    assert min(s.left for s in whisker) == pytest.approx(left + quarter, abs=0.11)
    assert max(s.right for s in whisker) == pytest.approx(right - quarter, abs=0.11)


def test_few_answers_make_a_hollow_square(draw, point):
    hollow = point("A", structure=span(50.0, is_settled=False))
    drawing = draw("speed-structure", [hollow])
    assert not drawing.shapes("f-s1")
    assert len(drawing.shapes("s-s1")) == 1


def test_a_measured_axis_has_points_and_no_bands(draw, point):
    points = [point("A", structure=span(72.0)), point("B", hue=2)]
    drawing = draw("speed-structure", points)
    assert "Structure index (points)" in drawing.words
    assert {"0", "25", "50", "75", "100"} <= set(drawing.words)
    assert "Speed end" not in drawing.words
    # The one without an index may stand anywhere.
    plot, (line,) = drawing.shapes("s-ink")[0], drawing.shapes("s-s2")
    assert (line.left, line.right) == (plot.left, plot.right)


@pytest.mark.parametrize("wrong", [(101, 0, 101), (50, 60, 70), (50, -1, 60)])
def test_an_index_outside_its_own_range_is_refused(wrong):
    median, low, high = map(float, wrong)
    with pytest.raises(ChartDataError, match="give them in this order"):
        span(median, low, high)
