"""Types and docstrings: what the code tells its caller.

The functions are taken from the syntax tree, not from griffe's model of the module:
that one leaves out inner functions, turns properties into attributes and keeps only
the last of several definitions of a name. griffe reads the docstrings.
"""

import ast
from collections.abc import Iterator

from site_builder.analysis.counts import Contract
from site_builder.analysis.docstrings import named_parameters

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While)
Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def count_contract(tree: ast.Module) -> Contract:
    """Count slots, docstrings and named parameters of an answer's code."""
    methods = method_ids(tree)
    slots = [slot for node in functions_of(tree) for slot in _slots(node, methods)]
    public = list(_public(tree))
    described = [pair for node in public for pair in _described(node, methods)]
    return Contract(
        n_slots=len(slots),
        n_annotated=sum(slots),
        n_public=len(public),
        n_documented=sum(_docstring(node) is not None for node in public),
        n_parameters=len(described),
        n_described=sum(described),
    )


def functions_of(tree: ast.AST) -> list[Function]:
    """Return every function and method, inner ones included."""
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def method_ids(tree: ast.Module) -> frozenset[int]:
    """Return the ids of the functions whose first parameter is the object or class."""
    return frozenset(
        id(node)
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, Function) and not _is_static(node)
    )


def parameters_of(node: Function, methods: frozenset[int]) -> list[ast.arg]:
    """Return a function's parameters, without the object or class of a method."""
    arguments = node.args
    ordered = [*arguments.posonlyargs, *arguments.args]
    is_bound = id(node) in methods or (ordered and ordered[0].arg in ("self", "cls"))
    starred = [arg for arg in (arguments.vararg, arguments.kwarg) if arg is not None]
    return [*ordered[bool(is_bound) :], *arguments.kwonlyargs, *starred]


def top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body, those inside ``if``, ``try`` and ``with`` too."""
    for node in body:
        yield node
        if isinstance(node, _BLOCKS):
            yield from top_level(node.body)
            yield from top_level(getattr(node, "orelse", []))
            yield from top_level(getattr(node, "finalbody", []))
            for handler in getattr(node, "handlers", []):
                yield from top_level(handler.body)


def _is_static(node: Function) -> bool:
    return any(
        isinstance(decorator, ast.Name) and decorator.id == "staticmethod"
        for decorator in node.decorator_list
    )


def _slots(node: Function, methods: frozenset[int]) -> list[bool]:
    """Return for each slot of a function whether it has a type."""
    parameters = parameters_of(node, methods)
    return [
        *(parameter.annotation is not None for parameter in parameters),
        node.returns is not None,
    ]


def _public(tree: ast.Module) -> Iterator[Documented]:
    """Yield functions and classes a caller can reach by names without ``_``."""
    for node in top_level(tree.body):
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public_members(node)


def _public_members(owner: ast.ClassDef) -> Iterator[Documented]:
    for node in top_level(owner.body):
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public_members(node)


def _described(node: Documented, methods: frozenset[int]) -> list[bool]:
    """Return for each parameter whether the docstring names it.

    A class's parameters are those of its ``__init__``, named there or in the class's
    own docstring, as the common styles allow either.
    """
    texts = [_docstring(node)]
    target: Function | None = None if isinstance(node, ast.ClassDef) else node
    if isinstance(node, ast.ClassDef):
        members = [member for member in node.body if isinstance(member, Function)]
        target = next((m for m in members if m.name == "__init__"), None)
        texts += [_docstring(target)] if target is not None else []
    if target is None:
        return []
    parameters = [parameter.arg for parameter in parameters_of(target, methods)]
    if not parameters:
        return []
    named = frozenset[str]().union(*(named_parameters(text) for text in texts if text))
    return [name in named for name in parameters]


def _docstring(node: Documented) -> str | None:
    text = ast.get_docstring(node)
    return text if text is not None and text.strip() else None
