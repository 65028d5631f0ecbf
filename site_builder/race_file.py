"""The file that replays recorded streams; it holds no words of any language."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Literal, NamedTuple

from collector.record import Channel, PlannedModel, Trial

FILE_BYTES = 100_000
"""A larger file is thinned, step by step, until it is not."""

WINDOWS_US = (0, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000)
"""Arrivals within one window may be shown together; 0: every arrival by itself."""

Kind = Literal["text", "times", "rebuilt", "absent"]


class Step(NamedTuple):
    """What appears at one moment.

    ``chars`` are the characters as recorded; ``text`` is fit to be shown, so it may be
    longer, and it is empty where the text is not known or was cut.
    """

    t_us: int
    channel: Channel
    chars: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What a model's lane shows.

    Attributes:
        trial: The trial that races; None: none counts.
        kind: ``text``: as recorded; ``times``: recorded without usable text;
            ``rebuilt``: from published figures; ``absent``: nothing to replay.
        steps: Arrivals in order; empty unless recorded.
        first_us: Microseconds from the request to the first text.
        last_us: Microseconds from the request to the last text.
        answer_us: Likewise to the first text of the answer after thinking; None:
            there was no thinking, or no answer.
        code: The answer's program as highlighted pieces, class and text in turn.
        is_cut: Whether the text is longer than the race shows.
    """

    model: PlannedModel
    trial: Trial | None
    kind: Kind
    steps: tuple[Step, ...] = ()
    first_us: int = 0
    last_us: int = 0
    answer_us: int | None = None
    code: tuple[str, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, kw_only=True)
class RaceFile:
    """The file of a race.

    Attributes:
        path: Where it lies inside the site; empty: nothing needs a file.
        window_us: Arrivals within so many microseconds are shown together; 0: none.
    """

    path: str
    content: bytes
    window_us: int


def race_file(replays: tuple[Replay, ...], task_id: str) -> RaceFile:
    """Return the file of the recorded lanes, thinned as little as its size allows."""
    if not any(item.steps for item in replays):
        return RaceFile(path="", content=b"", window_us=0)
    for window_us in WINDOWS_US:
        content = _encode(replays, window_us)
        if len(content) <= FILE_BYTES:
            break
    digest = hashlib.sha256(content).hexdigest()[:10]
    return RaceFile(
        path=f"data/race/{task_id}.{digest}.json",
        content=content,
        window_us=window_us,
    )


def thin(steps: Sequence[Step], window_us: int) -> tuple[Step, ...]:
    """Return fewer steps: those of one window and channel together.

    They appear when the last of them came, so nothing appears too early. The first
    and the last step stay as they are, and so do all characters and their order.
    """
    if window_us == 0 or len(steps) < 4:
        return tuple(steps)
    groups = groupby(steps[1:-1], key=lambda s: (s.t_us // window_us, s.channel))
    merged = (_merge(tuple(group)) for _, group in groups)
    return (steps[0], *merged, steps[-1])


def _merge(group: tuple[Step, ...]) -> Step:
    return Step(
        t_us=group[-1].t_us,
        channel=group[-1].channel,
        chars=sum(step.chars for step in group),
        text="".join(step.text for step in group),
    )


def _encode(replays: tuple[Replay, ...], window_us: int) -> bytes:
    lanes = [_lane(item, thin(item.steps, window_us)) for item in replays if item.steps]
    document = {"version": 1, "window_us": window_us, "lanes": lanes}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _lane(item: Replay, steps: tuple[Step, ...]) -> dict[str, Any]:
    """Return a lane of the file: ``t`` steps in time, ``n`` characters, ``s`` text.

    Times are microseconds since the step before; the first since the request. The
    characters of thinking are negative.
    """
    times = (0, *(step.t_us for step in steps))
    lane: dict[str, Any] = {
        "id": item.model.model_id,
        "t": [later - earlier for earlier, later in pairwise(times)],
        "n": [-s.chars if s.channel == "reasoning" else s.chars for s in steps],
    }
    if item.kind == "text":
        lane["s"] = [step.text for step in steps]
    if item.code:
        lane["h"] = item.code
    return lane
