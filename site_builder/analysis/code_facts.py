"""What is shown beside the index and never goes into it."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from site_builder.analysis.canonical import FINDING_RULES, Source
from site_builder.analysis.contract import Function, functions_of
from site_builder.analysis.counts import Counts
from site_builder.analysis.names import Names, called_name, calls_in

ENCODING_RULE = "PLW1514"
LINES = 100
"""Findings are given for so many lines of code."""

_PLACEHOLDER = re.compile(
    r"\.\.\.|…|\b(?:TODO|FIXME)\b|(?:以下|中略)?省略|以下同様"
    r"|(?:実装|追加|処理)(?:を書|して(?:ください|下さい))",
    re.IGNORECASE,
)
"""A comment that stands for code which is not there, as aider counts them."""

_WRITING_MODES = frozenset("wax+")


@dataclass(frozen=True, kw_only=True)
class CodeFacts:
    """Facts about one answer's code, in its canonical form.

    Attributes:
        sloc: Lines of code, without comments, docstrings and blank lines.
        n_tokens: Python tokens; not the tokens a model counts.
        complexity_max: Largest cognitive complexity; None: no function.
        findings: Number of ruff's findings by rule; None: ruff gave no answer.
        findings_per_100_lines: All of them, per 100 lines of code; None: likewise.
        third_party: Top-level packages imported that do not come with Python.
        failure_modes: Kinds of failure the code names in ``except``.
        options: Names of what can be chosen.
        n_placeholders: Comments and empty functions that stand for missing code.
        n_opened_without_encoding: Text files opened in the system's own encoding; None:
            ruff gave no answer.
        n_csv_without_newline: CSV files written with doubled line ends on Windows.
    """

    sloc: int
    n_tokens: int
    complexity_max: int | None
    findings: dict[str, int] | None
    findings_per_100_lines: float | None
    third_party: tuple[str, ...]
    failure_modes: tuple[str, ...]
    options: tuple[str, ...]
    n_placeholders: int
    n_opened_without_encoding: int | None
    n_csv_without_newline: int


def facts_of(source: Source, names: Names, counts: Counts) -> CodeFacts:
    """Collect the facts about one answer's code."""
    found = source.findings
    rate = None
    if found is not None and source.n_code_lines:
        rate = LINES * sum(found.values()) / source.n_code_lines
    return CodeFacts(
        sloc=source.n_code_lines,
        n_tokens=source.n_tokens,
        complexity_max=counts.shape.complexity_max,
        findings=found,
        findings_per_100_lines=rate,
        third_party=_third_party(source.tree),
        failure_modes=counts.robustness.failure_modes,
        options=counts.interface.options,
        n_placeholders=_count_placeholders(source),
        n_opened_without_encoding=None
        if found is None
        else found.get(ENCODING_RULE, 0),
        n_csv_without_newline=_count_csv_traps(source.tree, names),
    )


def _third_party(tree: ast.Module) -> tuple[str, ...]:
    modules = {name.partition(".")[0] for name in _imported(tree)}
    return tuple(sorted(modules - sys.stdlib_module_names))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def _count_placeholders(source: Source) -> int:
    comments = sum(bool(_PLACEHOLDER.search(text)) for text in source.comments)
    return comments + sum(map(_is_stub, functions_of(source.tree)))


def _is_stub(node: Function) -> bool:
    """Whether a function does nothing at all; an abstract one is meant to."""
    decorators = {getattr(d, "attr", getattr(d, "id", "")) for d in node.decorator_list}
    if decorators & {"abstractmethod", "overload"}:
        return False
    body = [
        statement
        for statement in node.body
        if not (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
        )
    ]
    return all(isinstance(statement, ast.Pass) for statement in body)


def _count_csv_traps(tree: ast.Module, names: Names) -> int:
    """Count files opened for writing without ``newline=""`` and given to csv."""
    scopes: list[ast.AST] = [tree, *functions_of(tree)]
    traps: set[int] = set()
    for scope in scopes:
        opened = dict(_opened(scope))
        for call in calls_in(scope):
            if names.dotted(call.func) not in ("csv.writer", "csv.DictWriter"):
                continue
            target = call.args[0] if call.args else None
            if isinstance(target, ast.Name) and target.id in opened:
                traps |= {id(c) for c in opened[target.id] if _is_trap(c)}
            elif isinstance(target, ast.Call) and _is_trap(target):
                traps.add(id(target))
    return len(traps)


def _opened(scope: ast.AST) -> Iterator[tuple[str, list[ast.Call]]]:
    """Yield the names given to calls in a scope, with those calls."""
    found: dict[str, list[ast.Call]] = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                _note(found, item.optional_vars, item.context_expr)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                _note(found, target, node.value)
    yield from found.items()


def _note(
    found: dict[str, list[ast.Call]], target: ast.expr | None, value: ast.expr
) -> None:
    if isinstance(target, ast.Name) and isinstance(value, ast.Call):
        found.setdefault(target.id, []).append(value)


def _is_trap(call: ast.Call) -> bool:
    """Whether a call opens a text file for writing with translated line ends."""
    if called_name(call) != "open":
        return False
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    position = 1 if isinstance(call.func, ast.Name) else 0
    positional = call.args[position] if len(call.args) > position else None
    mode = keywords.get("mode", positional)
    if not (isinstance(mode, ast.Constant) and isinstance(mode.value, str)):
        return False
    newline = keywords.get("newline")
    is_translated = newline is None or (
        isinstance(newline, ast.Constant) and newline.value not in ("", "\n")
    )
    return bool(_WRITING_MODES & set(mode.value)) and is_translated


__all__ = ["FINDING_RULES", "CodeFacts", "facts_of"]
