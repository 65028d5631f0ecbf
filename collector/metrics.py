"""What can be computed from one trial: numbers with their units, and warnings.

Each is a pure function of the trial's record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from collector.decode_rate import rate_tok_s
from collector.record import Trial

MIN_RATE_TOKENS = 2
MAX_TOKENS = 10**9
"""A larger count is no count of an answer's tokens."""

HIDDEN_TOKENS = 16
"""Tokens that may be counted without any text: marks around channels and turns."""

MAX_CPU_PRESSURE_RATIO = 0.10
"""Above this the measuring machine was too busy: single stamps came tens of
milliseconds late where a third of the time was lost, below a tenth hardly any did."""

MAX_RATE_DISAGREEMENT = 0.05
"""By how much the server's own rate may differ from ours."""


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


def completion_tokens(trial: Trial) -> int | None:
    """Tokens the server counted, thinking included; None: it gave no count."""
    if trial.published is not None:
        return trial.published.total_tokens
    count = (trial.usage or {}).get("completion_tokens")
    if not isinstance(count, int) or isinstance(count, bool):
        return None
    return count if 0 <= count <= MAX_TOKENS else None


def decode_tok_s(trial: Trial) -> float | None:
    """Tokens per second while text arrives, without the wait for the first.

    It is (N - n) / (t_last - t_first): N tokens by the server's count, n of them in
    the first arrival, which equals (N - 1) / (t_last - t_first) when every arrival
    holds one token (``decode_rate.py``). A published trial gives its printed rate.

    Returns:
        None without a token count, with fewer than two tokens or arrivals, or if the
        count is of text that did not come.
    """
    if trial.published is not None:
        return trial.published.tok_s
    tokens = completion_tokens(trial)
    if tokens is None or tokens < MIN_RATE_TOKENS or trial.timeline is None:
        return None
    if has_implausible_count(trial):
        return None
    return rate_tok_s(trial.timeline, tokens)


def server_tok_s(trial: Trial) -> float | None:
    """Tokens per second in the server's own words; None: it sends none."""
    stats = trial.server_stats or {}
    for group, key in (
        ("timings", "predicted_per_second"),
        ("stats", "tokens_per_second"),
    ):
        figures = stats.get(group)
        rate = figures.get(key) if isinstance(figures, dict) else None
        if isinstance(rate, bool) or not isinstance(rate, (int, float)):
            continue
        if 0 < rate <= MAX_TOKENS:
            return float(rate)
    return None


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


def has_busy_machine(trial: Trial) -> bool:
    """Whether other work on the measuring machine may have delayed our stamps."""
    if trial.conditions is None or trial.conditions.cpu_pressure_ratio is None:
        return False
    return trial.conditions.cpu_pressure_ratio > MAX_CPU_PRESSURE_RATIO


def is_off_by_one_at_limit(trial: Trial) -> bool:
    """Whether the answer was cut at the limit, and the server counts one token less.

    LM Studio does so (its issue 2335); the count is kept as it came.
    """
    tokens = completion_tokens(trial)
    body = trial.request.body if trial.request is not None else {}
    limits = (body.get("max_tokens"), body.get("max_completion_tokens"))
    limit = next((value for value in limits if isinstance(value, int)), None)
    if trial.finish_reason != "length" or tokens is None or limit is None:
        return False
    return tokens == limit - 1


def has_no_count(trial: Trial) -> bool:
    """Whether text came, but no token count: there is no rate."""
    return bool(trial.timeline) and completion_tokens(trial) is None


def has_other_server_rate(trial: Trial) -> bool:
    """Whether the server's own rate is another than ours by more than a twentieth."""
    ours, theirs = decode_tok_s(trial), server_tok_s(trial)
    if ours is None or theirs is None or trial.published is not None:
        return False
    return abs(theirs / ours - 1) > MAX_RATE_DISAGREEMENT


def has_implausible_count(trial: Trial) -> bool:
    """Whether tokens were counted whose text never came, such as hidden thinking.

    A token is a byte of text at least, but for a few marks.
    """
    tokens = completion_tokens(trial)
    if tokens is None or trial.reasoning_text is None or trial.answer_text is None:
        return False
    came_bytes = len((trial.reasoning_text + trial.answer_text).encode("utf-8"))
    details = (trial.usage or {}).get("completion_tokens_details")
    thought = details.get("reasoning_tokens") if isinstance(details, dict) else None
    is_hidden = (
        isinstance(thought, int)
        and thought > HIDDEN_TOKENS
        and trial.reasoning_text == ""
    )
    return is_hidden or tokens > came_bytes + HIDDEN_TOKENS


FLAGS: dict[str, Callable[[Trial], bool]] = {
    "cpu_pressure": has_busy_machine,
    "off_by_one_at_limit": is_off_by_one_at_limit,
    "no_usage": has_no_count,
    "rate_disagrees": has_other_server_rate,
    "implausible_rate": has_implausible_count,
}
"""Every warning about a single trial; each language must label each."""
