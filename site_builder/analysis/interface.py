"""How a program is started, and what its user can choose."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from site_builder.analysis.contract import (
    Function,
    method_ids,
    parameters_of,
    top_level,
)
from site_builder.analysis.counts import Cli, Interface
from site_builder.analysis.guards import is_main_test
from site_builder.analysis.names import Names, called_name, calls_in, last_name

CLI_LIBRARIES = frozenset(
    {"argparse", "click", "typer", "fire", "optparse", "getopt", "docopt"}
)
_FLAG_CALLS = frozenset({"add_argument", "add_option", "option"})


@dataclass(frozen=True, kw_only=True)
class _Use:
    """A function, and the functions in which its name stands; None: at the top."""

    node: Function
    is_method: bool
    users: frozenset[int | None]


def count_interface(tree: ast.Module, names: Names) -> Interface:
    """Find the way of starting an answer's code and its options."""
    flags = [flag for call in calls_in(tree) if (flag := _flag(call)) is not None]
    return Interface(
        cli=_cli(tree, names),
        options=tuple(
            sorted({name.lower() for name in (*flags, *_entry_options(tree))})
        ),
    )


def _cli(tree: ast.Module, names: Names) -> Cli:
    nodes = list(ast.walk(tree))
    loaded = {n.id for n in nodes if isinstance(n, ast.Name)}
    used = {names.imports[name] for name in loaded & names.imports.keys()}
    if {name.partition(".")[0] for name in used} & CLI_LIBRARIES:
        return "library"
    dotted = {names.dotted(n) for n in nodes if isinstance(n, ast.Name | ast.Attribute)}
    if "sys.argv" in dotted:
        return "argv"
    called = {n.func.id for n in calls_in(tree) if isinstance(n.func, ast.Name)}
    if "input" in called:
        return "input"
    is_guarded = any(isinstance(n, ast.If) and is_main_test(n.test) for n in nodes)
    return "guard" if is_guarded else "none"


def _flag(call: ast.Call) -> str | None:
    """Return the name of an optional command-line flag; None: it adds none."""
    if called_name(call) not in _FLAG_CALLS:
        return None
    words = [
        argument.value
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    flags = [word for word in words if word.startswith("-")]
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    required = keywords.get("required")
    if not flags or (isinstance(required, ast.Constant) and required.value is True):
        return None
    dest = keywords.get("dest")
    if isinstance(dest, ast.Constant) and isinstance(dest.value, str):
        return dest.value
    plain = [word for word in words if word.isidentifier()]  # click's own name for it
    longest = max(flags, key=len).partition("/")[0]
    return plain[0] if plain else longest.lstrip("-").replace("-", "_")


def _entry_options(tree: ast.Module) -> Iterator[str]:
    """Yield the parameters of the entry functions that can be left out.

    An entry function is what a caller begins with: a function, a constructor or a
    public method that no other function of the answer uses. A launcher, which needs
    no argument and is used by no function (``main``), does not count as a user.
    """
    methods = method_ids(tree)
    uses = _uses(tree)
    launchers = {id(use.node) for use in uses if _is_launcher(use, methods)}
    for use in uses:
        is_private = use.node.name.startswith("_") and use.node.name != "__init__"
        users = use.users - launchers - {None, id(use.node)}
        if users or (is_private and id(use.node) not in launchers):
            continue
        yield from _defaulted(use.node, methods)
    for node in top_level(tree.body):
        if isinstance(node, ast.ClassDef) and _is_dataclass(node):
            yield from _defaulted_fields(node)


def _uses(tree: ast.Module) -> list[_Use]:
    """Return the functions of the module and of its classes with their users."""
    owners: dict[str, set[int | None]] = {}
    _collect_users(tree, owners)
    found = []
    for node in top_level(tree.body):
        if isinstance(node, Function):
            users = frozenset(owners.get(node.name, set()))
            found.append(_Use(node=node, is_method=False, users=users))
        elif isinstance(node, ast.ClassDef):
            for member in top_level(node.body):
                if isinstance(member, Function):
                    name = node.name if member.name == "__init__" else member.name
                    users = frozenset(owners.get(name, set()))
                    found.append(_Use(node=member, is_method=True, users=users))
    return found


def _collect_users(tree: ast.Module, owners: dict[str, set[int | None]]) -> None:
    """Note for each name read the outermost function it is read in."""
    stack: list[tuple[ast.AST, int | None]] = [(tree, None)]
    while stack:
        node, user = stack.pop()
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if isinstance(node.ctx, ast.Load):
                owners.setdefault(name, set()).add(user)
        inner = id(node) if user is None and isinstance(node, Function) else user
        stack.extend((child, inner) for child in ast.iter_child_nodes(node))


def _is_launcher(use: _Use, methods: frozenset[int]) -> bool:
    if use.is_method or use.users - {None, id(use.node)}:
        return False
    return len(parameters_of(use.node, methods)) == len(_with_default(use.node))


def _with_default(node: Function) -> list[tuple[ast.arg, ast.expr | None]]:
    """Return the parameters that can be left out, with their defaults."""
    arguments = node.args
    ordered = [*arguments.posonlyargs, *arguments.args]
    tail = ordered[len(ordered) - len(arguments.defaults) :]
    starred = [arg for arg in (arguments.vararg, arguments.kwarg) if arg is not None]
    return [
        *zip(tail, arguments.defaults, strict=True),
        *(
            (name, default)
            for name, default in zip(
                arguments.kwonlyargs, arguments.kw_defaults, strict=True
            )
            if default is not None
        ),
        *((name, None) for name in starred),
    ]


def _defaulted(node: Function, methods: frozenset[int]) -> Iterator[str]:
    """Yield the options among a function's parameters.

    Left out are the arguments handed to the parser, which only tests give, and what
    typer's ``Option(...)`` requires.
    """
    own = {parameter.arg for parameter in parameters_of(node, methods)}
    parsed = {
        argument.id
        for call in calls_in(node)
        if called_name(call) in ("parse_args", "parse_known_args")
        for argument in call.args
        if isinstance(argument, ast.Name)
    }
    for parameter, default in _with_default(node):
        if default is None or parameter.arg not in own or parameter.arg in parsed:
            continue
        if not _is_required(default):
            yield parameter.arg


def _is_required(default: ast.expr) -> bool:
    if not isinstance(default, ast.Call):
        return False
    first = default.args[0] if default.args else None
    return (
        called_name(default) in ("Option", "Argument")
        and isinstance(first, ast.Constant)
        and first.value is ...
    )


def _is_dataclass(node: ast.ClassDef) -> bool:
    decorators = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    names = [getattr(d, "attr", getattr(d, "id", "")) for d in decorators]
    return any(last_name(str(name)) == "dataclass" for name in names)


def _defaulted_fields(node: ast.ClassDef) -> Iterator[str]:
    for field in node.body:
        if (
            isinstance(field, ast.AnnAssign)
            and field.value is not None
            and isinstance(field.target, ast.Name)
        ):
            yield field.target.id
