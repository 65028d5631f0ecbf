"""The names a program uses, whatever it calls them; it is parsed and never run."""

import ast
import warnings

from site_builder.analysis.names import read_names


def dotted_names(code: str) -> frozenset[str] | None:
    """Return every dotted name that code imports or uses, such as ``csv.DictWriter``.

    Returns:
        None where it is no Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = read_names(tree)
    nodes = list(ast.walk(tree))
    modules = {
        alias.name
        for node in nodes
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    used = {
        names.dotted(node)
        for node in nodes
        if isinstance(node, ast.Name | ast.Attribute)
    }
    found = (*modules, *names.imports.values(), *used)
    return frozenset(name for name in found if name is not None)
