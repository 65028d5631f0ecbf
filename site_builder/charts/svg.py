"""Marks into one inline SVG element that the page's stylesheet colours.

The page's CSP forbids inline style and its themes own every colour, so a mark names a
role and becomes a CSS class. Numbers are rounded: the same drawing is the same bytes on
every machine.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from site_builder.charts.data import HUE_COUNT
from site_builder.charts.text import plain

_SERIES = tuple(f"s{hue}" for hue in range(1, HUE_COUNT + 1))
RESULT_ROLES: tuple[str, ...] = ("good", "fair", "poor")
FILL_ROLES: tuple[str, ...] = ("ink", "muted", "bg", *RESULT_ROLES, *_SERIES)
"""What the page's stylesheet can fill: ``f-<role>``."""
STROKE_ROLES: tuple[str, ...] = ("ink", "muted", "grid", *RESULT_ROLES, *_SERIES)
"""What the page's stylesheet can stroke: ``s-<role>``."""

Point = tuple[float, float]
Line = Sequence[Point]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """An element of a drawing.

    Attributes:
        layer: Marks of higher layers cover those of lower ones.
        text: What the element holds, not yet escaped; None: nothing.
    """

    layer: int
    tag: str
    attributes: tuple[tuple[str, str], ...]
    text: str | None = None


def painted(paint: str, role: str) -> tuple[tuple[str, str], ...]:
    """Return the attributes that fill or stroke a mark in a role's colour.

    Raises:
        ValueError: The page cannot paint that.
    """
    if role not in (FILL_ROLES if paint == "fill" else STROKE_ROLES):
        raise ValueError(f"{paint} {role}: the page has no such role")
    colour = (("class", f"{paint[0]}-{role}"),)
    # A stylesheet without these roles must not hide a result.
    return (*colour, (paint, "currentColor")) if role in RESULT_ROLES else colour


def write_svg(
    marks: Iterable[Mark],
    size: Point,
    key: str,
    *,
    title: str,
    description: str,
    classes: str,
) -> str:
    """Return one ``<svg>`` element; its ids begin with ``key``."""
    width, height = (number(value) for value in size)
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'class="{classes}" role="img" aria-labelledby="{key}-title {key}-desc">'
            f'<title id="{key}-title">{_escaped(title)}</title>'
        ),
        f'<desc id="{key}-desc">{_escaped(description)}</desc>',
    ]
    # Sorting is stable: within a layer marks stay in the order they were drawn.
    lines += map(_element, sorted(marks, key=lambda mark: mark.layer))
    return "\n".join(lines) + "\n</svg>"


def path_data(lines: Iterable[Line], *, is_closed: bool = False) -> str:
    """Return lines as path data, in steps from point to point."""
    return "".join(_one_line(line, is_closed=is_closed) for line in lines)


def number(value: float) -> str:
    """Write a number with at most one decimal, which no eye can tell from more."""
    return _tenths(round(value * 10))


def _one_line(line: Line, *, is_closed: bool) -> str:
    # Steps are taken between rounded points, so that no error adds up.
    points = [(round(x * 10), round(y * 10)) for x, y in line]
    (x, y), *rest = points
    parts = [f"M{_pair(x, y)}"]
    last = "M"
    for next_x, next_y in rest:
        step_x, step_y, x, y = next_x - x, next_y - y, next_x, next_y
        if step_y == 0:
            command, written = "h", _tenths(step_x)
        elif step_x == 0:
            command, written = "v", _tenths(step_y)
        else:
            command, written = "l", _pair(step_x, step_y)
        if command != last:
            parts.append(command)
        elif written[0] != "-":
            parts.append(" ")
        parts.append(written)
        last = command
    return "".join(parts) + ("z" if is_closed else "")


def _pair(x: int, y: int) -> str:
    second = _tenths(y)
    return _tenths(x) + ("" if second[0] == "-" else " ") + second


def _tenths(value: int) -> str:
    whole, part = divmod(abs(value), 10)
    text = f"{whole or ''}.{part}" if part else str(whole)
    return f"-{text}" if value < 0 else text


def _element(mark: Mark) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in mark.attributes)
    if mark.text is None:
        return f"<{mark.tag}{attributes}/>"
    return f"<{mark.tag}{attributes}>{_escaped(mark.text)}</{mark.tag}>"


def _escaped(text: str) -> str:
    return escape(plain(text), quote=False)
