"""A line with fewer points that looks the same: the way of Douglas and Peucker."""

from collections.abc import Sequence

Point = tuple[float, float]


def thinned(
    points: Sequence[Point], *, tolerance: float, count_max: int
) -> tuple[Point, ...]:
    """Leave out points that lie within tolerance of the line through those kept.

    First and last stay. Where more than ``count_max`` are left, the tolerance doubles
    until they are not; ``count_max`` is at least 2.
    """
    while True:
        kept = _kept(points, tolerance)
        if len(kept) <= count_max:
            return tuple(points[index] for index in kept)
        tolerance *= 2


def _kept(points: Sequence[Point], tolerance: float) -> list[int]:
    kept = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        index, distance = _furthest(points, first, last)
        if distance > tolerance:
            kept.add(index)
            spans += [(first, index), (index, last)]
    return sorted(kept)


def _furthest(points: Sequence[Point], first: int, last: int) -> tuple[int, float]:
    """Return the point between two that is furthest from the line through them."""
    (x0, y0), (x1, y1) = points[first], points[last]
    dx, dy = x1 - x0, y1 - y0
    length = (dx * dx + dy * dy) ** 0.5
    found, distance = first, 0.0
    for index in range(first + 1, last):
        x, y = points[index]
        if length:
            off = abs(dx * (y - y0) - dy * (x - x0)) / length
        else:
            off = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5
        if off > distance:
            found, distance = index, off
    return found, distance
