"""The numbers of each chart as a table, and as a file for programs."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from site_builder.analysis.summary import ModelSummary
from site_builder.analysis.traits import TRAITS
from site_builder.charts.data import Course, ModelPoint, Spread
from site_builder.code_columns import CodeColumns, code_columns
from site_builder.constants import score
from site_builder.figure_points import (
    case_ids,
    case_results,
    judged_verdicts,
    most_common,
)
from site_builder.findings import CodeEvidence
from site_builder.model import Cell, Table
from site_builder.tables import chart_table, position_column
from site_builder.verification import case_title
from site_builder.words import Words

Summaries = tuple[ModelSummary, ...]
Points = tuple[ModelPoint, ...]

SHARES = (0.25, 0.5, 0.75, 1.0)
"""Parts of an answer whose time of arrival the table gives."""


def chart_csv_path(chart_id: str, language: str) -> str:
    """Return where a chart's numbers lie inside the site."""
    return f"data/charts/{chart_id}.{language}.csv"


def chart_csv(table: Table) -> bytes:
    """Return a table as CSV in UTF-8, as its readers see it.

    It begins with a byte order mark, without which spreadsheets garble Japanese.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([cell.text for cell in table.head])
    writer.writerows([cell.text for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def figure_table(
    chart_id: str,
    summaries: Summaries,
    points: Points,
    found: CodeEvidence,
    words: Words,
) -> Table:
    """Return the numbers that a chart draws."""
    if chart_id == "verification":
        return _cases(summaries, found, words)
    return chart_table(
        chart_id,
        summaries,
        words,
        metrics=_METRICS[chart_id],
        more=_columns(chart_id, summaries, points, found, words),
    )


def figure_items(
    chart_id: str, table: Table, summaries: Summaries, found: CodeEvidence, words: Words
) -> list[tuple[str, list[str]]]:
    """Return what a chart's description lists: each model with its numbers."""
    if chart_id != "verification":
        rows = ([cell.text for cell in row] for row in table.rows)
        return [(first, rest) for first, *rest in rows]
    columns = code_columns(summaries, found, words, kinds=("works", "cases"))
    return [
        (summary.model.name, [cell.text for cell in cells])
        for summary, cells in zip(summaries, columns.rows, strict=True)
    ]


_METRICS = {
    "speed-structure": ("decode_tok_s",),
    "time-to-answer": ("ttft_s", "generation_s", "answer_s"),
    "tokens-over-time": (),
    "rates": ("decode_tok_s",),
    "traits": (),
}
"""What a chart's table lists, besides its own columns."""


def _columns(
    chart_id: str,
    summaries: Summaries,
    points: Points,
    found: CodeEvidence,
    words: Words,
) -> CodeColumns:
    if chart_id == "speed-structure":
        if found.has_structure:
            return code_columns(summaries, found, words, kinds=("structure",))
        return position_column(summaries, words)
    if chart_id == "time-to-answer":
        return _parts(points, words)
    if chart_id == "tokens-over-time":
        return _arrivals(points, words)
    return _trials(points, words) if chart_id == "rates" else _traits(points, words)


def _columns_of(
    heads: Sequence[str], rows: Sequence[Sequence[Cell]], *, words_last: int = 0
) -> CodeColumns:
    """Return columns of numbers, the last so many of words."""
    last = len(heads) - words_last
    return CodeColumns(
        head=tuple(Cell(text=t, is_number=n < last) for n, t in enumerate(heads)),
        rows=tuple(map(tuple, rows)),
        notes=(),
    )


def _number(value: float | None, words: Words, decimals: int) -> Cell:
    text = words("unknown") if value is None else words.number(value, decimals)
    return Cell(text=text, is_number=True)


def _parts(points: Points, words: Words) -> CodeColumns:
    """Return thinking and loading, where some model has them."""
    shown = [
        (words(f"figure.time-to-answer.{key}"), values)
        for key, values in (
            ("thinking", [point.thinking_s for point in points]),
            ("load", [point.load_s for point in points]),
        )
        if any(value is not None for value in values)
    ]
    return _columns_of(
        [head for head, _ in shown],
        [
            [_number(values[index], words, 1) for _, values in shown]
            for index in range(len(points))
        ],
    )


