"""JSON from a server into values that a record can hold; pure.

Whatever a server sends, reading it ends in a value of the right type, in None for what
is unknown, or in a ValueError; never in a value that cannot be written down.
"""

import json
import math

from pydantic import JsonValue

JsonObject = dict[str, JsonValue]

MAX_DEPTH = 32
MAX_INTEGER_DIGITS = 30


def decode(content: bytes) -> JsonValue:
    """Return the JSON in a body.

    Raises:
        ValueError: It is no JSON in UTF-8, has numbers beyond measure, or is nested
            deeper than ``MAX_DEPTH``.
    """
    try:
        value = json.loads(
            content.decode("utf-8-sig"),
            parse_float=_finite,
            parse_int=_measurable,
            parse_constant=_finite,
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return _clean(value, MAX_DEPTH)


def text_of(value: object) -> str | None:
    """Return a text; None: it is none, or empty."""
    return value if isinstance(value, str) and value else None


def count_of(value: object) -> int | None:
    """Return a whole number from 0; None: it is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value >= 0 else None


def seconds_of(value: object) -> float | None:
    """Return a number from 0; None: it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if value >= 0 else None


def object_of(value: object) -> JsonObject:
    """Return a JSON object; empty: it is none."""
    return value if isinstance(value, dict) else {}


def _finite(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(f"the number {word[:40]} is not finite")
    return number


def _measurable(digits: str) -> int:
    if len(digits) > MAX_INTEGER_DIGITS:
        raise ValueError(f"the number {digits[:40]} is beyond measure")
    return int(digits)


def _clean(value: JsonValue, depth: int) -> JsonValue:
    """Return the value with what UTF-8 cannot write replaced.

    JavaScript cuts texts in the middle of a character and escapes the half.
    """
    if depth < 0:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return value.encode("utf-8", errors="replace").decode("utf-8")
    if isinstance(value, list):
        return [_clean(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {
            key.encode("utf-8", errors="replace").decode("utf-8"): _clean(
                item, depth - 1
            )
            for key, item in value.items()
        }
    return value
