"""The fenced blocks of an answer, by CommonMark's rules, with two kinds of mend.

A fence that a docstring holds at the margin ends a block too early, one glued to the
last line of code ends none: both are seen only because the code then compiles.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from collector.extract.syntax import STARTS_CODE, compiles

_TAG = re.compile(r"[\s{.]*([a-z][a-z+#-]*)[\d.]*")
_PYTHON = frozenset({"python", "py", "pycon", "python-repl", "ipython"})
_MARKDOWN = frozenset({"markdown", "md"})
_CLOSER = re.compile(r"[\s>]*(`{3,}|~{3,})\s*")
_OPENER = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_INNER = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[ \t]*(python|py)\b", re.MULTILINE | re.IGNORECASE
)
_TRIES = 8
"""Mends that are tried for one block; each compiles it once."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of code in an answer.

    Attributes:
        tag: Its language in lower case, ``python`` for all its names; empty: none.
        first: Line of the answer its opening fence stands in, from 0.
        past: The line after its last one.
        is_closed: Whether it has an end.
        is_mended: Whether CommonMark would have drawn its ends otherwise.
    """

    tag: str
    code: str
    first: int
    past: int
    is_closed: bool
    is_mended: bool = False
    has_prompts: bool = False


def fenced_blocks(lines: Sequence[str]) -> list[Block]:
    """Return the fenced blocks of an answer in order."""
    found: list[Block] = []
    start = 0
    for _ in range(_TRIES):
        for block in _scan(lines, start):
            mended = _mended(block, lines) if _is_python_like(block) else block
            found.append(mended)
            if mended.past != block.past:
                # What CommonMark took for inside and outside has changed places.
                start = mended.past
                break
        else:
            return found
    return found


def indented_blocks(lines: Sequence[str]) -> list[Block]:
    """Return the blocks set off by four spaces; a fence may be inside."""
    found = []
    for token in _parse("\n".join(lines)):
        if token.type == "code_block" and token.map:
            first, past = token.map
            inner = token.content.split("\n")
            shifted = [
                replace(block, first=block.first + first, past=block.past + first)
                for block in fenced_blocks(inner)
            ]
            found += shifted or [
                _block("", token.content, first=first, past=past, is_closed=True)
            ]
    return found


def without_wrapper(lines: Sequence[str]) -> list[str] | None:
    """Return an answer that is itself fenced as Markdown without that fence.

    Returns:
        None where nothing of the kind holds a block of Python.
    """
    for block in _scan(lines, 0):
        inner = _INNER.search(block.code) if block.tag == "markdown" else None
        outer = _OPENER.match(lines[block.first])
        if inner is None or outer is None:
            continue
        opened = list(lines)
        opened[block.first] = ""
        # A wrapper of the same mark seems to end where the inner block does.
        if block.is_closed and not inner[1].startswith(outer[1]):
            opened[block.past - 1] = ""
        stray = [b for b in _scan(opened, 0) if not b.tag and not b.is_closed]
        for leftover in stray:
            opened[leftover.first] = ""
        return opened
    return None


def without_prompts(code: str) -> str | None:
    """Return what was typed in an interactive session; None: it is none."""
    if not code.lstrip().startswith(">>> "):
        return None
    typed = [
        line[4:]
        for line in code.split("\n")
        if line.startswith((">>> ", "... ")) or line.rstrip() in (">>>", "...")
    ]
    return "\n".join(typed) + "\n"


def _parse(text: str) -> Sequence[Token]:
    # Blocks are all we want; a fence right below a tag of HTML is one, too.
    return MarkdownIt("commonmark").disable(["inline", "html_block"]).parse(text)


def _scan(lines: Sequence[str], start: int) -> Iterator[Block]:
    for token in _parse("\n".join(lines[start:])):
        if token.type == "fence" and token.map:
            first, past = (start + line for line in token.map)
            inside = token.content.count("\n") + (token.content[-1:] not in ("", "\n"))
            is_closed = past - first == inside + 2
            yield _block(
                token.info, token.content, first=first, past=past, is_closed=is_closed
            )


def _block(info: str, code: str, *, first: int, past: int, is_closed: bool) -> Block:
    tag, rest = _tag(info)
    if rest:
        code = f"{rest}\n{code}"
    head, _, tail = code.partition("\n")
    if not tag and head.strip().lower() in _PYTHON:
        tag, code = "python", tail  # the tag fell into the next line
    typed = without_prompts(code) if tag in ("", "python") else None
    return Block(
        tag="python" if typed is not None else tag,
        code=code if typed is None else typed,
        first=first,
        past=past,
        is_closed=is_closed,
        has_prompts=typed is not None,
    )


def _tag(info: str) -> tuple[str, str]:
    """Return the language that a fence names, and code that stands in its line."""
    info = info.strip()
    if STARTS_CODE.match(info):
        return "", info
    found = _TAG.match(info.lower())
    if found is None:
        return "", ""
    word = found[1]
    rest = info[found.end() :].strip()
    if word in _PYTHON:
        return "python", rest if STARTS_CODE.match(rest) else ""
    return "markdown" if word in _MARKDOWN else word, ""


def _is_python_like(block: Block) -> bool:
    return block.tag in ("", "python") and not block.has_prompts


def _mended(block: Block, lines: Sequence[str]) -> Block:
    if compiles(block.code):
        return block
    return _cut_at_glued(block) or _grown_past_inner(block, lines) or block


def _cut_at_glued(block: Block) -> Block | None:
    """End a block at a fence that stands behind code in the same line."""
    inside = block.code.split("\n")
    glued = [n for n, line in enumerate(inside) if _before_fence(line)]
    for n in glued[:_TRIES]:
        code = "\n".join([*inside[:n], _before_fence(inside[n])]) + "\n"
        if compiles(code):
            past = block.first + n + 2
            return replace(block, code=code, past=past, is_closed=True, is_mended=True)
    # An end set in too far is an end all the same.
    tail = block.code.rstrip()
    head, _, last = tail.rpartition("\n")
    if not block.is_closed and _CLOSER.fullmatch(last) and compiles(head + "\n"):
        return replace(block, code=head + "\n", is_closed=True, is_mended=True)
    return None


def _before_fence(line: str) -> str:
    """Return the code before a fence at the end of a line; empty: there is none."""
    text = line.rstrip()
    for mark in "`~":
        if text.endswith(mark * 3):
            return text.rstrip(mark).rstrip()
    return ""


def _grown_past_inner(block: Block, lines: Sequence[str]) -> Block | None:
    """Move a block's end to a later fence if it is Python only up to there."""
    if not block.is_closed:
        return None
    ends = (n for n in range(block.past, len(lines)) if _CLOSER.fullmatch(lines[n]))
    for _, end in zip(range(_TRIES), ends, strict=False):
        code = "\n".join(lines[block.first + 1 : end]) + "\n"
        if compiles(code):
            return replace(block, code=code, past=end + 1, is_mended=True)
    return None
