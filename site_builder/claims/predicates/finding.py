"""What one term of a claim comes to, and the facts most of them share."""

from collections.abc import Iterable
from dataclasses import dataclass

from site_builder.claims.claim import Fact

UNTESTED_P = 1.0
"""Of a test that cannot be made: it counts in the family all the same."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the trials say of one term.

    Attributes:
        is_true: Whether the point estimates, or the counts, agree with it; None: what
            is needed is not known, and what is known does not contradict it.
        passes: Whether the evidence besides p is there; None: as above.
        p: Largest of its tests; None: nothing is inferred.
        n: Fewest trials on a side of its tests; None: none were made.
    """

    is_true: bool | None
    facts: tuple[Fact, ...]
    passes: bool | None = True
    p: float | None = None
    n: int | None = None


def all_true(parts: Iterable[bool | None]) -> bool | None:
    """Whether all are true: one false decides, else one unknown leaves it open."""
    known = list(parts)
    if any(part is False for part in known):
        return False
    return None if any(part is None for part in known) else True


def missing(what: str, *models: str, metric: str = "", name: str = "") -> Fact:
    """Return the fact that something needed is not known.

    Args:
        what: Key of the languages' words for it.
        models: Whom it concerns.
        metric: Of which quantity; empty: of none.
        name: The field, model or claim meant; empty: none.
    """
    return Fact(
        key="missing",
        metric=metric,
        models=models,
        texts={"what": what, "name": name},
    )


def untold(*facts: Fact, is_inferential: bool = True) -> Finding:
    """Return the finding of a term that cannot be told for what is missing."""
    return Finding(
        is_true=None,
        passes=None,
        p=UNTESTED_P if is_inferential else None,
        facts=facts,
    )
