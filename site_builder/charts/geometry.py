"""The arithmetic of a drawing: sizes, boxes and ticks, without a drawing library.

One unit is one SVG unit, and ``y`` grows downwards from the top edge.
"""

import math
from dataclasses import dataclass

CAP_MIDDLE_EM = 0.36
"""From a baseline up to the middle of capitals and digits, in parts of the size."""


def layout(*, narrow: bool) -> "Layout":
    """Give the sizes of the wide or the narrow drawing."""
    if narrow:
        # 14.5 units are still 12 px where the drawing is shown 282 px wide.
        return Layout(is_narrow=True, width=340, text=15, note=14.5, line=19)
    return Layout(is_narrow=False, width=720, text=14, note=13, line=18)


def boxes_overlap(one: "Box", other: "Box") -> bool:
    """Tell whether two boxes share more than an edge."""
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )


SMALLEST_AXIS = 1e-9
"""Below this, ticks would be told apart by nothing a reader could make use of."""


def tick_values(limit: float, *, count_max: int = 4) -> tuple[float, ...]:
    """Give round values from 0 to at most limit, at most so many above 0.

    An axis shorter than ``SMALLEST_AXIS`` has its zero only.
    """
    if limit < SMALLEST_AXIS:
        return (0.0,)
    decade = 10.0 ** math.floor(math.log10(limit / count_max))
    step = next(
        factor * decade
        for factor in (1, 2, 5, 10, 20)
        if factor * decade * (count_max + 1) > limit
    )
    return tuple(round(i * step, 12) for i in range(int(limit / step + 1e-9) + 1))


def tick_decimals(ticks: tuple[float, ...]) -> int:
    """Give the decimals that tell neighbouring ticks apart."""
    if len(ticks) < 2:
        return 0
    return max(0, -math.floor(math.log10(ticks[1]) + 1e-9))


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The sizes of a drawing, in units."""

    is_narrow: bool
    width: float
    text: float
    """Font size of names and values."""
    note: float
    """Font size of axes, keys and notes."""
    line: float
    """From one baseline of a note to the next."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle, in units."""

    left: float
    top: float
    right: float
    bottom: float
