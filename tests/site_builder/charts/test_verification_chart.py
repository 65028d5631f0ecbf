"""Which cases are passed: a symbol for each, told apart by form."""

import pytest

from site_builder.charts import ChartDataError
from site_builder.charts.data import RESULTS, CaseMark


def judged(point, name, *results, mixed=(), hue=1, strict=1.0, lenient=0.0):
    cases = tuple(
        CaseMark(result=result, is_mixed=number in mixed)
        for number, result in enumerate(results)
    )
    return point(
        name,
        hue=hue,
        cases=cases,
        cases_passed=strict,
        cases_lenient=lenient,
        cases_counted=18,
    )


@pytest.mark.parametrize("narrow", [False, True])
def test_a_cell_stands_under_the_number_of_its_case(draw, point, narrow):
    points = [judged(point, "A", "pass", "fail", "pass")]
    drawing = draw("verification", points, narrow=narrow)
    one, two, three = (
        next(t for t in drawing.texts if t.text == text) for text in "123"
    )
    squares = [line for s in drawing.shapes("f-good") for line in s.lines][1:]
    assert len(squares) == 2  # the one in the key left out
    for number, square in zip((one, three), squares, strict=True):
        middle = (number.left + number.right) / 2
        assert sum(x for x, _ in square) / 4 == pytest.approx(middle, abs=0.2)
        assert min(y for _, y in square) > number.baseline
    cross = max(drawing.shapes("s-poor"), key=lambda shape: shape.top)
    middle = (two.left + two.right) / 2
    assert (cross.left + cross.right) / 2 == pytest.approx(middle, abs=0.2)


def test_results_differ_in_form_and_are_named_in_the_key(draw, point):
    drawn = {}
    for result in RESULTS:
        drawing = draw("verification", [judged(point, "A", result)])
        assert f"result {result}" in drawing.words
        drawn[result] = tuple(
            (kind[0], len(shape.lines), len({*shape.lines[0]}))
            for kind in ("f-good", "s-fair", "s-poor", "s-muted")
            for shape in drawing.shapes(kind)
        )
    assert len(set(drawn.values())) == len(RESULTS)


def test_only_results_that_occur_are_in_the_key(draw, point):
    words = draw("verification", [judged(point, "A", "pass", "pass")]).words
    assert [word for word in words if word.startswith("result")] == ["result pass"]
    assert "Trials differ" not in words


def test_a_dot_says_that_trials_differ(draw, point):
    one = judged(point, "A", "pass", "pass", "fail", mixed=(1,))
    drawing = draw("verification", [one])
    assert "Trials differ" in drawing.words
    dots = [s for s in drawing.shapes("s-ink") if "stroke-linecap" in s.attributes]
    assert len(dots) == 2  # in the key, and beside the cell


@pytest.mark.parametrize("narrow", [False, True])
def test_more_cases_than_fit_go_on_in_another_line(draw, point, narrow):
    points = [judged(point, "A", *["pass"] * 45), judged(point, "B", "pass", hue=2)]
    drawing = draw("verification", points, narrow=narrow)
    cells = [line for s in drawing.shapes("f-good") for line in s.lines][1:]
    assert len(cells) == 46
    assert len({min(y for _, y in cell) for cell in cells[:45]}) > 1
    assert len({cell[0] for cell in cells}) == 46


def test_numbers_that_would_run_into_each_other_are_thinned(draw, point):
    points = [judged(point, "A", *["pass"] * 18)]
    narrow = draw("verification", points, narrow=True).words
    assert "17" in narrow
    assert "18" not in narrow
    assert "18" in draw("verification", points).words


def test_the_passes_are_written_and_halves_are_not_rounded_away(draw, point):
    points = [
        judged(point, "A", "pass", strict=17.0, lenient=1.0),
        judged(point, "B", "pass", hue=2, strict=16.5, lenient=0.5),
    ]
    words = draw("verification", points).words
    assert "17 + 1 of 18" in words
    assert "16.5 + 0.5 of 18" in words


def test_a_model_that_was_not_judged_has_words_and_no_cells(draw, point):
    drawing = draw("verification", [judged(point, "A", "fail"), point("B", hue=2)])
    assert "Not measured" in drawing.words
    assert "0 + 0 of 18" not in drawing.words


def test_passes_below_zero_are_refused(point):
    with pytest.raises(ChartDataError, match="cases_passed is -1"):
        point("A", cases_passed=-1.0)


def test_an_unknown_result_is_refused():
    with pytest.raises(ChartDataError, match="result 'ok': give one of pass, lenient"):
        CaseMark(result="ok", is_mixed=False)
