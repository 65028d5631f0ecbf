"""One raw exchange into a file for a bug report, and back into pieces for a test.

The file is JSON Lines: what was asked and answered, then each piece of the stream with
its milliseconds since the request left, as text where it is UTF-8 and as base64 where
it is not. Secrets and user names are taken out before anything is written; the prompt
is always the same, so that no private text is in it.
"""

import base64
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from collector.atomic import write_atomically
from collector.backends.protocol import ChatRequest, Clock, Exchange, Limits, Sink
from collector.doctor.identify import Identity, harmless
from collector.doctor.recorder import Piece, Recorder
from collector.doctor.redact import Redactor
from collector.errors import RecordError

FORMAT = "seikaku-capture"
VERSION = 1
CHAT_PATH = "/v1/chat/completions"
PROMPT = "Count from one to five. 一から五まで漢字で数えてください。"
MAX_TOKENS = 64
LIMITS = Limits(silence_s=300.0, trial_s=600.0)


class Stream(Protocol):
    """Sends a request, as ``Backend.stream`` does."""

    def __call__(
        self, request: ChatRequest, *, sink: Sink, limits: Limits, clock: Clock
    ) -> Exchange:
        """Send one request and feed the sink what comes back."""
        ...


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is captured.

    Attributes:
        model_key: The server's name for the model.
        identity: The server as it was recognised; None: it was not.
        tool_version: Ours; None: not installed.
    """

    model_key: str
    identity: Identity | None
    tool_version: str | None


def capture(
    stream: Stream, subject: Subject, *, path: Path, clock: Clock, redactor: Redactor
) -> Exchange:
    """Send the fixed prompt once and write all that came back into a new file.

    Returns:
        How the exchange went, failures included: those are what reports are about.

    Raises:
        StorageError: The file cannot be written.
    """
    request = chat_request(subject.model_key)
    recorder = Recorder()
    exchange = stream(request, sink=recorder, limits=LIMITS, clock=clock)
    head: list[JsonValue] = [
        {"format": FORMAT, "version": VERSION, **_describe(subject)},
        {"request": {"path": request.path, "body": request.body}},
        {"response": _response(exchange, subject)},
    ]
    lines = [_clean(line, redactor) for line in head]
    if exchange.body:
        lines.append({"body": _written(redactor.clean(exchange.body))})
    start_ns = _start_ns(exchange, recorder.pieces)
    for piece in redactor.clean_pieces(recorder.pieces):
        t_ms = round((piece.at_ns - start_ns) / 1e6, 6)
        lines.append({"t_ms": t_ms, **_written(piece.data)})
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    write_atomically(path, text.encode())
    return exchange


def read_capture(path: Path) -> tuple[Piece, ...]:
    """Return a capture's pieces, stamped in nanoseconds since the request left.

    Raises:
        RecordError: It cannot be read, is none, or is of a newer version.
    """
    try:
        # Not splitlines: JSON leaves other line ends, such as U+2028, as they are.
        first, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
        head = json.loads(first)
        is_ours = isinstance(head, dict) and head.get("format") == FORMAT
        pieces = [_piece(json.loads(line)) for line in lines] if is_ours else []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(
            f"{path}: cannot be read as a capture ({error}): make it anew"
        ) from error
    if not is_ours or head.get("version") != VERSION:
        raise RecordError(
            f"{path}: no capture of version {VERSION}: make it anew, or update Seikaku"
        )
    return tuple(piece for piece in pieces if piece is not None)


def chat_request(model_key: str) -> ChatRequest:
    """Return the request of every capture."""
    return ChatRequest(
        path=CHAT_PATH,
        body={
            "model": model_key,
            "messages": [{"role": "user", "content": PROMPT}],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0,
            "max_tokens": MAX_TOKENS,
        },
    )


def _describe(subject: Subject) -> dict[str, JsonValue]:
    identity = subject.identity
    return {
        "server": None if identity is None else identity.name,
        "server_version": None if identity is None else identity.version,
        "tool_version": subject.tool_version,
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _response(exchange: Exchange, subject: Subject) -> JsonValue:
    identity, failure = subject.identity, exchange.failure
    headers = {} if identity is None else harmless(identity.headers)
    return {
        "status_code": exchange.status_code,
        "headers": {**headers, "content-type": exchange.content_type},
        "headers_ms": _since_ms(exchange, exchange.headers_ns),
        "ended_ms": _since_ms(exchange, exchange.ended_ns),
        "requests_sent": exchange.requests_sent,
        "failure": None if failure is None else failure.model_dump(),
    }


def _since_ms(exchange: Exchange, at_ns: int | None) -> float | None:
    if exchange.sent_ns is None or at_ns is None:
        return None
    return round((at_ns - exchange.sent_ns) / 1e6, 6)


def _start_ns(exchange: Exchange, pieces: Sequence[Piece]) -> int:
    """Return when the request left; a piece without a request is its own beginning."""
    if exchange.sent_ns is not None:
        return exchange.sent_ns
    return pieces[0].at_ns if pieces else exchange.ended_ns


def _clean(value: JsonValue, redactor: Redactor) -> JsonValue:
    if isinstance(value, str):
        return redactor.clean_text(value)
    if isinstance(value, list):
        return [_clean(item, redactor) for item in value]
    if isinstance(value, dict):
        return {key: _clean(item, redactor) for key, item in value.items()}
    return value


def _written(data: bytes) -> dict[str, JsonValue]:
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def _piece(line: dict[str, JsonValue]) -> Piece | None:
    """Return the piece that a line holds; None: it holds something else."""
    if "t_ms" not in line:
        return None
    at_ns = round(float(str(line["t_ms"])) * 1e6)
    if "text" in line:
        return Piece(at_ns, str(line["text"]).encode())
    return Piece(at_ns, base64.b64decode(str(line["base64"]), validate=True))
