"""How the code is cut into functions, and how hard each is to follow."""

import ast

from site_builder.analysis.contract import Function, functions_of
from site_builder.analysis.counts import Shape
from site_builder.analysis.traits import SIMPLE_COMPLEXITY


def count_shape(tree: ast.Module, text: str) -> Shape:
    """Count an answer's functions by their cognitive complexity.

    Each function is weighed alone, so that inner ones count for themselves as well.

    Args:
        tree: The syntax tree of ``text``.
        text: Code in its canonical form.
    """
    lines = text.split("\n")
    values = [_complexity(node, lines) for node in functions_of(tree)]
    return Shape(
        n_functions=len(values),
        n_simple=sum(
            value is not None and value <= SIMPLE_COMPLEXITY.value for value in values
        ),
        complexity_max=max((v for v in values if v is not None), default=None),
    )


def _complexity(node: Function, lines: list[str]) -> int | None:
    """Return a function's cognitive complexity; None: too knotted to be read."""
    from complexipy import code_complexity  # noqa: PLC0415 - only where code is read

    body = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    # An inner function keeps its indentation; a class around it adds no nesting.
    alone = f"class _:\n{body}\n" if node.col_offset else f"{body}\n"
    try:
        found = code_complexity(alone).functions
    except ValueError:
        return None
    return max((function.complexity for function in found), default=None)
