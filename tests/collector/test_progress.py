"""What a person, a log and a terminal get to see of a run under way."""

import io
import re
import statistics
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from collector.plan import ModelPlan, Plan, Slot, schedule
from collector.progress import LiveWatcher, PlainWatcher, make_watcher, trial_line
from collector.record import Chunk, Failure, Trial

S = 1_000_000_000


class Clock:
    now_s = 0.0

    def __call__(self) -> int:
        return round(self.now_s * S)


class Screen:
    """What a terminal shows after some output; knows only what is used here."""

    _TOKEN = re.compile(r"\x1b\[\??(\d*)([A-Za-z])|([^\x1b])")

    def __init__(self):
        self.lines = [""]
        self.row = self.column = 0

    def feed(self, output: str):
        for match in self._TOKEN.finditer(output):
            count, command, character = match.groups()
            if command:
                self._obey(command, int(count or 1))
            elif character == "\n":
                self.row += 1
                self.column = 0
            elif character == "\r":
                self.column = 0
            else:
                self._put(character)
            while self.row >= len(self.lines):
                self.lines.append("")

    def _obey(self, command: str, count: int):
        if command == "A":
            assert self.row >= count, "moved above the first line"
            self.row -= count
        elif command == "B":
            self.row = min(self.row + count, len(self.lines) - 1)
        elif command == "K":
            kept = "" if count == 2 else self.lines[self.row][: self.column]
            self.lines[self.row] = kept
        else:
            assert command in "hl", command

    def _put(self, character: str):
        line = self.lines[self.row].ljust(self.column)
        after = line[self.column + 1 :]
        self.lines[self.row] = line[: self.column] + character + after
        self.column += 1

    def shown(self) -> list[str]:
        return [line.rstrip() for line in self.lines if line.strip()]


class Tty(io.StringIO):
    """A stream with a terminal at its other end."""

    def __init__(self, encoding: str = "utf-8"):
        super().__init__()
        self._encoding = encoding
        self.screen = Screen()

    @property
    def encoding(self):
        return self._encoding

    def isatty(self):
        return True

    def write(self, text: str) -> int:
        text.encode(self._encoding)
        self.screen.feed(text)
        return super().write(text)


def make_plan(*ids: str, rounds: int = 1) -> Plan:
    models = [ModelPlan.model_construct(id=x, key="k", name="n") for x in ids]
    plan = Plan.model_validate(
        {
            "tasks": ["t"],
            "design": {"rounds": rounds, "trials": 2},
            "models": [{"id": "x", "key": "k", "name": "n"}],
        }
    )
    return plan.model_copy(update={"models": models})


def make_trial(slot: Slot, **changes: object) -> Trial:
    """Return a trial of 101 tokens at 50 tok/s, the first after 0.5 s."""
    timeline = tuple(Chunk(500_000 + t * 20_000, "answer", 4) for t in range(101))
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


def failed(slot: Slot, message: str) -> Trial:
    failure = Failure(kind="error_event", message=message)
    return make_trial(slot, outcome="failed", failure=failure, usage=None)


def live(
    *ids: str, height: int = 30, width: int = 100, encoding: str = "utf-8"
) -> tuple[LiveWatcher, Tty, Clock, tuple[Slot, ...]]:
    stream, clock, slots = Tty(encoding), Clock(), schedule(make_plan(*ids))
    console = Console(
        file=stream,
        force_terminal=True,
        width=width,
        height=height,
        legacy_windows=False,
        _environ={},
    )
    return LiveWatcher(console, slots, clock=clock), stream, clock, slots


def test_a_finished_trial_is_a_line_with_its_figures():
    warmup, first, *_ = schedule(make_plan("qwen"))
    assert trial_line(make_trial(first), 2, 3) == (
        "[2/3] qwen  t #1  0.50 s to first token, 50.00 tok/s, 101 tokens"
    )
    assert trial_line(failed(first, "it broke"), 2, 3) == (
        "[2/3] qwen  t #1  failed: error_event: it broke"
    )
    nothing = failed(warmup, "x").model_copy(update={"timeline": None})
    assert trial_line(nothing, 1, 3) == "[1/3] qwen  warm-up  no figures"


@pytest.mark.parametrize(
    ("is_tty", "env", "kind"),
    [
        (True, {}, LiveWatcher),
        (True, {"TERM": "xterm-256color", "CI": ""}, LiveWatcher),
        (True, {"CI": "true"}, PlainWatcher),
        (True, {"TERM": "dumb"}, PlainWatcher),
        (False, {}, PlainWatcher),
        (False, {"FORCE_COLOR": "1"}, PlainWatcher),
    ],
)
def test_only_a_persons_terminal_gets_the_live_display(is_tty, env, kind):
    stream = Tty() if is_tty else io.StringIO()
    assert type(make_watcher(stream, env, make_plan("a"))) is kind


