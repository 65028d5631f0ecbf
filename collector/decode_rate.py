"""How fast text came after the first arrival, without counting arrivals as tokens.

The server counts tokens, the clock stamps arrivals. An arrival may hold one token,
several, or a part of one; the rate needs to know how many the first one held, as the
time it took is not in the span.
"""

from dataclasses import dataclass

from collector.record import Chunk

ONE_READ_US = 200
"""Arrivals closer than this, and than a fifth of the mean gap, are one arrival.

A server that writes several events at once may have them read one after another.
"""

MEAN_GAP_SHARE = 0.2

TOKEN_EVENTS_TOLERANCE = 0.02
"""With so many tokens more or fewer than events, an event is taken for a token."""

TOKEN_CHARS_CV2 = 0.25
"""Squared coefficient of variation of characters in a token, for most tokenisers."""

MAX_DISPERSION = 2.5
MAX_DEVIATIONS = 4.0


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What came at one moment.

    Attributes:
        t_us: Microseconds since the request left.
        events: Deltas that came together.
        chars: Their characters.
    """

    t_us: int
    events: int
    chars: int


def arrivals(timeline: tuple[Chunk, ...]) -> list[Arrival]:
    """Return the distinct arrivals, in order; what came together is merged."""
    if not timeline:
        return []
    span_us = timeline[-1].t_us - timeline[0].t_us
    mean_gap_us = span_us / max(1, len(timeline) - 1)
    together_us = min(ONE_READ_US, MEAN_GAP_SHARE * mean_gap_us)
    merged: list[Arrival] = []
    latest_us: int | None = None
    for t_us, _, chars in timeline:
        if latest_us is None or (t_us > latest_us and t_us - latest_us >= together_us):
            merged.append(Arrival(t_us=t_us, events=1, chars=chars))
        else:
            last = merged[-1]
            merged[-1] = Arrival(
                t_us=last.t_us, events=last.events + 1, chars=last.chars + chars
            )
        latest_us = t_us
    return merged


def rate_tok_s(timeline: tuple[Chunk, ...], tokens: int) -> float | None:
    """Return (tokens - tokens of the first arrival) / (last - first arrival).

    Returns:
        None with fewer than two arrivals, or none of the tokens left for the span.
    """
    came = arrivals(timeline)
    if len(came) < 2:
        return None
    span_s = (came[-1].t_us - came[0].t_us) / 1e6
    rest = tokens - first_tokens(timeline, came[0], tokens)
    return rest / span_s if rest > 0 else None


def first_tokens(timeline: tuple[Chunk, ...], first: Arrival, tokens: int) -> float:
    """Estimate how many of the tokens the first arrival held.

    Where there are as many events as tokens, an event is a token. Otherwise each
    event is given the mean, unless the lengths of the texts vary more than those of
    equally many tokens would, over the stream or in its first arrival: then the first
    arrival's share of the characters says it (docs/decisions/0006).
    """
    events = len(timeline)
    if abs(tokens - events) <= max(1.0, TOKEN_EVENTS_TOLERANCE * tokens):
        return float(first.events)
    chars = sum(chunk.chars for chunk in timeline)
    tokens_per_event = tokens / events
    chars_per_token = chars / tokens
    mean = chars / events
    variance = sum((chunk.chars - mean) ** 2 for chunk in timeline) / events
    expected = tokens_per_event * TOKEN_CHARS_CV2
    dispersion = variance / (expected * chars_per_token**2)
    by_mean = tokens_per_event * first.events
    by_chars = first.chars / chars_per_token
    deviations = abs(by_chars - by_mean) / (expected * first.events) ** 0.5
    if dispersion > MAX_DISPERSION or deviations > MAX_DEVIATIONS:
        return max(1.0, by_chars)
    return max(1.0, by_mean)
