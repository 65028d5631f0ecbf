"""The code out of an answer, by CommonMark's own rules for code blocks."""

import ast
import re
import warnings
from dataclasses import dataclass

from markdown_it import MarkdownIt

_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_PYTHON_TAGS = frozenset({"python", "py", "python3", "py3"})


@dataclass(frozen=True, kw_only=True)
class _Block:
    tag: str
    code: str


def extract_code(answer: str) -> str | None:
    """Return the Python program of an answer as the model wrote it.

    Thinking inside the answer is passed over. Of several blocks the one with most
    syntax is taken: usage snippets are shorter than what they use. A block that does
    not parse counts by its lines, after all that do. An answer without any block is
    itself taken if it parses and defines or imports something.

    Returns:
        None where the answer holds no Python code.
    """
    text = _THINKING.sub("", answer)
    blocks = [
        _Block(tag=(token.info.split() or [""])[0].lower(), code=token.content)
        for token in MarkdownIt("commonmark").parse(text)
        if token.type == "fence"
    ]
    candidates = [block.code for block in blocks if block.tag in _PYTHON_TAGS]
    if not candidates:
        candidates = [
            block.code for block in blocks if not block.tag and _is_program(block.code)
        ]
    if not candidates and not blocks and _is_program(text):
        candidates = [text]
    return max(candidates, key=_weight, default=None)


def _is_program(code: str) -> bool:
    """Whether it parses and has a statement that plain words cannot be.

    Japanese prose without spaces parses as an identifier.
    """
    tree = _parse(code)
    if tree is None:
        return False
    named = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.With)
    return any(isinstance(node, named) for node in tree.body)


def _weight(code: str) -> tuple[bool, int]:
    tree = _parse(code)
    if tree is None:
        return False, code.count("\n")
    return True, sum(1 for _ in ast.walk(tree))


def _parse(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            # An odd escape in a model's code is its business, not our console's.
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