def test_in_ci_each_finished_trial_is_one_line_and_nothing_else_is_printed():
    stream = io.StringIO()
    slots = schedule(make_plan("qwen"))
    with make_watcher(stream, {"CI": "1"}, make_plan("qwen")) as watcher:
        for slot in slots[:2]:
            watcher.on_phase(slot, "loading")
            watcher.on_phase(slot, "measuring")
            watcher.on_text(40, 10)
        watcher.on_trial(make_trial(slots[1]), 2, 3)
        watcher.on_trial(failed(slots[2], "two\nlines \x1b[2J"), 3, 3)
    assert stream.getvalue() == (
        "[2/3] qwen  t #1  0.50 s to first token, 50.00 tok/s, 101 tokens\n"
        "[3/3] qwen  t #2  failed: error_event: two lines \ufffd[2J\n"
    )


def test_a_log_in_an_old_encoding_gets_question_marks_and_no_error():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    slot = schedule(make_plan("a"))[1]
    PlainWatcher(stream).on_trial(failed(slot, "日本語"), 1, 3)
    assert stream.buffer.getvalue() == b"[1/3] a  t #1  failed: error_event: ???\n"


def test_the_live_display_explains_itself():
    watcher, stream, clock, slots = live("qwen3-vl-4b", "gpt-oss-20b")
    # The plan's seed puts gpt-oss first.
    assert slots[0].model.id == "gpt-oss-20b"
    with watcher:
        watcher.on_phase(slots[0], "loading")
        clock.now_s = 12
        watcher.on_phase(slots[0], "warming up")
        clock.now_s = 14
        watcher.on_trial(make_trial(slots[0]), 1, 6)
        watcher.on_phase(slots[1], "measuring")
        clock.now_s = 44
        watcher.on_trial(make_trial(slots[1]), 2, 6)
        watcher.on_phase(slots[2], "measuring")
        for second in range(45, 65):
            clock.now_s = second
            watcher.on_text(4 * 15 * (second - 44), 15 * (second - 44))
        rest = "time left at least 0:10 (1 model not timed yet) · running 1:04"
        assert stream.screen.shown() == [
            "  model         trials  failed  state        tokens    tok/s     time",
            "▸ gpt-oss-20b      1/2          measuring      ~300    ~15.0     0:20",
            "  qwen3-vl-4b      0/2          waiting           –        –        –",
            f"trials left 3 · {rest}",
        ]


def test_what_is_written_during_a_stream_is_what_a_full_redraw_would_show():
    watcher, stream, clock, slots = live("a", "longer-name", "c", "d")
    with watcher:
        for slot in slots:
            watcher.on_phase(slot, "measuring")
            for step in range(1, 8):
                clock.now_s += 0.4
                watcher.on_text(step * 12, step * 3)
                in_place = stream.screen.shown()
                watcher._draw()
                assert stream.screen.shown() == in_place
            assert any(" ~21 " in line and " ~7.5 " in line for line in in_place)
            watcher.on_trial(make_trial(slot), slot.position, len(slots))


def test_a_stream_writes_two_lines_and_never_the_whole_display():
    watcher, stream, _, slots = live("a", "b", "c", "d", "e", "f", "g", "h")
    with watcher:
        watcher.on_phase(slots[1], "measuring")
        before = len(stream.getvalue())
        watcher.on_text(12, 3)
        written = stream.getvalue()[before:]
    assert written.count("\r") == 2
    assert "\n" not in written
    assert len(written) < 220


def test_a_failure_stays_on_the_screen_above_the_display():
    watcher, stream, _, slots = live("a", "b")
    with watcher:
        watcher.on_phase(slots[1], "measuring")
        watcher.on_text(8, 2)
        watcher.on_trial(failed(slots[1], "[bold]out of memory\x1b[31m"), 2, 6)
        watcher.on_phase(slots[2], "measuring")
        watcher.on_text(8, 2)
    shown = stream.screen.shown()
    assert shown[0].endswith("failed: error_event: [bold]out of memory\ufffd[31m")
    assert len(shown) == 5
    assert shown[2].split()[2:4] == ["1/2", "1"]


def test_a_warning_told_during_a_stream_stays_above_the_display():
    watcher, stream, _, slots = live("a", "b")
    with watcher:
        watcher.on_phase(slots[1], "measuring")
        watcher.on_text(8, 2)
        watcher.tell("[red]warning: another quantization\x1b[2J")
        watcher.on_text(12, 3)
        watcher.on_phase(slots[1], "measuring")
    shown = stream.screen.shown()
    assert shown[0] == "[red]warning: another quantization\ufffd[2J"
    assert [line.split()[0] for line in shown[1:]] == ["model", "▸", "a", "trials"]


