"""The rule ``csv_scalars``: a list of plain values becomes rows of one cell."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from collector.verification.observation import Observation
from collector.verification.rules.clean_error import or_error
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
from collector.verification.rules.table import TableError, read_cells
from collector.verification.rules.values import Value, compare_cell, parse_json, spell


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def prepare(options: Mapping[str, object], expected: bytes | None) -> Judge:
    """Return the judge of ``expected.json``, a list of scalars."""
    _Options.model_validate(options)
    if expected is None:
        raise ValueError("expected.json is missing: add the values wanted")
    values = parse_json(expected.decode("utf-8"))
    if not isinstance(values, list) or not values:
        raise ValueError("is not a list of values")

    def judge(observation: Observation) -> Finding:
        return or_error(_judge(observation, values), observation)

    return judge


def _judge(observation: Observation, values: list[Value]) -> Finding:
    """Judge the rows; a header of any name may precede them."""
    broken = no_output(observation)
    if broken is not None:
        return broken
    try:
        rows = read_cells(observation.output or b"")
    except TableError as error:
        return fail(str(error))
    if len(rows) - len(values) not in (0, 1):
        return fail(f"{len(values)} rows were expected, {len(rows)} lines found")
    findings = []
    for number, (cells, value) in enumerate(
        zip(rows[-len(values) :], values, strict=True), start=1
    ):
        if len(cells) != 1:
            return fail(f"row {number} has {len(cells)} cells, not 1")
        likeness = compare_cell(cells[0], value)
        reason = f"row {number} is {quote(cells[0])}, not {quote(spell(value))}"
        if likeness == "fail":
            return fail(reason)
        findings.append(PASS if likeness == "pass" else lenient(reason))
    return worst(findings)
