"""What a parameter of unknown code stands for: its annotation first, then its name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from collector.verification.observation import Shape

Role = Literal["in", "out", "obj", "str"]
"""The input's path, the output's path, the parsed input, the input's text."""

_SOURCES: tuple[Role, ...] = ("in", "obj", "str")
_PATH_WORDS = frozenset({"path", "file", "filename", "filepath", "fname"})
_OBJECT_TYPES = frozenset(
    {"list", "dict", "sequence", "iterable", "mapping", "collection", "iterator"}
)
_PATH_TYPES = frozenset({"path", "pathlike", "purepath", "strpath"})
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a function.

    Attributes:
        annotation: As written; empty: none.
        default: As written; None: it must be given.
        kind: How it is given; ``many`` takes any number.
        is_used_as_path: Whether the body uses it as a ``pathlib.Path``.
    """

    name: str
    annotation: str = ""
    kind: Literal["any", "keyword", "many"] = "any"
    default: str | None = None
    is_used_as_path: bool = False


def tokens(name: str) -> list[str]:
    """Split a name of any spelling into its words, in lower case."""
    return [token.lower() for token in _TOKEN.findall(name)]


def has_word(name: str, words: Iterable[str]) -> bool:
    """Whether a name has one of the words; a word may itself have several parts."""
    joined = f"_{'_'.join(tokens(name))}_"
    return any(f"_{'_'.join(tokens(word))}_" in joined for word in words)


def named_role(name: str, shape: Shape) -> Role | None:
    """Return the role that a name means; None: it could be any."""
    parts = set(tokens(name))
    if parts & _PATH_WORDS:
        # `json_file` is no file of the output, `output_data_path` no data.
        return "out" if has_word(name, shape.output_words) else "in"
    ranked: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("str", shape.text_words),
        ("obj", shape.object_words),
        ("out", shape.output_words),
        ("in", shape.input_words),
    )
    return next((role for role, words in ranked if has_word(name, words)), None)


def possible_roles(parameter: Parameter, shape: Shape) -> tuple[Role, ...]:
    """Return the roles a parameter may have, the likeliest first.

    Empty where the annotation rules all of them out, such as ``bool``.
    """
    named = named_role(parameter.name, shape)
    allowed = _annotated(parameter.annotation)
    if parameter.is_used_as_path and not parameter.annotation:
        allowed = ("in", "out")
    if named == "out" and "out" in allowed:
        return ("out",)
    sources = tuple(role for role in _SOURCES if role in allowed)
    if named in sources:
        return (named, *(role for role in sources if role != named))
    return sources


def optional_role(parameter: Parameter, shape: Shape) -> Role | None:
    """Return whether a parameter with a default is the input's or the output's path.

    ``output_format`` and ``csv_encoding`` are not: a path's name ends in a word for it.
    """
    role = named_role(parameter.name, shape)
    if role not in ("in", "out") or parameter.default in ("True", "False"):
        return None
    words = shape.output_words if role == "out" else shape.input_words
    last = tokens(parameter.name)[-1]
    if last not in _PATH_WORDS and not has_word(last, words):
        return None
    return role if may_be_path(parameter) else None


def may_be_path(parameter: Parameter) -> bool:
    """Whether its annotation allows a path."""
    return "out" in _annotated(parameter.annotation)


def is_path_object(parameter: Parameter) -> bool:
    """Whether it wants a ``pathlib.Path`` and not a string."""
    parts = set(tokens(parameter.annotation))
    if parameter.annotation:
        return bool(_types(parameter.annotation) & _PATH_TYPES) and "str" not in parts
    return parameter.is_used_as_path


def _types(annotation: str) -> set[str]:
    """Return the names in an annotation, ``list[dict[str, Any]]`` giving only list."""
    outer = re.sub(r"(?<=\w)\[.*\]", "", annotation, flags=re.DOTALL)
    if outer.rpartition(".")[2] in ("Union", "Optional", "Annotated"):
        outer = annotation
    return {word.lower() for word in re.findall(r"\w+", outer)}


def _annotated(annotation: str) -> tuple[Role, ...]:
    types = _types(annotation)
    if not types or types & {"any", "object"}:
        return ("in", "out", "obj", "str")
    allowed: list[Role] = []
    if types & _PATH_TYPES or "str" in types:
        allowed += ["in", "out"]
    if types & _OBJECT_TYPES:
        allowed.append("obj")
    if types & {"str", "bytes"}:
        allowed.append("str")
    known = _PATH_TYPES | _OBJECT_TYPES | {"str", "bytes"}
    if not types & known and not types & {"bool", "int", "float", "complex"}:
        # A name of the code's own, such as an alias: it may mean anything.
        return ("in", "out", "obj", "str")
    return tuple(allowed)