def _arrivals(points: Points, words: Words) -> CodeColumns:
    """Return when parts of each answer had come, how much it is and how it is known."""
    heads = [
        words(
            "figure.tokens-over-time.share",
            share=words.quantity(100 * share, "percent", 0),
        )
        for share in SHARES
    ]
    is_characters = any(p.course and p.course.is_in_characters for p in points)
    amount = "characters" if is_characters else "tokens"
    heads += [words(f"figure.tokens-over-time.{key}") for key in (amount, "kind")]
    rows = []
    for point in points:
        course = point.course
        times = [None if course is None else arrival_s(course, s) for s in SHARES]
        total = None if course is None else course.points[-1][1]
        kind = words("unknown")
        if course is not None:
            key = "rebuilt" if course.is_rebuilt else "recorded"
            kind = words(f"figure.tokens-over-time.{key}")
        numbers = [_number(t_s, words, 1) for t_s in times]
        rows.append((*numbers, _number(total, words, 0), Cell(text=kind)))
    return _columns_of(heads, rows, words_last=1)


def arrival_s(course: Course, share: float) -> float:
    """Return after how many seconds so much of an answer had come."""
    wanted = share * course.points[-1][1]
    for (t0, n0), (t1, n1) in pairwise(course.points):
        if n1 >= wanted:
            part = (wanted - n0) / (n1 - n0) if n1 > n0 else 0.0
            return t0 + (t1 - t0) * max(0.0, part)
    return course.points[-1][0]


def _trials(points: Points, words: Words) -> CodeColumns:
    """Return intervals and single trials, where a model has several."""
    if not any(len(point.rates) > 1 for point in points):
        return _columns_of([], [()] * len(points))
    rows = []
    for point in points:
        numbers = [words.number(rate, 2) for rate in point.rates]
        trials = words("conditions.model_separator").join(numbers) or words("unknown")
        rows.append(
            (
                Cell(text=_range(point.rate_interval, words, 2), is_number=True),
                Cell(text=trials),
            )
        )
    heads = [words(f"figure.rates.{key}") for key in ("interval", "trials")]
    return _columns_of(heads, rows, words_last=1)


def _range(spread: Spread | None, words: Words, decimals: int) -> str:
    if spread is None:
        return words("no_range")
    low, high = (words.number(v, decimals) for v in (spread.low, spread.high))
    return low if low == high else words("range", low=low, high=high)


def _traits(points: Points, words: Words) -> CodeColumns:
    rows = [
        [_trait(spread, words) for spread in point.traits]
        if point.traits
        else [_number(None, words, 0) for _ in TRAITS]
        for point in points
    ]
    return _columns_of([words(f"trait.{key}") for key in TRAITS], rows)


def _trait(spread: Spread, words: Words) -> Cell:
    """Write a median, and the range where there is one."""
    low, text, high = (
        score(v, words) for v in (spread.low, spread.median, spread.high)
    )
    if low != high:
        between = words("range", low=low, high=high)
        text = words("figure.traits.value", median=text, range=between)
    return Cell(text=text, is_number=True)


def _cases(summaries: Summaries, found: CodeEvidence, words: Words) -> Table:
    """Return a row for each case and a column for each model, below the passes."""
    ids = case_ids(summaries, found)
    columns = code_columns(summaries, found, words, kinds=("works", "cases"))
    counts = [
        case_results(judged_verdicts(found, summary.model.model_id), ids)
        for summary in summaries
    ]
    passes = [
        (Cell(text=head.text), *(cells[number] for cells in columns.rows))
        for number, head in enumerate(columns.head)
    ]
    cases = [
        (
            Cell(text=_case_name(number, case_id, found, words)),
            *(_case(own[case_id], words) for own in counts),
        )
        for number, case_id in enumerate(ids, 1)
    ]
    title = words("figure.verification.title")
    return Table(
        table_id="data-verification",
        caption=words("table.chart_caption", title=title),
        head=(
            Cell(text=words("figure.verification.case")),
            *(Cell(text=summary.model.name) for summary in summaries),
        ),
        rows=(*passes, *cases),
    )


def _case_name(number: int, case_id: str, found: CodeEvidence, words: Words) -> str:
    title = case_title(found.task_id or "", case_id, words)
    return words("figure.verification.case_n", n=words.number(number, 0), title=title)


def _case(counts: Counter[str], words: Words) -> Cell:
    if not counts:
        return Cell(text=words("unknown"))
    result = most_common(counts)
    return Cell(
        text=words(
            "figure.verification.cell",
            result=words(f"result.{result}"),
            k=words.number(counts[result], 0),
            n=words.number(counts.total(), 0),
        ),
        symbol=words(f"symbol.{result}"),
        mark=result.replace("_", "-"),
    )
