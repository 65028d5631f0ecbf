"""The rule ``csv_rows``: a CSV table has the rows of ``expected.json``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from collector.verification.observation import Observation
from collector.verification.rules.clean_error import or_error
from collector.verification.rules.exploded import is_exploded
from collector.verification.rules.finding import (
    PASS,
    Finding,
    Judge,
    fail,
    lenient,
    no_output,
    quote,
    worst,
)
from collector.verification.rules.nested import find_leaves, pool_of
from collector.verification.rules.table import Table, TableError, read_table
from collector.verification.rules.values import Value, compare_cell, parse_json, spell

Row = dict[str, Value]


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    header_order: Literal["any", "as_given"] = "any"
    """``as_given``: another order than the keys' first appearance is lenient."""
    clean_error: Literal["fail", "lenient"] = "fail"
    """What it is if the input is refused with a clean error."""


@dataclass(frozen=True)
class _Expected:
    """Expected rows; a key absent from a row is an empty cell.

    Attributes:
        flat: Keys whose values are scalars, in order of first appearance.
        nested: Keys that hold an object or an array in some row.
    """

    rows: list[Row]
    flat: list[str]
    nested: list[str]


def prepare(options: Mapping[str, object], expected: bytes | None) -> Judge:
    """Return the judge of a case; raises ValueError for the expected file."""
    chosen = _Options.model_validate(options)
    wanted = _read_expected(expected)

    def judge(observation: Observation) -> Finding:
        finding = _judge(observation, wanted, chosen)
        if chosen.clean_error == "lenient":
            return or_error(finding, observation)
        return finding

    return judge


def _read_expected(expected: bytes | None) -> _Expected:
    if expected is None:
        raise ValueError("expected.json is missing: add the rows wanted")
    rows = parse_json(expected.decode("utf-8"))
    if not isinstance(rows, list) or not rows:
        raise ValueError("is not a list of objects: give at least one row")
    checked = [row for row in rows if isinstance(row, dict)]
    if len(checked) < len(rows):
        raise ValueError("holds an entry that is no object")
    keys = list(dict.fromkeys(key for row in checked for key in row))
    nested = [
        key
        for key in keys
        if any(isinstance(row.get(key), dict | list) for row in checked)
    ]
    flat = [key for key in keys if key not in nested]
    return _Expected(checked, flat, nested)


def _judge(observation: Observation, expected: _Expected, options: _Options) -> Finding:
    broken = no_output(observation)
    if broken is not None:
        return broken
    try:
        table = read_table(observation.output or b"")
    except TableError as error:
        return fail(str(error))
    header = _judge_header(table, expected, options)
    if header.result == "fail":
        return header
    return worst([*_judge_rows(table, expected), header])


def _judge_header(table: Table, expected: _Expected, options: _Options) -> Finding:
    missing = [key for key in expected.flat if key not in table.header]
    if missing and len(missing) == len(expected.flat):
        return fail(f"there is no header: the first line is {quote_all(table.header)}")
    if missing:
        return fail(f"there is no column {quote(missing[0])}")
    extra = [name for name in table.header if name not in expected.flat]
    if extra and not expected.nested:
        return _judge_extra(table, extra)
    if options.header_order == "as_given" and table.header != expected.flat:
        return lenient(
            f"the columns are {quote_all(table.header)}, not {quote_all(expected.flat)}"
        )
    return PASS


def _judge_extra(table: Table, extra: list[str]) -> Finding:
    if extra == [""] and _counts(table, table.header.index("")):
        return lenient("there is a column without a name that counts the rows")
    return fail(f"there is a column {quote(extra[0])} that the input does not have")


def _counts(table: Table, place: int) -> bool:
    found = [cells[place] if place < len(cells) else "" for cells in table.rows]
    return any(
        found == [str(number + first) for number in range(len(found))]
        for first in (0, 1)
    )


def _judge_rows(table: Table, expected: _Expected) -> list[Finding]:
    if len(table.rows) != len(expected.rows):
        if is_exploded(table, expected.rows, expected.flat):
            return [lenient("each entry of a list has a row of its own")]
        return [
            fail(f"{len(expected.rows)} rows were expected, {len(table.rows)} found")
        ]
    findings: list[Finding] = []
    for number, (cells, row) in enumerate(
        zip(table.rows, expected.rows, strict=True), start=1
    ):
        findings += _judge_row(number, cells, row, table, expected)
    return findings


def _judge_row(
    number: int, cells: list[str], row: Row, table: Table, expected: _Expected
) -> list[Finding]:
    width = len(table.header)
    if len(cells) > width:
        return [fail(f"row {number} has {len(cells)} cells, the header {width}")]
    findings: list[Finding] = []
    if len(cells) < width:
        findings.append(
            lenient(f"row {number} has {len(cells)} cells, the header {width}")
        )
    by_name = dict(zip(table.header, cells + [""] * width, strict=False))
    rest = [text for name, text in by_name.items() if name not in expected.flat]
    return [
        *findings,
        *(_judge_cell(number, key, by_name[key], row) for key in expected.flat),
        *(_judge_nested(number, key, row, rest) for key in expected.nested),
    ]


def _judge_cell(number: int, key: str, text: str, row: Row) -> Finding:
    wanted = row.get(key)
    likeness = compare_cell(text, wanted)
    if key not in row and likeness == "pass" and text:
        likeness = "lenient"
    if likeness == "pass":
        return PASS
    what = quote(spell(wanted)) if key in row and wanted is not None else "empty"
    reason = f"row {number}: {quote_name(key)} is {quote(text)}, not {what}"
    return fail(reason) if likeness == "fail" else lenient(reason)


def _judge_nested(number: int, key: str, row: Row, cells: list[str]) -> Finding:
    likeness, why = find_leaves(row.get(key, []), pool_of(cells))
    if likeness == "pass":
        return PASS
    reason = f"row {number}: {quote_name(key)}: {why}"
    return fail(reason) if likeness == "fail" else lenient(reason)


def quote_name(key: str) -> str:
    """Return a key as a reader sees it in a sentence: bare where it is one word."""
    return key if key.isidentifier() else quote(key)


def quote_all(names: list[str]) -> str:
    """Return the names of a header in quotes."""
    return quote(",".join(names))
