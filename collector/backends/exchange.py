"""One streamed chat completion through the openai package, each arrival stamped."""

import gc
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
from pydantic import JsonValue

from collector.backends.framing import Framing, FramingError, framing_of
from collector.backends.openai_chat import make_client
from collector.backends.protocol import (
    EXCERPT_BYTES,
    ChatRequest,
    Clock,
    Exchange,
    Limits,
    Sink,
)
from collector.backends.wire import Line, WireTransport
from collector.judgement import is_event_stream
from collector.record import Failure, FailureKind

MAX_PENDING = 64
"""Stamped arrivals that may wait to be read while more keep arriving."""

BATCH = 16
"""Stamped arrivals that are read in one go."""

BATCH_WAIT_S = 0.02
"""How long a batch waits for its next arrival."""

WAIT_SLICE_S = 0.25
"""The longest wait in one piece: Windows lets Ctrl-C through only between waits."""

_NAMED_FIELDS = ("model", "messages", "stream", "stream_options")
_WITHOUT_BODY = frozenset({204, 205, 304})
_SHORTEST_WAIT_S = 0.001


def exchange(
    base_url: str, request: ChatRequest, *, sink: Sink, limits: Limits, clock: Clock
) -> Exchange:
    """Stream one chat completion on a connection of its own.

    The clock starts when the last part of the request is sent, not when the library
    is called: building a request takes the openai package milliseconds. Arrivals are
    stamped when the socket gives them and read while nothing else arrives.
    """
    talk = _Talk(sink=sink, limits=limits, clock=clock)
    transport = WireTransport(talk.line, is_secure=urlsplit(base_url).scheme == "https")
    with make_client(
        base_url,
        transport=transport,
        on_request=talk.count_request,
        on_response=talk.note_head,
    ) as client:
        try:
            with _open(client, request.body) as response, _undisturbed():
                talk.receive(response.http_response)
        except openai.APIStatusError as error:
            talk.body = error.response.content[:EXCERPT_BYTES]
        except (openai.APIError, httpx2.HTTPError, OSError) as error:
            talk.failure = _broken(error, talk=talk)
    return talk.told()


