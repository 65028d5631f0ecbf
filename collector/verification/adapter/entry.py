"""Which functions and methods of unknown code are likely to do its task."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from collector.verification.adapter.roles import Parameter, has_word, tokens
from collector.verification.observation import Shape

_IN_ORDER = 4
_PRIVATE = -5
_CALLED = -2
_MAIN = -2
_PATH_USES = frozenset(
    {
        *("open", "read_text", "read_bytes", "write_text", "exists", "is_file"),
        *("stem", "suffix", "with_suffix", "with_name", "parent", "resolve"),
    }
)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A function, or a method with what its object is made of.

    Attributes:
        owner: Its class; None: a function.
        made_with: Parameters of the class; empty: it takes none, or needs no object.
        is_static: Whether the method needs no object.
    """

    name: str
    owner: str | None = None
    made_with: tuple[Parameter, ...] = ()
    parameters: tuple[Parameter, ...]
    is_static: bool = False
    score: int = 0


def entries(tree: ast.Module, shape: Shape) -> tuple[Entry, ...]:
    """Return the functions and public methods of a module, the likeliest first.

    A name scores by the shape's words in it, 4 more if it names the input's format
    before the output's and 4 less the other way round; private ones, those another
    function calls, and ``main`` score less.
    """
    functions = {node.name: node for node in tree.body if isinstance(node, _Function)}
    found = [_of_function(node) for node in functions.values()]
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found += _of_class(node)
    called = _called(tree)
    scored = [
        replace(entry, score=_score(entry, shape, called=called)) for entry in found
    ]
    return tuple(sorted(scored, key=lambda entry: -entry.score))


def _score(entry: Entry, shape: Shape, *, called: set[str]) -> int:
    name = entry.name if entry.owner is None else f"{entry.owner}_{entry.name}"
    score = sum(
        weight for word, weight in shape.entry_words.items() if has_word(name, [word])
    )
    score += direction(name, shape)
    if entry.name.startswith("_"):
        score += _PRIVATE
    if entry.name in called:
        score += _CALLED
    if entry.name == "main" and "main" not in shape.entry_words:
        score += _MAIN
    return score


def direction(name: str, shape: Shape) -> int:
    """Return 4 for a name like input_to_output, -4 for the reverse, else 0."""
    parts = tokens(name)
    source, target = (s.lstrip(".") for s in (shape.input_suffix, shape.output_suffix))
    if source == target or source not in parts or target not in parts:
        return 0
    return _IN_ORDER if parts.index(source) < parts.index(target) else -_IN_ORDER


def _called(tree: ast.Module) -> set[str]:
    """Return the names that functions call, other than ``main`` and themselves."""
    return {
        _name(call.func)
        for node in ast.walk(tree)
        if isinstance(node, _Function) and node.name != "main"
        for call in _calls(node)
        if _name(call.func) != node.name
    }


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _of_function(node: _Function) -> Entry:
    return Entry(name=node.name, parameters=parameters(node))


def _of_class(node: ast.ClassDef) -> Iterator[Entry]:
    methods = {n.name: n for n in node.body if isinstance(n, _Function)}
    init = methods.get("__init__")
    made_with = parameters(init)[1:] if init is not None else _fields(node)
    for name, method in methods.items():
        marks = {_name(mark) for mark in method.decorator_list}
        if name.startswith("_") and name != "__call__":
            continue
        if marks & {"property", "abstractmethod", "cached_property"}:
            continue
        is_static = bool(marks & {"staticmethod", "classmethod"})
        own = parameters(method)
        yield Entry(
            name=name,
            owner=node.name,
            made_with=() if is_static else made_with,
            parameters=own if "staticmethod" in marks else own[1:],
            is_static=is_static,
        )


def _fields(node: ast.ClassDef) -> tuple[Parameter, ...]:
    """Return what a dataclass is made of; nothing for another class."""
    marks = (m.func if isinstance(m, ast.Call) else m for m in node.decorator_list)
    if not any(_name(mark) == "dataclass" for mark in marks):
        return ()
    return tuple(
        Parameter(
            name=item.target.id,
            annotation=_written(item.annotation),
            default=None if item.value is None else _written(item.value),
        )
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    )


def parameters(node: _Function) -> tuple[Parameter, ...]:
    """Return the parameters of a function, without ``**kwargs``."""
    used_as_path = _used_as_path(node)
    args = node.args
    plain = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(plain) - len(args.defaults)) + [*args.defaults]
    found = [
        _parameter(arg, used_as_path, default=default)
        for arg, default in zip(plain, defaults, strict=True)
    ]
    if args.vararg is not None:
        found.append(Parameter(name=args.vararg.arg, kind="many", default="()"))
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        parameter = _parameter(arg, used_as_path, default=default)
        found.append(replace(parameter, kind="keyword"))
    return tuple(found)


def _parameter(
    arg: ast.arg, used_as_path: Sequence[str], *, default: ast.expr | None
) -> Parameter:
    annotation = arg.annotation
    written = "" if annotation is None else _written(annotation).strip("'\"")
    return Parameter(
        name=arg.arg,
        annotation=written,
        default=None if default is None else _written(default),
        is_used_as_path=arg.arg in used_as_path,
    )


def _written(node: ast.expr) -> str:
    try:
        return ast.unparse(node)
    except RecursionError:  # too deep for it, though not for the compiler
        return "..."


def _used_as_path(node: _Function) -> list[str]:
    return [
        inner.value.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute)
        and isinstance(inner.value, ast.Name)
        and inner.attr in _PATH_USES
    ]
