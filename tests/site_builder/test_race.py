"""The race on a page: what is drawn, labelled and said, in both languages."""

from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from collector.record import Chunk, Failure, PlannedModel
from site_builder.race import make_race
from site_builder.race_data import race_data
from site_builder.race_file import RaceFile
from site_builder.render import relative_path

TEMPLATES = Path(__file__).parents[2] / "templates"
PAGE = '{% import "_race.html" as r %}{{ r.race(race, url, t) }}'


def html_of(race, words) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(PAGE).render(
        race=race,
        t=lambda key: words.entries[key],
        url=lambda path: relative_path(path, start=f"{words.language}/index.html"),
    )


def race_of(run, words, **more):
    return make_race(race_data(run, None), words, **{"source": run.run.source, **more})


def test_a_published_race_is_labelled_reconstructed_everywhere(published, words):
    race = race_of(published, words)
    assert race.path == ""
    assert race.intro == (words("race.rebuilt"),)
    assert {lane.badges for lane in race.lanes} == {(words("race.badge_rebuilt"),)}
    html = html_of(race, words)
    assert html.count(words("race.badge_rebuilt") + "</span>") == 4
    assert 'data-file=""' in html


def test_the_numbers_of_a_reconstructed_lane_are_those_published(published, english):
    course = race_of(published, english).lanes[3].course
    # 0.82 s + 1307 / 14.33 s = 92.027 s, and 94.805 s is the slowest.
    assert (course.first_us, course.last_us) == (820_000, 92_027_258)
    assert (course.first_x, course.last_x) == ("0.86%", "97.07%")
    assert course.span_x == "96.21%"
    assert course.final_time == "92.0 s"
    assert course.final_count == "1,307 tokens"
    assert course.final_rate == "14.33 tok/s"
    assert course.ended == "GPT-OSS 20B has finished, in place 3, after 92.0 s."


def test_a_measured_race_says_which_trial_runs_and_takes_its_times(measured, english):
    race = race_of(measured, english)
    fast, slow = (lane.course for lane in race.lanes)
    # Trial 3 of fast, 96 tok/s in one second after 0.5 s; trial 1 of slow, 40 tok/s.
    assert (fast.first_us, fast.last_us) == (500_000, 1_500_000)
    assert fast.final_rate == "96.00 tok/s"
    assert slow.final_rate == "40.00 tok/s"
    assert [row[-1].text for row in race.table.rows] == [
        "json-to-csv-03, prompt cache cold",
        "json-to-csv-01, prompt cache cold",
    ]
    assert [cell.text for cell in race.table.rows[0][1:3]] == ["0.50", "1.50"]
    assert any("nearest the model's median" in note for note in race.notes)
    assert all(lane.badges == () for lane in race.lanes)


def test_those_who_finish_together_share_a_place(measured, english):
    assert [lane.course.place for lane in race_of(measured, english).lanes] == [1, 1]


def test_the_order_is_that_of_the_finishes(published, words):
    order = race_of(published, words).order
    names = ("Qwen 3-VL-4B", "Hermes 4-14B", "GPT-OSS 20B", "Gemma 3n-E4B")
    places = [order.index(f"{n}. {name}") for n, name in enumerate(names, 1)]
    assert places == sorted(places)


def test_demo_data_is_labelled_in_every_lane_and_above(measured, words):
    race = race_of(measured, words, source="demo")
    assert words("race.demo") in race.intro
    assert {lane.badges for lane in race.lanes} == {(words("race.badge_demo"),)}


def test_a_lane_without_values_says_so(published, measured, words):
    without = replace(published, trials=published.trials[1:])
    failure = Failure(kind="limit", message="cut")
    failed = replace(
        measured,
        trials=tuple(
            t.model_copy(update={"outcome": "truncated", "failure": failure})
            for t in measured.trials
        ),
    )
    lane = race_of(without, words).lanes[0]
    assert (lane.course, lane.absence) == (None, words("race.absent_failed"))
    race = race_of(failed, words)
    assert {lane.absence for lane in race.lanes} == {words("race.absent_failed")}
    html = html_of(race, words)
    assert "<button" not in html
    assert "data-race-root" not in html
    assert html.count(words("race.absent_failed")) == 2


def test_a_trial_without_a_timeline_is_unknown_not_failed(run, measured, words):
    bare = tuple(t.model_copy(update={"timeline": None}) for t in measured.trials)
    race = race_of(replace(measured, trials=bare), words)
    assert {lane.absence for lane in race.lanes} == {words("race.absent_unknown")}


