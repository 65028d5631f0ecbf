"""What can be computed from one trial: each metric a pure function, with its unit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from collector.record import Chunk, Trial

ONE_READ_US = 200
"""Arrivals closer than this came in one read of the socket and are one arrival.

The HTTP layer hands over the parts of one read some 20 to 60 µs apart; the fastest
local models send a token every 500 µs or more.
"""

MIN_RATE_TOKENS = 2
MIN_ARRIVALS = 2


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A number that one trial yields.

    Attributes:
        key: Name in records, files and articles, with its unit.
        unit: Key of the unit in the languages' word lists.
        better: Which way is better for a reader; None: neither.
        decimals: Digits shown after the point.
        needs_same_cache: Whether a trial with a warm prompt cache is another thing
            than one with a cold cache, so that the two must not be averaged.
        compute: The value for a trial; None where the trial does not tell.
    """

    key: str
    unit: Literal["tok/s", "s", "tokens", "chars/s"]
    better: Literal["higher", "lower"] | None
    decimals: int
    compute: Callable[[Trial], float | None]
    needs_same_cache: bool = False


def arrival_times_us(timeline: tuple[Chunk, ...]) -> list[int]:
    """Times of the distinct arrivals, in order; parts of one read are merged."""
    times: list[int] = []
    latest: int | None = None
    for chunk in timeline:
        if latest is None or chunk.t_us - latest >= ONE_READ_US:
            times.append(chunk.t_us)
        latest = chunk.t_us
    return times


def completion_tokens(trial: Trial) -> int | None:
    """Tokens the server counted, thinking included; None: it gave no count."""
    if trial.published is not None:
        return trial.published.total_tokens
    count = (trial.usage or {}).get("completion_tokens")
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def decode_tok_s(trial: Trial) -> float | None:
    """Tokens per second while text arrives, without the wait for the first.

    With N tokens in C arrivals this is N·(C-1)/C over the time from the first to
    the last arrival: the share of the tokens that came after the first arrival.
    It equals (N-1)/(t_last - t_first) when every arrival holds one token, and is
    unbiased when arrivals hold several. A published trial gives its printed rate.

    Returns:
        None without a token count, with fewer than two tokens or arrivals.
    """
    if trial.published is not None:
        return trial.published.tok_s
    tokens = completion_tokens(trial)
    if tokens is None or tokens < MIN_RATE_TOKENS or trial.timeline is None:
        return None
    times = arrival_times_us(trial.timeline)
    if len(times) < MIN_ARRIVALS:
        return None
    span_s = (times[-1] - times[0]) / 1e6
    return tokens * (len(times) - 1) / len(times) / span_s


def ttft_s(trial: Trial) -> float | None:
    """Seconds from the request leaving to the first text, thinking or answer.

    A published trial gives its printed value; None where no text came.
    """
    if trial.published is not None:
        return trial.published.ttft_s
    return trial.timeline[0].t_us / 1e6 if trial.timeline else None


def generation_s(trial: Trial) -> float | None:
    """Seconds from the first text to the last.

    A published trial has no times: there it is total tokens over tokens per second.
    """
    if trial.published is not None:
        rate, tokens = trial.published.tok_s, trial.published.total_tokens
        return None if rate is None or tokens is None else tokens / rate
    if not trial.timeline:
        return None
    return (trial.timeline[-1].t_us - trial.timeline[0].t_us) / 1e6


def answer_s(trial: Trial) -> float | None:
    """Seconds from the request leaving to the finished answer."""
    first, rest = ttft_s(trial), generation_s(trial)
    return None if first is None or rest is None else first + rest


def chars_s(trial: Trial) -> float | None:
    """Characters per second from the first text to the last, thinking included.

    The first arrival's characters are left out, as its time is not in the span.
    """
    span_s = generation_s(trial)
    if trial.timeline is None or span_s is None or span_s <= 0:
        return None
    return sum(chunk.chars for chunk in trial.timeline[1:]) / span_s


METRICS: dict[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric(
            key="decode_tok_s",
            unit="tok/s",
            better="higher",
            decimals=2,
            compute=decode_tok_s,
        ),
        Metric(
            key="ttft_s",
            unit="s",
            better="lower",
            decimals=2,
            compute=ttft_s,
            needs_same_cache=True,
        ),
        Metric(
            key="completion_tokens",
            unit="tokens",
            better=None,
            decimals=0,
            compute=completion_tokens,
        ),
        Metric(
            key="generation_s",
            unit="s",
            better="lower",
            decimals=1,
            compute=generation_s,
        ),
        Metric(
            key="answer_s",
            unit="s",
            better="lower",
            decimals=1,
            compute=answer_s,
            needs_same_cache=True,
        ),
        Metric(
            key="chars_s",
            unit="chars/s",
            better="higher",
            decimals=0,
            compute=chars_s,
        ),
    )
}
"""Every metric by its key; each language must label each (a test sees to it)."""
