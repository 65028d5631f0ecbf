"""A run under way as lines of text, with a clock that the tests turn."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.board import (
    Board,
    choose_symbols,
    duration_text,
    fitting_width,
    header,
    model_line,
    name_cell,
    visible,
)
from collector.pace import Sample, add_sample, events_per_s, time_left
from collector.plan import ModelPlan, Slot
from collector.record import Chunk, Failure, Trial

S = 1_000_000_000


def make_slots(*ids: str, rounds: int = 1, trials: int = 2) -> tuple[Slot, ...]:
    """Lay out blocks of a warm-up and some trials, in the order of the ids."""
    slots = []
    for number in range(1, rounds + 1):
        for model_id in ids:
            model = ModelPlan.model_construct(id=model_id, key="k", name="n")
            for trial in range(trials + 1):
                slots.append(
                    Slot(
                        model=model,
                        task_id="t" if trial else "warmup",
                        number=max(1, trial),
                        round=number,
                        position=len(slots) + 1,
                        is_warmup=trial == 0,
                        is_first_of_block=trial == 0,
                    )
                )
    return tuple(slots)


def make_trial(slot: Slot, **changes: object) -> Trial:
    """Return a trial of 101 tokens at 50 tok/s."""
    timeline = tuple(Chunk(t * 20_000, "answer", 4) for t in range(101))
    facts = {
        "run_id": "r",
        "model_id": "m",
        "task_id": slot.task_id,
        "number": slot.number,
        "is_warmup": slot.is_warmup,
        "position": slot.position,
        "outcome": "complete",
        "timeline": timeline,
        "usage": {"completion_tokens": 101},
    }
    trial = Trial.model_validate({**facts, **changes})
    return trial.model_copy(update={"model_id": slot.model.id})


def failed(slot: Slot) -> Trial:
    failure = Failure(kind="timeout", message="nothing came")
    gone = {"timeline": None, "usage": None}
    return make_trial(slot, outcome="failed", failure=failure, **gone)


def lines(board: Board, at_ns: int) -> list[str]:
    width = board.name_width
    shown = [
        model_line(
            row,
            at_ns,
            name=name_cell(row, width, symbols=board.symbols),
            symbols=board.symbols,
        )
        for row in board.rows
    ]
    return [header(width), *shown, board.summary(at_ns)]


def carry_out(board: Board, slot: Slot, *, start_s: int, end_s: int):
    phase = "warming up" if slot.is_warmup else "measuring"
    board.begin(slot, phase, at_ns=start_s * S)
    board.finish(make_trial(slot), at_ns=end_s * S)


def test_the_board_explains_itself():
    slots = make_slots("qwen3-vl-4b", "hermes-4-14b", "gpt-oss-20b")
    board = Board(slots, at_ns=0)
    carry_out(board, slots[0], start_s=0, end_s=10)
    carry_out(board, slots[1], start_s=10, end_s=40)
    board.begin(slots[2], "measuring", at_ns=40 * S)
    board.finish(failed(slots[2]), at_ns=45 * S)
    carry_out(board, slots[3], start_s=45, end_s=65)
    board.begin(slots[4], "measuring", at_ns=65 * S)
    for tenth in range(31):
        board.text(1000 + 5 * tenth, at_ns=70 * S + tenth * S // 10)
    assert lines(board, 73 * S) == [
        "  model          trials  failed  state        tokens    tok/s     time",
        "  qwen3-vl-4b       2/2       1  done              –        –     0:05",
        "▸ hermes-4-14b      0/2          measuring     ~1150    ~50.0     0:08",
        "  gpt-oss-20b       0/2          waiting           –        –        –",
        "trials left 4 · time left – (2 models not timed yet) · running 1:13",
    ]
    board.finish(make_trial(slots[4]), at_ns=95 * S)
    # hermes' first trial took 30 s and its second will; gpt-oss has not been timed.
    rest = "time left at least 0:30 (1 model not timed yet) · running 1:36"
    assert lines(board, 96 * S)[2:] == [
        "  hermes-4-14b      1/2          waiting         101    50.00     0:30",
        "  gpt-oss-20b       0/2          waiting           –        –        –",
        f"trials left 3 · {rest}",
    ]


def test_the_time_left_is_that_of_finished_trials_of_the_same_model():
    slots = make_slots("a", "b", rounds=2)
    board = Board(slots, at_ns=0)
    ends = [10, 30, 60, 65, 70, 80]  # a: 10, 20 and 30 s; b: 5, 5 and 10 s
    for slot, start_s, end_s in zip(slots[:6], [0, *ends], ends, strict=False):
        carry_out(board, slot, start_s=start_s, end_s=end_s)
    # The second round: a is 10 + 2 x 25 s, b is 5 + 2 x 7.5 s: 80 s.
    assert "trials left 4 · time left 1:20 ·" in board.summary(80 * S)
    board.begin(slots[6], "resting", at_ns=80 * S)
    board.begin(slots[6], "loading", at_ns=83 * S)
    board.begin(slots[6], "warming up", at_ns=85 * S)
    # Rest and load belong to the first slot of a block: 6 of its 10 s have gone.
    assert "time left 1:14 ·" in board.summary(86 * S)
    # One that takes longer than expected does not eat into the others' time.
    assert "time left 1:10 ·" in board.summary(99 * S)
    board.finish(make_trial(slots[6]), at_ns=100 * S)
    board.begin(slots[7], "measuring", at_ns=100 * S)
    # a has two trials of 25 s to go, b its 5 + 2 x 7.5 s: 70 s.
    assert "trials left 4 · time left 1:10 ·" in board.summary(100 * S)


def test_a_bound_of_less_than_a_second_is_not_shown():
    slots = make_slots("a", "b", rounds=2)
    board = Board(slots, at_ns=0)
    board.begin(slots[0], "warming up", at_ns=0)
    board.finish(make_trial(slots[0]), at_ns=S - 1)
    assert "time left – (2 models not timed yet)" in board.summary(S)
    board.begin(slots[0], "warming up", at_ns=S)
    board.finish(make_trial(slots[0]), at_ns=3 * S)
    assert "time left at least 0:01 (2 models not timed yet)" in board.summary(3 * S)


def test_failed_trials_tell_nothing_about_the_time_left():
    slots = make_slots("a", trials=3)
    board = Board(slots, at_ns=0)
    carry_out(board, slots[0], start_s=0, end_s=1)
    board.begin(slots[1], "measuring", at_ns=1 * S)
    board.finish(failed(slots[1]), at_ns=601 * S)
    assert "time left – (1 model not timed yet)" in board.summary(601 * S)
    limit = Failure(kind="limit", message="cut")
    board.begin(slots[2], "measuring", at_ns=601 * S)
    cut = make_trial(slots[2], outcome="truncated", failure=limit)
    board.finish(cut, at_ns=621 * S)
    assert "trials left 1 · time left 0:20 ·" in board.summary(621 * S)


def test_a_resumed_run_counts_what_was_finished_before():
    slots = make_slots("a", "b", rounds=2)
    board = Board(slots, at_ns=0)
    # Round 2, second trial of a: 3 of its 4 trials and 2 of b's lie before it.
    board.begin(slots[8], "measuring", at_ns=0)
    assert [row.done for row in board.rows] == [3, 2]
    assert "trials left 3 ·" in board.summary(0)


def test_a_trial_that_was_never_begun_is_counted_and_shows_no_old_figures():
    slots = make_slots("a")
    board = Board(slots, at_ns=0)
    carry_out(board, slots[0], start_s=0, end_s=10)
    board.finish(failed(slots[1]), at_ns=10 * S)
    shown = lines(board, 10 * S)[1].split()
    assert shown == ["a", "1/2", "1", "waiting", "–", "–", "–"]


def test_without_the_servers_count_the_events_stay_marked_as_such():
    slots = make_slots("a")
    board = Board(slots, at_ns=0)
    board.begin(slots[1], "measuring", at_ns=0)
    board.text(40, at_ns=1 * S)
    board.finish(make_trial(slots[1], usage=None), at_ns=2 * S)
    assert lines(board, 2 * S)[1].split()[-3:] == ["~40", "–", "0:02"]


def test_a_warm_up_that_is_cut_short_is_no_failed_trial():
    slots = make_slots("a")
    board = Board(slots, at_ns=0)
    board.begin(slots[0], "warming up", at_ns=0)
    limit = Failure(kind="limit", message="cut")
    board.finish(make_trial(slots[0], outcome="truncated", failure=limit), at_ns=S)
    assert (board.rows[0].done, board.rows[0].failed) == (0, 0)


def test_a_phase_begun_anew_has_no_rate_of_the_one_before():
    slots = make_slots("a")
    board = Board(slots, at_ns=0)
    board.begin(slots[1], "measuring", at_ns=0)
    board.text(10, at_ns=0)
    board.text(20, at_ns=S)
    board.begin(slots[1], "measuring", at_ns=S)
    board.text(1, at_ns=2 * S)
    assert lines(board, 2 * S)[1].split()[-3:] == ["~1", "–", "0:01"]


def test_an_answer_of_no_tokens_is_0_and_not_unknown():
    slots = make_slots("a")
    board = Board(slots, at_ns=0)
    board.begin(slots[1], "measuring", at_ns=0)
    empty = make_trial(slots[1], timeline=(), usage={"completion_tokens": 0})
    board.finish(empty, at_ns=2 * S)
    assert lines(board, 2 * S)[1].split()[-3:] == ["0", "–", "0:02"]


def test_a_new_request_begins_without_the_figures_of_the_one_before():
    slots = make_slots("a")
    board = Board(slots, at_ns=0)
    carry_out(board, slots[1], start_s=0, end_s=9)
    board.begin(slots[2], "measuring", at_ns=9 * S)
    assert lines(board, 10 * S)[1].split()[-3:] == ["–", "–", "0:01"]
    board.text(3, at_ns=10 * S)
    assert lines(board, 10 * S)[1].split()[-3:] == ["~3", "–", "0:01"]


def test_names_of_any_script_and_length_keep_the_columns_in_line():
    names = ["性格-4b", "a" * 50, "[red]x[/red]", "e\x1b[2J"]
    board = Board(make_slots(*names), at_ns=0)
    shown = lines(board, 0)
    assert shown[1].startswith("  性格-4b" + " " * 29 + "      0/2 ")
    assert shown[2].startswith("  " + "a" * 35 + "…      0/2 ")
    assert shown[3].startswith("  [red]x[/red] ")
    assert shown[4].startswith("  e\ufffd[2J ")


def test_a_narrow_terminal_takes_room_from_the_names_first():
    assert fitting_width(36, 100) == 36
    assert fitting_width(36, 80) == 21
    assert fitting_width(12, 80) == 12
    assert fitting_width(36, 40) == 8
    assert len(header(21)) == 79


@pytest.mark.parametrize("encoding", ["ascii", "cp932", None, "no-such-encoding"])
def test_a_console_without_the_characters_gets_ascii(encoding):
    symbols = choose_symbols(encoding)
    slots = make_slots("性格")
    board = Board(slots, at_ns=0, symbols=symbols)
    board.begin(slots[0], "loading", at_ns=0)
    for line in lines(board, 0):
        line.encode("ascii")
    assert choose_symbols("utf-8").active == "▸"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "?"), (0, "0:00"), (59.99, "0:59"), (60, "1:00"), (3600, "1:00:00")],
)
def test_durations_are_written_as_on_a_clock(seconds, text):
    assert duration_text(seconds, unknown="?") == text


@pytest.mark.parametrize(
    ("count", "active", "limit", "shown"),
    [
        (3, 0, 10, [0, 1, 2]),
        (10, 0, 4, [0, 1, 2, 3]),
        (10, 5, 4, [3, 4, 5, 6]),
        (10, 9, 4, [6, 7, 8, 9]),
        (10, 7, 0, [7]),
    ],
)
def test_where_not_all_models_have_room_those_around_the_active_one_are_shown(
    count, active, limit, shown
):
    assert list(visible(count, active, limit)) == shown


@given(st.integers(1, 50), st.integers(-5, 60), st.data())
def test_the_active_model_is_always_shown(count, limit, data):
    active = data.draw(st.integers(0, count - 1))
    shown = visible(count, active, limit)
    assert active in shown
    assert shown.start >= 0
    assert shown.stop <= count


def test_the_rate_is_that_of_the_last_second():
    samples: deque[Sample] = deque()
    for tenth in range(50):  # 10 events a second for 3 s, then 80
        events = tenth if tenth <= 30 else 30 + 8 * (tenth - 30)
        add_sample(samples, Sample(tenth * S // 10, events))
    assert events_per_s(samples) == pytest.approx(80)
    assert len(samples) == 11


def test_there_is_no_rate_until_there_are_events_enough():
    assert events_per_s([]) is None
    assert events_per_s([Sample(5 * S, 3)]) is None
    assert events_per_s([Sample(0, 1), Sample(S // 10, 9)]) is None
    assert events_per_s([Sample(0, 1), Sample(S // 5, 9)]) == pytest.approx(40)


def test_calls_far_apart_give_the_rate_between_the_last_two():
    samples: deque[Sample] = deque()
    for at_s, events in ((0, 0), (10, 100), (20, 120)):
        add_sample(samples, Sample(at_s * S, events))
    assert events_per_s(samples) == pytest.approx(2)


def test_nothing_left_takes_no_time():
    assert time_left({}, {}).known_s == 0
    assert time_left({("a", False): 2}, {("a", True): [3.0]}).known_s is None


event = st.tuples(
    st.sampled_from(["begin", "text", "finish", "failed"]),
    st.integers(0, 5),
    st.integers(0, 3 * S),
)


@given(st.lists(event, max_size=40))
def test_no_order_of_events_breaks_the_board_or_miscounts(events):
    slots = make_slots("a", "b")
    board = Board(slots, at_ns=0)
    at_ns = 0
    for what, index, later_ns in events:
        at_ns += later_ns
        if what == "begin":
            board.begin(slots[index], "measuring", at_ns=at_ns)
        elif what == "text":
            board.text(index, at_ns=at_ns)
        else:
            make = make_trial if what == "finish" else failed
            board.finish(make(slots[index]), at_ns=at_ns)
        assert len({len(line) for line in lines(board, at_ns)[:-1]}) == 1
        assert all(0 <= row.done <= row.total for row in board.rows)
