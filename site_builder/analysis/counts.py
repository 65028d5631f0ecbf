"""What is counted in one answer; every trait is a formula over these numbers.

They are kept beside the traits, so that weights or caps can change without running a
model again.
"""

from dataclasses import dataclass
from typing import Literal

Cli = Literal["library", "argv", "input", "guard", "none"]
"""How a program can be started, best first."""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What the code tells its caller.

    Attributes:
        n_slots: Parameters but ``self`` and ``cls``, and one return per function.
        n_annotated: Slots that have a type.
        n_public: Functions, methods and classes whose names do not begin with ``_``.
        n_documented: Those with a docstring.
        n_parameters: Parameters of the public functions.
        n_described: Those named in the docstring's list of parameters.
    """

    n_slots: int
    n_annotated: int
    n_public: int
    n_documented: int
    n_parameters: int
    n_described: int


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """What the code does about failures and odd input.

    Attributes:
        failure_modes: Kinds of failure named in ``except``, each once, in order.
        catches_exception: Whether there is an ``except Exception`` (or its base).
        catches_bare: Whether there is an ``except:`` without a name.
        is_silent: Whether a handler does nothing but pass or continue.
        n_guards: Branches that question the input, and assertions.
    """

    failure_modes: tuple[str, ...]
    catches_exception: bool
    catches_bare: bool
    is_silent: bool
    n_guards: int


@dataclass(frozen=True, kw_only=True)
class Interface:
    """How the program is started and what can be chosen.

    Attributes:
        cli: The best way of starting it.
        options: Names of what can be left out or chosen, each once, in order.
    """

    cli: Cli
    options: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How the code is cut into functions.

    Attributes:
        n_functions: All functions and methods, inner ones included.
        n_simple: Those whose cognitive complexity is within the limit.
        complexity_max: The largest cognitive complexity; None: no function has one.
    """

    n_functions: int
    n_simple: int
    complexity_max: int | None


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What is said to a reader.

    Attributes:
        n_comment_lines: Lines with a comment, the shebang left out.
        n_code_lines: Lines with code, docstrings left out, in the canonical form.
        n_cjk_chars: Kanji, kana and hangul in the prose.
        n_words: Words in the Latin alphabet in the prose.
    """

    n_comment_lines: int
    n_code_lines: int
    n_cjk_chars: int
    n_words: int


@dataclass(frozen=True, kw_only=True)
class Counts:
    """All counts of one answer, by the group of traits they feed."""

    contract: Contract
    robustness: Robustness
    interface: Interface
    shape: Shape
    talk: Talk
