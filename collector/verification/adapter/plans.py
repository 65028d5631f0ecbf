"""Every way in which unknown code may be called, the likeliest first."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from collector.extract.syntax import Fault, read
from collector.verification.adapter.commands import command_lines
from collector.verification.adapter.entry import Entry, entries
from collector.verification.adapter.roles import (
    Parameter,
    Role,
    is_path_object,
    may_be_path,
    named_role,
    optional_role,
    possible_roles,
)
from collector.verification.adapter.substitution import substitute
from collector.verification.observation import Shape

MAX_ENTRIES = 4
"""Functions that are tried; each may be called in several ways."""

MAX_PLANS = 30


@dataclass(frozen=True, kw_only=True)
class Argument:
    """A value that is given to a call.

    Attributes:
        keyword: Its name; None: it is given by place.
        is_path: Whether it is given as a ``pathlib.Path``.
    """

    role: Role
    keyword: str | None = None
    is_path: bool = False


@dataclass(frozen=True, kw_only=True)
class CallPlan:
    """One way of calling the code; plain values throughout.

    Attributes:
        how: Whether a function is called or the file is run as a program.
        entry: The function, or the class and its method.
        made_with: What the object is made with.
        words: Command line; ``{in}`` and ``{out}`` stand for the paths.
        answers: Lines typed at prompts, likewise; an empty one takes what is offered.
        is_piped: Whether standard input is the input itself.
        is_adjusted: Whether the file names written in the code are changed to ours.
    """

    how: Literal["function", "script"]
    entry: tuple[str, ...] = ()
    is_static: bool = False
    made_with: tuple[Argument, ...] = ()
    arguments: tuple[Argument, ...] = ()
    words: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    is_piped: bool = False
    is_adjusted: bool = False

    def describe(self) -> str:
        """Return the plan as a person would write it: ``json_to_csv(in, out)``."""
        text = self._function() if self.how == "function" else self._script()
        return f"{text}, file names adjusted" if self.is_adjusted else text

    def names_output(self) -> bool:
        """Whether the plan says where the output is to go."""
        given = {item.role for item in (*self.made_with, *self.arguments)}
        return (
            "out" in given
            or "{out}" in (*self.words, *self.answers)
            or self.is_adjusted
        )

    def roles(self) -> frozenset[Role]:
        """Return what a function is given."""
        return frozenset(item.role for item in (*self.made_with, *self.arguments))

    def _function(self) -> str:
        call = ".".join(self.entry)
        if len(self.entry) > 1 and not self.is_static:
            made = _list(self.made_with)
            call = f"{self.entry[0]}({made}).{self.entry[1]}"
        return f"{call}({_list(self.arguments)})"

    def _script(self) -> str:
        words = [word.strip("{}") for word in self.words]
        text = " ".join(["python candidate.py", *words])
        if self.is_piped:
            text += " < in"
        if self.answers:
            typed = [answer.strip("{}") or "Enter" for answer in self.answers]
            text += f", answering {', '.join(typed)}"
        return text


def plans(code: str, shape: Shape) -> tuple[CallPlan, ...]:
    """Return the ways of calling code, likeliest first; none if it does not compile.

    Calls of functions come first, then the command line, typed answers, standard
    input, a plain run, and last a run with the file names in the code adjusted: the
    only one that changes anything.
    """
    tree = read(code)
    if isinstance(tree, Fault):
        return ()
    run = CallPlan(how="script")
    calls = [list(_calls(entry, shape)) for entry in entries(tree, shape)]
    fed = [ways for ways in calls if any(plan.roles() for plan in ways)]
    with_input = [plan for ways in fed[:MAX_ENTRIES] for plan in ways]
    without = [plan for ways in calls for plan in ways if not plan.roles()]
    without = without[:MAX_ENTRIES]
    found = [*with_input, *_scripts(tree, shape), run, *without]
    if substitute(code, shape) is not None:
        found += [replace(plan, is_adjusted=True) for plan in (run, *without)]
    return tuple(dict.fromkeys(found))[:MAX_PLANS]


def _scripts(tree: ast.Module, shape: Shape) -> Iterator[CallPlan]:
    for words in command_lines(tree, shape):
        yield CallPlan(how="script", words=words)
    attributes = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    if "argv" in attributes | imported:
        yield CallPlan(how="script", words=("{in}", "{out}"))
        yield CallPlan(how="script", words=("{in}",))
    answers = _answers(tree, shape)
    if answers:
        yield CallPlan(how="script", answers=answers)
    if "stdin" in attributes | imported:
        yield CallPlan(how="script", is_piped=True)


def _answers(tree: ast.Module, shape: Shape) -> tuple[str, ...]:
    """Return what is typed at each prompt, in the order they stand in the code."""
    prompts = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "input"
    ]
    prompts.sort(key=lambda node: (node.lineno, node.col_offset))
    typed: list[str] = []
    for node in prompts:
        text = " ".join(
            part.value
            for part in ast.walk(node)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
        role = _prompted_role(text, shape)
        if role is None or f"{{{role}}}" in typed:
            order = ("{in}", "{out}")
            role_left = [word for word in order if word not in typed]
            is_first = not typed or len(typed) == 1
            typed.append(role_left[0] if role_left and is_first else "")
        else:
            typed.append(f"{{{role}}}")
    return tuple(typed)


def _prompted_role(text: str, shape: Shape) -> Literal["in", "out"] | None:
    """Return which path a prompt asks for; one that names both formats counts by name.

    ``JSONファイル`` is the input; ``出力先`` and ``CSVファイル`` are the output.
    """
    if shape.output_suffix in text and shape.input_suffix not in text:
        return "out"
    role = named_role(text, shape)
    return role if role in ("in", "out") else None


def _calls(entry: Entry, shape: Shape) -> Iterator[CallPlan]:
    """Yield the calls of an entry, by how likely its parameters mean what."""
    made = [(parameter, True) for parameter in entry.made_with]
    given = [(parameter, False) for parameter in entry.parameters]
    for roles in _assignments([*made, *given], shape):
        built: dict[bool, list[Argument]] = {True: [], False: []}
        for (parameter, is_made), role in roles:
            by_name = parameter.kind == "keyword" or parameter.default is not None
            is_named = by_name and parameter.kind != "many"
            built[is_made].append(
                Argument(
                    role=role,
                    keyword=parameter.name if is_named else None,
                    is_path=role in ("in", "out") and is_path_object(parameter),
                )
            )
        owner = () if entry.owner is None else (entry.owner,)
        yield CallPlan(
            how="function",
            entry=(*owner, entry.name),
            is_static=entry.is_static,
            made_with=tuple(built[True]),
            arguments=tuple(built[False]),
        )


_Place = tuple[Parameter, bool]
_Assignment = list[tuple[_Place, Role]]


def _assignments(places: Sequence[_Place], shape: Shape) -> Iterator[_Assignment]:
    """Yield what each parameter may be given; nothing if one cannot be filled."""
    required = [p for p in places if p[0].default is None]
    many = [p for p in places if p[0].kind == "many"]
    optional: dict[Role, _Place] = {}
    for place in places:
        if place[0].default is not None and place[0].kind != "many":
            role = optional_role(place[0], shape)
            if role is not None:
                optional.setdefault(role, place)
    output: _Assignment = [(optional["out"], "out")] if "out" in optional else []
    if not required and many:
        yield [(many[0], "in"), (many[0], "out")]
    elif not required:
        source: _Assignment = [(optional["in"], "in")] if "in" in optional else []
        yield source + output
    elif len(required) == 1:
        for role in possible_roles(required[0][0], shape):
            yield [(required[0], role), *([] if role == "out" else output)]
    elif len(required) == 2:
        yield from _pairs(required, shape)


def _pairs(required: Sequence[_Place], shape: Shape) -> Iterator[_Assignment]:
    """Yield an input and an output, in the order of the parameters."""
    first, second = (possible_roles(place[0], shape) for place in required)
    is_reversed = first == ("out",) and second != ("out",)
    source, target = reversed(required) if is_reversed else required
    if not may_be_path(target[0]):
        return
    for role in second if is_reversed else first:
        pair: _Assignment = [(source, role), (target, "out")]
        yield pair[::-1] if is_reversed else pair


def _list(arguments: Sequence[Argument]) -> str:
    return ", ".join(
        item.role if item.keyword is None else f"{item.keyword}={item.role}"
        for item in arguments
    )
