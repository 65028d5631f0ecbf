"""What a chart is drawn from: figures, words and a number format.

A leaf: it imports nothing of the project and no drawing library.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

STRUCTURE_POSITIONS: tuple[str, ...] = (
    "speed_end",
    "middle",
    "towards_structure",
    "structure_end",
)
"""The four ordered places between speed and structure, as records name them."""

STRUCTURE_MAX = 100.0
"""The structure index of code that has everything."""

HUE_COUNT = 12
MODEL_COUNT_MAX = 12


_FIGURES = (
    "decode_tok_s",
    "ttft_s",
    "generation_s",
    "cases_passed",
    "cases_lenient",
    "cases_counted",
)


def _check_figure(name: str, figure: str, value: float | None) -> None:
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise ChartDataError(
            f"model {name!r}: {figure} is {value!r}; "
            "give a finite number of at least 0, or None if it was not measured"
        )


class ChartDataError(ValueError):
    """What was handed to a chart cannot be drawn."""


@dataclass(frozen=True, kw_only=True)
class StructureSpan:
    """A model's structure index, 0 to 100 points.

    Raises:
        ChartDataError: It is not low ≤ median ≤ high within 0 to 100.
    """

    median: float
    low: float
    high: float
    is_settled: bool
    """Whether enough answers stand behind it."""

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.median <= self.high <= STRUCTURE_MAX:
            raise ChartDataError(
                f"structure {self.low!r} ≤ {self.median!r} ≤ {self.high!r}: "
                f"give them in this order, within 0 to {STRUCTURE_MAX:g}"
            )


@dataclass(frozen=True, kw_only=True)
class ModelPoint:
    """What the charts show of one model.

    Raises:
        ChartDataError: A figure is negative or not finite, or the hue or the
            position is not among the known ones.
    """

    name: str
    """Display name: any text, drawn as it is and never read as markup."""
    hue: int
    """The model's colour on the whole site, from 1 to 12."""
    decode_tok_s: float | None
    """Decode rate in tokens per second; None: not measured."""
    ttft_s: float | None
    """Seconds to the first token; None: not measured."""
    generation_s: float | None
    """Seconds from the first token to the last; None: not measured."""
    structure_position: str | None
    """One of ``STRUCTURE_POSITIONS``; None: not known."""
    structure: "StructureSpan | None" = None
    """The structure index; None: not known."""
    cases_passed: float | None = None
    """Cases the code passes strictly; None: it was not judged."""
    cases_lenient: float | None = None
    """Further cases it passes with allowance; None: it was not judged."""
    cases_counted: int | None = None
    """Cases that count; None: it was not judged."""

    def __post_init__(self) -> None:
        for figure in _FIGURES:
            _check_figure(self.name, figure, getattr(self, figure))
        if not 1 <= self.hue <= HUE_COUNT:
            raise ChartDataError(
                f"model {self.name!r}: hue is {self.hue}; give 1 to {HUE_COUNT}"
            )
        position = self.structure_position
        if position is not None and position not in STRUCTURE_POSITIONS:
            raise ChartDataError(
                f"model {self.name!r}: structure_position is {position!r}; "
                f"give None or one of {', '.join(STRUCTURE_POSITIONS)}"
            )


@dataclass(frozen=True, kw_only=True)
class ChartInput:
    """All that a chart is drawn from, in one language.

    Raises:
        ChartDataError: There is no model, or more than 12.
    """

    points: tuple[ModelPoint, ...]
    """The models, in the order readers see them."""
    words: Mapping[str, str]
    """This language's chart words; the keys are ``CHART_WORDS``."""
    format_number: Callable[[float, int], str]
    """Writes a value with so many decimals as the language does."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.points) <= MODEL_COUNT_MAX:
            raise ChartDataError(
                f"{len(self.points)} models given; a chart shows 1 to {MODEL_COUNT_MAX}"
            )
