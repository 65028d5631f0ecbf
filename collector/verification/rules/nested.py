"""Nested values in a row of cells: is every leaf there, and how is it written?"""

import ast
import re
from collections.abc import Iterator

from collector.verification.rules.finding import quote
from collector.verification.rules.values import (
    Likeness,
    Number,
    Value,
    compare_cell,
    parse_json,
    spell,
)

_JOINTS = re.compile(r"[,;|/\n\t 、]+")
_CONTAINER_CHARS = 100_000

Pool = list[tuple[str, bool]]
"""Texts of a row, and whether each stands there as Python's repr."""


def pool_of(cells: list[str]) -> Pool:
    """Return every text that a row's cells hold, alone, joined, or inside JSON."""
    return [entry for cell in cells for entry in _texts(cell)]


def find_leaves(value: Value, pool: Pool) -> tuple[Likeness, str]:
    """Say whether every leaf of a nested value is in a row, and what is odd or lost.

    It is lenient where a leaf is found only in another spelling or in Python's repr.
    """
    odd = ""
    for leaf in leaves(value):
        found = {(compare_cell(text, leaf), is_repr) for text, is_repr in pool}
        if ("pass", False) in found:
            continue
        if ("pass", True) in found:
            odd = odd or "it is written as Python's repr"
        elif {("lenient", False), ("lenient", True)} & found:
            odd = odd or f"{quote(spell(leaf))} is spelled in another way"
        else:
            return "fail", f"{quote(spell(leaf))} is lost"
    return ("lenient", odd) if odd else ("pass", "")


def leaves(value: Value) -> Iterator[Value]:
    """Yield the scalars of a value, in order."""
    # A stack: what a model's code writes may be nested deeper than calls can be.
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, dict):
            stack.extend(reversed(list(current.values())))
        elif isinstance(current, list):
            stack.extend(reversed(current))
        else:
            yield current


def _texts(cell: str) -> Pool:
    inside = _from_json(cell)
    if inside is not None:
        return [(spell(leaf), False) for leaf in leaves(inside)]
    literal = _from_repr(cell)
    if literal is not None:
        return [(spell(leaf), True) for leaf in leaves(literal)]
    parts = [part for part in _JOINTS.split(cell) if part]
    return [(cell, False), *((part, False) for part in parts if part != cell)]


def _from_json(cell: str) -> Value:
    if cell[:1] not in ("{", "[") or len(cell) > _CONTAINER_CHARS:
        return None
    try:
        return parse_json(cell)
    except ValueError:
        return None


def _from_repr(cell: str) -> Value:
    if cell[:1] not in ("{", "[", "(") or len(cell) > _CONTAINER_CHARS:
        return None
    try:
        return _as_value(ast.literal_eval(cell))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _as_value(literal: object) -> Value:
    """Return a Python literal as the JSON value it stands for."""
    match literal:
        case dict():
            return {str(key): _as_value(inner) for key, inner in literal.items()}
        case list() | tuple() | set():
            return [_as_value(inner) for inner in literal]
        case bool() | str() | None:
            return literal
        case int() | float():
            return Number(repr(literal))
        case _:
            raise TypeError(f"{type(literal).__name__} is no JSON")
