"""The command lines of unknown code, read from how it declares its arguments."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from collector.verification.adapter.entry import direction, parameters
from collector.verification.adapter.roles import (
    Parameter,
    has_word,
    named_role,
    optional_role,
)
from collector.verification.observation import Shape

MAX_COMMANDS = 2
_FLAG_ACTIONS = frozenset(
    {"store_true", "store_false", "count", "version", "help", "store_const"}
)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Declared:
    """An argument of a command line.

    Attributes:
        name: What it is called, without dashes.
        flag: How it is given, such as ``--input``; None: by place.
        first_choice: The first of its allowed values; None: any.
        hint: More words about it, such as its metavar.
    """

    name: str
    flag: str | None = None
    is_required: bool = True
    first_choice: str | None = None
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A subcommand, or the program itself where the name is None."""

    name: str | None
    declared: list[Declared] = field(default_factory=list)


def command_lines(tree: ast.Module, shape: Shape) -> Iterator[tuple[str, ...]]:
    """Yield the words of each command line; ``{in}`` and ``{out}`` are the paths."""
    for commands in (_argparse(tree), _click(tree), _typer(tree)):
        whole = [command for command in commands if command.name is None]
        parts = [command for command in commands if command.name is not None]
        parts.sort(key=lambda command: -_score(command.name or "", shape))
        shared = whole[0].declared if whole else []
        for command in parts[:MAX_COMMANDS] if parts else whole:
            own = [] if command.name is None else command.declared
            words = _words([*shared, *own], shape)
            if words is not None:
                name = () if command.name is None else (command.name,)
                yield (*name, *words)


def _score(name: str, shape: Shape) -> int:
    words = sum(w for word, w in shape.entry_words.items() if has_word(name, [word]))
    return words + direction(name, shape)


def _words(declared: Sequence[Declared], shape: Shape) -> tuple[str, ...] | None:
    """Return the words that fill the arguments; None: one cannot be filled."""
    by_place: list[str] = []
    by_flag: list[str] = []
    for item in declared:
        word = _word(item, shape, taken=[*by_place, *by_flag])
        if word is None and item.is_required:
            return None
        if word is not None and item.flag is None:
            by_place.append(word)
        elif word is not None and item.flag is not None:
            by_flag += [item.flag, word]
    words = (*by_place, *by_flag)
    return words if "{in}" in words else None


def _word(item: Declared, shape: Shape, *, taken: Sequence[str]) -> str | None:
    if item.first_choice is not None:
        return item.first_choice if item.is_required else None
    if not item.is_required:
        role = optional_role(Parameter(name=item.name), shape)
        word = None if role is None else f"{{{role}}}"
        return None if word in taken else word
    role = named_role(item.name, shape) or named_role(item.hint, shape)
    word = "{out}" if role == "out" else "{in}"
    if word not in taken:
        return word
    # Its name says nothing new: the input comes first, then the output.
    other = "{out}" if word == "{in}" else "{in}"
    return None if other in taken else other


def _argparse(tree: ast.Module) -> list[Command]:
    commands: dict[str | None, Command] = {}
    owners = _owners(tree)
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "add_argument"
    ]
    for node in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        declared = _added(node)
        if declared is None:
            continue
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        name = owners.get(owner.id) if isinstance(owner, ast.Name) else None
        commands.setdefault(name, Command(name=name)).declared.append(declared)
    return list(commands.values())


def _owners(tree: ast.Module) -> dict[str, str | None]:
    """Return which subcommand each variable adds arguments to; None: the program."""
    found: dict[str, str | None] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        function, target = node.value.func, node.targets[0]
        if not isinstance(function, ast.Attribute) or not isinstance(target, ast.Name):
            continue
        if function.attr == "add_parser":
            found[target.id] = _text(next(iter(node.value.args), None))
        elif "group" in function.attr and isinstance(function.value, ast.Name):
            found[target.id] = found.get(function.value.id)
    return found


