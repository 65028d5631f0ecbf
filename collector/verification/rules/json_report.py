"""The rule ``json_report``: a JSON output equals ``expected.json``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from collector.verification.observation import Observation
from collector.verification.rules.clean_error import judge_error, or_error
from collector.verification.rules.finding import (
    PASS,
    Finding,
    Judge,
    fail,
    lenient,
    no_output,
    quote,
    sentence,
    worst,
)
from collector.verification.rules.table import TableError, decode
from collector.verification.rules.values import (
    Number,
    Value,
    parse_json,
    spell,
    to_decimal,
)


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    tolerance: Annotated[float, Field(ge=0)] = 0.0
    """How far a number may be from the one expected."""
    clean_error: Literal["fail", "lenient", "pass"] = "fail"
    """What it is if the input is refused with a clean error."""
    report: Literal["pass", "lenient"] = "pass"
    """What the report is worth: where input should be refused, it is lenient."""


def prepare(options: Mapping[str, object], expected: bytes | None) -> Judge:
    """Return the judge of a case; raises ValueError for the expected file."""
    chosen = _Options.model_validate(options)
    if expected is None:
        raise ValueError("expected.json is missing: add the report wanted")
    wanted = parse_json(expected.decode("utf-8"))

    def judge(observation: Observation) -> Finding:
        finding = _judge(observation, wanted, chosen)
        if chosen.report == "lenient" and finding == PASS:
            finding = lenient("the input was not refused")
        if finding.result == "fail" and chosen.clean_error == "pass":
            error = judge_error(observation)
            return finding if error.result == "fail" else error
        if chosen.clean_error == "lenient":
            return or_error(finding, observation)
        return finding

    return judge


def _judge(observation: Observation, wanted: Value, options: _Options) -> Finding:
    broken = no_output(observation)
    if broken is not None:
        return broken
    try:
        found = parse_json(decode(observation.output or b""))
    except TableError as error:
        return fail(str(error))
    except ValueError as error:
        return fail(f"the output is not JSON: {error}")
    return _compare(found, wanted, "the report", options.tolerance)


def _compare(found: Value, wanted: Value, place: str, tolerance: float) -> Finding:
    match wanted:
        case dict():
            return _compare_objects(found, wanted, place, tolerance)
        case list():
            return _compare_lists(found, wanted, place, tolerance)
        case Number():
            return _compare_numbers(found, wanted, place, tolerance)
        case _ if type(found) is type(wanted) and found == wanted:
            return PASS
        case _:
            return fail(f"{place} is {_show(found)}, not {_show(wanted)}")


def _compare_objects(
    found: Value, wanted: dict[str, Value], place: str, tolerance: float
) -> Finding:
    if not isinstance(found, dict):
        return fail(f"{place} is {_show(found)}, not an object")
    findings = []
    for key, value in wanted.items():
        if key not in found:
            return fail(f"{place} has no {quote(key)}")
        findings.append(_compare(found[key], value, _inside(place, key), tolerance))
    findings += [
        lenient(f"{place} has a key {quote(key)} that was not asked for")
        for key in found
        if key not in wanted
    ]
    return worst(findings)


def _compare_lists(
    found: Value, wanted: list[Value], place: str, tolerance: float
) -> Finding:
    if not isinstance(found, list):
        return fail(f"{place} is {_show(found)}, not a list")
    if len(found) != len(wanted):
        return fail(f"{place} has {len(found)} entries, {len(wanted)} were expected")
    in_order = worst(
        [
            _compare(each, value, _inside(place, str(number)), tolerance)
            for number, (each, value) in enumerate(
                zip(found, wanted, strict=True), start=1
            )
        ]
    )
    if in_order.result != "fail" or not _same_entries(found, wanted, tolerance):
        return in_order
    return lenient(f"{place} has the right entries in another order")


def _same_entries(found: list[Value], wanted: list[Value], tolerance: float) -> bool:
    rest = list(found)
    for value in wanted:
        place = next(
            (
                index
                for index, each in enumerate(rest)
                if _compare(each, value, "", tolerance).result != "fail"
            ),
            None,
        )
        if place is None:
            return False
        del rest[place]
    return True


def _compare_numbers(
    found: Value, wanted: Number, place: str, tolerance: float
) -> Finding:
    text = found.spelling if isinstance(found, Number) else found
    number = to_decimal(text) if isinstance(text, str) else None
    expected = to_decimal(wanted.spelling)
    if number is None or expected is None or not _is_near(number, expected, tolerance):
        return fail(f"{place} is {_show(found)}, not {wanted.spelling}")
    if isinstance(found, str):
        return lenient(f"{place} is text, not a number")
    return PASS


def _is_near(number: Decimal, expected: Decimal, tolerance: float) -> bool:
    if tolerance == 0:
        return number == expected
    # As floats: the difference of far exponents as decimals would fill the memory.
    return abs(float(number) - float(expected)) <= tolerance


def _inside(place: str, name: str) -> str:
    return name if place == "the report" else f"{place}.{name}"


def _show(value: Value) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return quote(value)
        case None:
            return "null"
        case _:
            return sentence(spell(value))
