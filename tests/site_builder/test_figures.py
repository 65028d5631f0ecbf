"""From a run to what its charts draw, say and hand out."""

import csv
import io
from dataclasses import replace

import pytest

from collector.record import Chunk
from site_builder.analysis.statistics import Centre, centre
from site_builder.analysis.summary import summarise
from site_builder.charts.data import CaseMark, Course
from site_builder.errors import ContentError
from site_builder.figure_findings import Standing, leader
from site_builder.figure_points import chart_points, most_common
from site_builder.figure_tables import arrival_s
from site_builder.figures import chart_csv, chart_csv_path, draw_charts, figure_names
from site_builder.findings import find_evidence
from site_builder.model import Cell, Table

ALWAYS = {"speed-structure", "time-to-answer", "tokens-over-time", "rates"}


def prepared(run):
    summaries = summarise(run)
    return summaries, find_evidence(run, summaries)


def points_of(run):
    return chart_points(*prepared(run), run.trials)


def charts_of(run, words):
    summaries, found = prepared(run)
    return draw_charts(summaries, found, words, points=points_of(run))


def with_timeline(run, model_id, *chunks, **more):
    """Give every counted trial of a model these arrivals."""
    return replace(
        run,
        trials=tuple(
            trial.model_copy(update={"timeline": chunks, **more})
            if trial.model_id == model_id and not trial.is_warmup
            else trial
            for trial in run.trials
        ),
    )


def with_loads(run, **loads):
    return replace(
        run,
        trials=tuple(
            trial.model_copy(update={"load_s": loads.get(trial.model_id)})
            if trial.is_warmup
            else trial
            for trial in run.trials
        ),
    )


def table_of(chart):
    return [[cell.text for cell in row] for row in chart.table.rows]


def standing(name, values, basis=""):
    interval = centre(values)
    assert interval is not None
    return Standing(
        name=name,
        value=interval.median,
        text=f"{interval.median:g}",
        interval=interval,
        basis=basis,
    )


def test_loading_is_taken_from_warm_ups_too(measured):
    fast, slow = points_of(with_loads(measured, fast=12.5))
    assert (fast.load_s, slow.load_s) == (12.5, None)


def test_thinking_ends_where_the_answer_begins(measured):
    thought = with_timeline(
        measured,
        "fast",
        Chunk(1_000_000, "reasoning", 5),
        Chunk(2_000_000, "reasoning", 5),
        Chunk(4_000_000, "answer", 10),
        Chunk(9_000_000, "answer", 20),
    )
    fast, slow = points_of(thought)
    assert (fast.thinking_s, slow.thinking_s) == (3.0, 0.0)
    assert fast.course is not None
    # 10 of 40 characters had come when thinking ended, of 101 tokens by usage.
    assert fast.course.answer_at == pytest.approx((4.0, fast.course.points[-1][1] / 4))


def test_published_thinking_and_loading_are_unknown(published):
    for point in points_of(published):
        assert point.thinking_s is None
        assert point.load_s is None
        assert point.rate_interval is None


def test_a_published_course_is_a_straight_line_from_first_token_to_last(published):
    first = points_of(published)[0].course
    # 0.20 s to the first token, 786 tokens at 76.02 tok/s: 10.339… s more.
    assert first is not None
    assert first.is_rebuilt
    assert first.points[0] == (0.20, 0.0)
    assert first.points[1] == pytest.approx((0.20 + 786 / 76.02, 786))


def test_tokens_are_in_proportion_to_the_characters_that_came(measured):
    slow = points_of(measured)[1].course
    assert slow is not None
    # Rates 40, 70, 41, 39, 40: the median's cold trial is the first; 41 tokens, even.
    assert slow.points[0] == pytest.approx((0.5, 0))
    assert slow.points[-1] == pytest.approx((1.5, 41))
    assert arrival_s(slow, 0.5) == pytest.approx(1.0, abs=0.03)
    assert not slow.is_rebuilt


def test_a_pause_stays_level(measured):
    times = [*range(1_000_000, 1_100_000, 10_000), *range(5_000_000, 5_100_000, 10_000)]
    paused = with_timeline(measured, "fast", *(Chunk(t, "answer", 1) for t in times))
    course = points_of(paused)[0].course
    assert course is not None
    before, after = arrival_s(course, 0.49), arrival_s(course, 0.55)
    assert before < 1.1
    assert after >= 5.0
    total = course.points[-1][1]
    assert (5.0, total / 2) in [(t, pytest.approx(n)) for t, n in course.points]


