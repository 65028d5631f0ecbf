"""Numbers of claims in the words of one language: values, ratios, shares, p."""

from collections.abc import Mapping

from collector.metrics import METRICS
from site_builder.analysis.ranks import ALPHA
from site_builder.claims.claim import Comparison
from site_builder.words import Words

MINUS = "\N{MINUS SIGN}"
RATIO_DECIMALS = 2
MOST_DECIMALS = 4
SMALLEST_P = 0.001
P_DECIMALS = 3
MOST_P_DECIMALS = 9

_COMPARISONS: Mapping[Comparison, str] = {
    ">=": "at_least",
    ">": "more",
    "<=": "at_most",
    "<": "less",
    "=": "equal",
    "!=": "unequal",
}


def metric_name(metric: str, words: Words) -> str:
    """Return the name of a quantity that claims may be about."""
    return words(f"metric.{metric}" if metric in METRICS else f"claim.metric.{metric}")


def metric_text(
    metric: str, value: float, words: Words, *, decimals: int | None = None
) -> str:
    """Write a value of a quantity with its unit.

    The decimals are those that the quantity has everywhere, unless given.
    """
    number = (
        metric_number(metric, value, words)
        if decimals is None
        else words.number(value, decimals)
    )
    return _with_unit(metric, number, words)


def metric_number(metric: str, value: float, words: Words) -> str:
    """Write a value of a quantity without its unit."""
    if metric in METRICS:
        return words.number(value, METRICS[metric].decimals)
    return words.number(value, 1 if metric == "structure_index" else decimals_of(value))


def p_text(p: float, words: Words) -> str:
    """Write a probability with its sign, such as ``p < 0.001``.

    It has as many decimals as tell on which side of 5 % it lies.
    """
    if p < SMALLEST_P:
        return words("claim.p_below", n=words.number(SMALLEST_P, P_DECIMALS))
    decimals = next(
        n
        for n in range(P_DECIMALS, MOST_P_DECIMALS + 1)
        if n == MOST_P_DECIMALS or (round(p, n) <= ALPHA) == (p <= ALPHA)
    )
    return words("claim.p", n=words.number(p, decimals))


def interval_text(metric: str, low: float, high: float, words: Words) -> str:
    """Write a range of a quantity's values with its unit; equal ends once."""
    return _with_unit(metric, range_text(metric, low, high, words), words)


def range_text(metric: str, low: float, high: float, words: Words) -> str:
    """Write a range of a quantity's values; equal ends once."""
    ends = [metric_number(metric, end, words) for end in (low, high)]
    if ends[0] == ends[1]:
        return ends[0]
    return words("range", low=ends[0], high=ends[1])


def unit_label(metric: str, words: Words) -> str:
    """Return a quantity's unit as heads of tables have it."""
    if metric in METRICS:
        return words(f"unit_label.{METRICS[metric].unit}")
    return words(f"claim.unit_label.{metric}")


def compared(comparison: str, number: str, words: Words) -> str:
    """Write a comparison with a number, such as “at least 3”."""
    key = next(key for sign, key in _COMPARISONS.items() if sign == comparison)
    return words(f"claim.compare.{key}", n=number)


def decimals_of(value: float) -> int:
    """Return how many decimals a number has, four at most."""
    return next(
        n
        for n in range(MOST_DECIMALS + 1)
        if n == MOST_DECIMALS or value == round(value, n)
    )


def plain(value: float, words: Words) -> str:
    """Write a number with the decimals it has."""
    return words.number(value, decimals_of(value))


def whole(value: float, words: Words) -> str:
    """Write a count."""
    return words.number(value, 0)


def times(value: float, words: Words) -> str:
    """Write a factor with the decimals it has."""
    return words.quantity(value, "x", decimals_of(value))


def ratio(value: float, words: Words) -> str:
    """Write a factor that was computed."""
    return words.quantity(value, "x", RATIO_DECIMALS)


def percent(value: float, words: Words) -> str:
    """Write a share as a percentage, with one decimal at most."""
    rate = round(100 * value, MOST_P_DECIMALS)
    return words.quantity(rate, "percent", min(1, decimals_of(rate)))


def tau(value: float, words: Words) -> str:
    """Write a correlation with a proper minus sign."""
    return words.number(value, 2).replace("-", MINUS)


def _with_unit(metric: str, number: str, words: Words) -> str:
    if metric in METRICS:
        return words(f"unit.{METRICS[metric].unit}", n=number)
    unit = "points" if metric == "structure_index" else "cases"
    return words(f"claim.{unit}", n=number)
