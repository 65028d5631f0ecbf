"""The stacked bars of the time to the finished answer."""

import pytest


def parts(drawing, hue):
    """Give outline and solid bar of a model; the outline's stroke is 1.25 wide."""
    (outline,) = drawing.shapes(f"s-s{hue}")
    (solid,) = drawing.shapes(f"f-s{hue}")
    return outline, solid


@pytest.mark.parametrize("narrow", [False, True])
def test_both_parts_are_as_long_as_their_seconds(draw, point, narrow):
    points = [
        point("A", ttft_s=3.0, generation_s=9.0),
        point("B", ttft_s=6.0, generation_s=18.0, hue=2),
    ]
    drawing = draw("time-to-answer", points, narrow=narrow)
    first_a, rest_a = parts(drawing, 1)
    first_b, rest_b = parts(drawing, 2)
    unit = (rest_b.right - first_b.left) / 24  # units of the drawing a second
    assert first_a.right - first_a.left == pytest.approx(3 * unit, abs=0.02)
    assert rest_a.left == first_a.right
    assert rest_a.right - rest_a.left == pytest.approx(9 * unit, abs=0.02)
    assert rest_b.left == first_b.right


def test_the_first_part_is_told_from_the_second_without_colour(draw, published):
    drawing = draw("time-to-answer", published)
    outline, solid = parts(drawing, 4)
    assert not any(name.startswith("f-") for name in outline.classes)
    assert not any(name.startswith("s-") for name in solid.classes)


@pytest.mark.parametrize("narrow", [False, True])
def test_totals_and_parts_are_written(draw, published, narrow):
    words = draw("time-to-answer", published, narrow=narrow).words
    # 0.34 + 94.5 = 94.84; 0.82 + 91.2 = 92.02
    for text in ("94.8 s", "0.34 + 94.5", "92.0 s", "0.82 + 91.2", "10.5 s"):
        assert text in words
    for text in ("Wait for the first token", "Generation"):
        assert text in words


def test_seconds_are_written_as_the_language_does(draw, published):
    words = draw("time-to-answer", published, words={"seconds_pattern": "{n}秒"}).words
    assert "94.8秒" in words


@pytest.mark.parametrize(("first_s", "rest_s"), [(None, 9.0), (1.0, None)])
def test_a_total_with_an_unknown_part_is_not_drawn(draw, point, first_s, rest_s):
    points = [point("A"), point("B", ttft_s=first_s, generation_s=rest_s, hue=2)]
    drawing = draw("time-to-answer", points)
    assert drawing.words.count("Not measured") == 1
    assert not drawing.shapes("f-s2")
    assert not drawing.shapes("s-s2")


def test_the_key_breaks_where_its_words_are_long(draw, published):
    words = {"part_first_token": "待" * 15, "part_generation": "生成" * 5}
    drawing = draw("time-to-answer", published, narrow=True, words=words)
    first, second = (
        next(text for text in drawing.texts if text.text == word)
        for word in words.values()
    )
    assert second.baseline > first.baseline
    assert second.left == first.left
