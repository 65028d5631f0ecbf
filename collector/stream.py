"""A finished exchange into a timeline, texts and a judgement; pure, no I/O, no clock.

Bytes were stamped when they arrived (``backends``); here they are read. Any splitting
of the same bytes gives the same texts, counts and judgement.
"""

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pydantic import JsonValue

from collector.backends.protocol import Exchange
from collector.record import Channel, Chunk, Failure, FailureKind, Outcome
from collector.sse import Event, read_events

END_MARK = "[DONE]"
EXCERPT_CHARS = 300

_KNOWN_KEYS = frozenset({"id", "object", "created", "model", "choices", "usage"})
_OVERFLOW = re.compile(
    r"context (?:length|size|window)|n_ctx|exceed_context", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What an exchange says.

    Attributes:
        timeline: Every delta with text, in order of arrival.
        served_models: Model names the events carried, each once.
        usage: The last token counts; None: none came.
        server_stats: Every further top-level field, the last of each; None: none.
        failure: An error the stream itself shows; None: it shows none.
    """

    timeline: tuple[Chunk, ...]
    reasoning_text: str
    answer_text: str
    served_models: tuple[str, ...]
    finish_reason: str | None
    has_end_mark: bool
    usage: dict[str, JsonValue] | None
    server_stats: dict[str, JsonValue] | None
    failure: Failure | None


@dataclass
class _State:
    """What the events so far have said."""

    timeline: list[Chunk] = field(default_factory=list)
    texts: dict[Channel, list[str]] = field(
        default_factory=lambda: {"reasoning": [], "answer": []}
    )
    served_models: dict[str, None] = field(default_factory=dict)
    finish_reason: str | None = None
    has_end_mark: bool = False
    usage: dict[str, JsonValue] | None = None
    server_stats: dict[str, JsonValue] = field(default_factory=dict)
    failure: Failure | None = None


def read_exchange(exchange: Exchange) -> Reading:
    """Read the events of an exchange up to the end mark or the first error.

    An exchange that is no event stream has no events: its timeline is empty.
    """
    state = _State()
    if exchange.sent_ns is not None and is_event_stream(exchange):
        for event in read_events(exchange.pieces):
            _take(state, event, sent_ns=exchange.sent_ns)
            if state.has_end_mark or state.failure is not None:
                break
    return Reading(
        timeline=tuple(state.timeline),
        reasoning_text="".join(state.texts["reasoning"]),
        answer_text="".join(state.texts["answer"]),
        served_models=tuple(state.served_models),
        finish_reason=state.finish_reason,
        has_end_mark=state.has_end_mark,
        usage=state.usage,
        server_stats=state.server_stats or None,
        failure=state.failure,
    )


def is_event_stream(exchange: Exchange) -> bool:
    """Whether the response is a stream of events and not an error or a page."""
    media_type = exchange.content_type.partition(";")[0].strip().lower()
    return media_type == "text/event-stream" and (exchange.status_code or 0) < 400


def judge(
    exchange: Exchange, reading: Reading, *, model_key: str
) -> tuple[Outcome, Failure | None]:
    """Say whether the trial counts, and if it does not, why.

    It is complete only if the stream ended by itself with a finish reason and the end
    mark, nothing in it was an error, and the model asked for answered. It is truncated
    if the answer was cut by the token limit or the stream ended early without error.
    """
    failure = _find_failure(exchange, reading, model_key=model_key)
    if failure is None:
        return "complete", None
    is_cut = exchange.failure is None and failure.kind in {"limit", "disconnected"}
    return "truncated" if is_cut and reading.timeline else "failed", failure


def _find_failure(
    exchange: Exchange, reading: Reading, *, model_key: str
) -> Failure | None:
    if not is_event_stream(exchange):
        return _no_stream(exchange)
    if reading.failure is not None:
        return reading.failure
    if exchange.failure is not None and not reading.has_end_mark:
        return exchange.failure
    wrong = [name for name in reading.served_models if not _same(name, model_key)]
    if wrong:
        return Failure(
            kind="model_mismatch", message=f"asked {model_key}, {wrong[0]} answered"
        )
    return _bad_ending(reading)


def _bad_ending(reading: Reading) -> Failure | None:
    reason = reading.finish_reason
    if reason is None or not reading.has_end_mark:
        missing = "a finish reason" if reason is None else "the end mark"
        return Failure(
            kind="disconnected", message=f"the stream ended without {missing}"
        )
    if reason == "stop":
        return None
    kind: FailureKind = "limit" if reason == "length" else "unexpected_finish"
    return Failure(kind=kind, message=f"finish_reason is {reason}")


def _same(served: str, asked: str) -> bool:
    """Whether a served name is the asked one; LM Studio may drop ``@variant``."""
    return served in {asked, asked.partition("@")[0]}


def _no_stream(exchange: Exchange) -> Failure:
    if exchange.failure is not None:
        return exchange.failure
    body = b"".join(piece.data for piece in exchange.pieces)
    text = body.decode("utf-8", errors="replace")
    try:
        message = _error_message(json.loads(text)) or text
    except ValueError:
        message = text
    message = message[:EXCERPT_CHARS]
    if (exchange.status_code or 0) < 400:
        kind: FailureKind = "wrong_endpoint"
        message = f"no event stream but {exchange.content_type or 'nothing'}: {message}"
    else:
        kind = "context_overflow" if _OVERFLOW.search(message) else "server_error"
        message = f"HTTP {exchange.status_code}: {message}"
    return Failure(kind=kind, message=message)


def _take(state: _State, event: Event, *, sent_ns: int) -> None:
    if event.data == END_MARK:
        state.has_end_mark = True
        return
    if not event.is_whole:
        return
    try:
        content: Any = _parse(event.data)
    except (ValueError, RecursionError) as error:
        state.failure = _malformed(f"{error}: {event.data}")
        return
    if not isinstance(content, dict):
        state.failure = _malformed(f"an event that is no object: {event.data}")
        return
    if event.name == "error" or "error" in content:
        message = _error_message(content) or event.data[:EXCERPT_CHARS]
        is_overflow = _OVERFLOW.search(message) is not None
        kind: FailureKind = "context_overflow" if is_overflow else "error_event"
        state.failure = Failure(kind=kind, message=message)
        return
    _take_fields(state, content)
    for choice in content.get("choices") or ():
        if isinstance(choice, dict):
            _take_choice(state, choice, t_us=max(0, event.at_ns - sent_ns) // 1000)


def _take_fields(state: _State, content: dict[str, Any]) -> None:
    if isinstance(content.get("model"), str):
        state.served_models[content["model"]] = None
    if isinstance(content.get("usage"), dict):
        state.usage = content["usage"]
    for key in content.keys() - _KNOWN_KEYS:
        state.server_stats[key] = content[key]


def _take_choice(state: _State, choice: dict[str, Any], *, t_us: int) -> None:
    if isinstance(choice.get("finish_reason"), str):
        state.finish_reason = choice["finish_reason"]
    delta = choice.get("delta")
    if not isinstance(delta, dict):
        return
    # Models name the field differently (lm-studio: gpt-oss says `reasoning`).
    thought = delta.get("reasoning_content") or delta.get("reasoning")
    texts: tuple[tuple[Channel, object], ...] = (
        ("reasoning", thought),
        ("answer", delta.get("content")),
    )
    for channel, text in texts:
        if isinstance(text, str) and text:
            state.timeline.append(Chunk(t_us, channel, len(text)))
            state.texts[channel].append(text)


def _parse(data: str) -> object:
    content: object = json.loads(data, parse_constant=_refuse, parse_float=_finite)
    if "\\ud" in data or "\\uD" in data:
        # Half of a surrogate pair cannot be written as UTF-8: it becomes "?".
        text = json.dumps(content, ensure_ascii=False)
        content = json.loads(text.encode("utf-8", errors="replace"))
    return content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no finite number")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _malformed(message: str) -> Failure:
    return Failure(kind="malformed_stream", message=message[:EXCERPT_CHARS])


def _error_message(content: object) -> str | None:
    """Return the words of an error body in any of the shapes servers use."""
    if not isinstance(content, dict):
        return None
    error = content.get("error", content)
    if isinstance(error, dict):
        error = error.get("message", content.get("message"))
    return error if isinstance(error, str) else None
