"""What a chart is drawn from: figures, words and a number format.

A leaf: it imports nothing of the project and no drawing library.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

STRUCTURE_POSITIONS: tuple[str, ...] = (
    "speed_end",
    "middle",
    "towards_structure",
    "structure_end",
)
"""The four ordered places between speed and structure, as records name them."""

STRUCTURE_MAX = 100.0
"""The structure index of code that has everything."""

RESULTS: tuple[str, ...] = ("pass", "lenient", "fail", "timeout", "flaky", "not_run")
"""What may become of a case, best first but for the last."""

HUE_COUNT = 12
MODEL_COUNT_MAX = 12


_FIGURES = (
    "decode_tok_s",
    "load_s",
    "ttft_s",
    "thinking_s",
    "generation_s",
    "answer_s",
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
class Spread:
    """A median, and what it lies between: extremes, or the ends of an interval.

    Raises:
        ChartDataError: It is not 0 ≤ low ≤ median ≤ high.
    """

    median: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.median <= self.high < math.inf:
            raise ChartDataError(
                f"spread {self.low!r} ≤ {self.median!r} ≤ {self.high!r}: "
                "give them in this order, from 0 on"
            )


@dataclass(frozen=True, kw_only=True)
class Course:
    """How much of one answer had come, and when.

    Raises:
        ChartDataError: There are fewer than two points, or they run backwards.
    """

    points: tuple[tuple[float, float], ...]
    """Seconds since the request and what had come by then, from first to last."""
    answer_at: tuple[float, float] | None = None
    """Where thinking ends and the answer begins; None: there was no thinking."""
    is_rebuilt: bool = False
    """Whether a straight line stands in for arrivals nobody recorded."""
    is_in_characters: bool = False
    """Whether characters are meant, as nobody counted tokens."""

    def __post_init__(self) -> None:
        forwards = all(
            0 <= t0 <= t1 < math.inf and 0 <= n0 <= n1 < math.inf
            for (t0, n0), (t1, n1) in pairwise(self.points)
        )
        if len(self.points) < 2 or not forwards:
            raise ChartDataError(
                "a course needs two points or more, none before the one it follows"
            )


@dataclass(frozen=True, kw_only=True)
class CaseMark:
    """What a model's trials made of one case."""

    result: str
    """What most trials gave; of as many, the worst. One of ``RESULTS``."""
    is_mixed: bool
    """Whether some trials gave another result."""

    def __post_init__(self) -> None:
        if self.result not in RESULTS:
            raise ChartDataError(
                f"result {self.result!r}: give one of {', '.join(RESULTS)}"
            )


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
    load_s: float | None = None
    """Seconds to load the model, before any request; None: not known."""
    thinking_s: float | None = None
    """Of the generation, seconds of thinking; 0: none; None: not told apart."""
    answer_s: float | None = None
    """Seconds to the finished answer; None: the parts added up."""
    rates: tuple[float, ...] = ()
    """The decode rate of every trial that counts."""
    rate_interval: Spread | None = None
    """Where the median rate lies; None: there are not two trials."""
    course: Course | None = None
    """How one answer came; None: not known."""
    structure: StructureSpan | None = None
    """The structure index; None: not known."""
    traits: tuple[Spread, ...] | None = None
    """Each trait of ``ChartInput.trait_names``, 0 to 1; None: not known."""
    cases: tuple[CaseMark, ...] | None = None
    """Each counted case, in the order of all models; None: it was not judged."""
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
    results: Mapping[str, str] = field(default_factory=dict)
    """This language's words for ``RESULTS``."""
    trait_names: tuple[str, ...] = ()
    """The traits of the structure index, in order."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.points) <= MODEL_COUNT_MAX:
            raise ChartDataError(
                f"{len(self.points)} models given; a chart shows 1 to {MODEL_COUNT_MAX}"
            )
