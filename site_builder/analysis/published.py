"""What the words of a publication allow the index to be: a range, never a point.

A publication that shows no code gives words such as "type hints". A word narrows one
or two traits; all that no word speaks of stays wholly open, since silence proves
nothing. The range of the index is the sum of the traits' ranges. It is a reading of
words, not a measurement, and pages must say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from site_builder.analysis.traits import CLI_LADDER, NET_ONLY, PRESENCE, WEIGHTS

SOME = 1 / 3
"""Named as being there: at least a third of the trait."""
MUCH = 2 / 3
"""Named as thick or careful: at least two thirds."""
LITTLE = 1 / 3
"""Named as few or least: at most a third."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What one word says of one trait.

    Attributes:
        trait: Key of the trait.
        low: The least it can be.
        high: The most.
        reason_key: Key of the reading in words, for the languages' word lists.
    """

    trait: str
    low: float = 0.0
    high: float = 1.0
    reason_key: str


OBSERVATIONS: dict[str, tuple[Bound, ...]] = {
    "type_hints": (Bound(trait="types", low=SOME, reason_key="reading.some"),),
    "docstring": (
        # One documented function of two, or a whole one that names no parameter.
        Bound(trait="docs", low=PRESENCE.value / 2, reason_key="reading.docstring"),
    ),
    "thick_error_handling": (
        Bound(trait="errors", low=NET_ONLY.value, reason_key="reading.net"),
    ),
    "input_validation": (Bound(trait="checks", low=SOME, reason_key="reading.guard"),),
    "command_line": (
        Bound(trait="cli", low=CLI_LADDER["argv"], reason_key="reading.argv"),
    ),
    "options_bom": (Bound(trait="options", low=0.25, reason_key="reading.option"),),
    "japanese_comments": (
        Bound(trait="comments", low=SOME, reason_key="reading.some"),
    ),
    "careful_explanation": (
        Bound(trait="explain", low=MUCH, reason_key="reading.much"),
    ),
    "few_comments": (
        Bound(trait="comments", high=LITTLE, reason_key="reading.little"),
    ),
    "least_explanation": (
        Bound(trait="explain", high=LITTLE, reason_key="reading.little"),
    ),
    "shortest": (
        # One function: half of a third, and half for being simple.
        Bound(trait="modules", high=2 / 3, reason_key="reading.one_function"),
        Bound(trait="checks", high=MUCH, reason_key="reading.short"),
        Bound(trait="options", high=0.5, reason_key="reading.short"),
    ),
    "plain": (
        Bound(trait="options", high=0.25, reason_key="reading.nothing_added"),
        Bound(
            trait="cli", high=CLI_LADDER["guard"], reason_key="reading.nothing_added"
        ),
    ),
    "tidy_branches": (Bound(trait="checks", low=SOME, reason_key="reading.guard"),),
    "csv_dictwriter": (),
    "runs_at_once": (),
    "best_structured": (),
}
"""Every observation and what it says; an empty one says nothing of any trait."""


@dataclass(frozen=True, kw_only=True)
class IndexRange:
    """Where the index may lie.

    Attributes:
        low: Points, with every trait at its least.
        high: Points, with every trait at its most.
        traits: The range of each trait, by key; 0 to 1 where no word speaks of it.
        derivation: The bounds used, each with the observation it comes from.
        unread: Observations that are not in the list, and so narrow nothing.
    """

    low: float
    high: float
    traits: dict[str, tuple[float, float]]
    derivation: tuple[tuple[str, Bound], ...]
    unread: tuple[str, ...]


def index_range(observations: Iterable[str]) -> IndexRange | None:
    """Return where the index may lie by the words of a publication.

    Returns:
        None where no word says anything of any trait: the range would be all of it.
    """
    keys = tuple(dict.fromkeys(observations))
    derivation = tuple(
        (key, bound) for key in keys for bound in OBSERVATIONS.get(key, ())
    )
    if not derivation:
        return None
    traits = dict.fromkeys(WEIGHTS, (0.0, 1.0))
    for _, bound in derivation:
        low, high = traits[bound.trait]
        traits[bound.trait] = (max(low, bound.low), min(high, bound.high))
    # Words that contradict each other leave what either allows.
    ranges = {key: (min(pair), max(pair)) for key, pair in traits.items()}
    return IndexRange(
        low=sum(WEIGHTS[key] * low for key, (low, _) in ranges.items()),
        high=sum(WEIGHTS[key] * high for key, (_, high) in ranges.items()),
        traits=ranges,
        derivation=derivation,
        unread=tuple(key for key in keys if key not in OBSERVATIONS),
    )
