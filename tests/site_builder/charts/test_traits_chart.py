"""Panels of traits, each a square on the line of its range."""

import pytest

from site_builder.charts.data import ChartDataError, Spread


def spread(median, low=None, high=None):
    return Spread(
        median=median,
        low=median if low is None else low,
        high=median if high is None else high,
    )


@pytest.mark.parametrize("narrow", [False, True])
def test_squares_lie_between_0_and_1_and_ranges_beside_them(draw, point, narrow):
    traits = (spread(0.0), spread(0.5, 0.25, 0.75), spread(1.0))
    drawing = draw("traits", [point("A", traits=traits)], narrow=narrow)
    (squares,) = drawing.shapes("f-s1")
    xs = [sum(x for x, _ in line) / 4 for line in squares.lines]
    zero, one = (
        next((t.left + t.right) / 2 for t in drawing.texts if t.text == text)
        for text in "01"
    )
    assert xs == pytest.approx([zero, (zero + one) / 2, one], abs=0.2)
    (ranges,) = drawing.shapes("s-s1")
    assert len(ranges.lines) == 1
    quarter = (one - zero) / 4
    assert (ranges.left, ranges.right) == pytest.approx(
        (zero + quarter, one - quarter), abs=0.2
    )


@pytest.mark.parametrize("narrow", [False, True])
def test_a_trait_stands_at_one_height_in_all_panels_of_a_row(draw, point, narrow):
    traits = (spread(0.1), spread(0.2), spread(0.3))
    points = [point(f"M{hue}", traits=traits, hue=hue) for hue in range(1, 6)]
    drawing = draw("traits", points, narrow=narrow)
    columns = 2 if narrow else 4
    tops = [drawing.shapes(f"f-s{hue}")[0].top for hue in range(1, 6)]
    assert len(set(tops[:columns])) == 1
    assert tops[-1] > tops[0]
    rows = -(-5 // columns)
    names = [text for text in drawing.texts if text.text == "Types"]
    assert len(names) == rows
    square = drawing.shapes("f-s1")[0].lines[0]
    assert min(y for _, y in square) < names[0].baseline < max(y for _, y in square) + 4


def test_a_long_name_goes_on_in_a_second_line_and_ends_there(draw, point):
    traits = (spread(0.1),) * 3
    points = [
        point(f"Model {n} Instruct Preview of a Larger One Q4_K_M", traits=traits)
        for n in "1234"
    ]
    words = draw("traits", points).words
    assert sum(word.endswith("…") for word in words) == 4
    assert not any("Q4_K_M" in word for word in words)


def test_models_without_readable_code_are_listed(draw, point):
    points = [point("A", traits=(spread(0.1),) * 3), point("B", hue=2)]
    drawing = draw("traits", points)
    assert "Not measured: B" in drawing.words
    assert not drawing.shapes("f-s2")


@pytest.mark.parametrize("wrong", [(0.5, 0.6, 0.7), (0.5, -0.1, 0.7), (0.5, 0.1, 0.4)])
def test_a_spread_out_of_order_is_refused(wrong):
    with pytest.raises(ChartDataError, match="give them in this order"):
        spread(*wrong)
