"""The bars of the decode rates."""

from itertools import pairwise

import pytest

from site_builder.charts.data import Spread
from site_builder.charts.rates import levels_of


@pytest.mark.parametrize("narrow", [False, True])
def test_bars_are_as_long_as_the_rates_and_begin_at_one_line(draw, published, narrow):
    drawing = draw("rates", published, narrow=narrow)
    bars = [drawing.shapes(f"f-s{hue}")[0] for hue in (1, 2, 3, 4)]
    assert [bar.left for bar in bars] == pytest.approx([bars[0].left] * 4)
    lengths = [bar.right - bar.left for bar in bars]
    # 32.68 / 76.02 = 0.42989, 13.55 / 76.02 = 0.17824, 14.33 / 76.02 = 0.18850
    shares = [length / lengths[0] for length in lengths]
    assert shares == pytest.approx([1, 0.42989, 0.17824, 0.18850], abs=5e-4)


def test_the_order_is_the_one_given(draw, published):
    for points in (published, published[::-1]):
        drawing = draw("rates", points)
        tops = [drawing.shapes(f"f-s{point.hue}")[0].top for point in points]
        assert tops == sorted(tops)


def test_values_stand_at_the_ends_of_their_bars(draw, published):
    drawing = draw("rates", published)
    bar = drawing.shapes("f-s2")[0]
    (label,) = [text for text in drawing.texts if text.text == "32.68 tok/s"]
    assert 0 < label.left - bar.right < 12
    assert bar.top < label.baseline < bar.bottom


def test_names_stand_beside_the_bars_or_above_them_if_narrow(draw, published):
    for narrow in (False, True):
        drawing = draw("rates", published, narrow=narrow)
        bar = drawing.shapes("f-s1")[0]
        (name,) = [text for text in drawing.texts if text.text == "Qwen 3-VL-4B"]
        assert name.left == 0
        if narrow:
            assert name.baseline < bar.top
        else:
            assert name.right < bar.left
            assert bar.top < name.baseline < bar.bottom


def test_an_unmeasured_rate_has_words_for_a_bar(draw, point):
    drawing = draw("rates", [point("A", 50.0), point("B", None, hue=2)])
    assert drawing.words.count("Not measured") == 1
    assert not drawing.shapes("f-s2")


def test_twelve_models_have_twelve_bars_apart_from_each_other(draw, point):
    for narrow in (False, True):
        points = [point(f"M{hue}", 5.0 * hue, hue=hue) for hue in range(1, 13)]
        drawing = draw("rates", points, narrow=narrow)
        bars = [drawing.shapes(f"f-s{hue}")[0] for hue in range(1, 13)]
        for upper, lower in pairwise(bars):
            assert lower.top - upper.bottom > 20


def several(point):
    """Give a model of four trials, and one of a single trial that sets the scale."""
    trials = (30.0, 40.0, 40.0, 50.0)
    interval = Spread(median=40.0, low=30.0, high=50.0)
    return [
        point("A", 40.0, rates=trials, rate_interval=interval),
        point("B", 80.0, hue=2, rates=(80.0,)),
    ]


@pytest.mark.parametrize("narrow", [False, True])
def test_every_trial_is_a_dot_below_its_bar(draw, point, narrow):
    drawing = draw("rates", several(point), narrow=narrow)
    (bar,), (scale,) = drawing.shapes("f-s1"), drawing.shapes("f-s2")
    (dots,) = drawing.shapes("s-s1")
    unit = (scale.right - scale.left) / 80
    xs = [line[0][0] for line in dots.lines]
    assert xs == pytest.approx(
        [bar.left + unit * rate for rate in (30, 40, 40, 50)], abs=0.2
    )
    ys = [line[0][1] for line in dots.lines]
    # The second trial of 40 makes way for the first; nothing is left to chance.
    assert ys[0] == ys[1] == ys[3] < ys[2]
    assert ys[0] > bar.bottom
    assert dots.attributes["stroke-linecap"] == "round"
    assert not drawing.shapes("s-s2")


@pytest.mark.parametrize("narrow", [False, True])
def test_the_interval_is_a_line_with_caps_over_the_end_of_the_bar(draw, point, narrow):
    drawing = draw("rates", several(point), narrow=narrow)
    (bar,), (scale,) = drawing.shapes("f-s1"), drawing.shapes("f-s2")
    unit = (scale.right - scale.left) / 80
    whisker = next(
        s for s in drawing.shapes("s-ink") if len(s.lines) == 3 and s.top > 30
    )
    assert whisker.left == pytest.approx(bar.left + 30 * unit, abs=0.1)
    assert whisker.right == pytest.approx(bar.left + 50 * unit, abs=0.1)
    assert bar.top < whisker.top < whisker.bottom < bar.bottom
    (label,) = [text for text in drawing.texts if text.text == "40.00 tok/s"]
    assert label.left > whisker.right


def test_the_key_stands_only_where_there_are_several_trials(draw, point, published):
    words = draw("rates", several(point)).words
    assert {"A trial", "Interval"} <= set(words)
    assert not {"A trial", "Interval"} & set(draw("rates", published).words)


def test_dots_take_the_first_free_level_and_then_the_first():
    assert levels_of([10, 10, 10, 10]) == (0, 1, 2, 0)
    assert levels_of([10, 14.9, 15.1]) == (0, 1, 0)
    assert levels_of([]) == ()
