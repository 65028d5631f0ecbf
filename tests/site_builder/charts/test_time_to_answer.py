"""The stacked bars of the time to the finished answer."""

import pytest


def parts(drawing, hue):
    """Give outline and solid bar of a model.

    The path of an outline lies half its stroke of 1.25 inside the part it draws.
    """
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
    half = 1.25 / 2
    unit = (rest_b.right - first_b.left + half) / 24  # units of the drawing a second
    assert first_a.right - first_a.left + 2 * half == pytest.approx(3 * unit, abs=0.2)
    assert rest_a.left == pytest.approx(first_a.right + half, abs=0.11)
    assert rest_a.right - rest_a.left == pytest.approx(9 * unit, abs=0.2)
    assert rest_b.left == pytest.approx(first_b.right + half, abs=0.11)


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


@pytest.mark.parametrize("narrow", [False, True])
def test_thinking_is_a_thinner_part_before_the_answer(draw, point, narrow):
    points = [point("A", ttft_s=2.0, generation_s=18.0, thinking_s=12.0)]
    drawing = draw("time-to-answer", points, narrow=narrow)
    (bars,) = drawing.shapes("f-s1")
    thinking, answer = (
        ([x for x, _ in line], [y for _, y in line]) for line in bars.lines
    )
    unit = (max(answer[0]) - min(thinking[0])) / 18
    assert max(thinking[0]) == pytest.approx(min(answer[0]))
    assert max(thinking[0]) - min(thinking[0]) == pytest.approx(12 * unit, abs=0.2)
    height = max(answer[1]) - min(answer[1])
    assert max(thinking[1]) - min(thinking[1]) < height / 2
    assert "2.00 + 12.0 + 6.0" in drawing.words
    assert {"Thinking", "Answer"} <= set(drawing.words)
    assert "Generation" not in drawing.words


def test_without_thinking_there_are_two_parts(draw, point):
    words = draw("time-to-answer", [point("A", thinking_s=0.0)]).words
    assert "1.00 + 9.0" in words
    assert "Answer" in words
    assert "Thinking" not in words


def test_what_is_not_told_apart_is_called_generation(draw, point):
    points = [point("A", thinking_s=0.0), point("B", hue=2)]
    words = draw("time-to-answer", points).words
    assert "Generation" in words
    assert "Answer" not in words


@pytest.mark.parametrize("narrow", [False, True])
def test_loading_is_a_line_of_its_own_and_no_part_of_the_time(draw, point, narrow):
    points = [point("A", ttft_s=1.0, generation_s=9.0, load_s=20.0), point("B", hue=2)]
    drawing = draw("time-to-answer", points, narrow=narrow)
    (solid,) = drawing.shapes("f-s1")
    load, outline = sorted(drawing.shapes("s-s1"), key=lambda s: s.top, reverse=True)
    assert load.attributes["stroke-dasharray"]
    assert load.top == load.bottom > solid.bottom
    # It begins where the bar does, and 20 s are twice as long as 1 + 9 s.
    length = solid.right - load.left
    assert load.left == pytest.approx(outline.left - 1.25 / 2, abs=0.11)
    assert load.right - load.left == pytest.approx(2 * length, abs=0.3)
    assert {"10.0 s", "Loading 20.0 s", "Loading, before"} <= set(drawing.words)
    assert sum(word.startswith("Loading ") for word in drawing.words) == 1


def test_the_total_is_the_median_of_the_totals_where_that_is_known(draw, point):
    words = draw("time-to-answer", [point("A", answer_s=10.3)]).words
    assert "10.3 s" in words
    assert "10.0 s" not in words
