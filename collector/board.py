"""What a person sees of a run under way: events into lines of text; pure, no clock."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Literal

from rich.cells import cell_len

from collector.metrics import METRICS
from collector.pace import (
    Kind,
    Sample,
    add_sample,
    events_per_s,
    time_left,
)
from collector.plan import Slot
from collector.record import Trial
from collector.terminal import can_show, fill, printable

Phase = Literal["resting", "loading", "warming up", "measuring"]

_LINE = "{} {}  {:>7}  {:>6}  {:<10}  {:>7}  {:>7}  {:>7}"
_TITLES = ("trials", "failed", "state", "tokens", "tok/s", "time")
_NAME_WIDTH_MIN = 8
_NAME_WIDTH_MAX = 36


@dataclass(frozen=True, kw_only=True)
class Symbols:
    """Characters of the display, all of one encoding."""

    active: str = "▸"
    unknown: str = "–"
    more: str = "…"
    dot: str = "·"
    encoding: str = "utf-8"


@dataclass(kw_only=True)
class Row:
    """A model's line.

    Attributes:
        done: Trials finished of ``total``, failed ones included, without warm-ups.
        failed: Trials of this session that do not count.
        phase: What goes on; None: nothing.
        began_ns: When that phase, or the latest one, began; None: none did.
        lasted_s: Seconds of the latest request; None: it runs, or there was none.
        events: Events with text of the latest request; None: none came.
        tokens: The server's count for it; None: not known.
        tok_s: Its rate as the metric has it; None: not known.
        samples: Its events over the last second, oldest first.
    """

    model_id: str
    total: int
    done: int = 0
    failed: int = 0
    phase: Phase | None = None
    began_ns: int | None = None
    lasted_s: float | None = None
    events: int | None = None
    tokens: float | None = None
    tok_s: float | None = None
    samples: deque[Sample] = field(default_factory=deque)


def choose_symbols(encoding: str | None) -> Symbols:
    """Return the characters that an encoding has: the proper ones, or ASCII."""
    proper = Symbols(encoding=encoding or "ascii")
    shown = proper.active + proper.unknown + proper.more + proper.dot
    if can_show(shown, encoding):
        return proper
    return Symbols(active=">", unknown="-", more="..", dot="|", encoding="ascii")


def duration_text(seconds: float | None, *, unknown: str) -> str:
    """Write seconds as ``m:ss`` or ``h:mm:ss``; None as the given mark."""
    if seconds is None:
        return unknown
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def fitting_width(wanted: int, columns: int) -> int:
    """Return the width of the models' names on a terminal of so many columns."""
    others = len(_LINE.format(" ", "", *_TITLES))
    return min(wanted, max(_NAME_WIDTH_MIN, columns - 1 - others))


