"""What a text refers to, held against what may be written; anything else is a fault."""

from collections.abc import Iterator

from jinja2 import nodes

from site_builder.config import nearest
from site_builder.prose.arguments import (
    check_arguments,
    check_filter_arguments,
    fault,
    literal,
)
from site_builder.prose.scan import Fault
from site_builder.prose.syntax import Asked, Printed, walk
from site_builder.prose.vocabulary import (
    COMPARED,
    FILTERS,
    FUNCTIONS,
    TEST_VARIABLES,
    TEXT_VARIABLES,
    Gives,
    Vocabulary,
    signature,
    unknown_name,
)

_IN_CLAIM = (
    "put the comparison into content/claims.toml and write {% claim %} or "
    '{% if verdict("claim") == "holds" %}'
)
_INSTEAD: tuple[tuple[type[nodes.Node], str, str], ...] = (
    (nodes.CondExpr, "if and else inside a reference", "write {% if … %} around it"),
    (nodes.Getattr, "a dot (an attribute)", "write a function such as v(…) or rig(…)"),
    (nodes.Getitem, "[…]", "write a function such as v(…) or rig(…)"),
    (nodes.And, "and", "write {% if … %} around the text"),
    (nodes.Or, "or", "write fallback=, or {% if … %} around the text"),
    (nodes.Not, "not", "write {% if not … %} around the text"),
    (nodes.Compare, "a comparison", _IN_CLAIM),
    (nodes.BinExpr, "arithmetic", "write ratio(…), or let the collector compute it"),
    (nodes.Concat, "~", "write the texts one behind the other"),
    (nodes.Test, "is", "write is_known(…) or in_run(…)"),
    (nodes.UnaryExpr, "a sign before it", "write the number itself"),
)
_FORBIDDEN_TEST = (
    f"compares or computes: only {' and '.join(sorted(COMPARED))} may be compared, "
    f"with == or !=; {_IN_CLAIM}"
)


def check_items(
    template: nodes.Template, vocabulary: Vocabulary | None
) -> Iterator[Fault]:
    """Yield what may not be written, and names nobody knows.

    Args:
        template: A text as read.
        vocabulary: The known names; None: names are not looked at.
    """
    for item in walk(template):
        if isinstance(item, Printed):
            yield from _check_printed(item.expression, vocabulary)
        elif isinstance(item, Asked):
            yield from _check_test(item.expression, vocabulary)
        elif vocabulary is not None and item.claim_id not in vocabulary.claims:
            message = unknown_name("claim", item.claim_id, vocabulary.claims)
            yield Fault(line=item.line, message=message)


def write_test(node: nodes.Node) -> str:
    """Return a test as text, the same however it is spaced and quoted."""
    if isinstance(node, (nodes.And, nodes.Or)):
        word = "and" if isinstance(node, nodes.And) else "or"
        return f"({write_test(node.left)} {word} {write_test(node.right)})"
    if isinstance(node, nodes.Not):
        return f"not {write_test(node.node)}"
    if isinstance(node, nodes.Compare):
        sign = "==" if node.ops[0].op == "eq" else "!="
        return f"{write_test(node.expr)} {sign} {write_test(node.ops[0].expr)}"
    if isinstance(node, nodes.Call):
        arguments = ", ".join(write_test(argument) for argument in node.args)
        return f"{write_test(node.node)}({arguments})"
    if isinstance(node, nodes.Name):
        return node.name
    value = literal(node)
    return f'"{value}"' if isinstance(value, str) else f"{value:g}" if value else "…"


def _check_printed(node: nodes.Node, vocabulary: Vocabulary | None) -> Iterator[Fault]:
    if isinstance(node, nodes.Filter):
        yield from _check_filter(node, vocabulary)
    elif isinstance(node, nodes.Call):
        yield from _check_call(node, vocabulary, is_test=False)
    elif isinstance(node, nodes.Name):
        if node.name not in TEXT_VARIABLES:
            yield fault(node, _unknown_variable(node.name, TEXT_VARIABLES))
    elif isinstance(node, nodes.Const):
        yield fault(
            node,
            f"{node.value!r} is typed: write text outside the braces, and a number "
            'as num(number, "reason")',
        )
    else:
        yield fault(node, _forbidden(node))


