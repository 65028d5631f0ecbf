"""Judging under way on a person's terminal, in a log, and for programs."""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from collector.record import Verdict
from collector.terminal import printable

_LIKELY = ("pass", "lenient")


class Display:
    """Tells of each verdict, and counts them; used as a context manager.

    Args:
        progress: The bar; None: none is shown.
        lines: Where a line for each verdict goes.
        total: Verdicts to come.
        as_json: Whether the lines are JSON objects.
    """

    def __init__(
        self, progress: Progress | None, lines: TextIO, *, total: int, as_json: bool
    ) -> None:
        self._progress = progress
        self._lines = lines
        self._total = total
        self._as_json = as_json
        self._levels: Counter[str] = Counter()
        self._n_old = 0
        self._bar = None if progress is None else progress.add_task("", total=total)

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was found."""
        if self._progress is not None:
            self._progress.stop()

    @property
    def n_not_executed(self) -> int:
        """Answers whose code could not be run here."""
        return self._levels["not_executed"]

    def on_verdict(self, verdict: Verdict, is_old: bool) -> None:  # noqa: FBT001 - a callback
        """Tell of a verdict; what was up to date is counted only, but for programs."""
        self._levels[verdict.level] += 1
        self._n_old += is_old
        done = self._levels.total()
        if self._as_json:
            line = json.dumps(
                verdict_object(verdict, is_old=is_old), ensure_ascii=False
            )
            print(line, file=self._lines, flush=True)
        elif not is_old:
            self._say(f"[{done}/{self._total}] {verdict_line(verdict)}")
        if self._progress is not None and self._bar is not None:
            self._progress.update(self._bar, completed=done)

    def summary(self) -> str:
        """Return the counts in a sentence."""
        counts = [
            f"{self._levels[level]} {words}"
            for level, words in (
                ("as_is", "as they are"),
                ("names_adjusted", "with file names adjusted"),
                ("fails", "failing"),
                ("not_executed", "not executed"),
            )
            if self._levels[level]
        ]
        return (
            f"{self._levels.total()} answers: {', '.join(counts) or 'none to judge'}; "
            f"{self._n_old} of them up to date before"
        )

    def _say(self, line: str) -> None:
        text = printable(line, self._lines.encoding or "utf-8")
        if self._progress is None:
            print(text, file=self._lines, flush=True)
        else:
            self._progress.console.print(text, soft_wrap=True)


def make_display(
    stream: TextIO, env: Mapping[str, str], *, total: int, as_json: bool
) -> Display:
    """Return a display with a bar for a terminal, and plain lines for all else.

    Args:
        stream: Standard error.
        env: Tells of CI and of terminals that cannot draw.
        total: Verdicts to come.
        as_json: Whether a JSON object for each verdict goes to standard output.
    """
    is_plain = not stream.isatty() or env.get("CI") or env.get("TERM") == "dumb"
    progress = None
    if not is_plain:
        progress = Progress(
            TextColumn("judging"),
            BarColumn(),
            MofNCompleteColumn(),
            console=Console(file=stream, markup=False, highlight=False, emoji=False),
            transient=True,
        )
    lines = sys.stdout if as_json else stream
    return Display(progress, lines, total=total, as_json=as_json)


def verdict_line(verdict: Verdict) -> str:
    """Return one line about a verdict; it may hold any character."""
    head = f"{verdict.model_id}  {verdict.task_id} #{verdict.number}  {verdict.level}"
    if verdict.level in ("fails", "not_executed"):
        return f"{head}: {verdict.reason}"
    counted = [case for case in verdict.cases if case.is_counted]
    strict = sum(case.result == "pass" for case in counted)
    loose = sum(case.result in _LIKELY for case in counted)
    return f"{head}  {strict} of {len(counted)} pass, {loose} leniently"


def verdict_object(verdict: Verdict, *, is_old: bool) -> dict[str, object]:
    """Return a verdict for programs: its record without the diff's text."""
    fields = verdict.model_dump(mode="json", exclude={"schema_version", "kind", "diff"})
    return {"event": "verdict", "is_old": is_old, **fields}
