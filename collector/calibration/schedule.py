"""What the truth server streams and when: pure data, and the texts drawn for it."""

import random
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

Cut = Literal["character", "json"]
Field = Literal["reasoning_content", "content"]
Span = tuple[int, int]
"""The least and the most of something that varies from one to the next."""

TOKEN_LENGTHS = (25, 15, 14, 13, 10, 7, 6, 4, 3, 1, 1, 1)
"""Weights of tokens of 1, 2, 3, … characters: mostly short, as in code and prose."""

LATIN = "etaoinshrdlucmfwypvbgk _=().:"
KANA = "日本語性格正確計測値かなカナ😀é"
"""Characters of two, three and four bytes."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A stream that is known beforehand.

    Attributes:
        name: The model name that asks for it.
        tok_s: Tokens per second.
        tokens: Tokens of the whole stream.
        ttft_s: Seconds from the request to the first write with text.
        tokens_per_event: How many tokens an event holds.
        events_per_write: How many events one write to the socket holds.
        is_one_chunk: Whether the events of a write share one HTTP chunk.
        reasoning_tokens: So many tokens at the start are thinking.
        usage_delay_s: From the last text to the token counts and the end mark.
        role_at_s: When a chunk with a role and no text comes; None: never.
        has_comments: Whether comments come between texts, one before the first.
        cut: Where events are cut in two writes; None: nowhere.
        characters: What the texts are made of.
    """

    name: str
    tok_s: float
    tokens: int = 200
    ttft_s: float = 0.1
    tokens_per_event: Span = (1, 1)
    events_per_write: Span = (1, 1)
    is_one_chunk: bool = False
    reasoning_tokens: int = 0
    usage_delay_s: float = 0.0
    role_at_s: float | None = None
    has_comments: bool = False
    cut: Cut | None = None
    characters: str = LATIN


@dataclass(frozen=True, kw_only=True)
class TextEvent:
    """An event that carries text.

    Attributes:
        field: Name of the delta's field that holds the text.
        tokens: Tokens the text stands for.
    """

    field: Field
    text: str
    tokens: int


@dataclass(frozen=True, kw_only=True)
class Burst:
    """Events that reach the socket together.

    Attributes:
        due_s: Seconds from the request to the moment the last of them is complete.
    """

    due_s: float
    events: tuple[TextEvent, ...]


def bursts(schedule: Schedule, number: int) -> tuple[Burst, ...]:
    """Lay out all text of a stream; equal numbers give equal streams.

    A burst is due when the last of its tokens is made. The first burst is due at
    ``ttft_s`` whatever it holds, so that the rate from the first burst to the last is
    ``tok_s`` over the tokens after the first burst.
    """
    # A text as a seed gives the same numbers in every process.
    draw = random.Random(f"{schedule.name} {number}")  # noqa: S311 - a text, no secret
    events = _events(schedule, draw)
    groups: list[tuple[TextEvent, ...]] = []
    while events:
        size = draw.randint(*schedule.events_per_write)
        groups.append(tuple(events[:size]))
        events = events[size:]
    made = list(accumulate(sum(event.tokens for event in group) for group in groups))
    return tuple(
        Burst(due_s=schedule.ttft_s + (count - made[0]) / schedule.tok_s, events=group)
        for count, group in zip(made, groups, strict=True)
    )


def _events(schedule: Schedule, draw: random.Random) -> list[TextEvent]:
    events: list[TextEvent] = []
    parts: tuple[tuple[Field, int], ...] = (
        ("reasoning_content", schedule.reasoning_tokens),
        ("content", schedule.tokens - schedule.reasoning_tokens),
    )
    for field, total in parts:
        left = total
        while left:
            size = min(left, draw.randint(*schedule.tokens_per_event))
            text = "".join(_token(schedule, draw) for _ in range(size))
            events.append(TextEvent(field=field, text=text, tokens=size))
            left -= size
    return events


def _token(schedule: Schedule, draw: random.Random) -> str:
    lengths = range(1, len(TOKEN_LENGTHS) + 1)
    (length,) = draw.choices(lengths, weights=TOKEN_LENGTHS)
    return "".join(draw.choices(schedule.characters, k=length))


WARM_UP = Schedule(name="warm-up", tok_s=1000, tokens=20, ttft_s=0.02)
"""Measured before anything is scored, so that all code has run once."""

CHECKS = (
    Schedule(name="check-76", tok_s=76, tokens=50, ttft_s=0.03),
    Schedule(name="check-1000", tok_s=1000, tokens=300, ttft_s=0.03),
)
"""What a run is calibrated with: three streams of each take three seconds."""

FULL = (
    Schedule(name="steady-76", tok_s=76),
    Schedule(name="steady-1000", tok_s=1000, tokens=300),
    Schedule(name="burst-4", tok_s=200, events_per_write=(4, 4)),
    Schedule(name="tokens-4", tok_s=200, tokens_per_event=(4, 4)),
    Schedule(name="ragged", tok_s=200, tokens_per_event=(1, 6)),
    Schedule(name="segments", tok_s=200, events_per_write=(1, 5), is_one_chunk=True),
    Schedule(name="usage-late", tok_s=200, usage_delay_s=0.5),
    Schedule(name="reasoning-first", tok_s=200, reasoning_tokens=100),
    Schedule(name="split-utf8", tok_s=200, cut="character", characters=KANA),
    Schedule(name="split-json", tok_s=200, cut="json"),
    Schedule(name="keep-alive", tok_s=200, has_comments=True),
    Schedule(name="role-first", tok_s=200, role_at_s=0.005),
)
"""Every habit of servers that makes measuring go wrong."""

SCHEDULES = {schedule.name: schedule for schedule in (WARM_UP, *CHECKS, *FULL)}
