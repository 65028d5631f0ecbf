"""Findings as a list for a person, or as JSON for a program."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from collector.doctor.finding import Finding, Status
from collector.terminal import can_show, printable

_STYLES: dict[Status, str] = {
    "ok": "green",
    "warning": "yellow",
    "problem": "bold red",
    "unknown": "dim",
}


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What stands before a finding of each status, and before a remedy."""

    ok: str = "✓"
    warning: str = "!"
    problem: str = "✗"
    unknown: str = "?"
    remedy: str = "→"

    def of(self, status: Status) -> str:
        """Return the mark of a status."""
        marks: dict[Status, str] = {
            "ok": self.ok,
            "warning": self.warning,
            "problem": self.problem,
            "unknown": self.unknown,
        }
        return marks[status]


_ASCII_MARKS = Marks(ok="ok", problem="x", remedy="->")


def print_findings(findings: Iterable[Finding], console: Console) -> None:
    """Print each finding with its mark, and below it what to do.

    Servers' words reach the terminal as text only, never as markup or commands.
    """
    found = tuple(findings)
    proper = Marks()
    shown = proper.ok + proper.problem + proper.remedy
    marks = proper if can_show(shown, console.encoding) else _ASCII_MARKS
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in found:
        line = f"{finding.check}: {finding.message}"
        table.add_row(
            Text(marks.of(finding.status), style=_STYLES[finding.status]),
            Text(printable(line, console.encoding)),
        )
        if finding.remedy is not None:
            line = f"{marks.remedy} {finding.remedy}"
            table.add_row("", Text(printable(line, console.encoding), style="bold"))
    console.print(table)
    console.print(Text(_summary(found)))


def findings_json(findings: Iterable[Finding]) -> str:
    """Return the findings as a JSON object with one list, in order."""
    content = {"findings": [asdict(finding) for finding in findings]}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _summary(findings: Sequence[Finding]) -> str:
    counts = []
    for status in ("problem", "warning"):
        count = sum(finding.status == status for finding in findings)
        counts.append(f"{count} {status}{'' if count == 1 else 's'}")
    return ", ".join(counts)
