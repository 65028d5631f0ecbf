"""One form for all layouts of the same code, and ruff's findings in it.

The code is only ever parsed. Comments are taken out before formatting: they would let
``# fmt: off`` or a long remark decide how many lines the code has.
"""

import ast
import io
import json
import subprocess
import tokenize
import warnings
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from site_builder.errors import SiteError

MAX_CODE_BYTES = 200_000
"""More than any answer holds: some 60,000 tokens."""

MAX_DEPTH = 200
"""Nesting of syntax; hand-written code stays below 50."""

RUFF_TIMEOUT_S = 10.0

FINDING_RULES = ("F", "BLE001", "E722", "S110", "PLW1514")
"""Unused and undefined names; broad, bare and silent ``except``; no ``encoding=``."""

_FORMAT = (
    *("format", "--isolated", "--line-length", "88"),
    # Otherwise a comma left by a narrower layout keeps its lines apart.
    *("--config", "format.skip-magic-trailing-comma = true"),
    *("--config", "lint.isort.split-on-trailing-comma = false"),
    *("--config", "format.line-ending = 'lf'"),
    *("--target-version", "py311", "-"),
)
_CHECK = (
    *("check", "--isolated", "--no-cache", "--output-format", "json"),
    *("--preview", "--config", "lint.explicit-preview-rules = true"),
    *("--select", ",".join(FINDING_RULES), "--ignore-noqa"),
    *("--target-version", "py311", "-"),
)

CodeError = Literal["empty", "too_large", "too_deep", "syntax_error", "no_canonical"]
"""Why code has no findings: the last is ruff refusing what Python accepts."""

_LAYOUT = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Code in its canonical form.

    Attributes:
        text: Formatted to 88 columns, without comments.
        tree: Its syntax tree.
        comments: The comments' texts as written, the shebang left out.
        n_comment_lines: Lines that have one.
        n_code_lines: Lines of ``text`` with code, docstrings left out.
        n_tokens: Tokens of ``text``.
        findings: Number of ruff's findings by rule; None: ruff gave no answer.
    """

    text: str
    tree: ast.Module
    comments: tuple[str, ...]
    n_comment_lines: int
    n_code_lines: int
    n_tokens: int
    findings: dict[str, int] | None


def read_source(code: str) -> Source | CodeError:
    """Bring code to its canonical form, or say why it has none.

    Raises:
        SiteError: ruff is not installed.
    """
    text = code.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return "empty"
    # A lone surrogate cannot be encoded; parsing refuses it a few lines below.
    if len(text.encode("utf-8", "surrogatepass")) > MAX_CODE_BYTES:
        return "too_large"
    parsed = _parse(text)
    if not isinstance(parsed, ast.Module):
        return parsed
    tokens = _tokens(text)
    if tokens is None:
        return "syntax_error"
    comments = [t for t in tokens if t.type == tokenize.COMMENT and not _is_shebang(t)]
    bare = _without_comments(text, tokens)
    canonical, findings = ask_ruff(bare)
    tree = None if canonical is None else _parse(canonical)
    if canonical is None or not isinstance(tree, ast.Module):
        return "no_canonical"
    inner = _tokens(canonical) or []
    return Source(
        text=canonical,
        tree=tree,
        comments=tuple(token.string for token in comments),
        n_comment_lines=len({token.start[0] for token in comments}),
        n_code_lines=len(_code_lines(inner) - _docstring_lines(tree)),
        n_tokens=sum(token.type not in _LAYOUT for token in inner),
        findings=findings,
    )


def ruff_version() -> str:
    """Return ruff's version, on which canonical form and findings depend."""
    from importlib.metadata import version  # noqa: PLC0415 - slow to import

    return version("ruff")


def _parse(text: str) -> ast.Module | CodeError:
    try:
        with warnings.catch_warnings():
            # An odd escape in a model's code is its business, not our console's.
            warnings.simplefilter("ignore", SyntaxWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            tree = ast.parse(text)
    except (RecursionError, MemoryError):
        return "too_deep"
    except (SyntaxError, ValueError):
        return "syntax_error"
    return tree if _is_shallow(tree) else "too_deep"


def _is_shallow(tree: ast.Module) -> bool:
    """Whether a walk by recursion is safe, ours or a library's."""
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return True
    return False


def _tokens(text: str) -> list[tokenize.TokenInfo] | None:
    try:
        return list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return None


def _is_shebang(token: tokenize.TokenInfo) -> bool:
    return token.start == (1, 0) and token.string.startswith("#!")


def _without_comments(text: str, tokens: list[tokenize.TokenInfo]) -> str:
    lines = text.split("\n")
    for token in tokens:
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines)


def _code_lines(tokens: list[tokenize.TokenInfo]) -> set[int]:
    return {
        line
        for token in tokens
        if token.type not in _LAYOUT
        for line in range(token.start[0], token.end[0] + 1)
    }


def _docstring_lines(tree: ast.Module) -> set[int]:
    """Return the lines of strings that stand alone: docstrings, and their like."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def ask_ruff(text: str) -> tuple[str | None, dict[str, int] | None]:
    """Return the formatted text and the findings by rule; both run at once."""
    data = text.encode("utf-8")
    formatter, checker = _start(_FORMAT), _start(_CHECK)
    formatted, found = _finish(formatter, data), _finish(checker, data)
    canonical = formatted[1].decode("utf-8") if formatted[0] == 0 else None
    return canonical, _count_findings(found[1]) if found[0] in (0, 1) else None


def _start(arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own arguments, the code goes to stdin
        [_ruff(), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _finish(process: subprocess.Popen[bytes], data: bytes) -> tuple[int, bytes]:
    with process:
        try:
            output, _ = process.communicate(data, timeout=RUFF_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return -1, b""
    return process.returncode, output


def _count_findings(output: bytes) -> dict[str, int] | None:
    try:
        found = json.loads(output)
        return dict(sorted(Counter(str(item["code"]) for item in found).items()))
    except (ValueError, TypeError, KeyError):
        return None


def _ruff() -> str:
    # ruff ships no types; it is needed only where code is analysed.
    from ruff import find_ruff_bin  # type: ignore[import-untyped] # noqa: PLC0415

    try:
        return str(find_ruff_bin())
    except FileNotFoundError as error:
        raise SiteError(
            "ruff is not installed, and code is brought to one form by it: "
            "install it with pip install ruff"
        ) from error
