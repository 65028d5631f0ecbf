"""What passes between the parts of a claim: its assertion, its evidence, its verdict.

Language-free: words are chosen when a page or a terminal shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

VerdictName = Literal["holds", "undecided", "broken"]
Standing = Literal["holds", "undecided", "broken", "missing"]
Comparison = Literal[">=", ">", "<=", "<", "=", "!="]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A field of a trial held against a value, such as ``level = as_is``.

    Attributes:
        comparison: None: the field is a yes or no, and yes is asked for.
        value: Text, or a number where the field is one; None with no comparison.
    """

    field: str
    comparison: Comparison | None = None
    value: str | float | None = None


Argument = str | float | Condition


@dataclass(frozen=True, kw_only=True)
class Term:
    """One predicate applied, such as ``ratio(decode_tok_s, a, b) >= 2``.

    Attributes:
        limit: The number it is held against; None: it is held against none.
    """

    predicate: str
    arguments: tuple[Argument, ...]
    comparison: Comparison | None = None
    limit: float | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An entry of ``claims.toml``; all its terms must be true.

    Attributes:
        assertion: As the author wrote it.
        line: Line of the registry the entry begins on.
    """

    claim_id: str
    assertion: str
    terms: tuple[Term, ...]
    line: int


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of evidence.

    Attributes:
        key: What it tells; words for it are ``claim.fact.<key>`` of each language.
        metric: Key of the metric it is about; empty: none.
        models: Ids of the models it is about, in the order the words name them.
        numbers: By name, such as ``ratio``, ``low``, ``high``, ``p``, ``n``.
        texts: By name, such as a field's key or a type.
    """

    key: str
    metric: str = ""
    models: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the trials say of a claim.

    Attributes:
        verdict: ``holds``: its point estimates and its test agree; ``undecided``: the
            test, or a value, is wanting; ``broken``: the point estimates contradict it.
        is_missing: Whether it is undecided because a value or a model is not there.
        p: Of the claim alone, the largest of its terms; None: nothing is inferred.
        p_adjusted: After Holm, over all inferential claims of the registry.
        n: The smallest number of trials a side of its tests has; None: none were made.
        facts: The evidence, term by term.
    """

    claim: Claim
    verdict: VerdictName
    is_missing: bool
    p: float | None
    p_adjusted: float | None
    n: int | None
    facts: tuple[Fact, ...]

    @property
    def standing(self) -> Standing:
        """What readers are told: the verdict, or that something is missing."""
        return "missing" if self.is_missing else self.verdict
