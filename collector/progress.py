"""A run under way on a person's terminal; in CI and in files, a line for each trial."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from collector.backends.protocol import Clock
from collector.board import (
    Board,
    Phase,
    choose_symbols,
    fitting_width,
    header,
    model_line,
    name_cell,
    visible,
)
from collector.metrics import METRICS
from collector.plan import Plan, Slot, schedule
from collector.record import Trial
from collector.terminal import cut, printable

_AROUND_MODELS = 4
"""Lines that are no model's: the title, the summary, what is hidden, the prompt."""


class Watcher(Protocol):
    """Who is told how a run goes on; used as a context manager."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was found."""
        ...

    def tell(self, line: str) -> None:
        """Show a line that a person should see, without harm to what is shown."""
        ...

    def on_phase(self, slot: Slot, phase: Phase) -> None:
        """Take note that a slot enters a phase; call it before anything is sent."""
        ...

    def on_text(self, chars: int, events: int) -> None:
        """Take note of the text so far; called while a stream is measured.

        It never raises, waits for nothing but the terminal and starts no thread.

        Args:
            chars: Unicode code points that the current request has brought.
            events: Events with text that it has brought.
        """
        ...

    def on_trial(self, trial: Trial, done: int, total: int) -> None:
        """Take note of a saved trial.

        Args:
            trial: What was saved.
            done: Requests finished, this one included, of ``total``.
            total: Requests of the schedule, warm-ups included.
        """
        ...


def make_watcher(
    stream: TextIO,
    env: Mapping[str, str],
    plan: Plan,
    *,
    clock: Clock = time.monotonic_ns,
) -> Watcher:
    """Return a live display for a terminal, and plain lines for all else and for CI."""
    if not stream.isatty() or env.get("CI") or env.get("TERM") == "dumb":
        return PlainWatcher(stream)
    console = Console(
        file=stream,
        force_terminal=True,
        highlight=False,
        markup=False,
        emoji=False,
        _environ=env,
    )
    return LiveWatcher(console, schedule(plan), clock=clock)


def trial_line(trial: Trial, done: int, total: int) -> str:
    """Return one line about a finished trial; it may hold any character."""
    kind = "warm-up" if trial.is_warmup else f"{trial.task_id} #{trial.number}"
    head = f"[{done}/{total}] {trial.model_id}  {kind}"
    if trial.failure is not None and not trial.is_warmup:
        return f"{head}  {trial.outcome}: {trial.failure.kind}: {trial.failure.message}"
    return f"{head}  {_figures(trial)}"


def _figures(trial: Trial) -> str:
    shown = []
    for key, unit in (
        ("ttft_s", "s to first token"),
        ("decode_tok_s", "tok/s"),
        ("completion_tokens", "tokens"),
    ):
        metric = METRICS[key]
        value = metric.compute(trial)
        if value is not None:
            shown.append(f"{value:.{metric.decimals}f} {unit}")
    return ", ".join(shown) or "no figures"


class PlainWatcher:
    """Prints a line for each finished trial and nothing else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def on_phase(self, slot: Slot, phase: Phase) -> None:
        """Show nothing."""

    def on_text(self, chars: int, events: int) -> None:
        """Show nothing."""

    def on_trial(self, trial: Trial, done: int, total: int) -> None:
        """Print the trial's line."""
        self.tell(trial_line(trial, done, total))

    def tell(self, line: str) -> None:
        """Print a line."""
        encoding = self._stream.encoding or "utf-8"
        print(printable(line, encoding), file=self._stream, flush=True)


class LiveWatcher:
    """A line for each model, redrawn in place, and below it what is left.

    Everything is drawn in the calls: a thread that draws would disturb the measured
    stream. While a stream is measured only two lines are written anew, without rich:
    its drawing of the whole takes half a millisecond and more.
    """

    def __init__(
        self, console: Console, slots: tuple[Slot, ...], *, clock: Clock
    ) -> None:
        self._console = console
        self._clock = clock
        symbols = choose_symbols(console.encoding)
        self._board = Board(slots, at_ns=clock(), symbols=symbols)
        self._live = Live(
            console=console,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._lines_below: int | None = None
        self._width = console.width
        self._names: list[str] = []
        self._is_lost = False

    def __enter__(self) -> Self:
        self._guard(self._live.start)
        self._guard(self._draw)
        return self

    def __exit__(self, *_: object) -> None:
        self._guard(self._draw)
        with suppress(OSError, ValueError):  # likewise lost
            self._live.stop()

    def on_phase(self, slot: Slot, phase: Phase) -> None:
        """Show the model's phase."""
        self._board.begin(slot, phase, at_ns=self._clock())
        self._guard(self._draw)

    def on_text(self, chars: int, events: int) -> None:  # noqa: ARG002 - protocol
        """Show the text so far, in the model's line and the last one only."""
        self._board.text(events, at_ns=self._clock())
        self._guard(self._write_active)

    def on_trial(self, trial: Trial, done: int, total: int) -> None:
        """Show the trial's figures; a failure also gets a line that stays."""
        self._board.finish(trial, at_ns=self._clock())
        if trial.failure is not None and not trial.is_warmup:
            self.tell(trial_line(trial, done, total))
        self._guard(self._draw)

    def tell(self, line: str) -> None:
        """Print a line that stays, above the display.

        Whatever else is written to the terminal meanwhile would tear the display.
        """
        text = Text(printable(line, self._board.symbols.encoding))
        self._guard(lambda: self._console.print(text))

    def _guard(self, draw: Callable[[], None]) -> None:
        # A terminal that went away must not end a measurement, nor be tried again.
        if self._is_lost:
            return
        try:
            draw()
        except (OSError, ValueError):
            self._is_lost = True

    def _draw(self) -> None:
        self._width, height = self._console.size
        board, at_ns = self._board, self._clock()
        width = fitting_width(board.name_width, self._width)
        self._names = [
            name_cell(row, width, symbols=board.symbols) for row in board.rows
        ]
        shown = visible(len(board.rows), board.active, height - _AROUND_MODELS)
        lines = [self._cut(header(width))]
        lines += [self._model_line(index, at_ns) for index in shown]
        if hidden := len(board.rows) - len(shown):
            lines.append(self._cut(f"  {board.symbols.more} {hidden} more"))
        lines.append(self._cut(board.summary(at_ns)))
        has_room = len(lines) <= height
        below = len(lines) - 2 - (board.active - shown.start)
        self._lines_below = below if has_room else None
        self._live.update(Group(*[Text(line) for line in lines]), refresh=True)

    def _write_active(self) -> None:
        """Write the active model's line and the summary where they stand."""
        up = self._lines_below
        if up is None or self._console.legacy_windows:
            return  # An old Windows console knows no such sequences.
        at_ns = self._clock()
        line = self._model_line(self._board.active, at_ns)
        summary = self._cut(self._board.summary(at_ns))
        file = self._console.file
        file.write(f"\x1b[{up}A\r{line}\x1b[K\x1b[{up}B\r{summary}\x1b[K")
        file.flush()

    def _model_line(self, index: int, at_ns: int) -> str:
        board = self._board
        line = model_line(
            board.rows[index], at_ns, name=self._names[index], symbols=board.symbols
        )
        return self._cut(line)

    def _cut(self, line: str) -> str:
        # The last column stays free: some terminals break the line after it.
        return cut(line, self._width - 1, more=self._board.symbols.more)
