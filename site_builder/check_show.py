"""What checking found, for the terminal and for programs."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from site_builder.check_report import CheckReport, ClaimRow
from site_builder.claims.claim import Fact, Standing
from site_builder.problem import Problem

UNKNOWN = "–"

STANDING_WORDS: Mapping[Standing, str] = {
    "holds": "holds",
    "undecided": "not decidable",
    "missing": "not known",
    "broken": "no longer holds",
}
"""What a writer reads of a verdict; what is missing is told apart."""

_WIDTHS = (15, 15, 9, 3, 7)
"""Of the columns behind the claim's name; 80 are then enough for all."""

_HEADS = ("now", "published", "changed", "n", "p")


def check_json(report: CheckReport) -> str:
    """Return what was found as JSON text; outdated sections are problems there."""
    rows = {
        "run": report.run_id,
        "claims": [claim_object(row) for row in report.claims],
        "problems": [_problem(problem) for problem in report.to_mend],
    }
    return json.dumps(rows, ensure_ascii=False, indent=2, allow_nan=False)


def print_check(report: CheckReport, *, console: Console) -> None:
    """Print every claim with its sentences, then all there is to mend, then a count."""
    if report.claims:
        width = _name_width(report, console.width)
        console.print(Text(f"run {report.run_id}"))
        console.print(_line(("claim", *_HEADS), width, style="bold"))
        for row in report.claims:
            style = "red" if row.is_broken else ""
            console.print(_line(_cells(row), width, style=style))
            console.print(Padding(sentences_table(row), (0, 0, 1, 2)))
    for line in (*report.to_mend, *(row.warning for row in report.broken)):
        # Not wrapped: terminals link file and line, and searching needs whole lines.
        console.print(Text(str(line)), soft_wrap=True)
    console.print(Text(summary_line(report)))


def summary_line(report: CheckReport) -> str:
    """Return what was found in one line."""
    counts = Counter(standing_words(row) for row in report.claims)
    listed = ", ".join(f"{words}: {n}" for words, n in counts.items())
    n_to_mend = len(report.to_mend) + len(report.broken)
    claims = f"claims: {len(report.claims)} ({listed})" if listed else "no claims"
    return f"{claims}; to mend: {n_to_mend or 'nothing'}"


def standing_words(row: ClaimRow) -> str:
    """Say in a few words how a claim stands now."""
    accepted = " (accepted)" if row.is_accepted else ""
    return STANDING_WORDS[row.verdict.standing] + accepted


def probability(p: float | None) -> str:
    """Write a probability for a narrow column."""
    if p is None:
        return UNKNOWN
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"


def claim_object(row: ClaimRow) -> dict[str, Any]:
    """Return a claim as programs read it; numbers that are not finite are null."""
    verdict = row.verdict
    return {
        "id": row.claim_id,
        "verdict": verdict.verdict,
        "was": None if row.was is None else row.was.verdict,
        "changed": list(row.changed),
        "assertion": verdict.claim.assertion,
        "is_missing": verdict.is_missing,
        "p": verdict.p,
        "p_adjusted": verdict.p_adjusted,
        "n": verdict.n,
        "facts": [_fact(fact) for fact in verdict.facts],
        "sentences": dict(row.now.sentences),
        "accepted": row.is_accepted,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "key": fact.key,
        "metric": fact.metric or None,
        "models": list(fact.models),
        "numbers": {
            name: number if math.isfinite(number) else None
            for name, number in fact.numbers.items()
        },
        "texts": dict(fact.texts),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file.as_posix(),
        "line": problem.line,
        "message": problem.message,
    }


def _cells(row: ClaimRow) -> tuple[str, ...]:
    changed = "new" if row.was is None else ", ".join(row.changed) or "no"
    return (
        row.claim_id,
        standing_words(row),
        UNKNOWN if row.was is None else STANDING_WORDS[row.was.verdict],
        changed,
        UNKNOWN if row.verdict.n is None else str(row.verdict.n),
        probability(row.verdict.p_adjusted),
    )


def _name_width(report: CheckReport, console_width: int) -> int:
    """Return the width of the first column: what the longest name needs, if it fits."""
    left = console_width - sum(_WIDTHS) - 2 * len(_WIDTHS)
    longest = max(len(row.claim_id) for row in report.claims)
    return max(len("claim"), min(longest, left))


def _line(cells: tuple[str, ...], name_width: int, *, style: str) -> Table:
    """Return one row of the table: the sentences below it take the whole width."""
    line = Table.grid(padding=(0, 2, 0, 0))
    for index, width in enumerate((name_width, *_WIDTHS)):
        is_number = index >= len(_WIDTHS) - 1
        line.add_column(
            width=width, justify="right" if is_number else "left", overflow="fold"
        )
    line.add_row(*(Text(cell, style=style) for cell in cells))
    return line


def sentences_table(row: ClaimRow) -> Table:
    """Return the sentence in each language, under one another."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for language, sentence in row.now.sentences.items():
        grid.add_row(Text(language, style="dim"), Text(sentence or UNKNOWN))
    return grid
