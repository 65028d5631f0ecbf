"""The constants of our rules, as each language writes them: no definition types one."""

from collections.abc import Callable

from collector.metrics import (
    MAX_CPU_PRESSURE_RATIO,
    MAX_RATE_DISAGREEMENT,
    MIN_RATE_TOKENS,
)
from site_builder.analysis import archetypes, judging, ranks, statistics, weights
from site_builder.analysis.canonical import FINDING_RULES
from site_builder.analysis.stability import (
    UNDECIDABLE_P,
    UNSTABLE_EXTREME_RATIO,
    UNSTABLE_SD_RATIO,
)
from site_builder.analysis.traits import INDEX_VERSION, TRAITS, WEIGHTS
from site_builder.words import Words

COLUMNS = 88
"""Width of the common layout of code (``analysis/canonical.py``)."""

SCORE_DECIMALS = 2


def _whole(value: float, words: Words) -> str:
    return words.number(value, 0)


def _percent(value: float, words: Words) -> str:
    return words.quantity(100 * value, "percent", 0)


def _plain(value: float, words: Words) -> str:
    """Write a number with the decimals it has, two at most."""
    decimals = next(n for n in (0, 1, 2) if n == 2 or value == round(value, n))
    return words.number(value, decimals)


def score(value: float, words: Words) -> str:
    """Write a share between 0 and 1."""
    return words.number(value, SCORE_DECIMALS)


def _group_weight(group: str) -> float:
    return sum(trait.weight for trait in TRAITS.values() if trait.group == group)


_CONSTANTS: dict[str, tuple[float, Callable[[float, Words], str]]] = {
    "min_tokens": (MIN_RATE_TOKENS, _whole),
    "cpu_pressure": (MAX_CPU_PRESSURE_RATIO, _percent),
    "rate_disagreement": (MAX_RATE_DISAGREEMENT, _percent),
    "unstable_sd": (UNSTABLE_SD_RATIO, _percent),
    "unstable_extreme": (UNSTABLE_EXTREME_RATIO, _percent),
    "undecidable_p": (UNDECIDABLE_P, _plain),
    "most": (sum(WEIGHTS.values()), _whole),
    "talk": (_group_weight("talk"), _whole),
    "columns": (COLUMNS, _whole),
    "min_ok": (judging.MIN_OK, _whole),
    "min_share": (judging.MIN_OK_SHARE, _percent),
    "confidence": (statistics.CONFIDENCE, _percent),
    "alpha": (ranks.ALPHA, _percent),
    "draws": (weights.N_DRAWS, _whole),
    "stable_share": (weights.STABLE_SHARE, _percent),
    "sketch_below": (archetypes.SKETCH_BELOW, score),
    "builder_interface": (archetypes.BUILDER_FROM["interface"], score),
    "builder_contract": (archetypes.BUILDER_FROM["contract"], score),
    "builder_robustness": (archetypes.BUILDER_FROM["robustness"], score),
    "teacher_from": (archetypes.TEACHER_FROM, score),
    "min_votes": (archetypes.MIN_VOTES, _whole),
    "settled_from": (archetypes.SETTLED_FROM, _percent),
    "leaning_from": (archetypes.LEANING_FROM, _percent),
    "fast_ratio": (archetypes.FAST_RATIO, _plain),
    "fast_p": (archetypes.FAST_P, _plain),
    "min_models": (archetypes.MIN_MODELS, _whole),
}


def constants(words: Words) -> dict[str, str]:
    """Return every constant by its name, as the language writes it."""
    return {
        "index_version": INDEX_VERSION,
        "rules": words("list_separator").join(FINDING_RULES),
        **{name: write(value, words) for name, (value, write) in _CONSTANTS.items()},
    }
