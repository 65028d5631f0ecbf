"""The bars of the decode rates."""

from itertools import pairwise

import pytest


@pytest.mark.parametrize("narrow", [False, True])
def test_bars_are_as_long_as_the_rates_and_begin_at_one_line(draw, published, narrow):
    drawing = draw("rates", published, narrow=narrow)
    bars = [drawing.shapes(f"f-s{hue}")[0] for hue in (1, 2, 3, 4)]
    assert len({bar.left for bar in bars}) == 1
    lengths = [bar.right - bar.left for bar in bars]
    # 32.68 / 76.02 = 0.42989, 13.55 / 76.02 = 0.17824, 14.33 / 76.02 = 0.18850
    shares = [length / lengths[0] for length in lengths]
    assert shares == pytest.approx([1, 0.42989, 0.17824, 0.18850], abs=1e-4)


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
