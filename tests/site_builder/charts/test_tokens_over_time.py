"""Lines of what had come over the seconds since the request."""

import pytest

from site_builder.charts import ChartDataError
from site_builder.charts.data import Course

STEADY = Course(points=((1.0, 0.0), (11.0, 500.0)))
SLOW = Course(points=((2.0, 0.0), (8.0, 100.0), (22.0, 1000.0)))


def line_of(drawing, hue):
    return next(
        shape for shape in drawing.shapes(f"s-s{hue}") if len(shape.lines[0]) < 4
    )


@pytest.mark.parametrize("narrow", [False, True])
def test_a_line_runs_through_seconds_and_tokens(draw, point, narrow):
    points = [point("A", course=STEADY), point("B", course=SLOW, hue=2)]
    drawing = draw("tokens-over-time", points, narrow=narrow)
    base = drawing.shapes("s-ink")[0]
    per_second = (base.right - base.left) / 22
    (first, last) = line_of(drawing, 1).lines[0]
    (_, bend, end) = line_of(drawing, 2).lines[0]
    assert first == pytest.approx((base.left + per_second, base.top), abs=0.11)
    assert last[0] == pytest.approx(base.left + 11 * per_second, abs=0.11)
    assert bend[0] == pytest.approx(base.left + 8 * per_second, abs=0.11)
    # Half as many tokens are half as high, a tenth a tenth.
    height = base.top - end[1]
    assert base.top - last[1] == pytest.approx(height / 2, abs=0.2)
    assert base.top - bend[1] == pytest.approx(height / 10, abs=0.2)


def test_a_rebuilt_line_is_dashed_and_the_key_says_so(draw, point):
    rebuilt = Course(points=STEADY.points, is_rebuilt=True)
    drawing = draw("tokens-over-time", [point("A", course=rebuilt)])
    assert "stroke-dasharray" in line_of(drawing, 1).attributes
    assert "Reconstructed" in drawing.words
    recorded = draw("tokens-over-time", [point("A", course=STEADY)])
    assert "stroke-dasharray" not in line_of(recorded, 1).attributes
    assert "Reconstructed" not in recorded.words


def test_the_beginning_of_the_answer_is_a_hollow_square_on_the_line(draw, point):
    course = Course(points=STEADY.points, answer_at=(6.0, 250.0))
    drawing = draw("tokens-over-time", [point("A", course=course)])
    assert "Answer begins" in drawing.words
    (square,) = [s for s in drawing.shapes("s-s1") if len(s.lines[0]) == 4]
    first, last = line_of(drawing, 1).lines[0]
    middle = ((square.left + square.right) / 2, (square.top + square.bottom) / 2)
    halfway = ((first[0] + last[0]) / 2, (first[1] + last[1]) / 2)
    assert middle == pytest.approx(halfway, abs=0.2)


def test_labels_give_the_name_and_the_last_second(draw, point):
    drawing = draw("tokens-over-time", [point("A", course=STEADY)])
    assert "A\u200211.0 s" in drawing.words


def test_a_model_without_a_course_is_listed_and_not_drawn(draw, point):
    points = [point("A", course=STEADY), point("B", hue=2), point("C", hue=3)]
    drawing = draw("tokens-over-time", points)
    assert "Not measured: B · C" in drawing.words
    assert not drawing.shapes("s-s2")


def test_without_any_course_there_is_an_empty_frame(draw, point):
    drawing = draw("tokens-over-time", [point("A")])
    assert "Not measured: A" in drawing.words
    assert "Seconds since the request" in drawing.words
    assert len(drawing.shapes("s-ink")) == 1


def test_characters_are_called_so(draw, point):
    course = Course(points=STEADY.points, is_in_characters=True)
    words = draw("tokens-over-time", [point("A", course=course)]).words
    assert "Characters" in words
    assert "Tokens" not in words


def test_a_line_has_at_most_a_hundred_and_twenty_points(draw, point):
    jagged = tuple((float(n), 20.0 * (n // 2)) for n in range(900))
    drawing = draw("tokens-over-time", [point("A", course=Course(points=jagged))])
    longest = max(len(s.lines[0]) for s in drawing.shapes("s-s1"))
    assert 2 <= longest <= 120


@pytest.mark.parametrize(
    "points",
    [((0, 0),), ((1, 0), (0, 5)), ((0, 5), (1, 4)), ((0, 0), (1, float("inf")))],
)
def test_a_course_that_runs_backwards_is_refused(points):
    with pytest.raises(ChartDataError, match="none before the one it follows"):
        Course(points=points)
