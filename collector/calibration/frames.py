"""A schedule as the bytes of each write to the socket; pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from collector.calibration.schedule import Burst, Schedule, bursts

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Cache-Control: no-cache\r\nConnection: keep-alive\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)

COMMENT = b": keep-alive\n\n"
END_MARK = b"data: [DONE]\n\n"


@dataclass(frozen=True, kw_only=True)
class Write:
    """One write to the socket.

    Attributes:
        due_s: Seconds from the request.
        tokens: Tokens whose event this write completes; 0: it completes no text.
        events: Events with text that it completes.
    """

    due_s: float
    data: bytes
    tokens: int = 0
    events: int = 0


def writes(schedule: Schedule, number: int) -> tuple[Write, ...]:
    """Return every write of a stream in order, the last with the end of the body."""
    laid_out = bursts(schedule, number)
    all_writes = [*_opening(schedule)]
    for index, burst in enumerate(laid_out):
        all_writes.extend(_burst_writes(schedule, burst, index=index))
    end_s = laid_out[-1].due_s
    finish = _chunk(_event(schedule, {}, reason="stop"))
    closing = _chunk(_usage(schedule)) + _chunk(END_MARK) + b"0\r\n\r\n"
    return (
        *all_writes,
        Write(due_s=end_s, data=finish),
        Write(due_s=end_s + schedule.usage_delay_s, data=closing),
    )


def _opening(schedule: Schedule) -> Iterator[Write]:
    if schedule.has_comments:
        yield Write(due_s=schedule.ttft_s / 2, data=_chunk(COMMENT))
    if schedule.role_at_s is not None:
        empty = _event(schedule, {"role": "assistant", "content": ""})
        yield Write(due_s=schedule.role_at_s, data=_chunk(empty))


def _burst_writes(schedule: Schedule, burst: Burst, *, index: int) -> Iterator[Write]:
    frames = [_event(schedule, {event.field: event.text}) for event in burst.events]
    half_s = 0.5 / schedule.tok_s
    if schedule.cut is None:
        first = b""
        data = (
            _chunk(b"".join(frames))
            if schedule.is_one_chunk
            else b"".join(_chunk(frame) for frame in frames)
        )
    else:
        # Half of the cuts lie between two HTTP chunks, half within one.
        frame = b"".join(frames)
        first, data = _cut(schedule, frame, is_chunked_apart=index % 2 == 0)
    if schedule.has_comments and index > 0:
        yield Write(due_s=burst.due_s - half_s, data=_chunk(COMMENT))
    if first:
        yield Write(due_s=burst.due_s - half_s, data=first)
    yield Write(
        due_s=burst.due_s,
        data=data,
        tokens=sum(event.tokens for event in burst.events),
        events=len(burst.events),
    )


def _cut(
    schedule: Schedule, frame: bytes, *, is_chunked_apart: bool
) -> tuple[bytes, bytes]:
    place = len(frame) // 2
    if schedule.cut == "character":
        # One byte past the first byte of a character of several.
        place = next(index for index, byte in enumerate(frame) if byte >= 0x80) + 1
    if is_chunked_apart:
        return _chunk(frame[:place]), _chunk(frame[place:])
    whole = _chunk(frame)
    place += whole.index(frame)
    return whole[:place], whole[place:]


def _event(
    schedule: Schedule, delta: dict[str, object], *, reason: str | None = None
) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return _data(schedule, {"choices": [choice]})


def _usage(schedule: Schedule) -> bytes:
    details = {"reasoning_tokens": schedule.reasoning_tokens}
    usage = {
        "prompt_tokens": 8,
        "completion_tokens": schedule.tokens,
        "total_tokens": 8 + schedule.tokens,
        "completion_tokens_details": details,
    }
    return _data(schedule, {"choices": [], "usage": usage})


def _data(schedule: Schedule, fields: dict[str, object]) -> bytes:
    content = {
        "id": "chatcmpl-truth",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": schedule.name,
        "system_fingerprint": schedule.name,
        **fields,
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return b"data: " + text.encode() + b"\n\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