def _added(node: ast.Call) -> Declared | None:
    """Read one ``add_argument`` or ``click.option``; None: it takes no value."""
    names = [text for text in map(_text, node.args) if text]
    given = _keywords(node)
    is_switch = _text(given.get("action")) in _FLAG_ACTIONS or "is_flag" in given
    if not names or is_switch:
        return None
    flags = [name for name in names if name.startswith("-")]
    flag = max(flags, key=len, default=None)
    plain = [name for name in names if not name.startswith("-")]
    name = _text(given.get("dest")) or (flag or plain[0]).lstrip("-")
    may_lack = _is(given, "required", value=False)
    may_lack = may_lack or _text(given.get("nargs")) in ("?", "*")
    is_required = _is(given, "required", value=True) if flag else not may_lack
    return Declared(
        name=name,
        flag=flag,
        is_required=is_required,
        first_choice=_first_choice(given.get("choices") or given.get("type")),
        hint=f"{_text(given.get('metavar')) or ''} {_text(given.get('help')) or ''}",
    )


def _click(tree: ast.Module) -> list[Command]:
    found, is_grouped = [], False
    for node, marks in _decorated(tree):
        is_grouped = is_grouped or any(_attribute(m) == "group" for m in marks)
        declared = [
            item
            for mark in marks
            if _attribute(mark) in ("argument", "option")
            and isinstance(mark, ast.Call)
            and (item := _added(mark)) is not None
        ]
        if declared and any(_attribute(m) == "command" for m in marks):
            found.append(Command(name=_command_name(node, marks), declared=declared))
    if is_grouped:
        return found
    return [Command(name=None, declared=command.declared) for command in found[:1]]


def _typer(tree: ast.Module) -> list[Command]:
    has_typer = any(isinstance(n, ast.Name) and n.id == "typer" for n in ast.walk(tree))
    found = []
    for node, marks in _decorated(tree) if has_typer else ():
        if any(_attribute(mark) == "command" for mark in marks):
            declared = [_of_parameter(item) for item in parameters(node)]
            found.append(Command(name=_command_name(node, marks), declared=declared))
    if not found and has_typer:
        found = [
            Command(name=None, declared=[_of_parameter(p) for p in parameters(node)])
            for node in tree.body
            if isinstance(node, _Function) and node.name in _run_by_typer(tree)
        ]
    if len(found) == 1:
        return [Command(name=None, declared=found[0].declared)]
    return found


def _run_by_typer(tree: ast.Module) -> set[str]:
    return {
        argument.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "typer.run"
        for argument in node.args
        if isinstance(argument, ast.Name)
    }


def _of_parameter(parameter: Parameter) -> Declared:
    default = parameter.default or ""
    is_option = "Option(" in parameter.annotation + default or (
        parameter.default is not None and "Argument(" not in default
    )
    is_open = parameter.default is None or default.endswith(("(...)", "()"))
    return Declared(
        name=parameter.name,
        flag=f"--{parameter.name.replace('_', '-')}" if is_option else None,
        is_required=is_open or "(...," in default,
    )


def _decorated(tree: ast.Module) -> Iterator[tuple[_Function, list[ast.expr]]]:
    for node in tree.body:
        if isinstance(node, _Function) and node.decorator_list:
            yield node, node.decorator_list


def _command_name(node: _Function, marks: Sequence[ast.expr]) -> str:
    for mark in marks:
        if isinstance(mark, ast.Call) and _attribute(mark) == "command":
            name = _text(next(iter(mark.args), None))
            if name is not None:
                return name
    return node.name.replace("_", "-")


def _attribute(mark: ast.expr) -> str:
    function = mark.func if isinstance(mark, ast.Call) else mark
    return function.attr if isinstance(function, ast.Attribute) else ""


def _keywords(node: ast.Call) -> dict[str, ast.expr]:
    return {item.arg: item.value for item in node.keywords if item.arg is not None}


def _is(given: Mapping[str, ast.expr], name: str, *, value: object) -> bool:
    node = given.get(name)
    return isinstance(node, ast.Constant) and node.value is value


def _text(node: ast.expr | None) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if is_text and isinstance(node, ast.Constant) else None


def _first_choice(node: ast.expr | None) -> str | None:
    """Return the first of a list of allowed texts, also inside ``click.Choice``."""
    if isinstance(node, ast.Call) and node.args and _attribute(node) == "Choice":
        node = node.args[0]
    if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
        return _text(node.elts[0])
    return None