def test_model_output_and_ids_reach_the_terminal_as_text_only():
    name = "[red]\x1b]0;pwned\x07[/red]"
    watcher, stream, _, slots = live(name)
    with watcher:
        watcher.on_phase(slots[1], "measuring")
        watcher.on_text(8, 2)
        watcher.on_trial(failed(slots[1], "\x1b]52;c;aGk=\x07"), 2, 3)
    assert "\x1b]" not in stream.getvalue()
    assert "\x07" not in stream.getvalue()
    assert "[red]\ufffd]0;pwned\ufffd[/red]" in stream.getvalue()


def test_more_models_than_lines_leave_the_active_one_in_sight():
    names = [f"model-{number:02d}" for number in range(40)]
    watcher, stream, _, slots = live(*names, height=12)
    with watcher:
        for slot in slots:
            watcher.on_phase(slot, "measuring")
            watcher.on_text(8, 77)
            shown = stream.screen.shown()
            assert len(shown) == 11
            active = [line for line in shown if line.startswith("▸")]
            assert active[0].split()[1] == slot.model.id
            assert " ~77 " in active[0]
            assert shown[-2] == "  … 32 more"


@pytest.mark.parametrize(("width", "height"), [(100, 3), (20, 30), (5, 2), (1, 1)])
def test_a_tiny_terminal_is_survived_without_wrapped_lines(width, height):
    watcher, stream, _, slots = live("a-model", "b-model", width=width, height=height)
    with watcher:
        for slot in slots:
            watcher.on_phase(slot, "measuring")
            watcher.on_text(8, 2)
    assert all(len(line) < max(width, 2) for line in stream.screen.lines)


def test_a_console_that_knows_only_ascii_is_written_in_ascii():
    watcher, stream, _, slots = live("模型", encoding="ascii")
    with watcher:
        watcher.on_phase(slots[1], "measuring")
        watcher.on_text(8, 2)
        watcher.on_trial(failed(slots[1], "壊れた"), 2, 3)
    shown = stream.screen.shown()
    assert shown[0] == "[2/3] ??  t #1  failed: error_event: ???"
    assert shown[2].startswith("  ??     ")


def test_an_old_windows_console_is_not_sent_what_it_does_not_know():
    watcher, stream, *_ = live("a")
    watcher._console.legacy_windows = True
    before = len(stream.getvalue())
    watcher._lines_below = 1
    watcher.on_text(8, 2)
    assert len(stream.getvalue()) == before
    assert watcher._board.rows[0].events == 2


class Broken(Tty):
    """A terminal that goes away; everything written after that fails."""

    is_gone = False

    def write(self, text: str) -> int:
        if self.is_gone:
            raise OSError(5, "Input/output error")
        return super().write(text)


def test_a_terminal_that_goes_away_does_not_end_the_run():
    stream, clock, slots = Broken(), Clock(), schedule(make_plan("a"))
    console = Console(file=stream, force_terminal=True, width=80, height=24)
    with LiveWatcher(console, slots, clock=clock) as watcher:
        watcher.on_phase(slots[0], "measuring")
        stream.is_gone = True
        watcher.on_text(8, 2)
        watcher.on_phase(slots[1], "measuring")
        watcher.on_trial(make_trial(slots[1]), 2, 3)


def interrupted(watcher: LiveWatcher, slot: Slot):
    with watcher:
        watcher.on_phase(slot, "measuring")
        raise KeyboardInterrupt


def test_the_cursor_is_there_again_below_the_display_after_an_interrupt():
    watcher, stream, _, slots = live("a")
    with pytest.raises(KeyboardInterrupt):
        interrupted(watcher, slots[0])
    output = stream.getvalue()
    assert output.rindex("\x1b[?25h") > output.rindex("\x1b[?25l")
    assert stream.screen.row == 3
    assert stream.screen.column == 0


def test_nothing_draws_in_the_background():
    before = set(threading.enumerate())
    watcher, stream, _, slots = live("a", "b")
    with watcher:
        watcher.on_phase(slots[0], "measuring")
        written = stream.getvalue()
        assert set(threading.enumerate()) == before
        time.sleep(0.3)
        assert stream.getvalue() == written


def test_a_call_during_a_stream_takes_less_than_200_microseconds():
    watcher, _, clock, slots = live(*"abcdefgh")
    took_ns = []
    with watcher:
        watcher.on_phase(slots[1], "measuring")
        for step in range(300):
            clock.now_s += 0.1
            start_ns = time.perf_counter_ns()
            watcher.on_text(step * 4, step)
            took_ns.append(time.perf_counter_ns() - start_ns)
    # The median: other programs on the machine may delay any single call.
    assert statistics.median(took_ns) < 200_000


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(-9, 10**9), st.integers(-9, 10**9), st.floats(-5, 5)),
        max_size=20,
    )
)
def test_a_call_during_a_stream_never_raises(calls):
    watcher, _, clock, _ = live("a", "b")
    for chars, events, later_s in calls:
        clock.now_s += later_s
        watcher.on_text(chars, events)
