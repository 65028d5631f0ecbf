"""How a predicate is written, and what tells whether it is true."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from site_builder.claims.claim import Comparison, Term
from site_builder.claims.predicates.evidence import Evidence
from site_builder.claims.predicates.finding import Finding

Kind = Literal[
    "metric",  # any quantity
    "trial_metric",  # one that a single trial yields
    "model",
    "number",
    "condition",
    "claim",
    "type",
]

ORDERED: tuple[Comparison, ...] = (">=", ">", "<=", "<")
ALL_COMPARISONS: tuple[Comparison, ...] = (*ORDERED, "=", "!=")


def nothing_wrong(_: Term) -> str | None:
    """Accept any term of the form."""
    return None


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way of writing a predicate.

    Attributes:
        usage: An example for writers.
        kinds: Of its arguments, in order.
        repeats: Whether more of the last kind may follow.
        comparisons: One of them must follow; empty: none may.
        compared: What follows the comparison. A type becomes the last argument, a
            number the term's limit.
        is_inferential: Whether it rests on a test, and so counts in the family.
        evaluate: What the trials say; None: the judge composes it.
        check: What is wrong with the values of a term of this form; None: nothing.
    """

    usage: str
    kinds: tuple[Kind, ...]
    repeats: bool = False
    comparisons: tuple[Comparison, ...] = ()
    compared: Literal["number", "type"] = "number"
    is_inferential: bool
    evaluate: Callable[[Evidence, Term], Finding] | None
    check: Callable[[Term], str | None] = nothing_wrong

    def takes(self, n: int) -> bool:
        """Whether it has so many arguments."""
        return n == len(self.kinds) or (self.repeats and n > len(self.kinds))

    def kind(self, index: int) -> Kind:
        """Return the kind of an argument by its place."""
        return self.kinds[min(index, len(self.kinds) - 1)]


def texts(term: Term, start: int = 0) -> tuple[str, ...]:
    """Return the textual arguments of a term from a place on."""
    return tuple(a for a in term.arguments[start:] if isinstance(a, str))


def number(term: Term, index: int = -1) -> float:
    """Return a numeric argument of a term; raises TypeError for any other."""
    value = term.arguments[index]
    if not isinstance(value, float):
        raise TypeError(f"{term.predicate}: argument {index} is no number")
    return value


def twice(names: tuple[str, ...]) -> str | None:
    """Say that a model is named twice; None: none is."""
    again = next((name for at, name in enumerate(names) if name in names[:at]), None)
    return None if again is None else f"{again!r} is named twice: name different models"


def check_models(term: Term) -> str | None:
    """Check that the models after the metric differ."""
    return twice(texts(term, 1))
