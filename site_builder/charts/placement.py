"""Where labels go so that none covers another: plain geometry, in units.

Each label wants to touch its mark. If the place is taken it moves as little as
it can, up, down or sideways, and a leader line shows where it belongs. ``y``
grows downwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from site_builder.charts.geometry import Box, boxes_overlap

_STEP = 3.0
_SIDE_STEP = 16.0
_LEADER_FROM = 8.0
"""Distance from which a label no longer shows by itself where it belongs."""
_LEADER_INSET = 4.0
_REACH = 24.0
"""Further off, a label is harder to follow than a line it covers."""


def place_labels(
    labels: Sequence["Label"], bounds: Box, *, lines: Sequence[Box] = ()
) -> tuple["Place", ...]:
    """Place labels inside bounds; the places come in the order of the labels.

    No two labels overlap. If they can they keep off leaders and marks too; what
    gives way first are the lines, then the leaders, and last the other marks.

    Args:
        labels: With the marks they belong to.
        bounds: Where they may be.
        lines: Boxes about what else labels should not cover, unless they would have to
            go far away for it.

    Raises:
        ValueError: The bounds are too low: each label may need twice its height.
    """
    solid = [label.mark for label in labels if not label.is_line]
    thin = [*lines, *(label.mark for label in labels if label.is_line)]
    placed: dict[int, Place] = {}
    for index in _from_outside_in(labels):
        boxes = [place.box for place in placed.values()]
        leaders = [place.leader for place in placed.values() if place.leader]
        attempts = (
            _Attempt(
                [*boxes, *leaders, *solid, *thin], boxes, _REACH if lines else None
            ),
            _Attempt([*boxes, *leaders, *solid], boxes),
            _Attempt([*boxes, *solid], []),
            _Attempt(boxes, []),
        )
        placed[index] = _first_free(labels[index], bounds, attempts)
    return tuple(placed[index] for index in range(len(labels)))


def _from_outside_in(labels: Sequence["Label"]) -> Iterator[int]:
    """Yield the highest label, the lowest, the next highest, …: room is outside."""
    waiting = sorted(range(len(labels)), key=lambda index: labels[index].mark.top)
    while waiting:
        yield waiting.pop(0)
        if waiting:
            yield waiting.pop()


def _first_free(label: "Label", bounds: Box, attempts: Sequence["_Attempt"]) -> "Place":
    for attempt in attempts:
        for place in _candidates(label, bounds, attempt.reach):
            if _is_free(place, attempt):
                return place
    raise ValueError("the drawing is too low for its labels")


def _is_free(place: "Place", attempt: "_Attempt") -> bool:
    if any(boxes_overlap(place.box, box) for box in attempt.box_keeps_off):
        return False
    return place.leader is None or not any(
        boxes_overlap(place.leader, box) for box in attempt.leader_keeps_off
    )


def _candidates(label: "Label", bounds: Box, reach: float | None) -> Iterator["Place"]:
    """Yield places from the best to the worst: near the mark, then near its end."""
    lefts = _lefts(label, bounds)
    furthest = bounds.bottom - bounds.top if reach is None else reach
    for step in range(int(furthest / _STEP) + 1):
        distance = step * _STEP
        for left in lefts:
            above = label.mark.top - distance - label.height
            below = label.mark.bottom + distance
            for top in (above, below):
                if top >= bounds.top and top + label.height <= bounds.bottom:
                    yield from _with_leader(label, left, top, distance)


def _with_leader(
    label: "Label", left: float, top: float, distance: float
) -> Iterator["Place"]:
    box = Box(left=left, top=top, right=left + label.width, bottom=top + label.height)
    mark = label.mark
    is_at_right = abs(box.right - mark.right) < 1
    if distance < _LEADER_FROM:
        yield Place(box=box, leader=None, is_at_right=is_at_right)
        return
    first = max(box.left, mark.left) + _LEADER_INSET
    last = min(box.right, mark.right) - _LEADER_INSET
    is_above = box.bottom <= mark.top
    for x in (first, last):
        leader = Box(
            left=x - 1,
            top=box.bottom if is_above else mark.bottom,
            right=x + 1,
            bottom=mark.top if is_above else box.top,
        )
        yield Place(box=box, leader=leader, is_at_right=is_at_right)


def _lefts(label: "Label", bounds: Box) -> list[float]:
    """Give the left edges to try: the preferred one, then ever further from it.

    At least half of the label or of its mark stays above or below the other.
    """
    mark, width = label.mark, label.width
    if label.is_line or mark.left + width > bounds.right:
        preferred = max(mark.right - width, bounds.left)
    else:
        preferred = mark.left
    shared = min(width, mark.right - mark.left) / 2
    lowest = max(bounds.left, mark.left + shared - width)
    highest = min(bounds.right - width, mark.right - shared)
    count = int((bounds.right - bounds.left) / _SIDE_STEP)
    shifts = sorted(range(-count, count + 1), key=abs)
    lefts = [preferred + shift * _SIDE_STEP for shift in shifts]
    return [preferred, *(left for left in lefts if lowest <= left <= highest)]


@dataclass(frozen=True, kw_only=True)
class Label:
    """A label to be placed, with the mark it belongs to."""

    mark: Box
    """What the label names, with the space to leave around it."""
    width: float
    height: float
    is_line: bool
    """Whether the mark is a line across the whole width."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a label goes."""

    box: Box
    leader: Box | None
    """A vertical strip from the label to its mark; None: it touches the mark."""
    is_at_right: bool
    """Whether the label ends where its mark does, rather than begins somewhere."""


class _Attempt(NamedTuple):
    box_keeps_off: Sequence[Box]
    leader_keeps_off: Sequence[Box]
    reach: float | None = None
    """Furthest distance from the mark; None: as far as the bounds go."""