def test_where_nobody_counted_tokens_characters_are_drawn(measured, english):
    bare = replace(
        measured,
        trials=tuple(t.model_copy(update={"usage": None}) for t in measured.trials),
    )
    fast = points_of(bare)[0].course
    assert fast is not None
    assert fast.is_in_characters
    chart = charts_of(bare, english)["tokens-over-time"]
    assert "Nobody counted tokens" in chart.caption
    assert "Characters" in [cell.text for cell in chart.table.head]


def test_a_model_without_a_count_is_unknown_beside_others_that_have_one(
    measured, english
):
    bare = replace(
        measured,
        trials=tuple(
            t.model_copy(update={"usage": None}) if t.model_id == "slow" else t
            for t in measured.trials
        ),
    )
    assert points_of(bare)[1].course is None
    chart = charts_of(bare, english)["tokens-over-time"]
    assert table_of(chart)[1] == ["Slow [b]", *["unknown"] * 6]
    assert chart.caption.startswith("Fast 4B: 1.5 s. No other model has a known value.")


def test_the_interval_of_a_rate_is_that_of_the_order_statistics(measured):
    fast, slow = points_of(measured)
    assert fast.rate_interval is not None
    # Six trials: only from the smallest to the largest is it 95 %.
    assert (fast.rate_interval.low, fast.rate_interval.high) == pytest.approx((90, 100))
    assert len(slow.rates) == 5


def test_every_run_has_four_charts_and_code_brings_the_others(
    measured, published, english
):
    for run in (measured, published):
        _, found = prepared(run)
        assert figure_names(found) == ALWAYS
        assert charts_of(run, english).keys() == ALWAYS
    shown = replace(found, verifications={}, portraits={})
    assert "traits" not in figure_names(shown)


def test_worse_results_win_where_as_many_trials_gave_both():
    from collections import Counter

    assert most_common(Counter({"pass": 2, "lenient": 2})) == "lenient"
    assert most_common(Counter({"timeout": 1, "fail": 1, "flaky": 1})) == "fail"
    assert most_common(Counter({"pass": 3, "fail": 2})) == "pass"


def judged_run(measured, verdict, case):
    """Give the fast model code in all trials; the first two verdicts differ."""
    code = "def f(x: int) -> int:\n    return x\n"
    results = (("pass", "pass"), ("pass", "fail"), ("pass", "fail"))
    verdicts = tuple(
        verdict(
            code,
            number=number,
            cases=tuple(case(f"0{n}-x", r) for n, r in enumerate(own, 1)),
        )
        for number, own in enumerate(results, 1)
    )
    codes = {("fast", "json-to-csv", n): code for n in range(1, 7)}
    text = {"answer_text": f"{'abc ' * 100}\n\n```python\n{code}```\n"}
    trials = tuple(
        trial.model_copy(update=text)
        if trial.model_id == "fast" and not trial.is_warmup
        else trial
        for trial in measured.trials
    )
    return replace(measured, codes=codes, verdicts=verdicts, trials=trials)


def test_cells_show_what_most_trials_gave(measured, verdict, case, english):
    run = judged_run(measured, verdict, case)
    fast, slow = points_of(run)
    assert fast.cases == (
        CaseMark(result="pass", is_mixed=False),
        CaseMark(result="fail", is_mixed=True),
    )
    assert slow.cases is None
    chart = charts_of(run, english)["verification"]
    head = [cell.text for cell in chart.table.head]
    assert head == ["Case", "Fast 4B", "Slow [b]"]
    assert table_of(chart)[-2:] == [
        ["1 01-x", "pass (3 of 3)", "unknown"],
        ["2 02-x", "fail (2 of 3)", "unknown"],
    ]
    # Two, one and one strict passes of two.
    assert chart.caption.startswith(
        "Fast 4B: 1 of 2. No other model has a known value."
    )


def test_traits_of_readable_answers_are_drawn(measured, verdict, case, english):
    run = judged_run(measured, verdict, case)
    fast, slow = points_of(run)
    assert slow.traits is None
    assert fast.traits is not None
    assert [s.median for s in fast.traits][:2] == [1.0, 0.0]  # types, docstrings
    chart = charts_of(run, english)["traits"]
    assert chart.caption.startswith(
        "Only the code of Fast 4B could be read; its highest trait is Types, 1.00."
    )
    assert table_of(chart)[1] == ["Slow [b]", *["unknown"] * 9]