@pytest.mark.parametrize(
    ("last_us", "labels"),
    [
        (94_804_945, ["0 s", "20 s", "40 s", "60 s", "80 s"]),
        (2_020_000, ["0 s", "0.5 s", "1.0 s", "1.5 s", "2.0 s"]),
        (1_000_000, ["0 s", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "1.0 s"]),
        (5_010_000, ["0 s", "2 s", "4 s"]),
        (30, ["0 s", "0.00001 s", "0.00002 s", "0.00003 s"]),
    ],
)
def test_the_axis_has_a_few_round_marks(measured, english, last_us, labels):
    data = race_data(measured, None)
    changed = tuple(replace(r, last_us=last_us, first_us=1) for r in data.replays)
    race = make_race(replace(data, replays=changed), english, source="measured")
    assert [tick.label for tick in race.ticks] == labels
    assert race.ticks[0].x == "0.00%"
    assert all(float(tick.x.removesuffix("%")) <= 100 for tick in race.ticks)


def test_thinking_is_drawn_and_told_apart(run, measured, english):
    thinker = measured.trials[1].model_copy(
        update={
            "timeline": (
                Chunk(100_000, "reasoning", 3),
                Chunk(300_000, "answer", 3),
                Chunk(500_000, "answer", 3),
            ),
            "reasoning_text": "hm?",
            "answer_text": "abcdef",
            "usage": {"completion_tokens": 9},
        }
    )
    race = race_of(replace(measured, trials=(thinker,)), english)
    course = race.lanes[0].course
    assert course.answer_x == "50.00%"
    assert course.summary == (
        "First token after 0.10 s, first text of the answer after 0.30 s, "
        "finished after 0.50 s."
    )
    assert race.has_thinking
    assert 'data-race="thoughts"' in html_of(race, english)
    assert [cell.text for cell in race.table.head][2] == "First text of the answer (s)"


def test_characters_stand_for_tokens_that_nobody_counted(measured, english):
    bare = measured.trials[1].model_copy(update={"usage": None})
    course = race_of(replace(measured, trials=(bare,)), english).lanes[0].course
    # 101 arrivals of 4 characters in a second; the first is not in the span.
    assert course.final_count == "404 characters"
    assert course.final_rate == "400.00 characters/s"


def test_many_tokens_share_a_block_and_the_page_says_so(published, english):
    first = published.trials[0]
    figures = first.published.model_copy(update={"total_tokens": 3001})
    changed = first.model_copy(update={"published": figures})
    race = race_of(replace(published, trials=(changed,)), english)
    assert race.block == 3
    assert "A block is 3 tokens." in race.notes


def test_a_thinned_file_says_what_was_joined(measured, english):
    data = race_data(measured, None)
    file = RaceFile(path="x", content=b"", window_us=20_000)
    race = make_race(replace(data, file=file), english, source="measured")
    assert any("arrivals within 20 ms" in note for note in race.notes)


def test_names_are_text_with_nothing_hidden(run, measured, words):
    name = '<script>alert(1)</script>"\u202e'
    models = (
        PlannedModel(model_id="fast", key="a", name=name),
        PlannedModel(model_id="slow", key="b", name="x" * 300),
    )
    race = race_of(replace(measured, run=run(models=models)), words)
    html = html_of(race, words)
    assert "<script" not in html
    assert "\u202e" not in html
    assert "⟨U+202E⟩" in html


def test_no_text_of_a_model_is_in_the_page_and_no_style_either(measured, words):
    html = html_of(race_of(measured, words), words)
    assert "abc" not in html
    assert "style=" not in html
    assert "onclick" not in html


def test_the_picture_names_every_model_and_its_times(published, words):
    html = html_of(race_of(published, words), words)
    assert html.count('role="img"') == 4
    for lane in race_of(published, words).lanes:
        assert f'<desc id="race-{lane.lane_id}-desc">{lane.course.summary}<' in html


def test_the_script_stays_small_and_speaks_no_language():
    script = (TEMPLATES / "js" / "race.js").read_bytes()
    assert len(script) <= 10 * 1024
    assert script.isascii()
    for forbidden in (b"innerHTML", b"insertAdjacentHTML", b"eval(", b"window."):
        assert forbidden not in script
