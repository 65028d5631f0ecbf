"""Which trial races, what appears when, and what the file may leave out."""

import hashlib
import json
from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.record import Chunk, Failure, PlannedModel, PublishedFigures
from site_builder import race_data as module
from site_builder.race_data import choose_trial, race_data
from site_builder.race_file import FILE_BYTES, Step, race_file, thin

LIMIT = Failure(kind="limit", message="cut")


def lanes_of(data):
    return {lane["id"]: lane for lane in json.loads(data.file.content)["lanes"]}


def only(run, trial):
    """A loaded run with one trial, of the model it names."""
    run = run(models=(PlannedModel(model_id=trial.model_id, key="k", name="M"),))
    from collector.store import LoadedRun

    return LoadedRun(run=run, trials=(trial,), verdicts=(), codes={}, bad=())


def test_the_trial_nearest_the_median_races_among_those_without_a_warm_cache(trial):
    # Rates 10, 20, 30, 40, 90: the median is 30, of a warm trial; of the cold trials
    # 1, 3 and 5 the rates are 10, 40 and 90.
    rates = {1: 10, 2: 30, 3: 40, 4: 20, 5: 90}
    trials = [trial("fast", number, rate) for number, rate in rates.items()]
    assert choose_trial(trials).number == 3
    warm = [t.model_copy(update={"cache": "warm"}) for t in trials]
    assert choose_trial(warm).number == 2


def test_of_two_equally_near_trials_the_earlier_races(trial):
    trials = [trial("fast", n, rate, cache="cold") for n, rate in ((1, 20), (2, 40))]
    assert choose_trial(trials).number == 1
    assert choose_trial(trials[::-1]).number == 1


def test_failed_trials_and_warm_ups_never_race(trial):
    failed = trial("fast", 1, 30, outcome="truncated", failure=LIMIT)
    warm_up = trial("fast", 1, 30, is_warmup=True)
    slow = trial("fast", 3, 10)
    assert choose_trial([failed, warm_up, slow]) == slow
    assert choose_trial([failed, warm_up]) is None


def test_without_token_counts_the_first_trial_races(trial):
    trials = [trial("fast", number, 30, usage=None) for number in (5, 3)]
    assert choose_trial(trials).number == 3


def test_the_file_holds_deltas_signed_characters_and_text(run, trial):
    loaded = only(
        run,
        trial(
            "m",
            1,
            30,
            timeline=(
                Chunk(500, "reasoning", 2),
                Chunk(500, "reasoning", 1),
                Chunk(700, "answer", 3),
                Chunk(1000, "answer", 1),
            ),
            reasoning_text="hm?",
            answer_text="日本語!",
            usage={"completion_tokens": 4},
        ),
    )
    data = race_data(loaded, "json-to-csv")
    assert json.loads(data.file.content) == {
        "version": 1,
        "window_us": 0,
        "lanes": [
            {
                "id": "m",
                "t": [500, 0, 200, 300],
                "n": [-2, -1, 3, 1],
                "s": ["hm", "?", "日本語", "!"],
            }
        ],
    }
    (lane,) = data.replays
    assert (lane.first_us, lane.answer_us, lane.last_us) == (500, 700, 1000)


def test_the_file_is_named_by_its_content(measured):
    data = race_data(measured, None)
    digest = hashlib.sha256(data.file.content).hexdigest()[:10]
    assert data.files == {f"data/race/json-to-csv.{digest}.json": data.file.content}
    assert race_data(measured, None).file == data.file


def test_only_the_trials_of_the_task_race(measured):
    assert [r.kind for r in race_data(measured, "another").replays] == ["absent"] * 2
    assert [r.kind for r in race_data(measured, None).replays] == ["text"] * 2


def test_published_figures_give_the_wait_and_the_finish_of_the_tables(published):
    data = race_data(published, None)
    assert data.files == {}
    gpt = data.replays[3]
    # 1307 tokens at 14.33 tok/s take 91.2073 s, after 0.82 s.
    assert (gpt.kind, gpt.first_us, gpt.last_us) == ("rebuilt", 820_000, 92_027_258)


@pytest.mark.parametrize("missing", ["tok_s", "ttft_s", "total_tokens"])
def test_published_figures_with_a_gap_are_not_filled_in(published, missing):
    first = published.trials[0]
    figures = first.published.model_dump() | {missing: None}
    changed = first.model_copy(update={"published": PublishedFigures(**figures)})
    data = race_data(replace(published, trials=(changed,)), None)
    assert [replay.kind for replay in data.replays] == ["absent"] * 4


def test_texts_that_are_not_what_arrived_are_not_cut_into_pieces(run, trial):
    whole = trial("m", 1, 2, answer_text="abc\n" * 3)
    for text in ("abc\n" * 2, "abc\n" * 4, None):
        changed = whole.model_copy(update={"answer_text": text})
        data = race_data(only(run, changed), None)
        assert data.replays[0].kind == "times"
        assert lanes_of(data)["m"].keys() == {"id", "t", "n"}
    assert race_data(only(run, whole), None).replays[0].kind == "text"


