"""Bytes as servers write them: heads, events, chunk framing; LM Studio's by default."""

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

from .replay import Send, Step

HEAD = (
    b"HTTP/1.1 200 OK\r\n"
    b"X-Powered-By: Express\r\n"
    b"Content-Type: text/event-stream\r\n"
    b"Cache-Control: no-cache\r\n"
    b"Connection: keep-alive\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
DONE = b"data: [DONE]\n\n"
LAST_CHUNK = b"0\r\n\r\n"


def event(content: object, *, name: str | None = None) -> bytes:
    """One event: an object as JSON, or text as it stands."""
    text = content if isinstance(content, str) else dumps(content)
    head = "" if name is None else f"event: {name}\n"
    return f"{head}data: {text}\n\n".encode("utf-8", errors="surrogatepass")


def dumps(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def chunk_object(
    model: str, delta: object, finish: object = None, **more: object
) -> dict[str, Any]:
    """A ``chat.completion.chunk`` with LM Studio's fields in LM Studio's order."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {
        "id": "chatcmpl-fx01",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": model,
        "system_fingerprint": model,
        "choices": [choice],
        **more,
    }


def delta(model: str, **fields: object) -> bytes:
    return event(chunk_object(model, fields))


def text(model: str, *pieces: str) -> list[bytes]:
    """An event for each piece of the answer; the first names the role, too."""
    roles: list[dict[str, object]] = [{"role": "assistant"}]
    roles += [{} for _ in pieces[1:]]
    return [
        delta(model, **role, content=piece)
        for role, piece in zip(roles, pieces, strict=False)
    ]


def finish(model: str, reason: object = "stop", **more: object) -> bytes:
    return event(chunk_object(model, {}, reason, **more))


def usage(tokens: object, *, reasoning: int | None = 0) -> dict[str, Any]:
    """A ``usage`` object; reasoning None: without details, as older builds."""
    prompt = 57
    counts: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": tokens}
    counts["total_tokens"] = prompt + tokens if isinstance(tokens, int) else tokens
    if reasoning is not None:
        counts["completion_tokens_details"] = {"reasoning_tokens": reasoning}
    return counts


def usage_event(model: str, counts: object, **more: object) -> bytes:
    return event({**chunk_object(model, {}), "choices": [], "usage": counts, **more})


def ending(model: str, tokens: int, reason: str = "stop") -> list[bytes]:
    """Finish, usage and end mark, as a healthy stream has them."""
    return [finish(model, reason), usage_event(model, usage(tokens)), DONE]


def chunked(data: bytes) -> bytes:
    """One HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def sends(parts: Iterable[bytes]) -> list[Step]:
    """A write for each part, each an HTTP chunk of its own."""
    return [Send(chunked(part)) for part in parts]


def stream(parts: Iterable[bytes]) -> list[Step]:
    """A whole healthy response: head, chunks, the chunk that ends the body."""
    return [Send(HEAD), *sends(parts), Send(LAST_CHUNK)]


def short_answer(model: str) -> list[Step]:
    """What every model says to the warm-up."""
    return stream([*text(model, "hai", "!"), *ending(model, 2)])


def resplit(data: bytes, lengths: Sequence[int]) -> list[bytes]:
    """Cut bytes into parts of these lengths; the rest is the last part."""
    parts, start = [], 0
    for length in lengths:
        parts.append(data[start : start + length])
        start += length
    return [part for part in [*parts, data[start:]] if part]


def random_lengths(generator: random.Random, total: int, longest: int) -> list[int]:
    lengths: list[int] = []
    while sum(lengths) < total:
        lengths.append(generator.randint(1, longest))
    return lengths
