"""How one model runs in the race, in one language: its numbers and its words."""

from dataclasses import dataclass

from collector.metrics import chars_s, completion_tokens, decode_tok_s
from site_builder.listing import make_visible
from site_builder.race_data import TEXT_CHARS
from site_builder.race_file import Replay
from site_builder.words import Words

_SHORT_S = 10
"""Shorter times are written with two decimals, longer ones with one."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """How a lane runs, and what is said of it.

    Attributes:
        first_us: Microseconds from the request to the first text.
        last_us: Microseconds from the request to the last.
        count: Tokens, or characters where tokens were not counted.
        count_pattern: How a count on the way is written, around ``{n}``.
        rate_pattern: Likewise the speed.
        span_x: How much of the axis lies between the first text and the last.
        answer_x: How much of that is thinking; None: there was none.
        has_text: Whether text streams; otherwise blocks do.
        note: What a reader must know of the lane's text; empty: nothing.
    """

    first_us: int
    last_us: int
    count: int
    count_pattern: str
    rate_pattern: str
    first_x: str
    span_x: str
    answer_x: str | None
    last_x: str
    first_time: str
    summary: str
    final_time: str
    final_count: str
    final_rate: str
    began: str
    ended: str
    stream: str
    thoughts: str
    place: int
    has_text: bool
    has_thinking: bool
    note: str


def make_course(item: Replay, words: Words, full_us: int, place: int) -> Course:
    """Return the course of a model that can race; the axis is ``full_us`` long."""
    name = shown_name(item)
    first, last = (_time(at, words) for at in (item.first_us, item.last_us))
    summary = words("race.summary", first=first, last=last)
    if item.answer_us is not None:
        answer = _time(item.answer_us, words)
        summary = words("race.summary_thinking", first=first, answer=answer, last=last)
    count, is_tokens = _count(item)
    rate = _rate(item)
    rate_unit = "tok/s" if is_tokens else "chars/s"
    return Course(
        first_us=item.first_us,
        last_us=item.last_us,
        count=count,
        count_pattern=words("race.about_tokens" if is_tokens else "race.characters"),
        rate_pattern=words(f"unit.{rate_unit}"),
        first_x=_percent(item.first_us, full_us),
        span_x=_percent(item.last_us - item.first_us, full_us),
        answer_x=_thinking_part(item),
        last_x=_percent(item.last_us, full_us),
        first_time=first,
        summary=summary,
        final_time=last,
        final_count=(
            words.quantity(count, "tokens", 0)
            if is_tokens
            else words("race.characters", n=words.number(count, 0))
        ),
        final_rate="" if rate is None else words.quantity(rate, rate_unit, 2),
        began=words("race.began", name=name, time=first),
        ended=words("race.ended", name=name, place=place, time=last),
        stream=words("race.stream", name=name),
        thoughts=words("race.thoughts", name=name),
        place=place,
        has_text=item.kind == "text",
        has_thinking=item.kind == "text"
        and any(step.channel == "reasoning" for step in item.steps),
        note=words("race.cut", n=words.number(TEXT_CHARS, 0)) if item.is_cut else "",
    )


def shown_name(item: Replay) -> str:
    """Return the model's name with nothing hidden in it."""
    return make_visible(item.model.name)


def _count(item: Replay) -> tuple[int, bool]:
    """Return how much comes, and whether that is in tokens, not in characters."""
    tokens = None if item.trial is None else completion_tokens(item.trial)
    if tokens and has_rate(item):
        return tokens, True
    return sum(step.chars for step in item.steps), False


def has_rate(item: Replay) -> bool:
    """Whether the trial's tokens per second are known."""
    return item.trial is not None and decode_tok_s(item.trial) is not None


def _rate(item: Replay) -> float | None:
    if item.trial is None:
        return None
    return decode_tok_s(item.trial) if has_rate(item) else chars_s(item.trial)


def _thinking_part(item: Replay) -> str | None:
    if item.answer_us is None:
        return None
    return _percent(item.answer_us - item.first_us, item.last_us - item.first_us or 1)


def _time(at_us: int, words: Words) -> str:
    seconds = at_us / 1e6
    return words.quantity(seconds, "s", 2 if seconds < _SHORT_S else 1)


def _percent(at_us: int, full_us: int) -> str:
    return f"{100 * at_us / full_us:.2f}%"
