"""Numbers as prose prints them, with the rule of rounding.

A number is rounded once, when it is printed, and from the value itself: never from a
rounded one, and a ratio is that of the values and not of the printed numbers. What is
rounded is its shortest decimal form, so that 2.675 is no binary fraction below it, and
a half goes to the even digit (Babel's ``format_decimal``). The decimals are the
metric's own unless the writer gives others; a typed number keeps those it has.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from collector.record import MeasuringError
from site_builder.errors import ContentError
from site_builder.words import Words

RATIO_UNIT = "x"
RATIO_DECIMALS = 1

COUNT_UNIT = "trials"

MAX_TYPED_DECIMALS = 6
"""More digits after the point than a writer means."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How a number is printed."""

    unit: str
    decimals: int


CODE_METRICS: Mapping[str, Shown] = MappingProxyType(
    {
        "structure_index": Shown(unit="points", decimals=0),
        "cases_passed": Shown(unit="cases", decimals=0),
    }
)
"""What a text may say in numbers of a model's code."""


@dataclass(frozen=True, kw_only=True)
class CalibrationFact:
    """A number of our own measuring error."""

    unit: str
    decimals: int
    read: Callable[[MeasuringError], float]


CALIBRATION_FACTS: Mapping[str, CalibrationFact] = MappingProxyType(
    {
        "tok_s": CalibrationFact(unit="tok/s", decimals=0, read=lambda e: e.tok_s),
        "ttft_error_ms": CalibrationFact(
            unit="ms", decimals=2, read=lambda e: 1000 * abs(e.ttft_error_median_s)
        ),
        "ttft_error_max_ms": CalibrationFact(
            unit="ms", decimals=2, read=lambda e: 1000 * abs(e.ttft_error_max_s)
        ),
        "rate_error_percent": CalibrationFact(
            unit="percent",
            decimals=2,
            read=lambda e: 100 * abs(e.rate_error_median_ratio),
        ),
        "rate_error_max_percent": CalibrationFact(
            unit="percent",
            decimals=2,
            read=lambda e: 100 * abs(e.rate_error_max_ratio),
        ),
    }
)
"""Our own measuring error as prose tells it: its size, without its sign."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number a writer referred to; printed bare it has no unit.

    Attributes:
        unit: None: it has none of its own, and takes the one the writer gives.
    """

    value: float
    unit: str | None
    decimals: int
    words: Words

    def __str__(self) -> str:
        """Write the number as the language does."""
        return self.words.number(self.value, self.decimals)


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Where a median lies; printed bare it has no unit."""

    low: float
    high: float
    unit: str
    decimals: int
    words: Words

    def __str__(self) -> str:
        """Write both ends as the language does."""
        return _ends(self, self.decimals)


def typed_decimals(value: float) -> int:
    """Return how many decimals a number has as it is typed, six at most."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return min(MAX_TYPED_DECIMALS, max(0, -int(exponent)))


def with_unit(
    quantity: Quantity | str, unit: str | None = None, decimals: int | None = None
) -> str:
    """Write a quantity with its unit: the filter ``u`` of texts.

    Args:
        quantity: What ``v`` or ``ratio`` returned; a fallback is left as it is.
        unit: The unit the writer expects; None: whichever it has.
        decimals: Digits after the point; None: the metric's own.

    Raises:
        ContentError: It has another unit or none, or is no quantity.
    """
    if isinstance(quantity, str):
        return quantity
    if not isinstance(quantity, Quantity):
        raise ContentError("| u takes one number: write | range behind interval(…)")
    key = _unit("u", quantity.unit, unit)
    shown = quantity.decimals if decimals is None else decimals
    number = quantity.words.number(quantity.value, shown)
    if shown == 0:
        form = quantity.words.locale.plural_form(round(quantity.value))
        singular = f"unit_one.{key}"
        if form == "one" and singular in quantity.words.entries:
            return quantity.words(singular, n=number)
    return quantity.words(f"unit.{key}", n=number)


def with_range(
    interval: Interval | str, unit: str | None = None, decimals: int | None = None
) -> str:
    """Write an interval with its unit: the filter ``range`` of texts.

    The unit stands once; ends that are printed alike stand as one number.

    Raises:
        ContentError: It has another unit, or is no interval.
    """
    if isinstance(interval, str):
        return interval
    if not isinstance(interval, Interval):
        raise ContentError("| range takes an interval: write | u behind one number")
    key = _unit("range", interval.unit, unit)
    shown = interval.decimals if decimals is None else decimals
    return interval.words(f"unit.{key}", n=_ends(interval, shown))


def _unit(name: str, own: str | None, wanted: str | None) -> str:
    if own is None:
        if wanted is None:
            raise ContentError(
                f'| {name}: the number has no unit of its own: write | {name}("s"), '
                "or leave the filter out"
            )
        return wanted
    if wanted not in {None, own}:
        raise ContentError(f'{name}("{wanted}"): the value is in {own}: write that')
    return own


def _ends(interval: Interval, decimals: int) -> str:
    words = interval.words
    low, high = (words.number(end, decimals) for end in (interval.low, interval.high))
    return low if low == high else words("interval.range", low=low, high=high)
