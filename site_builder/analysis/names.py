"""What the names of an answer's code stand for, as far as its text tells."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

PARSER_MAKERS = frozenset(
    {"ArgumentParser", "OptionParser", "add_parser", "get_current_context"}
)
CONTEXTS = frozenset({"ArgumentParser", "OptionParser", "Context"})
"""Types of parameters on which ``.error(…)`` or ``.fail(…)`` ends the program."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """The names of one module.

    Attributes:
        imports: Local name to what was imported, dotted.
        classes: Names of the classes it defines.
        tuples: Local name to the tuple it was set to at the top.
        parsers: Names of command-line parsers, and of functions that make one.
    """

    imports: dict[str, str]
    classes: frozenset[str]
    tuples: dict[str, ast.Tuple]
    parsers: frozenset[str]

    def dotted(self, node: ast.expr) -> str | None:
        """Return ``csv.Error`` for whatever name it goes by; None: no plain name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])

    def is_parser(self, node: ast.expr) -> bool:
        """Whether a value is a command-line parser, or click's context."""
        if isinstance(node, ast.Call):
            return _makes_parser(node, self.parsers)
        return isinstance(node, ast.Name) and node.id in self.parsers


def read_names(tree: ast.Module) -> Names:
    """Collect what the names of a module stand for."""
    nodes = list(ast.walk(tree))
    return Names(
        imports=dict(_imports(nodes)),
        classes=frozenset(n.name for n in nodes if isinstance(n, ast.ClassDef)),
        tuples={
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple)
            for target in node.targets
            if isinstance(target, ast.Name)
        },
        parsers=_parsers(nodes),
    )


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """Yield every call inside a node, itself included."""
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


def last_name(dotted: str) -> str:
    """Return the part after the last dot."""
    return dotted.rpartition(".")[2]


def called_name(call: ast.Call) -> str | None:
    """Return the last part of what is called; None: it has no name."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else None


def _imports(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield (alias.asname or top, alias.name if alias.asname else top)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                module = f"{node.module}." if node.module else ""
                yield (alias.asname or alias.name, module + alias.name)


def _parsers(nodes: list[ast.AST]) -> frozenset[str]:
    makers = frozenset(
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef)
        and any(called_name(call) in PARSER_MAKERS for call in calls_in(node))
        and any(isinstance(inner, ast.Return) and inner.value for inner in node.body)
    )
    found = set(makers)
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if _makes_parser(node.value, makers):
                found |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.arg) and node.annotation is not None:
            annotation = node.annotation
            name = getattr(annotation, "attr", getattr(annotation, "id", None))
            found |= {node.arg} if name in CONTEXTS else set()
    return frozenset(found)


def _makes_parser(call: ast.Call, makers: frozenset[str]) -> bool:
    name = called_name(call)
    return name in PARSER_MAKERS or name in makers
