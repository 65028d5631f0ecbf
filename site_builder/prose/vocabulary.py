"""What a text may call, with which arguments: the one table of it.

A function added here is checked in every text; ``References`` must have a method of its
name (a test sees to it).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from collector.metrics import METRICS
from collector.record import Rig
from site_builder.config import nearest
from site_builder.quantities import CALIBRATION_FACTS, CODE_METRICS

Kind = Literal[
    "metric",
    "model",
    "claim",
    "constant",
    "rig fact",
    "calibration fact",
    "table",
    "figure",
    "observation",
    "unit",
    "text",
    "number",
]
"""What an argument names; ``text`` and ``number`` are themselves."""

Gives = Literal["value", "range", "text", "place", "flag", "verdict"]
"""What a call yields: ``u`` takes a value, ``range`` a range, a test the last two."""


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function of texts.

    Attributes:
        arguments: What each one names, in order; all are needed.
        repeats: Whether the last one may be given more than once.
        has_fallback: Whether ``fallback=`` may say what stands for an unknown value.
    """

    arguments: tuple[Kind, ...]
    gives: Gives
    repeats: bool = False
    has_fallback: bool = False


def _value(*arguments: Kind, gives: Gives = "value") -> Function:
    return Function(arguments=arguments, gives=gives, has_fallback=True)


def _flag(*arguments: Kind) -> Function:
    return Function(arguments=arguments, gives="flag", repeats=True)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "v": _value("metric", "model"),
        "ratio": _value("metric", "model", "model"),
        "interval": _value("metric", "model", gives="range"),
        "n": _value("metric", "model"),
        "calibration": _value("calibration fact", "number"),
        "limit": Function(arguments=("claim",), gives="value"),
        "num": Function(arguments=("number", "text"), gives="value"),
        "name": Function(arguments=("model",), gives="text"),
        "model_link": Function(arguments=("model",), gives="text"),
        "rig": Function(arguments=("rig fact",), gives="text"),
        "constant": Function(arguments=("constant",), gives="text"),
        "observations": _value("model", gives="text"),
        "table": Function(arguments=("table",), gives="place"),
        "figure": Function(arguments=("figure",), gives="place"),
        "is_calibrated": _flag("number"),
        "is_known": _flag("metric", "model"),
        "in_run": _flag("model"),
        "reported": _flag("model", "observation"),
        "verdict": Function(arguments=("claim",), gives="verdict"),
    }
)
"""Every function of texts by its name."""

FILTERS: Mapping[str, Gives] = MappingProxyType({"u": "value", "range": "range"})
"""What each filter takes; both have a unit and a number of decimals, or neither."""

TEXT_VARIABLES = frozenset({"n_models", "source", "unknown"})
"""What may be printed without being called."""

TEST_VARIABLES = frozenset({"is_verified", "has_structure"})
"""What an ``{% if %}`` may ask without a call."""

COMPARED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "source": frozenset({"published", "demo", "measured"}),
        "verdict": frozenset({"holds", "undecided", "broken"}),
    }
)
"""What an ``{% if %}`` may compare, and with which texts."""

BRANCHES = ("undecided", "broken", "missing")
"""Tags that begin another wording of a claim, after the one for ``holds``."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The names a text of one language may use.

    Attributes:
        models: Ids of the run's models, the plan's, and those with a note.
        claims: Ids of the registry.
        tables: Those of the page the text stands on.
        figures: Likewise; a chart this run has no data for is one of them.
        units: Keys of the language's units.
    """

    models: frozenset[str]
    claims: frozenset[str] = frozenset()
    constants: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    figures: frozenset[str] = frozenset()
    observations: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    metrics: frozenset[str] = field(
        default_factory=lambda: frozenset(METRICS) | frozenset(CODE_METRICS)
    )

    def names(self, kind: Kind) -> frozenset[str] | None:
        """Return the known names of a kind; None: it is no name."""
        known: dict[Kind, frozenset[str]] = {
            "metric": self.metrics,
            "model": self.models,
            "claim": self.claims,
            "constant": self.constants,
            "rig fact": frozenset(Rig.model_fields),
            "calibration fact": frozenset(CALIBRATION_FACTS),
            "table": self.tables,
            "figure": self.figures,
            "observation": self.observations,
            "unit": self.units,
        }
        return known.get(kind)


def unknown_name(kind: Kind, word: str, known: Iterable[str]) -> str:
    """Say that there is no such name, and which was probably meant."""
    message = f"there is no {kind} {word!r}: {nearest(word, set(known))}"
    if kind == "claim":
        message += " (or add it to content/claims.toml)"
    return message


def signature(name: str) -> str:
    """Return how a function is written, such as ``v("metric", "model")``."""
    function = FUNCTIONS[name]
    shown = [
        f"{kind}" if kind == "number" else f'"{kind}"' for kind in function.arguments
    ]
    return f"{name}({', '.join(shown)}{', …' if function.repeats else ''})"
