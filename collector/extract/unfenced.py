"""Code that stands in an answer without a fence, told from the prose around it."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from collector.extract.syntax import STARTS_CODE, Fault, is_program, read

_TRIES = 16
"""Stretches of prose that are taken out; each compiles the rest once."""

_CJK = r"\u3000-\u30ff\u3400-\u9fff\uff00-\uffef"
_STRING_OR_COMMENT = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|#.*")
_CJK_CHARACTER = re.compile(f"[{_CJK}]")
_CODE_LINE = re.compile(
    r"""(if|for|while|with|try|except|else|elif|finally|return|raise|print)\b.*[:(]
    |   \w[\w.\[\]'", ]*\ *([+\-*/|&]?=|:\ *[\w\[\]., |]+=)\ *\S
    |   \w[\w.]*\(
    |   [)\]}"']
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A program between lines of prose.

    Attributes:
        lines: The lines of the answer it was made of, by number from 0.
        is_whole: Whether it compiles.
        is_open: Whether nothing came after it.
    """

    code: str
    lines: frozenset[int]
    is_whole: bool
    is_open: bool


def unfenced_program(lines: Sequence[str]) -> Passage | None:
    """Return the program that begins at the first line that can only be code.

    Whole stretches of prose at the margin are taken out until the rest compiles, so
    that a sentence between two functions does not end the program. A fault inside
    the code itself is left there.
    """
    start = next((n for n, line in enumerate(lines) if STARTS_CODE.match(line)), None)
    if start is None:
        return None
    kept = list(lines[start:])
    found = read("\n".join(kept))
    for _ in range(_TRIES):
        if not isinstance(found, Fault) or not _take_out_prose(kept, found):
            break
        found = read("\n".join(kept))
    if isinstance(found, Fault):
        _take_out_tail(kept)
        is_whole = False
    else:
        _take_out_words(kept, found)
        # A statement that is no more than words may have been all there was.
        found = read("\n".join(kept))
        is_whole = not isinstance(found, Fault)
        if isinstance(found, Fault) or not is_program(found):
            return None
    numbers = [n for n, line in enumerate(kept) if line.strip()]
    is_open = not any(line.strip() for line in lines[start + max(numbers) + 1 :])
    return Passage(
        code="\n".join(kept[: max(numbers) + 1]) + "\n",
        lines=frozenset(start + n for n in numbers),
        is_whole=is_whole,
        is_open=is_open,
    )


def _take_out_prose(kept: list[str], fault: Fault) -> bool:
    """Blank the stretch of prose that a fault stands in; False: it is code."""
    if fault.line is None:
        return False
    at = min(fault.line, len(kept)) - 1
    while at > 0 and (not kept[at].strip() or kept[at][0] in " \t"):
        at -= 1
    if not _is_prose(kept[at]):
        return False
    while at < len(kept) and not _is_code(kept[at]):
        kept[at] = ""
        at += 1
    return True


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and line[0] not in " \t" and not _is_code(line)


def _is_code(line: str) -> bool:
    """Whether a line at the margin may be code; one that is set in never begins it."""
    if STARTS_CODE.match(line):
        return True
    if _CJK_CHARACTER.search(_STRING_OR_COMMENT.sub("", line)):
        return False
    return _CODE_LINE.match(line) is not None


def _take_out_tail(kept: list[str]) -> None:
    """Blank the lines after the last one that belongs to code."""
    last = 0
    is_code = True
    for n, line in enumerate(kept):
        if line.strip() and line[0] not in " \t":
            is_code = _is_code(line)
        if is_code and line.strip():
            last = n
    kept[last + 1 :] = [""] * (len(kept) - last - 1)


def _take_out_words(kept: list[str], tree: ast.Module) -> None:
    """Blank the statements at the margin that are mere words, as ``ポイント`` is."""
    for node in tree.body:
        if _is_words(node):
            for n in range(node.lineno - 1, node.end_lineno or node.lineno):
                kept[n] = ""


def _is_words(node: ast.stmt) -> bool:
    if isinstance(node, ast.AnnAssign):
        return node.value is None
    if not isinstance(node, ast.Expr):
        return False
    parts = (ast.Call, ast.Await, ast.Constant, ast.JoinedStr, ast.Yield)
    return not any(isinstance(part, parts) for part in ast.walk(node.value))
