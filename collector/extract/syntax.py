"""Python's own reading of a piece of text: its tree, its fault, its open names."""

import ast
import builtins
import re
import symtable
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

STARTS_CODE = re.compile(
    r"""import\ +\w[\w.]*(\ +as\ +\w+)?(\ *,\ *\w[\w.]*(\ +as\ +\w+)?)*\s*([\#;].*)?$
    |   from\ +[\w.]+\ +import\b
    |   (async\ +)?def\ +\w+\s*[(\[]
    |   class\ +\w+\s*[(:\[].*
    |   @\w[\w.]*\s*(\(.*)?$
    |   \#!
    |   if\ +__name__\b
    """,
    re.VERBOSE,
)
"""What begins a line of Python and no line of prose."""

_WARNINGS = threading.Lock()
"""Python's filters for warnings are global, and code is verified in several threads."""

_DEFINES = re.compile(r"^\s*(async\s+)?def\s+\w+", re.MULTILINE)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_OF_PROGRAMS = (
    *_FUNCTIONS,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
    ast.With,
    ast.AsyncWith,
    ast.For,
    ast.Try,
    ast.TryStar,
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a text is not Python.

    Attributes:
        line: Where, from 1; None: the compiler does not tell.
    """

    message: str
    line: int | None


def read(code: str) -> ast.Module | Fault:
    """Return the tree of a text that compiles, or why it does not."""
    try:
        with _without_warnings():
            tree = ast.parse(code)
            # The parser alone lets pass a `return` outside a function.
            compile(tree, "<answer>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return Fault(message=error.msg or "invalid syntax", line=error.lineno)
    except (ValueError, RecursionError, MemoryError) as error:
        return Fault(message=str(error) or type(error).__name__, line=None)
    return tree


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Keep an odd escape in a model's code from our console: it is its business."""
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def compiles(code: str) -> bool:
    """Whether Python would start to run it."""
    return not isinstance(read(code), Fault)


def is_program(tree: ast.Module) -> bool:
    """Whether it has a statement that neither words nor a mere call can be.

    Japanese prose without spaces parses as a name.
    """
    return any(isinstance(node, _OF_PROGRAMS) for node in tree.body)


def has_functions(code: str) -> bool:
    """Whether it seems to define one; it need not parse."""
    return _DEFINES.search(code) is not None


def size(tree: ast.AST) -> int:
    """Return how many nodes of syntax a tree has."""
    return sum(1 for _ in ast.walk(tree))


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a module binds at its top, and what it uses and nobody binds."""

    bound: frozenset[str]
    undefined: frozenset[str]


def names(code: str) -> Names:
    """Return the names of code that compiles; star imports may define anything."""
    bound: set[str] = set()
    used: set[str] = set()
    with _without_warnings():
        top = symtable.symtable(code, "<answer>", "exec")
    tables = [top]
    while tables:
        table = tables.pop()
        tables.extend(table.get_children())
        for symbol in table.get_symbols():
            name = symbol.get_name()
            is_top = table is top or symbol.is_declared_global()
            if is_top and (symbol.is_assigned() or symbol.is_imported()):
                bound.add(name)
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                used.add(name)
    known = bound | set(dir(builtins))
    undefined = {name for name in used - known if not name.startswith(("__", "."))}
    if re.search(r"^from\s+\S+\s+import\s+\*", code, re.MULTILINE):
        undefined.clear()
    return Names(bound=frozenset(bound), undefined=frozenset(undefined))
