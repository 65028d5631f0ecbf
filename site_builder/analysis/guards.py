"""Failures that are caught, and questions asked of the input.

The two never count the same thing: the first looks at ``except`` only, the second at
branches and assertions only.
"""

import ast
from collections.abc import Iterator

from site_builder.analysis.counts import Robustness
from site_builder.analysis.names import Names, calls_in, last_name

FAILURE_MODES = {
    "FileNotFoundError": "missing",
    "PermissionError": "os",
    "IsADirectoryError": "os",
    "NotADirectoryError": "os",
    "FileExistsError": "os",
    "OSError": "os",
    "IOError": "os",
    "EnvironmentError": "os",
    "JSONDecodeError": "json",
    "ValueError": "value",
    "TypeError": "type",
    "KeyError": "key",
    "IndexError": "key",
    "LookupError": "key",
    "UnicodeError": "unicode",
    "UnicodeDecodeError": "unicode",
    "UnicodeEncodeError": "unicode",
    "UnicodeTranslateError": "unicode",
    "csv.Error": "csv",
}
"""Exception to kind of failure; one that is not listed is a kind of its own."""

NETS = frozenset({"Exception", "BaseException"})
NO_FAILURES = frozenset({"KeyboardInterrupt", "SystemExit", "GeneratorExit"})
"""Somebody wants to leave: nothing has failed."""

EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit"})
QUESTIONS = frozenset({"exists", "is_file", "is_dir", "isfile", "isdir"})
PARSER_ENDINGS = frozenset({"error", "exit", "fail"})
"""Methods by which a parser, or click's context, ends the program."""


def count_robustness(tree: ast.Module, names: Names) -> Robustness:
    """Count the kinds of failure caught and the guards of an answer's code."""
    handlers = [n for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler)]
    caught = [
        name
        for handler in handlers
        if handler.type is not None
        for name in _caught(handler.type, names)
    ]
    modes = [mode for name in caught if (mode := _mode(name, names)) is not None]
    return Robustness(
        failure_modes=tuple(dict.fromkeys(modes)),
        catches_exception=any(last_name(name) in NETS for name in caught),
        catches_bare=any(handler.type is None for handler in handlers),
        is_silent=any(all(map(_is_nothing, handler.body)) for handler in handlers),
        n_guards=_count_guards(tree, names),
    )


def _caught(node: ast.expr, names: Names) -> Iterator[str]:
    """Yield the dotted names of the exceptions an ``except`` lists."""
    if isinstance(node, ast.Name) and node.id in names.tuples:
        node = names.tuples[node.id]
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    for element in elements:
        name = names.dotted(element)
        if name is not None:
            yield name


def _mode(name: str, names: Names) -> str | None:
    """Return the kind of failure an exception stands for; None: not one of its own."""
    last = last_name(name)
    if last in NETS or last in NO_FAILURES or last in names.classes:
        return None
    return FAILURE_MODES.get(name) or FAILURE_MODES.get(last) or name.lower()


def _is_nothing(node: ast.stmt) -> bool:
    is_ellipsis = (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and node.value.value is ...
    )
    return isinstance(node, ast.Pass | ast.Continue) or is_ellipsis


def _count_guards(tree: ast.Module, names: Names) -> int:
    return sum(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.If) and _is_guard(node, names))
        or (isinstance(node, ast.IfExp) and _is_question(node.test))
        for node in ast.walk(tree)
    )


def _is_guard(node: ast.If, names: Names) -> bool:
    if is_main_test(node.test):
        return False
    return _leaves(node.body[-1], names) or _is_question(node.test)


def _leaves(node: ast.stmt, names: Names) -> bool:
    """Whether a branch that ends so goes no further."""
    if isinstance(node, ast.Raise | ast.Return | ast.Continue):
        return True
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    called = node.value.func
    if names.dotted(called) in EXITS:
        return True
    return (
        isinstance(called, ast.Attribute)
        and called.attr in PARSER_ENDINGS
        and names.is_parser(called.value)
    )


def _is_question(test: ast.expr) -> bool:
    """Whether a test asks for a type, a file or emptiness."""
    if any(
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        for node in ast.walk(test)
    ):
        return True
    return any(
        (isinstance(call.func, ast.Name) and call.func.id == "isinstance")
        or (isinstance(call.func, ast.Attribute) and call.func.attr in QUESTIONS)
        for call in calls_in(test)
    )


def is_main_test(test: ast.expr) -> bool:
    """Whether it is the question ``__name__ == "__main__"``."""
    if not isinstance(test, ast.Compare) or len(test.comparators) != 1:
        return False
    sides = [test.left, test.comparators[0]]
    is_named = any(isinstance(s, ast.Name) and s.id == "__name__" for s in sides)
    return is_named and any(
        isinstance(s, ast.Constant) and s.value == "__main__" for s in sides
    )