def visible(count: int, active: int, limit: int) -> range:
    """Return which of the rows to show where not all have room, around the active."""
    limit = max(1, min(limit, count))
    start = min(max(0, active - limit // 2), count - limit)
    return range(start, start + limit)


def header(name_width: int) -> str:
    """Return the line above the models."""
    return _LINE.format(" ", fill("model", name_width, more=""), *_TITLES)


def name_cell(row: Row, name_width: int, *, symbols: Symbols) -> str:
    """Return a model's name, as a terminal may show it, of exactly that width."""
    name = printable(row.model_id, symbols.encoding)
    return fill(name, name_width, more=symbols.more)


def model_line(row: Row, at_ns: int, *, name: str, symbols: Symbols) -> str:
    """Return a model's line; ``~`` marks what counts events and not tokens.

    Args:
        row: The model's figures.
        at_ns: Now.
        name: From ``name_cell``.
        symbols: Characters the terminal has.
    """
    elapsed_s = row.lasted_s
    if row.phase is not None and row.began_ns is not None:
        elapsed_s = (at_ns - row.began_ns) / 1e9
    return _LINE.format(
        " " if row.phase is None else symbols.active,
        name,
        f"{row.done}/{row.total}",
        row.failed or "",
        row.phase or ("done" if row.done >= row.total else "waiting"),
        _tokens_text(row) or symbols.unknown,
        _rate_text(row) or symbols.unknown,
        duration_text(elapsed_s, unknown=symbols.unknown),
    )


def _tokens_text(row: Row) -> str | None:
    if row.tokens is not None:
        return f"{row.tokens:.0f}"
    return None if row.events is None else f"~{row.events}"


def _rate_text(row: Row) -> str | None:
    if row.tok_s is not None:
        return f"{row.tok_s:.2f}"
    rate = events_per_s(row.samples)
    return None if rate is None else f"~{rate:.1f}"


class Board:
    """A run under way: told what happens, it gives the lines that show it.

    The schedule is carried out in order, so all slots before the current one are past,
    also those that a resumed run finds finished.
    """

    def __init__(
        self, slots: Sequence[Slot], *, at_ns: int, symbols: Symbols | None = None
    ) -> None:
        self.symbols = symbols or Symbols()
        self.active = 0
        totals = Counter(slot.model.id for slot in slots if not slot.is_warmup)
        self.rows = [
            Row(model_id=model_id, total=total) for model_id, total in totals.items()
        ]
        longest = max((cell_len(row.model_id) for row in self.rows), default=0)
        self.name_width = max(len("model"), min(longest, _NAME_WIDTH_MAX))
        self._slots = slots
        self._began_ns = at_ns
        self._row_of = {row.model_id: row for row in self.rows}
        self._timed_s: dict[Kind, list[float]] = {}
        self._slot: Slot | None = None
        self._slot_began_ns = at_ns
        self._rest = time_left(_kinds(slots), {})
        self._expected_s: float | None = None
        self._trials_left = sum(totals.values())

    def begin(self, slot: Slot, phase: Phase, *, at_ns: int) -> None:
        """Take note that a slot enters a phase."""
        if self._slot is None or slot.position != self._slot.position:
            self._slot, self._slot_began_ns = slot, at_ns
            self._count(past=slot.position - 1, current=slot)
        for other in self.rows:
            other.phase = None
        row = self._row_of[slot.model.id]
        self.active = self.rows.index(row)
        row.phase, row.began_ns, row.lasted_s = phase, at_ns, None
        row.events = row.tokens = row.tok_s = None
        row.samples.clear()

    def text(self, events: int, *, at_ns: int) -> None:
        """Take note of how many events with text the current request has brought."""
        row = self.rows[self.active]
        row.events = events
        add_sample(row.samples, Sample(at_ns, events))

    def finish(self, trial: Trial, *, at_ns: int) -> None:
        """Take note that the current slot has come to its end."""
        row = self._row_of[trial.model_id]
        if row.phase is None:
            row.events = row.lasted_s = None  # Nothing was sent for this slot.
        elif row.began_ns is not None:
            row.lasted_s = (at_ns - row.began_ns) / 1e9
        row.phase = None
        row.samples.clear()
        row.tokens = METRICS["completion_tokens"].compute(trial)
        row.tok_s = METRICS["decode_tok_s"].compute(trial)
        row.failed += trial.failure is not None and not trial.is_warmup
        if self._slot is not None and trial.outcome != "failed":
            # A refusal takes no time and a stall too much: they tell nothing.
            kind = (trial.model_id, trial.is_warmup)
            seconds = (at_ns - self._slot_began_ns) / 1e9
            self._timed_s.setdefault(kind, []).append(seconds)
        position = trial.position if self._slot is None else self._slot.position
        if position is not None:
            self._count(past=position, current=None)
        self._slot = None

    def summary(self, at_ns: int) -> str:
        """Return the line below the models."""
        symbols, known_s = self.symbols, self._rest.known_s
        if self._expected_s is not None:
            gone_s = (at_ns - self._slot_began_ns) / 1e9
            known_s = (known_s or 0.0) + max(0.0, self._expected_s - gone_s)
        shown = duration_text(known_s, unknown=symbols.unknown)
        if untimed := len(self._rest.untimed):
            # A bound of less than a second tells nothing.
            is_bound = known_s is not None and known_s >= 1
            bound = f"at least {shown}" if is_bound else symbols.unknown
            plural = "" if untimed == 1 else "s"
            shown = f"{bound} ({untimed} model{plural} not timed yet)"
        running = duration_text((at_ns - self._began_ns) / 1e9, unknown="")
        return (
            f"trials left {self._trials_left} {symbols.dot} time left {shown} "
            f"{symbols.dot} running {running}"
        )

    def _count(self, *, past: int, current: Slot | None) -> None:
        """Count what is done and left; the current slot's own time is apart."""
        done = Counter(
            slot.model.id
            for slot in self._slots
            if slot.position <= past and not slot.is_warmup
        )
        for row in self.rows:
            row.done = done[row.model_id]
        self._trials_left = sum(row.total - row.done for row in self.rows)
        kind = None if current is None else (current.model.id, current.is_warmup)
        timed_s = None if kind is None else self._timed_s.get(kind)
        self._expected_s = fmean(timed_s) if timed_s else None
        # A current slot of a kind not timed yet is left like those to come.
        first = past + 1 if self._expected_s is None else past + 2
        rest = [slot for slot in self._slots if slot.position >= first]
        self._rest = time_left(_kinds(rest), self._timed_s)


def _kinds(slots: Iterable[Slot]) -> Counter[Kind]:
    return Counter((slot.model.id, slot.is_warmup) for slot in slots)