def test_a_median_is_called_the_highest_only_where_intervals_are_apart(english):
    high, low = (standing("A", range(20, 26)), standing("B", range(10, 16)))
    said = leader("rates", [low, high], english)
    assert said == (
        "The highest median is that of A, 22.5; its interval overlaps no other."
    )
    touching = standing("B", [10, 11, 12, 13, 14, 20])
    assert leader("rates", [touching, high], english) == (
        "The highest figure is 22.5, of A."
    )


@pytest.mark.parametrize("n", [1, 2, 5])
def test_too_few_trials_give_figures_and_no_order(english, n):
    few = [standing("A", range(20, 20 + n)), standing("B", range(10, 10 + n))]
    assert leader("rates", few, english).startswith("The highest figure is 2")


def test_other_cache_states_are_not_held_against_each_other(english):
    pair = [
        standing("A", range(1, 7), "cold"),
        standing("B", range(11, 17), "warm"),
    ]
    said = leader("time-to-answer", pair, english, is_higher=False)
    assert said == "The lowest figure is 3.5, of A."


def test_equal_and_unknown_figures_are_said_to_be_so(english):
    pair = [standing("A", [5.0]), standing("B", [5.0]), Standing(name="C", value=None)]
    assert leader("rates", pair, english) == (
        "The highest figure is 5, shared by A, B. Unknown: C."
    )
    assert leader("rates", pair[1:], english) == (
        "B: 5. No other model has a known value."
    )
    assert leader("rates", pair[2:], english) == "No model has a known value."


def test_a_single_model_is_not_ranked(english):
    assert isinstance(standing("A", range(6)).interval, Centre)
    only = [standing("A", range(6))]
    assert leader("rates", only, english) == "The highest figure is 2.5, of A."


def test_captions_and_descriptions_begin_with_the_finding(published, english, japanese):
    chart = charts_of(published, english)["rates"]
    finding = "The highest figure is 76.02 tok/s, of Qwen 3-VL-4B."
    assert chart.caption.startswith(finding)
    for svg in (chart.wide_svg, chart.narrow_svg):
        assert "<desc id=" in svg
        assert f">{finding} Horizontal bars" in svg
    caption = charts_of(published, japanese)["tokens-over-time"].caption
    assert "Qwen 3-VL-4Bの10.5秒が最も小さく" in caption
    assert "再構成です" in caption


def test_braces_and_markup_in_names_are_only_text(measured, english):
    models = tuple(
        model.model_copy(update={"name": "{n} <b>$x$</b>"})
        for model in measured.run.models
    )
    run = measured.run.model_copy(update={"models": models})
    charts = charts_of(replace(measured, run=run), english)
    for chart in charts.values():
        assert "{n} &lt;b&gt;$x$&lt;/b&gt;" in chart.wide_svg
        assert "<b>" not in chart.wide_svg


def test_more_than_twelve_models_are_refused(published, english):
    summaries, found = prepared(published)
    with pytest.raises(ContentError, match="16 models, charts tell 12 apart"):
        draw_charts(summaries * 4, found, english)


def test_the_file_of_a_chart_is_its_table(published, japanese):
    chart = charts_of(published, japanese)["time-to-answer"]
    raw = chart_csv(chart.table)
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert lines[0] == [cell.text for cell in chart.table.head]
    assert lines[1:] == table_of(chart)
    assert chart_csv_path("rates", "ja") == "data/charts/rates.ja.csv"


def test_commas_quotes_and_line_breaks_stay_in_their_cells():
    row = (Cell(text='a,"b"\nc'), Cell(text="1,280", is_number=True))
    table = Table(table_id="x", caption="", head=row, rows=(row,))
    lines = list(csv.reader(io.StringIO(chart_csv(table).decode("utf-8-sig"))))
    assert lines == [['a,"b"\nc', "1,280"]] * 2


def test_the_time_of_a_share_lies_between_the_points_around_it():
    course = Course(points=((1.0, 0.0), (3.0, 50.0), (4.0, 100.0)))
    assert [arrival_s(course, s) for s in (0.25, 0.5, 0.75, 1.0)] == [2, 3, 3.5, 4]


def test_every_drawing_of_an_article_together_is_small(
    measured, verdict, case, english
):
    import gzip

    charts = charts_of(judged_run(measured, verdict, case), english).values()
    svg = "".join(chart.wide_svg + chart.narrow_svg for chart in charts)
    assert len(charts) == 6
    assert len(gzip.compress(svg.encode())) < 14_000