@dataclass
class _Talk:
    """A request on its way and what it has brought so far."""

    sink: Sink
    limits: Limits
    clock: Clock
    requests_sent: int = 0
    status_code: int | None = None
    content_type: str = ""
    headers_ns: int | None = None
    latest_ns: int | None = None
    body: bytes = b""
    failure: Failure | None = None

    def __post_init__(self) -> None:
        self.line = Line(self.clock, may_wait=self._may_wait)

    def count_request(self, _request: httpx2.Request) -> None:
        self.requests_sent += 1

    def note_head(self, response: httpx2.Response) -> None:
        self.headers_ns = self.line.head_ns
        self.status_code = response.status_code
        self.content_type = response.headers.get("content-type", "")

    def receive(self, response: httpx2.Response) -> None:
        """Feed the sink an event stream; keep the beginning of anything else."""
        try:
            framing = framing_of(response.headers)
            self.line.begin_body()
            if is_event_stream(self.status_code, self.content_type):
                self._stream(framing)
            else:
                self._keep_beginning(framing)
        except FramingError as error:
            self.failure = Failure(kind="malformed_stream", message=str(error))

    def _stream(self, framing: Framing) -> None:
        """Stamp first, read later: an arrival never waits for one before it.

        Several are read in a row, because code that runs once in a while costs three
        times what it costs when the processor still has it at hand.
        """
        pending: deque[tuple[int, bytes]] = deque()
        is_open = True
        while is_open and not self._is_finished(framing):
            is_open = self._gather(pending)
            while pending and not self.sink.is_over:
                self._feed(framing, *pending.popleft())
                if is_open and len(pending) < MAX_PENDING:
                    is_open = self._add_arrival(pending, wait_s=0.0) is not False
        if not is_open:
            self._note_end(framing)

    def _is_finished(self, framing: Framing) -> bool:
        return self.sink.is_over or framing.is_over or self._is_late()

    def _gather(self, pending: deque[tuple[int, bytes]]) -> bool:
        """Wait for a batch; False: the connection has ended."""
        wait_s = WAIT_SLICE_S
        while len(pending) < BATCH:
            is_added = self._add_arrival(pending, wait_s=wait_s)
            if not is_added:
                return is_added is None
            wait_s = BATCH_WAIT_S
        return True

    def _add_arrival(
        self, pending: deque[tuple[int, bytes]], *, wait_s: float
    ) -> bool | None:
        """Stamp what arrives; None: nothing did; False: the connection has ended."""
        arrival = self._arrival(wait_s=wait_s)
        if arrival is None:
            return None
        if not arrival[1]:
            return False
        pending.append(arrival)
        return True

    def _arrival(self, *, wait_s: float) -> tuple[int, bytes] | None:
        """Return stamped bytes, none of them at the connection's end; None: not yet."""
        try:
            arrival = self.line.read_body(wait_s=wait_s)
        except OSError as error:
            self.failure = Failure(kind="disconnected", message=str(error))
            return self.clock(), b""
        if arrival is not None and arrival[1]:
            self.latest_ns = arrival[0]
        return arrival

    def _feed(self, framing: Framing, at_ns: int, data: bytes) -> None:
        body = framing.feed(data)
        if body:
            self.sink.feed(at_ns, body)
        if framing.fault is not None and not self.sink.is_over:
            self.failure = Failure(kind="malformed_stream", message=framing.fault)

    def _note_end(self, framing: Framing) -> None:
        missing = framing.missing()
        if missing is not None and self.failure is None and not self.sink.is_over:
            self.failure = Failure(
                kind="disconnected", message=f"the connection ended: {missing}"
            )

    def _keep_beginning(self, framing: Framing) -> None:
        if self.status_code in _WITHOUT_BODY:
            return
        while not framing.is_over and len(self.body) < EXCERPT_BYTES:
            arrival = self._arrival(wait_s=WAIT_SLICE_S)
            if arrival is not None:
                self.body += framing.feed(arrival[1])
            if (arrival is not None and not arrival[1]) or self._is_late():
                return

    def _deadlines_ns(self) -> tuple[int, int]:
        """Return by when there must be text, and by when all must have come."""
        sent_ns = self.line.sent_ns
        began_ns = self.clock() if sent_ns is None else sent_ns
        text_ns = self.sink.latest_text_ns
        silence_ns = round(self.limits.silence_s * 1e9)
        return (
            (began_ns if text_ns is None else text_ns) + silence_ns,
            began_ns + round(self.limits.trial_s * 1e9),
        )

    def _may_wait(self) -> float:
        left_s = (min(self._deadlines_ns()) - self.clock()) / 1e9
        return max(left_s, _SHORTEST_WAIT_S)

    def _is_late(self) -> bool:
        text_due_ns, all_due_ns = self._deadlines_ns()
        now_ns = self.clock()
        if now_ns > all_due_ns:
            self.failure = Failure(
                kind="overlong",
                message=f"not finished after {self.limits.trial_s:g} s: given up",
            )
        elif now_ns > text_due_ns:
            self.failure = self.silence()
        return self.failure is not None

    def silence(self) -> Failure:
        """Return the failure of a stream that brought no text for too long."""
        quiet_since_ns = max(self.line.sent_ns or 0, self.sink.latest_text_ns or 0)
        arrived = self.latest_ns is not None and self.latest_ns > quiet_since_ns
        kind: FailureKind = "stalled" if arrived else "timeout"
        what = "bytes arrived but no text" if arrived else "nothing arrived"
        return Failure(kind=kind, message=f"{what} for {self.limits.silence_s:g} s")

    def told(self) -> Exchange:
        ended_ns = self.latest_ns
        if ended_ns is None or self.failure is not None:
            ended_ns = self.clock()
        return Exchange(
            sent_ns=self.line.sent_ns,
            headers_ns=self.headers_ns,
            ended_ns=ended_ns,
            status_code=self.status_code,
            content_type=self.content_type,
            body=self.body,
            requests_sent=self.requests_sent,
            failure=self.failure,
            cpu_s=max(0.0, time.process_time() - self.line.sent_cpu_s),
        )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the garbage collector from stopping the process between two stamps."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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


def _broken(error: Exception, *, talk: _Talk) -> Failure:
    cause = error.__cause__ or error
    if isinstance(error, httpx2.ReadTimeout) or isinstance(cause, httpx2.ReadTimeout):
        return talk.silence()
    message = str(cause) or type(cause).__name__
    is_sent = talk.line.sent_ns is not None
    return Failure(kind="disconnected" if is_sent else "connection", message=message)
