"""The arguments of a call in a text, held against what the call takes."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import nodes

from site_builder.prose.scan import Fault
from site_builder.prose.vocabulary import (
    Function,
    Kind,
    Vocabulary,
    signature,
    unknown_name,
)

MAX_DECIMALS = 9

Literal = str | float | None


@dataclass(frozen=True, kw_only=True)
class Called:
    """A call as written; an argument that is no text or number is None."""

    function: str
    arguments: tuple[Literal, ...]
    line: int


def calls_of(expression: nodes.Node) -> Iterator[Called]:
    """Yield the calls in an expression, in the order they are written."""
    found = [expression] if isinstance(expression, nodes.Call) else []
    for call in (*found, *expression.find_all(nodes.Call)):
        if isinstance(call.node, nodes.Name):
            arguments = tuple(literal(argument) for argument in call.args)
            yield Called(function=call.node.name, arguments=arguments, line=call.lineno)


def check_arguments(
    node: nodes.Call, name: str, function: Function, vocabulary: Vocabulary | None
) -> Iterator[Fault]:
    """Yield what is wrong with the arguments of a call."""
    wanted = len(function.arguments)
    n_given = len(node.args)
    is_right = n_given == wanted or (function.repeats and n_given > wanted)
    if node.dyn_args or node.dyn_kwargs:
        yield fault(node, f"{name}(*…) is not allowed: write {signature(name)}")
        return
    if not is_right:
        yield fault(node, f"{name} has {n_given} arguments: write {signature(name)}")
        return
    kinds = [*function.arguments, *([function.arguments[-1]] * (n_given - wanted))]
    for kind, argument in zip(kinds, node.args, strict=True):
        yield from _check_argument(argument, kind, name, vocabulary)
    for word in node.kwargs:
        if word.key != "fallback" or not function.has_fallback:
            allowed = "only fallback=" if function.has_fallback else "nothing"
            message = f"{name} has no {word.key}=: {allowed} may be named so"
            yield fault(node, message)
        else:
            yield from _check_fallback(word.value, name)


def check_filter_arguments(
    node: nodes.Filter, vocabulary: Vocabulary | None
) -> Iterator[Fault]:
    """Yield what is wrong with the unit and the decimals of a filter."""
    names = ("unit", "decimals")
    named = {str(word.key): literal(word.value) for word in node.kwargs}
    given = {name: literal(arg) for name, arg in zip(names, node.args, strict=False)}
    settings = {**given, **named}
    unit, decimals = settings.get("unit", "s"), settings.get("decimals", 0.0)
    is_right = (
        len(node.args) <= 2
        and not node.dyn_args
        and not node.dyn_kwargs
        and len(settings) == len(given) + len(named)
        and settings.keys() <= {"unit", "decimals"}
        and isinstance(unit, str)
        and isinstance(decimals, float)
        and decimals in range(MAX_DECIMALS + 1)
    )
    if not is_right:
        message = (
            f"| {node.name} takes a unit and a whole number of decimals: write "
            f'| {node.name}, | {node.name}("s") or | {node.name}("s", 1)'
        )
        yield fault(node, message)
    elif vocabulary is not None and "unit" in settings:
        yield from _check_name(node, "unit", str(unit), vocabulary)


def literal(node: nodes.Node) -> Literal:
    """Return the text or number a node is; None: it is none."""
    if isinstance(node, nodes.Neg):
        value = literal(node.node)
        return -value if isinstance(value, float) else None
    if not isinstance(node, nodes.Const) or isinstance(node.value, bool):
        return None
    if isinstance(node.value, (int, float)):
        return float(node.value)
    return node.value if isinstance(node.value, str) else None


def fault(node: nodes.Node, message: str) -> Fault:
    """Return a fault on the line of a node."""
    return Fault(line=node.lineno, message=message)


def _check_argument(
    node: nodes.Node, kind: Kind, name: str, vocabulary: Vocabulary | None
) -> Iterator[Fault]:
    value = literal(node)
    shown = f"write {signature(name)}"
    if isinstance(node, nodes.Name):
        yield fault(node, f"{node.name} is not in quotes: {shown}")
    elif kind == "number" and (value is None or isinstance(value, str)):
        yield fault(node, f"{name} takes a number here: {shown}")
    elif kind != "number" and not isinstance(value, str):
        yield fault(node, f"{name} takes a {kind} in quotes here: {shown}")
    elif kind == "text" and isinstance(value, str) and not value.strip():
        yield fault(node, f"{name} lacks its reason: {shown}")
    elif vocabulary is not None and isinstance(value, str):
        yield from _check_name(node, kind, value, vocabulary)


def _check_fallback(node: nodes.Node, name: str) -> Iterator[Fault]:
    if isinstance(node, nodes.Name) and node.name == "unknown":
        return
    value = literal(node)
    if not isinstance(value, str):
        message = f'{name}: write fallback=unknown, or words such as fallback="…"'
        yield fault(node, message)
    elif any(unicodedata.category(c).startswith("N") for c in value):
        message = f"{name}: the fallback {value!r} has a number in it: say it in words"
        yield fault(node, message)


def _check_name(
    node: nodes.Node, kind: Kind, word: str, vocabulary: Vocabulary
) -> Iterator[Fault]:
    known = vocabulary.names(kind)
    if known is not None and word not in known:
        yield fault(node, unknown_name(kind, word, known))
