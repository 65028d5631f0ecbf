"""The predicates of ``claims.toml``; a new one is an entry in one of these modules.

Each takes the evidence and a term, and returns a finding. They never decide a claim:
the judge does, once it knows the p of all of them.
"""

from collections.abc import Mapping

from site_builder.claims.predicates import (
    character,
    conditions,
    limits,
    ranking,
    ratios,
    trend,
)
from site_builder.claims.predicates.form import Form

REFERENCE = "claim"
"""The predicate that stands for another claim; the judge composes it."""

_REFERENCES: dict[str, tuple[Form, ...]] = {
    REFERENCE: (
        Form(
            usage="claim(other-claim)",
            kinds=("claim",),
            is_inferential=False,
            evaluate=None,
        ),
    ),
}


def _joined(*tables: Mapping[str, tuple[Form, ...]]) -> dict[str, tuple[Form, ...]]:
    """Join the tables; a name in two of them has the forms of both."""
    joined: dict[str, tuple[Form, ...]] = {}
    for table in tables:
        for name, forms in table.items():
            joined[name] = (*joined.get(name, ()), *forms)
    return joined


PREDICATES: dict[str, tuple[Form, ...]] = _joined(
    ranking.FORMS,
    ratios.FORMS,
    limits.FORMS,
    character.FORMS,
    conditions.FORMS,
    trend.FORMS,
    _REFERENCES,
)
"""Every predicate by its name, with the forms it can be written in."""


def form_of(name: str, n_arguments: int) -> Form | None:
    """Return the form of a predicate that has so many arguments; None: none has."""
    forms = PREDICATES.get(name, ())
    return next((form for form in forms if form.takes(n_arguments)), None)
