"""The nine traits of ``structure-index/1``: weight, group, numbers and formula of each.

Everything a reader needs to recompute the index is data here; the method page is built
from it. Each trait is a share between 0 and 1, the index their weighted sum from 0 to
100. No trait knows other models, so a new model never moves another one's index.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from site_builder.analysis.counts import Cli, Counts, Talk

INDEX_VERSION = "structure-index/1"

Group = Literal["contract", "robustness", "interface", "shape", "talk"]
GROUPS: tuple[Group, ...] = ("contract", "robustness", "interface", "shape", "talk")


@dataclass(frozen=True, kw_only=True)
class Number:
    """A constant of a formula.

    Attributes:
        unit: What it counts; ``share`` is a part of 1.
    """

    value: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class Trait:
    """One trait of the index.

    Attributes:
        label: Its short name in tables and formulas, ``T1`` to ``T9``.
        weight: Points of the index it can give.
        formula: How it follows from the counts, with the names of ``numbers``.
        formula_key: Key of the same in words, for the languages' word lists.
        numbers: The constants of the formula, by name.
        value: The trait of an answer, 0 to 1.
    """

    key: str
    label: str
    weight: float
    group: Group
    formula: str
    formula_key: str
    value: Callable[[Counts], float]
    numbers: Mapping[str, Number] = field(default_factory=dict)


PRESENCE = Number(value=0.6, unit="share")
CONTENT = Number(value=0.4, unit="share")

FULL_MODES = Number(value=3, unit="kinds of failure")
NET_ONLY = Number(value=0.4, unit="share")
BARE_ONLY = Number(value=0.2, unit="share")
NET_BESIDE = Number(value=0.1, unit="share")
SILENCE = Number(value=0.2, unit="share")

FULL_GUARDS = Number(value=3, unit="guards")
FULL_OPTIONS = Number(value=4, unit="options")

CLI_LADDER: dict[Cli, float] = {
    "library": 1.0,
    "argv": 0.7,
    "input": 0.5,
    "guard": 0.4,
    "none": 0.0,
}

HALF = Number(value=0.5, unit="share")
FULL_FUNCTIONS = Number(value=3, unit="functions")
SIMPLE_COMPLEXITY = Number(value=15, unit="cognitive complexity")

FULL_DENSITY = Number(value=0.15, unit="comment lines per line")
FULL_READING = Number(value=30, unit="s")
CJK_SPEED = Number(value=500, unit="characters/min")
WORD_SPEED = Number(value=265, unit="words/min")


def types(counts: Counts) -> float:
    """Return the share of slots with a type; 0 without any function."""
    return _share(counts.contract.n_annotated, counts.contract.n_slots)


def docs(counts: Counts) -> float:
    """Return how far docstrings exist, and name the parameters; 0 where none can."""
    contract = counts.contract
    present = _share(contract.n_documented, contract.n_public)
    named = _share(contract.n_described, contract.n_parameters)
    return PRESENCE.value * present + CONTENT.value * named


def errors(counts: Counts) -> float:
    """Return how specifically failures are caught."""
    found = counts.robustness
    is_broad = found.catches_exception or found.catches_bare
    if found.failure_modes:
        score = min(1.0, len(found.failure_modes) / FULL_MODES.value)
        score += NET_BESIDE.value if is_broad else 0.0
    elif found.catches_exception:
        score = NET_ONLY.value
    else:
        score = BARE_ONLY.value if found.catches_bare else 0.0
    score -= SILENCE.value if found.is_silent else 0.0
    return max(0.0, min(1.0, score))


def checks(counts: Counts) -> float:
    """Return how much the input is questioned."""
    return min(1.0, counts.robustness.n_guards / FULL_GUARDS.value)


def cli(counts: Counts) -> float:
    """Return the step of the ladder on which the program is started."""
    return CLI_LADDER[counts.interface.cli]


def options(counts: Counts) -> float:
    """Return how much can be chosen."""
    return min(1.0, len(counts.interface.options) / FULL_OPTIONS.value)


def modules(counts: Counts) -> float:
    """Return how far the code is cut into simple functions; 0 without any."""
    shape = counts.shape
    many = min(1.0, shape.n_functions / FULL_FUNCTIONS.value)
    simple = _share(shape.n_simple, shape.n_functions)
    return HALF.value * many + HALF.value * simple


def comments(counts: Counts) -> float:
    """Return the density of comments, capped."""
    lines = counts.talk.n_comment_lines + counts.talk.n_code_lines
    density = _share(counts.talk.n_comment_lines, lines)
    return min(1.0, density / FULL_DENSITY.value)


def explain(counts: Counts) -> float:
    """Return the time it takes to read the prose, capped."""
    return min(1.0, reading_s(counts.talk) / FULL_READING.value)


def reading_s(talk: Talk) -> float:
    """Return the seconds it takes to read the prose outside code blocks."""
    minutes = talk.n_cjk_chars / CJK_SPEED.value + talk.n_words / WORD_SPEED.value
    return 60 * minutes


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _trait(
    label: str,
    group: Group,
    weight: float,
    value: Callable[[Counts], float],
    *,
    formula: str,
    **numbers: Number,
) -> Trait:
    key = value.__name__
    return Trait(
        key=key,
        label=label,
        weight=weight,
        group=group,
        formula=formula,
        formula_key=f"trait_formula.{key}",
        value=value,
        numbers=numbers,
    )


TRAITS: dict[str, Trait] = {
    trait.key: trait
    for trait in (
        _trait("T1", "contract", 14, types, formula="annotated / slots"),
        _trait(
            "T2",
            "contract",
            14,
            docs,
            formula="presence · documented / public + content · described / parameters",
            presence=PRESENCE,
            content=CONTENT,
        ),
        _trait(
            "T3",
            "robustness",
            14,
            errors,
            formula=(
                "modes > 0: min(1, modes / full) + net_beside · broad; "
                "else: net_only, bare_only or 0; then − silence · silent; within 0 … 1"
            ),
            full=FULL_MODES,
            net_only=NET_ONLY,
            bare_only=BARE_ONLY,
            net_beside=NET_BESIDE,
            silence=SILENCE,
        ),
        _trait(
            "T4",
            "robustness",
            12,
            checks,
            formula="min(1, guards / full)",
            full=FULL_GUARDS,
        ),
        _trait(
            "T5",
            "interface",
            10,
            cli,
            formula="the best of: library, argv, input, guard, none",
            **{key: Number(value=v, unit="share") for key, v in CLI_LADDER.items()},
        ),
        _trait(
            "T6",
            "interface",
            8,
            options,
            formula="min(1, options / full)",
            full=FULL_OPTIONS,
        ),
        _trait(
            "T7",
            "shape",
            12,
            modules,
            formula="half · min(1, functions / full) + half · simple / functions",
            half=HALF,
            full=FULL_FUNCTIONS,
            simple_up_to=SIMPLE_COMPLEXITY,
        ),
        _trait(
            "T8",
            "talk",
            8,
            comments,
            formula="min(1, comments / (comments + code) / full)",
            full=FULL_DENSITY,
        ),
        _trait(
            "T9",
            "talk",
            8,
            explain,
            formula="min(1, 60 · (cjk / cjk_speed + words / word_speed) / full)",
            full=FULL_READING,
            cjk_speed=CJK_SPEED,
            word_speed=WORD_SPEED,
        ),
    )
}
"""Every trait by its key, in the order shown; the weights make 100."""

WEIGHTS: dict[str, float] = {key: trait.weight for key, trait in TRAITS.items()}


def traits_of(counts: Counts) -> dict[str, float]:
    """Return all traits of an answer, each 0 to 1."""
    return {key: trait.value(counts) for key, trait in TRAITS.items()}


def index_of(
    traits: Mapping[str, float], weights: Mapping[str, float] = WEIGHTS
) -> float:
    """Return the structure index, 0 to 100 points."""
    return sum(weights[key] * value for key, value in traits.items())


def groups_of(traits: Mapping[str, float]) -> dict[str, float]:
    """Return the groups' weighted means, each 0 to 1."""
    return {group: _group_mean(traits, group) for group in GROUPS}


def _group_mean(traits: Mapping[str, float], group: Group) -> float:
    members = [trait for trait in TRAITS.values() if trait.group == group]
    total = sum(trait.weight * traits[trait.key] for trait in members)
    # Rounded, so that a limit such as 0.6 is met by what is 0.6 on paper.
    return round(total / sum(trait.weight for trait in members), 12)