def _check_test(node: nodes.Node, vocabulary: Vocabulary | None) -> Iterator[Fault]:
    if isinstance(node, (nodes.And, nodes.Or)):
        yield from _check_test(node.left, vocabulary)
        yield from _check_test(node.right, vocabulary)
    elif isinstance(node, nodes.Not):
        yield from _check_test(node.node, vocabulary)
    elif isinstance(node, nodes.Compare):
        yield from _check_comparison(node, vocabulary)
    elif isinstance(node, nodes.Call):
        yield from _check_call(node, vocabulary, is_test=True)
    elif isinstance(node, nodes.Name):
        if node.name not in TEST_VARIABLES:
            known = TEST_VARIABLES | COMPARED.keys()
            message = _unknown_variable(node.name, known)
            if node.name in COMPARED:
                message = f'{node.name} is no test alone: write {node.name} == "…"'
            yield fault(node, message)
    elif isinstance(node, nodes.Filter):
        yield fault(node, f"| {node.name} stands in no test: {_IN_CLAIM}")
    else:
        yield fault(node, _forbidden(node))


def _check_comparison(
    node: nodes.Compare, vocabulary: Vocabulary | None
) -> Iterator[Fault]:
    left, compared = node.expr, ""
    if isinstance(left, nodes.Name):
        compared = left.name
    elif isinstance(left, nodes.Call) and isinstance(left.node, nodes.Name):
        compared = left.node.name
        if compared in COMPARED:
            yield from _check_call(left, vocabulary, is_test=True, is_compared=True)
    is_equality = len(node.ops) == 1 and node.ops[0].op in ("eq", "ne")
    value = literal(node.ops[0].expr) if is_equality else None
    if compared not in COMPARED or not isinstance(value, str):
        yield fault(node, f"a test {_FORBIDDEN_TEST}")
    elif value not in COMPARED[compared]:
        known = nearest(value, set(COMPARED[compared]))
        yield fault(node, f"{compared} is never {value!r}: {known}")


def _check_filter(node: nodes.Filter, vocabulary: Vocabulary | None) -> Iterator[Fault]:
    if node.name not in FILTERS:
        yield fault(
            node,
            f"there is no filter {node.name!r}: {nearest(node.name, set(FILTERS))}",
        )
    inner = node.node
    if isinstance(inner, nodes.Filter):
        yield fault(node, f"| {node.name} is one filter too many: keep | {inner.name}")
    elif node.name in FILTERS:
        yield from _check_filtered(node, FILTERS[node.name])
        yield from check_filter_arguments(node, vocabulary)
    if inner is not None:
        yield from _check_printed(inner, vocabulary)


def _check_filtered(node: nodes.Filter, wanted: Gives) -> Iterator[Fault]:
    """Hold what a filter stands behind against what it takes."""
    inner = node.node
    if not isinstance(inner, nodes.Call) or not isinstance(inner.node, nodes.Name):
        return
    function = FUNCTIONS.get(inner.node.name)
    if function is None or function.gives == wanted:
        return
    fitting = {"value": "u", "range": "range"}.get(function.gives)
    instead = f"write | {fitting}" if fitting else "leave the filter out"
    yield fault(node, f"| {node.name} does not go with {inner.node.name}(…): {instead}")


def _check_call(
    node: nodes.Call,
    vocabulary: Vocabulary | None,
    *,
    is_test: bool,
    is_compared: bool = False,
) -> Iterator[Fault]:
    if not isinstance(node.node, nodes.Name):
        yield fault(node, _forbidden(node.node))
        return
    name = node.node.name
    function = FUNCTIONS.get(name)
    if function is None:
        yield fault(
            node, f"there is no function {name!r}: {nearest(name, set(FUNCTIONS))}"
        )
        return
    if is_test and function.gives not in ("flag", "verdict"):
        yield fault(node, f"{name}(…) is no test: write is_known(…), or {_IN_CLAIM}")
    elif not is_test and function.gives in ("flag", "verdict"):
        yield fault(node, f"{name}(…) is a test: write it in {{% if … %}}")
    elif is_test and function.gives == "verdict" and not is_compared:
        yield fault(node, f'{name}(…) is no test alone: write {name}(…) == "holds"')
    yield from check_arguments(node, name, function, vocabulary)


def _unknown_variable(name: str, known: frozenset[str] | set[str]) -> str:
    if name in FUNCTIONS:
        return f"{name} is a function: write {signature(name)}"
    return f"there is no {name!r}: {nearest(name, {*known, *FUNCTIONS})}"


def _forbidden(node: nodes.Node) -> str:
    for kind, what, instead in _INSTEAD:
        if isinstance(node, kind):
            return f"{what} is not allowed here: {instead}"
    return "this is not allowed here: write a reference such as v(…), ratio(…), name(…)"
