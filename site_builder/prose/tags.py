"""Whether the tags of a text are allowed, and open and close in order."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from site_builder.config import nearest
from site_builder.prose.scan import STRING, Fault, Piece
from site_builder.prose.vocabulary import BRANCHES

_HERE = "write the text where it belongs"
_WHERE = "write the reference where the text needs it"
FORBIDDEN_BLOCKS = {
    "for": "write each sentence out, or show the values with table(…)",
    "set": _WHERE,
    "with": _WHERE,
    "macro": _HERE,
    "call": _HERE,
    "block": _HERE,
    "filter": "write | u(…) behind each value",
    "autoescape": "leave it out, names are made safe by themselves",
    "trans": _HERE,
}
"""Tags that have an end tag in Jinja, and what to write instead."""

FORBIDDEN = FORBIDDEN_BLOCKS | dict.fromkeys(
    ("include", "import", "from", "extends", "do", "break", "continue"), _HERE
)
_OPENING = ("if", "claim", "plain")
_ENDS = {f"end{name}": name for name in _OPENING}
_BRANCHES = {**dict.fromkeys(BRANCHES, "claim"), "elif": "if", "else": "if"}
_KNOWN = {*_OPENING, *_ENDS, *_BRANCHES}
_QUOTED = re.compile(STRING)


@dataclass(frozen=True, kw_only=True)
class _Block:
    name: str
    opening: Piece
    branches: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class TagCheck:
    """What is wrong with the tags of a text.

    Attributes:
        masked: Pieces that must be left out before the rest can be read.
        is_balanced: Whether the rest can be read as a whole.
    """

    faults: list[Fault] = field(default_factory=list)
    masked: list[Piece] = field(default_factory=list)
    is_balanced: bool = True
    _open: list[_Block] = field(default_factory=list)

    def check(self, piece: Piece) -> None:
        """Look at the next piece."""
        if piece.kind == "open":
            self._not_ended(piece)
        if piece.kind != "tag":
            return
        name, arguments = piece.tag
        if name in FORBIDDEN:
            self._forbid(piece, name, arguments)
        elif name.removeprefix("end") in FORBIDDEN_BLOCKS:
            self.masked.append(piece)
            if self._innermost() == name.removeprefix("end"):
                self._open.pop()
        elif name == "else" and self._innermost() == "for":
            self.masked.append(piece)
        elif name == "raw":
            self._mask(piece, "{% raw %} is not closed: add {% endraw %}")
        elif name not in _KNOWN:
            known = nearest(name, _KNOWN)
            self._mask(piece, f"there is no tag {{% {name} %}}: {known}")
        elif name in _OPENING:
            self._check_opening(piece, name, arguments)
            self._open.append(_Block(name=name, opening=piece))
        else:
            self._check_inner(piece, name, arguments)

    def end(self) -> None:
        """Report what was never closed."""
        for block in self._open:
            self._not_closed(block)

    def _innermost(self) -> str:
        return self._open[-1].name if self._open else ""

    def _check_opening(self, piece: Piece, name: str, arguments: str) -> None:
        is_quoted = _QUOTED.fullmatch(arguments) is not None
        if name == "claim":
            for block in self._open:
                if block.name == "claim":
                    message = (
                        "a claim stands inside the claim of line "
                        f"{block.opening.line}: close that one first, or join their "
                        "assertions with & in content/claims.toml"
                    )
                    self._add(piece, message)
        messages = {
            "claim": 'a claim is opened with its id in quotes: {% claim "id" %}',
            "plain": 'write {% plain %} or, with a reason, {% plain "reason" %}',
            "if": '{% if %} lacks its test: write it like {% if in_run("model") %}',
        }
        is_right = {
            "claim": is_quoted,
            "plain": is_quoted or not arguments,
            "if": bool(arguments),
        }
        if not is_right[name]:
            self._unbalance(piece, messages[name])

    def _check_inner(self, piece: Piece, name: str, arguments: str) -> None:
        """Hold a branch or an end tag against the block it belongs to."""
        wanted = _ENDS.get(name) or _BRANCHES[name]
        if any(block.name == wanted for block in self._open):
            while self._open[-1].name != wanted:
                self._not_closed(self._open.pop(), before=piece)
        if self._innermost() != wanted:
            message = f"{{% {name} %}} belongs to no {{% {wanted} %}}: remove it"
            self._unbalance(piece, message)
            return
        block = self._open[-1]
        where = f"in the {{% {wanted} %}} of line {block.opening.line}"
        if name in block.branches:
            self._unbalance(piece, f"{{% {name} %}} comes twice {where}: keep one")
        elif name == "elif" and "else" in block.branches:
            self._unbalance(piece, f"{{% elif %}} comes after {{% else %}} {where}")
        elif name != "elif" and arguments:
            self._unbalance(piece, f"{{% {name} %}} takes nothing: write only that")
        elif name == "elif" and not arguments:
            self._unbalance(piece, "{% elif %} lacks its test: add it, or use else")
        if name in _ENDS:
            self._open.pop()
        elif name != "elif":
            block.branches.add(name)

    def _forbid(self, piece: Piece, name: str, arguments: str) -> None:
        self._mask(piece, f"{{% {name} %}} is not allowed here: {FORBIDDEN[name]}")
        is_single = name == "set" and "=" in arguments
        if name in FORBIDDEN_BLOCKS and not is_single:
            self._open.append(_Block(name=name, opening=piece))

    def _not_ended(self, piece: Piece) -> None:
        ends = {"{{": "}}", "{%": "%}", "{##": "##}"}
        message = f"{piece.text} is not closed: add {ends[piece.text]}"
        if piece.text != "{##":
            message += ", or the quotation mark that is missing in it"
        self._mask(piece, message)

    def _not_closed(self, block: _Block, before: Piece | None = None) -> None:
        if block.name in FORBIDDEN_BLOCKS:
            return
        where = ""
        if before is not None:
            where = f" before {{% {before.tag[0]} %}} of line {before.line}"
        end = f"{{% end{block.name} %}}"
        opening = block.opening.text
        self._unbalance(block.opening, f"{opening} is not closed{where}: add {end}")

    def _unbalance(self, piece: Piece, message: str) -> None:
        self.is_balanced = False
        self._add(piece, message)

    def _mask(self, piece: Piece, message: str) -> None:
        self.masked.append(piece)
        self._add(piece, message)

    def _add(self, piece: Piece, message: str) -> None:
        self.faults.append(Fault(line=piece.line, message=message))


def check_tags(pieces: Iterable[Piece]) -> TagCheck:
    """Return what is wrong with the tags, as far as it can be told without reading."""
    found = TagCheck()
    for piece in pieces:
        found.check(piece)
    found.end()
    return found
