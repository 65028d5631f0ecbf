"""File names written in code changed to ours, and proof that nothing else was."""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from collector.extract.syntax import Fault, read
from collector.verification.observation import Shape

INPUT_STEM = "input"
OUTPUT_STEM = "output"
_NO_NAME = frozenset('\n\r\t*?"<>|{}%')


@dataclass(frozen=True, kw_only=True)
class Substitution:
    """Code with other file names.

    Attributes:
        diff: What was changed, as a unified diff.
    """

    code: str
    diff: str


@dataclass(frozen=True, kw_only=True)
class _Literal:
    """Where a literal stands: its line from 1, its columns in bytes of UTF-8."""

    line: int
    first_byte: int
    past_byte: int
    prefix: str
    name: str


def input_name(shape: Shape) -> str:
    """Return the name of the input file in the job's folder."""
    return INPUT_STEM + shape.input_suffix


def output_name(shape: Shape) -> str:
    """Return the name that the output is asked to have."""
    return OUTPUT_STEM + shape.output_suffix


def substitute(code: str, shape: Shape) -> Substitution | None:
    """Change whole literals that are names of input or output files.

    Docstrings and parts of f-strings stay; so do patterns, sentences and a suffix
    alone.

    Returns:
        None where there is nothing to change.

    Raises:
        AssertionError: The change would reach more than these literals: a bug of ours.
    """
    tree = read(code)
    if isinstance(tree, Fault):
        return None
    lines = code.encode("utf-8").splitlines(keepends=True)
    changes = list(_literals(tree, shape))
    for literal in sorted(changes, key=_place, reverse=True):
        _replace(lines, literal)
    changed = b"".join(lines).decode("utf-8")
    if changed == code:
        return None
    again = read(changed)
    if isinstance(again, Fault) or not _is_same(tree, again, shape):
        raise AssertionError("adjusting file names changed more than literals")
    diff = "".join(
        difflib.unified_diff(
            code.splitlines(keepends=True),
            changed.splitlines(keepends=True),
            "as written",
            "as run",
        )
    )
    return Substitution(code=changed, diff=diff)


def _literals(tree: ast.Module, shape: Shape) -> Iterator[_Literal]:
    """Yield the literals to change with the name each is to have."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            skipped.add(id(node.value))  # a docstring, or a string nobody uses
        plain = _plain(node)
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
        if plain is None or id(node) in skipped or not isinstance(node, ast.expr):
            continue
        name = _new_name(plain, shape)
        is_on_one_line = node.end_lineno == node.lineno
        if name is not None and name != plain and is_on_one_line:
            yield _Literal(
                line=node.lineno,
                first_byte=node.col_offset,
                past_byte=node.end_col_offset or node.col_offset,
                prefix="f" if isinstance(node, ast.JoinedStr) else "",
                name=name,
            )


def _plain(node: ast.AST) -> str | None:
    """Return the text of a literal; of an f-string only if nothing is filled in."""
    if isinstance(node, ast.JoinedStr):
        return _plain(node.values[0]) if len(node.values) == 1 else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _new_name(text: str, shape: Shape) -> str | None:
    """Return our name for a literal that names a file; None: it names none."""
    if _NO_NAME & set(text) or " " in text.strip():
        return None
    base = text.replace("\\", "/").rpartition("/")[2]
    for suffix, name in (
        (shape.input_suffix, input_name(shape)),
        (shape.output_suffix, output_name(shape)),
    ):
        if base.lower().endswith(suffix) and len(base) > len(suffix):
            return name
    return None


def _place(literal: _Literal) -> tuple[int, int]:
    return literal.line, literal.first_byte


def _replace(lines: list[bytes], literal: _Literal) -> None:
    line = lines[literal.line - 1]
    written = f'{literal.prefix}"{literal.name}"'.encode()
    before, after = line[: literal.first_byte], line[literal.past_byte :]
    lines[literal.line - 1] = before + written + after


def _is_same(one: ast.Module, other: ast.Module, shape: Shape) -> bool:
    """Whether two trees differ in names of files at most."""
    # Side by side, not by ast.dump, which a deep tree is too much for.
    pairs = zip_longest(ast.walk(one), ast.walk(other))
    return all(
        left is not None
        and right is not None
        and _facts(left, shape) == _facts(right, shape)
        for left, right in pairs
    )


def _facts(node: ast.AST, shape: Shape) -> list[object]:
    """Return a node's kind, its plain values and how many nodes are below it."""
    facts: list[object] = [type(node)]
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            facts.append(type(value))
        elif isinstance(value, list):
            facts.append([type(v) if isinstance(v, ast.AST) else v for v in value])
        elif name != "kind":  # the u of u"", which means nothing
            named = _new_name(value, shape) if isinstance(value, str) else None
            facts.append((type(value), value if named is None else named))
    return facts
