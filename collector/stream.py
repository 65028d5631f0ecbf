"""The events of one answer into a timeline and texts: a state machine without I/O.

Bytes are stamped where they arrive (``backends``); here they are read. Any splitting
of the same bytes gives the same texts, counts and judgement.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import JsonValue

from collector.record import Channel, Chunk, Failure, FailureKind
from collector.server_words import EXCERPT_CHARS, error_message, is_overflow
from collector.sse import Event, EventReader, OverlongEventError
from collector.thinking import Piece, ThinkingSplitter, unopened_thinking_chars

END_MARK = "[DONE]"

MAX_DEPTH = 64
"""Levels of nesting in an event; no server nests more than five."""

_KNOWN_KEYS = frozenset({"id", "object", "created", "model", "choices", "usage"})


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the body of an answer says.

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


class AnswerReader:
    """Reads an answer as its bytes arrive, up to the end mark or the first error."""

    def __init__(self) -> None:
        self._events = EventReader()
        self._splitter = ThinkingSplitter()
        self._pieces: list[Piece] = []
        self._served_models: dict[str, None] = {}
        self._finish_reason: str | None = None
        self._has_end_mark = False
        self._usage: dict[str, JsonValue] | None = None
        self._server_stats: dict[str, JsonValue] = {}
        self._failure: Failure | None = None
        self._has_events = False
        self._has_choices = False
        self._latest_text_ns: int | None = None
        self.text_events = 0
        self.text_chars = 0

    @property
    def is_over(self) -> bool:
        """Whether the end mark or an error was read: what follows does not count."""
        return self._has_end_mark or self._failure is not None

    @property
    def latest_text_ns(self) -> int | None:
        """When the latest text arrived; None: none did yet."""
        return self._latest_text_ns

    def feed(self, at_ns: int, data: bytes) -> None:
        """Read bytes that arrived at that time."""
        try:
            for event in self._events.feed(at_ns, data):
                if self.is_over:
                    return
                self._take(event)
        except OverlongEventError as error:
            self._failure = _malformed(str(error))

    def close(self, at_ns: int) -> None:
        """Take note that nothing more comes; an event cut in two is not read.

        Only the end mark counts without the blank line after it.
        """
        if not self.is_over:
            for event in self._events.close(at_ns):
                self._has_end_mark = event.data == END_MARK
        for piece in self._splitter.close():
            self._keep(piece)
        if self._failure is None and self._has_events and not self._has_choices:
            self._failure = Failure(
                kind="wrong_endpoint",
                message="the stream's events are not those of a chat completion",
            )

    def reading(self, *, sent_ns: int) -> Reading:
        """Return all that was read; times count from when the request left."""
        pieces = _with_unopened_thinking(self._pieces)
        texts: dict[Channel, str] = {
            channel: "".join(piece.text for piece in pieces if piece.channel == channel)
            for channel in ("reasoning", "answer")
        }
        return Reading(
            timeline=tuple(
                Chunk(max(0, at_ns - sent_ns) // 1000, channel, len(text))
                for at_ns, channel, text in pieces
            ),
            reasoning_text=texts["reasoning"],
            answer_text=texts["answer"],
            served_models=tuple(self._served_models),
            finish_reason=self._finish_reason,
            has_end_mark=self._has_end_mark,
            usage=self._usage,
            server_stats=self._server_stats or None,
            failure=self._failure,
        )

    def _take(self, event: Event) -> None:
        if event.data == END_MARK:
            self._has_end_mark = True
            return
        try:
            content = _parse(event.data)
        except (ValueError, RecursionError) as error:
            self._failure = (
                _told_failure({}, event.data)
                if event.name == "error"
                else _malformed(f"{error}: {event.data}")
            )
            return
        if not isinstance(content, dict):
            self._failure = _malformed(f"an event that is no object: {event.data}")
            return
        if _is_error(content, name=event.name):
            self._failure = _told_failure(content, event.data)
            return
        self._take_fields(content)
        self._has_events = True
        self._has_choices |= "choices" in content
        choices = content.get("choices")
        if choices is None:
            return
        if not isinstance(choices, list) or len(choices) > 1:
            self._failure = _malformed(f"choices is no list of one: {event.data}")
        elif choices:
            self._take_choice(choices[0], event)

    def _take_fields(self, content: dict[str, Any]) -> None:
        model = content.get("model")
        if isinstance(model, str):
            self._served_models[model] = None
        usage = content.get("usage")
        if isinstance(usage, dict):
            self._usage = usage
        for key, value in content.items():
            if key not in _KNOWN_KEYS:
                self._server_stats[key] = value

    def _take_choice(self, choice: object, event: Event) -> None:
        if not isinstance(choice, dict) or not isinstance(
            delta := choice.get("delta") or {}, dict
        ):
            self._failure = _malformed(f"a choice without a delta: {event.data}")
            return
        # Models name the field differently (lm-studio: gpt-oss says `reasoning`).
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        self._take_text(event.at_ns, "reasoning", thought)
        self._take_text(event.at_ns, "answer", delta.get("content"))
        reason = choice.get("finish_reason")
        if isinstance(reason, str):
            if self._finish_reason not in {None, reason}:
                self._failure = _malformed(
                    f"two finish reasons: {self._finish_reason} and {reason}"
                )
            self._finish_reason = reason

    def _take_text(self, at_ns: int, channel: Channel, text: object) -> None:
        if text is None or text == "":
            return
        if not isinstance(text, str):
            self._failure = _malformed(f"a {channel} delta that is no text: {text!r}")
            return
        if self._finish_reason is not None:
            self._failure = _malformed(f"text after the finish reason: {text!r}")
            return
        self._latest_text_ns = at_ns
        self.text_events += 1
        self.text_chars += len(text)
        if channel == "answer":
            for piece in self._splitter.feed(at_ns, text):
                self._keep(piece)
            return
        for piece in self._splitter.close():
            self._keep(piece)
        self._keep(Piece(at_ns, channel, text))

    def _keep(self, piece: Piece) -> None:
        self._pieces.append(piece)


def _with_unopened_thinking(pieces: list[Piece]) -> list[Piece]:
    if any(piece.channel == "reasoning" for piece in pieces):
        return pieces
    left = unopened_thinking_chars("".join(piece.text for piece in pieces))
    told: list[Piece] = []
    for piece in pieces:
        thought, answer = piece.text[:left], piece.text[left:]
        if thought:
            told.append(Piece(piece.at_ns, "reasoning", thought))
        if answer:
            told.append(Piece(piece.at_ns, "answer", answer))
        left = max(0, left - len(piece.text))
    return told


def _is_error(content: dict[str, Any], *, name: str) -> bool:
    """Whether an event is an error, in any of the shapes servers use."""
    is_told = content.get("error") is not None or content.get("object") == "error"
    return name == "error" or is_told


def _told_failure(content: dict[str, Any], data: str) -> Failure:
    message = error_message(content) or data[:EXCERPT_CHARS]
    kind: FailureKind = "context_overflow" if is_overflow(message) else "error_event"
    return Failure(kind=kind, message=message[:EXCERPT_CHARS])


def _malformed(message: str) -> Failure:
    return Failure(kind="malformed_stream", message=message[:EXCERPT_CHARS])


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no finite number")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def _parse(data: str) -> object:
    content: object = _DECODER.decode(data)
    if data.count("{") + data.count("[") > MAX_DEPTH and _depth(content) > MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
    if "\\ud" in data or "\\uD" in data:
        # Half of a surrogate pair cannot be written as UTF-8: it becomes "?".
        text = json.dumps(content, ensure_ascii=False)
        content = json.loads(text.encode("utf-8", errors="replace"))
    return content


def _depth(content: object) -> int:
    """Return the levels of nesting; a plain value has none."""
    level, depth = [content], 0
    while level:
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
        depth += any(isinstance(value, (dict, list)) for value in level)
        level = inner
    return depth