def test_nothing_in_a_text_stays_hidden_and_line_breaks_stay_single(run, trial):
    text = "a\u202eb\r\nc\x1b[1m"
    loaded = only(
        run,
        trial(
            "m",
            1,
            30,
            timeline=tuple(Chunk(n, "answer", 1) for n in range(len(text))),
            answer_text=text,
        ),
    )
    lane = lanes_of(race_data(loaded, None))["m"]
    assert lane["n"] == [1] * len(text)
    assert lane["s"] == [
        *("a", "⟨U+202E⟩", "b", "", "\n", "c", "⟨U+001B⟩", "[", "1", "m")
    ]


def test_code_comes_as_classes_and_text_never_as_markup(run, trial):
    code = "def f():\n    return '<script>'\u200b\n"
    answer = f"Here:\n```python\n{code}```\n"
    loaded = only(
        run,
        trial(
            "m",
            1,
            30,
            timeline=(Chunk(1, "answer", len(answer)),),
            answer_text=answer,
        ),
    )
    pieces = lanes_of(race_data(loaded, None))["m"]["h"]
    assert "".join(pieces[1::2]) == code.replace("\u200b", "⟨U+200B⟩")
    assert dict(zip(pieces[1::2], pieces[::2], strict=True))["def"] == "k"
    assert all(name.isalnum() or name == "" for name in pieces[::2])


def test_saved_code_is_preferred_to_what_the_answer_holds(run, trial):
    loaded = only(run, trial("m", 1, 2))
    saved = replace(loaded, codes={("m", "json-to-csv", 1): "x = 1\n"})
    assert race_data(loaded, None).replays[0].code == ()
    assert "".join(race_data(saved, None).replays[0].code[1::2]) == "x = 1\n"


def test_an_endless_answer_is_cut_but_all_its_characters_are_counted(
    run, trial, monkeypatch
):
    monkeypatch.setattr(module, "TEXT_CHARS", 6)
    loaded = only(run, trial("m", 1, 2, answer_text="abc\n" * 3))
    data = race_data(loaded, None)
    lane = lanes_of(data)["m"]
    assert (lane["n"], lane["s"]) == ([4, 4, 4], ["abc\n", "ab", ""])
    assert data.replays[0].is_cut


def step(t_us, text="x", channel="answer"):
    return Step(t_us, channel, len(text), text)


def test_thinning_joins_what_one_window_holds_and_shows_nothing_early():
    steps = [
        step(0, "a"),
        step(1, "b"),
        step(9, "c"),
        step(10, "d"),
        step(15, "e", "reasoning"),
        step(19, "f"),
        step(19, "g"),
    ]
    assert thin(steps, 10) == (
        step(0, "a"),
        step(9, "bc"),
        step(10, "d"),
        step(15, "e", "reasoning"),
        step(19, "f"),
        step(19, "g"),
    )


@st.composite
def streams(draw):
    waits = draw(st.lists(st.integers(0, 50_000), min_size=1, max_size=60))
    times = list(accumulate(waits))
    texts = draw(st.lists(st.text(min_size=1, max_size=5), min_size=len(times)))
    channels = st.sampled_from(["answer", "reasoning"])
    return tuple(
        step(at, text, draw(channels)) for at, text in zip(times, texts, strict=False)
    )


@given(streams(), st.sampled_from([0, 1, 10_000, 320_000]))
def test_thinning_keeps_first_last_totals_and_order(steps, window_us):
    thinned = thin(steps, window_us)
    assert (thinned[0], thinned[-1]) == (steps[0], steps[-1])
    assert sum(s.chars for s in thinned) == sum(s.chars for s in steps)
    for channel in ("answer", "reasoning"):
        before, after = (
            "".join(s.text for s in some if s.channel == channel)
            for some in (steps, thinned)
        )
        assert before == after
    assert {s.t_us for s in thinned} <= {s.t_us for s in steps}
    assert [s.t_us for s in thinned] == sorted(s.t_us for s in thinned)


@given(streams())
def test_the_deltas_of_the_file_sum_to_the_recorded_times(steps):
    model = PlannedModel(model_id="m", key=None, name="M")
    from site_builder.race_file import Replay

    replay = Replay(model=model, trial=None, kind="text", steps=steps)
    content = race_file((replay,), "task").content
    (lane,) = json.loads(content)["lanes"]
    assert list(accumulate(lane["t"])) == [s.t_us for s in steps]
    assert [abs(n) for n in lane["n"]] == [s.chars for s in steps]


def test_a_large_race_is_thinned_until_it_fits_and_says_how(run, trial):
    n = 20_000
    loaded = only(
        run,
        trial(
            "m",
            1,
            30,
            timeline=tuple(Chunk(1000 * k, "answer", 1) for k in range(n)),
            answer_text="x" * n,
            usage={"completion_tokens": n},
        ),
    )
    data = race_data(loaded, None)
    lane = lanes_of(data)["m"]
    # 20,000 arrivals of 11 bytes are too many; 2,000 of 22 fit.
    assert len(data.file.content) <= FILE_BYTES
    assert data.file.window_us == 10_000
    assert (sum(lane["t"]), sum(lane["n"])) == (19_999_000, n)
    assert "".join(lane["s"]) == "x" * n
