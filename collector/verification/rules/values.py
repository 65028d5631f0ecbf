"""Expected values with their spelling, and cells of text held against them."""

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal, NoReturn, TypeAlias

Likeness = Literal["pass", "lenient", "fail"]


@dataclass(frozen=True)
class Number:
    """A number as the JSON text spells it."""

    spelling: str


Value: TypeAlias = "str | bool | Number | list[Value] | dict[str, Value] | None"

_TRUE = ({"True", "true"}, {"1", "1.0", "TRUE"})
_FALSE = ({"False", "false"}, {"0", "0.0", "FALSE"})
_NULL = ({"", "null"}, {"None", "NaN", "nan", "NULL", "NA", "<NA>"})
_NUMBER_CHARS = 100
_NO_NUMBER = str.maketrans("", "", "0123456789+-.eE")


def parse_json(text: str) -> Value:
    """Parse JSON and keep how numbers are spelled; raises ValueError."""
    try:
        value: Value = json.loads(
            text, parse_int=Number, parse_float=Number, parse_constant=_refuse
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return value


def spell(value: Value) -> str:
    """Return how a value is written in a cell, strictly."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Number():
            return value.spelling
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False, default=lambda n: n.spelling)


def compare_cell(text: str, value: Value) -> Likeness:
    """Hold a cell against a scalar.

    Text must be equal. A boolean may be True or true, null may be empty or null, and
    a number may be spelled as in the JSON text or as Python spells it; everything
    else that still means the same is lenient.
    """
    match value:
        case str():
            return "pass" if text == value else "fail"
        case bool():
            return _among(text, _TRUE if value else _FALSE)
        case None:
            return _among(text, _NULL)
        case Number():
            return _compare_number(text, value.spelling)
        case _:
            return "fail"


def to_decimal(text: str) -> Decimal | None:
    """Return the number a text spells in plain ASCII digits; None: it spells none."""
    if not text or len(text) > _NUMBER_CHARS or text.translate(_NO_NUMBER):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _compare_number(text: str, spelling: str) -> Likeness:
    if text in {spelling, _as_python_spells(spelling)}:
        return "pass"
    number = to_decimal(text)
    return "lenient" if number is not None and number == Decimal(spelling) else "fail"


def _as_python_spells(spelling: str) -> str:
    if spelling.lstrip("-").isdigit():
        return str(int(spelling))
    return repr(float(spelling))


def _among(text: str, spellings: tuple[set[str], set[str]]) -> Likeness:
    strict, loose = spellings
    if text in strict:
        return "pass"
    return "lenient" if text in loose else "fail"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
