"""The type of an answer by a list of rules, and of a model by a vote of its answers.

A type names a form, not a quality. Only keys stand here; the languages have the words.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from site_builder.analysis.ranks import rank_test

Archetype = Literal[
    "sketcher",
    "speed_sketcher",
    "enterprise_builder",
    "careful_teacher",
    "plain_craftsman",
]
Settlement = Literal["undetermined", "settled", "leaning", "unsettled"]

SKETCH_BELOW = 0.25
BUILDER_FROM = {"interface": 0.6, "contract": 0.6, "robustness": 0.5}
TEACHER_FROM = 0.6

MIN_VOTES = 5
SETTLED_FROM = 0.8
LEANING_FROM = 0.6

FAST_RATIO = 1.25
FAST_P = 0.05
MIN_MODELS = 3


@dataclass(frozen=True, kw_only=True)
class Vote:
    """The type of one answer.

    Attributes:
        rule: Number of the rule that fired, 1 to 4.
        numbers: The group scores that rule looked at.
    """

    archetype: Archetype
    rule: int
    numbers: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Whether a model is fast among the models of its run.

    Attributes:
        ratio: Its median rate over the median of all models' medians.
        p: Exact one-sided probability of rates as high if it were only 1.25 times as
            fast as the median model; None: fewer than three models.
        is_fast: Whether both say so.
    """

    ratio: float
    p: float | None
    is_fast: bool


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The type of a model.

    Attributes:
        settlement: How far the answers agree.
        archetype: The commonest type; None: too few answers, or no agreement.
        votes: Answers by type, commonest first.
        n: Answers that voted.
        speed: What the speed modifier rests on; None: it was not looked at.
    """

    settlement: Settlement
    archetype: Archetype | None
    votes: dict[Archetype, int]
    n: int
    speed: Speed | None = None

    @property
    def k(self) -> int:
        """Answers of the commonest type."""
        return max(self.votes.values(), default=0)


def classify(groups: Mapping[str, float]) -> Vote:
    """Return the type of an answer from its group scores; the first match counts."""
    contract, robustness = groups["contract"], groups["robustness"]
    interface, talk = groups["interface"], groups["talk"]
    if contract < SKETCH_BELOW and robustness < SKETCH_BELOW:
        return _vote("sketcher", 1, groups, ("contract", "robustness"))
    if all(groups[key] >= limit for key, limit in BUILDER_FROM.items()):
        return _vote("enterprise_builder", 2, groups, tuple(BUILDER_FROM))
    if talk >= TEACHER_FROM and talk > interface:
        return _vote("careful_teacher", 3, groups, ("talk", "interface"))
    return _vote("plain_craftsman", 4, groups, tuple(groups))


def settle(votes: Sequence[Archetype], *, speed: Speed | None = None) -> Settled:
    """Return the type a model's answers agree on.

    Args:
        votes: The type of each answer; an answer given twice votes once.
        speed: The model's speed among the others, which makes a sketcher a fast one.
    """
    ordered = sorted(Counter(votes).items(), key=lambda item: (-item[1], item[0]))
    counts = dict(ordered)
    n = len(votes)
    first, k = ordered[0] if ordered else (None, 0)
    settlement: Settlement = "unsettled"
    if n < MIN_VOTES:
        settlement = "undetermined"
    elif k / n >= SETTLED_FROM:
        settlement = "settled"
    elif k / n >= LEANING_FROM:
        settlement = "leaning"
    named = first if settlement in ("settled", "leaning") else None
    if named == "sketcher" and speed is not None and speed.is_fast:
        named = "speed_sketcher"
    return Settled(
        settlement=settlement, archetype=named, votes=counts, n=n, speed=speed
    )


def speed_among(model_id: str, rates: Mapping[str, Sequence[float]]) -> Speed | None:
    """Return how fast a model is among all models that have rates.

    With an even number of models the faster of the two middle ones stands for the
    median model in the test, so that the modifier is given rather too seldom.

    Args:
        model_id: The model asked about.
        rates: Tokens per second of the counted trials, by model.

    Returns:
        None where the model has no rate.
    """
    known = {key: list(values) for key, values in rates.items() if values}
    if model_id not in known:
        return None
    medians = sorted((median(values), key) for key, values in known.items())
    ratio = median(known[model_id]) / median(value for value, _ in medians)
    if len(known) < MIN_MODELS:
        return Speed(ratio=ratio, p=None, is_fast=False)
    _, middle = medians[len(medians) // 2]
    limits = [FAST_RATIO * value for value in known[middle]]
    p = rank_test(known[model_id], limits).p_greater
    is_fast = ratio >= FAST_RATIO and p <= FAST_P
    return Speed(ratio=ratio, p=p, is_fast=is_fast)


def _vote(
    archetype: Archetype, rule: int, groups: Mapping[str, float], keys: tuple[str, ...]
) -> Vote:
    return Vote(
        archetype=archetype, rule=rule, numbers={key: groups[key] for key in keys}
    )
