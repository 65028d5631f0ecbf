"""An answer into the program it gives, with what else was in it.

answer → without thinking → blocks → the main one, and those it needs → Extraction
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from collector.extract.blocks import (
    Block,
    fenced_blocks,
    indented_blocks,
    without_wrapper,
)
from collector.extract.syntax import (
    STARTS_CODE,
    Fault,
    Names,
    compiles,
    has_functions,
    is_program,
    names,
    read,
    size,
)
from collector.extract.unfenced import Passage, unfenced_program

Status = Literal["ok", "truncated", "syntax_error", "no_code", "empty"]
Note = Literal[
    "cut_at_limit",  # the limit came before any code
    "fence_mended",  # the ends of the block are not those CommonMark sees
    "indented_block",  # the code was set off by four spaces only
    "joined_blocks",  # parts of the program came in several blocks
    "prompts_removed",  # it was written as an interactive session
    "prose_length_is_lower_bound",  # the limit came in the words after the code
    "unclosed_fence",  # the block has no end
    "unfenced",  # there was no block: it was told from prose
    "unwrapped",  # the whole answer was fenced as Markdown
]

_LIMITS = frozenset(
    {"length", "max_tokens", "maxPredictedTokensReached", "contextLengthReached"}
)
"""Finish reasons that mean a limit of tokens."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z^_])")
_THINKING = re.compile(
    r"^[ \t]*(?:<(think|thinking|thought)>.*?(?:</\1>|\Z)"
    r"|\[THINK\].*?(?:\[/THINK\]|\Z))",
    re.DOTALL | re.MULTILINE,
)
_CLOSING = "</think>"


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """What an answer holds.

    Attributes:
        code: The program as written; None: there is none. It compiles exactly where
            the status is ``ok``, save that one cut at the limit may do so by chance.
        notes: What a reader of the record should know, as keys.
        dropped: Other whole programs of the answer, such as a second version.
        prose: The words outside code and thinking, line by line.
    """

    status: Status
    code: str | None
    notes: tuple[Note, ...]
    dropped: tuple[str, ...]
    prose: str


@dataclass(frozen=True, kw_only=True)
class _Choice:
    code: str
    used: tuple[Block, ...]
    dropped: tuple[str, ...]


def extract(answer: str, finish_reason: str | None = None) -> Extraction:
    """Return the program of an answer as the model wrote it; never raises.

    Of several programs the one with functions, then with the most syntax, then the
    earliest is taken; another block joins it only if it binds a name that the main
    one uses and leaves undefined.

    Args:
        answer: The text of the answer channel.
        finish_reason: Why the server stopped, in its words; None: not known.
    """
    is_cut = finish_reason in _LIMITS
    lines = without_thinking(answer).split("\n")
    if not any(line.strip() for line in lines):
        return _without_code("empty", "", is_cut=is_cut)
    notes: list[Note] = []
    blocks = fenced_blocks(lines)
    choice = _choose(blocks)
    if choice is None:
        opened = without_wrapper(lines)
        if opened is not None:
            lines, blocks = opened, fenced_blocks(opened)
            choice = _choose(blocks)
            notes.append("unwrapped")
    if choice is None:
        passage = unfenced_program(_outside(lines, blocks))
        if passage is not None:
            prose = _prose(_outside(lines, blocks), passage.lines)
            return _of_passage(passage, prose, is_cut=is_cut)
        inner = [] if blocks else indented_blocks(lines)
        choice = _choose(inner)
        blocks = blocks if choice is None else inner
        notes.append("indented_block")
    prose = "\n".join(_outside(lines, blocks)).strip()
    if choice is None:
        return _without_code("no_code", prose, is_cut=is_cut)
    return _of_choice(choice, prose, notes, is_cut=is_cut)


def extract_code(answer: str) -> str | None:
    """Return the program of an answer; None: it holds no code."""
    return extract(answer).code


def without_thinking(answer: str) -> str:
    """Return an answer without terminal colours, thinking and carriage returns."""
    text = _ANSI.sub("", answer).replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\0", "\ufffd").removeprefix("\ufeff")
    text = _THINKING.sub("", text)
    # A template may open the thinking in the prompt: only its end is written.
    head, closing, tail = text.partition(_CLOSING)
    is_unopened = closing and _CLOSING not in tail and "```" not in head
    return tail if is_unopened else text


def _choose(blocks: Sequence[Block]) -> _Choice | None:
    """Choose the program among blocks; None: none of them is code."""
    trees = [
        (block, read(block.code)) for block in blocks if block.tag in ("", "python")
    ]
    programs = [
        (block, tree)
        for block, tree in trees
        if not isinstance(tree, Fault) and is_program(tree)
    ]
    broken = [b for b, tree in trees if isinstance(tree, Fault) and _looks_python(b)]
    main = max(programs, key=_weight, default=None)
    fault = max(broken, key=_lines, default=None)
    if fault is not None and (main is None or _is_beside(main, fault)):
        return _Choice(code=fault.code, used=(fault,), dropped=())
    if main is not None:
        return _joined(main[0], [block for block, _ in programs])
    scripts = [
        (block, tree)
        for block, tree in trees
        if not isinstance(tree, Fault) and block.tag == "python" and tree.body
    ]
    script = max(scripts, key=_weight, default=None)
    if script is None:
        return None
    return _Choice(code=script[0].code, used=(script[0],), dropped=())


