"""Any server with OpenAI's chat completions route, through the openai package."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai
from pydantic import JsonValue

from collector.backends.address import is_loopback
from collector.backends.protocol import (
    ChatRequest,
    Clock,
    Exchange,
    Piece,
    Preflight,
)
from collector.errors import ServerError
from collector.record import Failure, Server

CONNECT_TIMEOUT_S = 5.0
SILENCE_TIMEOUT_S = 600.0
"""How long a stream may be silent; a long prompt is read without a word."""

_END_MARK = re.compile(rb"(?:\A|[\r\n])data: ?\[DONE\]")
_END_MARK_BYTES = 16
_NAMED_FIELDS = ("model", "messages", "stream", "stream_options")


class OpenAIChat:
    """A server known only by its OpenAI-compatible routes."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def preflight(self) -> Preflight:
        """Ask for the list of models; a server without one is taken as it is."""
        with make_client(self._base_url) as client:
            keys = model_keys(client, self._base_url)
        return Preflight(
            server=Server(is_local=is_loopback(self._base_url)),
            model_keys=keys,
            can_load=False,
            notes=(),
        )

    def reload(self, key: str, *, clock: Clock) -> float:  # noqa: ARG002 - protocol
        """Refuse: these routes have no way to load a model."""
        raise ServerError(
            f"{self._base_url}: cannot load {key!r}: set design.reload = false"
        )

    def stream(self, request: ChatRequest, *, clock: Clock) -> Exchange:
        """Send one request on a connection of its own and keep all that comes back."""
        return exchange(self._base_url, request, clock=clock)


def make_client(
    base_url: str, *, on_request: Callable[[httpx2.Request], None] | None = None
) -> openai.OpenAI:
    """Return a client that never retries and ignores the environment's proxies.

    A retry would queue a second generation, and a proxy would be measured with it.
    """
    timeout = openai.Timeout(SILENCE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    return openai.OpenAI(
        base_url=base_url,
        api_key=os.environ.get("LM_API_TOKEN") or "not-needed",
        max_retries=0,
        timeout=timeout,
        http_client=openai.DefaultHttpxClient(
            trust_env=False,
            timeout=timeout,
            event_hooks={"request": [on_request] if on_request else []},
        ),
    )


def exchange(base_url: str, request: ChatRequest, *, clock: Clock) -> Exchange:
    """Stream one chat completion; bytes are stamped on arrival and read later.

    The clock starts when the last byte of the request has left, not when the library
    is called: building a request takes the openai package milliseconds.
    """
    seen = _Seen()

    def on_trace(event: str, _info: object) -> None:
        if event.endswith("send_request_body.complete"):
            seen.sent_ns = clock()

    def on_request(outgoing: httpx2.Request) -> None:
        outgoing.extensions["trace"] = on_trace

    with make_client(base_url, on_request=on_request) as client:
        try:
            with _open(client, request.body) as response:
                seen.headers_ns = clock()
                _note_response(seen, response.http_response)
                _receive(response.iter_bytes(), into=seen.pieces, clock=clock)
        except openai.APIStatusError as error:
            seen.headers_ns = clock()
            _note_response(seen, error.response)
            seen.pieces.append(Piece(seen.headers_ns, error.response.content))
        except (openai.APIError, httpx2.HTTPError) as error:
            seen.failure = _failure(error, is_open=seen.headers_ns is not None)
    return Exchange(
        sent_ns=seen.sent_ns,
        headers_ns=seen.headers_ns,
        ended_ns=clock() if seen.failure or not seen.pieces else seen.pieces[-1].at_ns,
        status_code=seen.status_code,
        content_type=seen.content_type,
        pieces=tuple(seen.pieces),
        failure=seen.failure,
    )


@dataclass
class _Seen:
    """What an exchange has brought so far."""

    sent_ns: int | None = None
    headers_ns: int | None = None
    status_code: int | None = None
    content_type: str = ""
    pieces: list[Piece] = field(default_factory=list)
    failure: Failure | None = None


def _open(
    client: openai.OpenAI, body: dict[str, JsonValue]
) -> AbstractContextManager[openai.APIResponse[Any]]:
    """Open the stream with exactly this body.

    The library adds the fields it is given by name to ``extra_body``, so the fields
    it requires are given by name and all others, known to it or not, pass untouched.
    """
    fields: dict[str, Any] = {name: body[name] for name in _NAMED_FIELDS}
    opened: AbstractContextManager[openai.APIResponse[Any]] = (
        client.chat.completions.with_streaming_response.create(
            **fields,
            extra_body={key: body[key] for key in body if key not in fields},
            # A compressed stream would arrive in the compressor's lumps.
            extra_headers={"Accept-Encoding": "identity"},
        )
    )
    return opened


def _note_response(seen: _Seen, response: httpx2.Response) -> None:
    seen.status_code = response.status_code
    seen.content_type = response.headers.get("content-type", "")


def _receive(arrivals: Iterator[bytes], *, into: list[Piece], clock: Clock) -> None:
    """Stamp and keep every arrival, until the end mark or the end of the body.

    Some servers leave the connection open after the end mark.
    """
    tail = b""
    for data in arrivals:
        into.append(Piece(clock(), data))
        tail = tail[-_END_MARK_BYTES:] + data
        if b"[DONE]" in tail and _END_MARK.search(tail):
            return


def _failure(error: openai.APIError | httpx2.HTTPError, *, is_open: bool) -> Failure:
    message = str(error.__cause__ or error) or type(error).__name__
    if isinstance(error, (openai.APITimeoutError, httpx2.ReadTimeout)):
        return Failure(
            kind="timeout",
            message=f"nothing arrived for {SILENCE_TIMEOUT_S:.0f} s ({message})",
        )
    return Failure(kind="disconnected" if is_open else "connection", message=message)


def model_keys(client: openai.OpenAI, base_url: str) -> tuple[str, ...] | None:
    """Return the model keys a server lists; None: it has no such list.

    Raises:
        ServerError: No server answers, or it wants a token.
    """
    try:
        listing = client.get("/models", cast_to=object)
    except openai.APIConnectionError as error:
        raise ServerError(
            f"{base_url}: no server answers ({error.__cause__ or error}): start "
            "LM Studio's server (Developer tab, or: lms server start) or give --server"
        ) from error
    except openai.AuthenticationError as error:
        raise ServerError(
            f"{base_url}: the server wants a token ({error.message}): "
            "set the environment variable LM_API_TOKEN"
        ) from error
    except openai.APIError:
        return None
    entries = listing.get("data") if isinstance(listing, dict) else None
    if not isinstance(entries, list):
        return None
    return tuple(
        entry["id"]
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    )
