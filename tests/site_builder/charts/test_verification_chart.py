"""Passes as bars: strict ones solid, lenient ones an outline after them."""

import pytest

from site_builder.charts import ChartDataError


def judged(point, name, strict, lenient, hue=1):
    return point(
        name, hue=hue, cases_passed=strict, cases_lenient=lenient, cases_counted=18
    )


@pytest.mark.parametrize("narrow", [False, True])
def test_bars_are_shares_of_the_cases_that_count(draw, point, narrow):
    points = [judged(point, "A", 18, 0), judged(point, "B", 9, 3, hue=2)]
    drawing = draw("verification", points, narrow=narrow)
    (full,), (half,) = drawing.shapes("f-s1"), drawing.shapes("f-s2")
    (outline,) = drawing.shapes("s-s2")
    assert half.right - half.left == pytest.approx((full.right - full.left) / 2, abs=1)
    assert outline.left == pytest.approx(half.right, abs=1)
    # Three of nine: a third as long as the solid bar.
    width = outline.right - outline.left
    assert width == pytest.approx((half.right - half.left) / 3, abs=1)
    assert not drawing.shapes("s-s1")


def test_the_numbers_stand_at_the_bars_and_halves_are_not_rounded_away(draw, point):
    points = [judged(point, "A", 17, 1), judged(point, "B", 16.5, 0.5, hue=2)]
    words = draw("verification", points).words
    assert "17 + 1 of 18" in words
    assert "16.5 + 0.5 of 18" in words


def test_a_model_that_was_not_judged_has_words_and_no_bar(draw, point):
    drawing = draw("verification", [judged(point, "A", 3, 0), point("B", hue=2)])
    assert "Not measured" in drawing.words
    assert not drawing.shapes("f-s2")
    assert "0 + 0 of 18" not in drawing.words


def test_passes_below_zero_are_refused(point):
    with pytest.raises(ChartDataError, match="cases_passed is -1"):
        point("A", cases_passed=-1.0)
