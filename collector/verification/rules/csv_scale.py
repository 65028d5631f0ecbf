"""The rule ``csv_scale``: a large input comes out whole."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from collector.verification.observation import Observation
from collector.verification.rules.finding import (
    PASS,
    Finding,
    Judge,
    fail,
    lenient,
    no_output,
    quote,
)
from collector.verification.rules.table import TableError, read_table
from collector.verification.rules.values import Number, compare_cell


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    rows: Annotated[int, Field(ge=1)]
    """Rows below the header."""
    column: str
    """Name of the column that counts them."""
    last: int
    """Its value in the last row."""


def prepare(options: Mapping[str, object], expected: bytes | None) -> Judge:
    """Return the judge; it takes no expected file."""
    chosen = _Options.model_validate(options)
    if expected is not None:
        raise ValueError("the rule csv_scale takes no expected file: remove it")

    def judge(observation: Observation) -> Finding:
        return _judge(observation, chosen)

    return judge


def _judge(observation: Observation, options: _Options) -> Finding:
    broken = no_output(observation)
    if broken is not None:
        return broken
    try:
        table = read_table(observation.output or b"")
    except TableError as error:
        return fail(str(error))
    if options.column not in table.header:
        return fail(f"there is no column {quote(options.column)}")
    if len(table.rows) != options.rows:
        return fail(f"{options.rows} rows were expected, {len(table.rows)} found")
    place = table.header.index(options.column)
    last = table.rows[-1]
    text = last[place] if place < len(last) else ""
    likeness = compare_cell(text, Number(str(options.last)))
    if likeness == "pass":
        return PASS
    reason = f"last row: {options.column} is {quote(text)}, not '{options.last}'"
    return fail(reason) if likeness == "fail" else lenient(reason)
