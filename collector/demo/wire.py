"""Requests and replies of the chat route as LM Studio writes them; pure functions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from collector.demo.script import Script, split
from collector.errors import CollectorError

JsonObject = dict[str, object]

WARM_TTFT_SHARE = 0.4
"""Share of the wait for the first token that is left with the prompt in the cache."""

END_FRAME = b"data: [DONE]\n\n"


class RefusalError(CollectorError):
    """A request the server answers with an error.

    Attributes:
        status: HTTP status.
        body: JSON body.
    """

    def __init__(self, status: int, body: JsonObject) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """What was asked.

    Attributes:
        model: Name of the model or of a loaded instance.
        prompt: Text of all messages.
        is_stream: Whether the reply is wanted as a stream.
        has_usage: Whether the stream is to end with token counts.
        max_tokens: Limit of the reply, thinking included; None: no limit.
    """

    model: str
    prompt: str
    is_stream: bool
    has_usage: bool
    max_tokens: int | None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is to be answered.

    Attributes:
        reply_id: ``chatcmpl-`` and 22 characters.
        created_s: Seconds since 1970.
        model: The instance that answers.
        prompt_tokens: Tokens of the prompt.
        script: What it says.
        ttft_s: Seconds to the first token.
        tok_s: Tokens per second from there on.
        has_usage: Whether a stream ends with token counts.
    """

    reply_id: str
    created_s: int
    model: str
    prompt_tokens: int
    script: Script
    ttft_s: float
    tok_s: float
    has_usage: bool


def read_object(content: bytes) -> JsonObject:
    """Return the JSON object in a request's body.

    Raises:
        RefusalError: It is something else.
    """
    try:
        body = json.loads(content)
    except ValueError as error:
        raise RefusalError(400, {"error": f"The body is not JSON: {error}"}) from error
    if not isinstance(body, dict):
        raise RefusalError(400, {"error": "The body is not a JSON object"})
    return body


def read_chat_request(body: JsonObject) -> ChatRequest:
    """Return what a chat completion's body asks for.

    Raises:
        RefusalError: A field is missing or of the wrong type.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise RefusalError(400, {"error": "'messages' field is required"})
    model = body.get("model")
    if not isinstance(model, str):
        raise RefusalError(400, {"error": "'model' field is required"})
    options = body.get("stream_options")
    return ChatRequest(
        model=model,
        prompt="\n".join(_message_text(message) for message in messages),
        is_stream=body.get("stream") is True,
        has_usage=isinstance(options, dict) and options.get("include_usage") is True,
        max_tokens=_read_max_tokens(body),
    )


def _message_text(message: object) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise RefusalError(400, {"error": "a message without 'content'"})
    texts = [part.get("text") for part in content if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


def _read_max_tokens(body: JsonObject) -> int | None:
    for name in ("max_tokens", "max_completion_tokens"):
        limit = body.get(name)
        if limit is None:
            continue
        if not isinstance(limit, int) or isinstance(limit, bool):
            raise RefusalError(400, {"error": f"'{name}' must be an integer"})
        return limit if limit >= 0 else None  # -1 is LM Studio's "no limit"
    return None


def count_tokens(prompt: str) -> int:
    """Return the tokens of a prompt, as the demo's models cut it."""
    return len(split(prompt))


def frames(reply: Reply) -> Iterator[tuple[float, bytes]]:
    """Yield each event of a streamed reply with the seconds at which it is due.

    The seconds count from the start of the reply; one token, one event.
    """
    due_s = reply.ttft_s
    for number, piece in enumerate(reply.script.pieces):
        due_s = reply.ttft_s + number / reply.tok_s
        role: JsonObject = {"role": "assistant"} if number == 0 else {}
        yield due_s, _choice_frame(reply, {**role, piece.field: piece.text}, None)
    yield due_s, _choice_frame(reply, {}, finish_reason(reply.script))
    if reply.has_usage:
        yield due_s, _frame(reply, {"choices": [], "usage": usage(reply)})
    yield due_s, END_FRAME


def completion(reply: Reply) -> tuple[float, JsonObject]:
    """Return the body of a reply in one piece, and the seconds at which it is due."""
    script = reply.script
    message: JsonObject = {"role": "assistant", "content": script.text("content")}
    if script.count("reasoning"):
        message["reasoning"] = script.text("reasoning")
    choice: JsonObject = {
        "index": 0,
        "message": {**message, "tool_calls": []},
        "logprobs": None,
        "finish_reason": finish_reason(script),
    }
    body: JsonObject = {
        "id": reply.reply_id,
        "object": "chat.completion",
        "created": reply.created_s,
        "model": reply.model,
        "choices": [choice],
        "usage": usage(reply),
        "stats": {},
        "system_fingerprint": reply.model,
    }
    last = max(len(script.pieces) - 1, 0)
    return reply.ttft_s + last / reply.tok_s, body


def finish_reason(script: Script) -> str:
    """Return why a reply ends, in the API's words."""
    return "length" if script.is_cut else "stop"


def usage(reply: Reply) -> JsonObject:
    """Return the token counts; unlike LM Studio's, true at the token limit, too."""
    completion_tokens = len(reply.script.pieces)
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": reply.prompt_tokens + completion_tokens,
        "completion_tokens_details": {
            "reasoning_tokens": reply.script.count("reasoning")
        },
    }


def encode(body: JsonObject) -> bytes:
    """Write JSON as JavaScript does: no spaces, characters as they are."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _choice_frame(reply: Reply, delta: JsonObject, reason: str | None) -> bytes:
    choice: JsonObject = {
        "index": 0,
        "delta": delta,
        "logprobs": None,
        "finish_reason": reason,
    }
    return _frame(reply, {"choices": [choice]})


def _frame(reply: Reply, fields: JsonObject) -> bytes:
    head: JsonObject = {
        "id": reply.reply_id,
        "object": "chat.completion.chunk",
        "created": reply.created_s,
        "model": reply.model,
        "system_fingerprint": reply.model,
    }
    return b"data: " + encode({**head, **fields}) + b"\n\n"