def _is_beside(main: tuple[Block, ast.Module], fault: Block) -> bool:
    """Whether the best that parses only serves a broken block: imports it, shows it."""
    block, tree = main
    if has_functions(block.code) or not has_functions(fault.code):
        return False
    setup = (ast.Import, ast.ImportFrom, ast.Assign)
    is_setup = all(isinstance(node, setup) for node in tree.body)
    return is_setup or fault.first < block.first


def _weight(item: tuple[Block, ast.Module | Fault]) -> tuple[bool, int, int]:
    block, tree = item
    nodes = 0 if isinstance(tree, Fault) else size(tree)
    return has_functions(block.code), nodes, -block.first


def _lines(block: Block) -> tuple[bool, int, int]:
    return has_functions(block.code), block.code.count("\n"), -block.first


def _looks_python(block: Block) -> bool:
    if block.tag == "python":
        return bool(block.code.strip())
    return any(STARTS_CODE.match(line) for line in block.code.split("\n"))


def _joined(main: Block, programs: Sequence[Block]) -> _Choice:
    """Add to the main block those that bind what it leaves undefined, in order."""
    facts = {block.first: names(block.code) for block in programs}
    binders: dict[str, Block] = {}
    for block in programs:
        for name in facts[block.first].bound:
            binders.setdefault(name, block)
    used = {main.first: main}
    _follow(main, used, facts=facts, binders=binders)
    parts = [used[first] for first in sorted(used)]
    code = main.code
    if len(parts) > 1:
        code = "\n\n\n".join(part.code.rstrip("\n") for part in parts) + "\n"
        if not compiles(code):
            parts, code = [main], main.code
    taken = {part.first for part in parts}
    dropped = tuple(block.code for block in programs if block.first not in taken)
    return _Choice(code=code, used=tuple(parts), dropped=dropped)


def _follow(
    main: Block,
    used: dict[int, Block],
    *,
    facts: dict[int, Names],
    binders: dict[str, Block],
) -> None:
    bound = set(facts[main.first].bound)
    wanted = sorted(facts[main.first].undefined)
    while wanted:
        name = wanted.pop()
        block = binders.get(name)
        if name in bound or block is None or block.first in used:
            continue
        used[block.first] = block
        bound |= facts[block.first].bound
        wanted += sorted(facts[block.first].undefined - bound)


def _of_choice(
    choice: _Choice, prose: str, notes: Sequence[Note], *, is_cut: bool
) -> Extraction:
    found: set[Note] = set(notes)
    if len(choice.used) > 1:
        found.add("joined_blocks")
    for block in choice.used:
        if not block.is_closed:
            found.add("unclosed_fence")
        if block.is_mended:
            found.add("fence_mended")
        if block.has_prompts:
            found.add("prompts_removed")
    is_whole = compiles(choice.code)
    status: Status = "ok" if is_whole else "syntax_error"
    if is_cut and not (is_whole and all(block.is_closed for block in choice.used)):
        status = "truncated"
    elif is_cut:
        found.add("prose_length_is_lower_bound")
    return Extraction(
        status=status,
        code=choice.code,
        notes=tuple(sorted(found)),
        dropped=choice.dropped,
        prose=prose,
    )


def _of_passage(passage: Passage, prose: str, *, is_cut: bool) -> Extraction:
    found: set[Note] = {"unfenced"}
    status: Status = "ok" if passage.is_whole else "syntax_error"
    if is_cut and (passage.is_open or not passage.is_whole):
        status = "truncated"
    elif is_cut:
        found.add("prose_length_is_lower_bound")
    return Extraction(
        status=status,
        code=passage.code,
        notes=tuple(sorted(found)),
        dropped=(),
        prose=prose,
    )


def _without_code(
    status: Literal["no_code", "empty"], prose: str, *, is_cut: bool
) -> Extraction:
    notes: tuple[Note, ...] = ("cut_at_limit",) if is_cut else ()
    return Extraction(status=status, code=None, notes=notes, dropped=(), prose=prose)


def _outside(lines: Sequence[str], blocks: Sequence[Block]) -> list[str]:
    """Return the lines with those of the blocks made empty."""
    left = list(lines)
    for block in blocks:
        left[block.first : block.past] = [""] * (block.past - block.first)
    return left


def _prose(lines: Sequence[str], code: frozenset[int]) -> str:
    return "\n".join("" if n in code else line for n, line in enumerate(lines)).strip()
