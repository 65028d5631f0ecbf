"""A server that says exactly the bytes it is told to, when it is told to.

A script is data: steps that send bytes, wait, reset or close. Everything goes on the
wire as written, head and chunk framing included. Requests for a path without a script
are answered as LM Studio answers them: HTTP 200 and an error in JSON.
"""

import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

CHAT_PATH = "/v1/chat/completions"


@dataclass(frozen=True)
class Send:
    """Write these bytes; each step is a write of its own."""

    data: bytes


@dataclass(frozen=True)
class Wait:
    """Say nothing for so long; a client that goes away ends the script."""

    seconds: float


@dataclass(frozen=True)
class Reset:
    """End the connection by RST: what is still on its way may be lost."""


@dataclass(frozen=True)
class Close:
    """End the connection by FIN."""


@dataclass(frozen=True)
class TurnAway:
    """From now on close every new connection as soon as it is accepted."""


@dataclass(frozen=True)
class StopListening:
    """From now on refuse every new connection."""


@dataclass(frozen=True)
class Repeat:
    """Go through these steps again and again, until the client goes away."""

    steps: tuple["Step", ...]


Step = Send | Wait | Reset | Close | TurnAway | StopListening | Repeat
Script = Sequence[Step]
Answerer = Callable[[str, str, dict[str, Any]], tuple[int, object] | None]
"""Answers a request by method, path and body: status and JSON; None: not its path."""


@dataclass
class Hit:
    """A request that reached the server.

    Attributes:
        at_s: When it was read whole, by the monotonic clock.
        left_at_s: When the client was seen to close the connection; None: it was not.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at_s: float
    left_at_s: float | None = None

    @property
    def model(self) -> object:
        return self.body.get("model")

    @property
    def is_stream(self) -> bool:
        return self.path == CHAT_PATH and self.body.get("stream") is True


class _ClientGoneError(Exception):
    """The client closed its end."""


class _OverError(Exception):
    """The script closed the connection."""


@dataclass
class ReplayServer:
    """Serves the scripts of each model in turn, the last one again and again.

    Attributes:
        scripts: By the ``model`` that a chat request names.
        paths: Scripts for other paths; they go before everything else.
        answerer: Answers what is not chat, such as a server's own routes.
        tls: Shake hands with this context and only note requests; None: plain HTTP.
    """

    scripts: Mapping[str, Sequence[Script]]
    paths: Mapping[str, Script] = field(default_factory=dict)
    answerer: Answerer | None = None
    tls: ssl.SSLContext | None = None
    hits: list[Hit] = field(default_factory=list)
    n_accepted: int = 0
    _turns_away: bool = False
    _open: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.5)
        self.port: int = self._socket.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_listening()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)

    @property
    def url(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}"

    def chats(self, model: str) -> list[Hit]:
        """The streams that a model was asked for, in order."""
        return [hit for hit in self.hits if hit.is_stream and hit.model == model]

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(hit.path == path for hit in self.hits)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _stop_listening(self) -> None:
        # Shut down first: on Linux closing alone leaves the thread in accept waiting.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            connection.settimeout(None)
            self.n_accepted += 1
            if self._turns_away:
                connection.close()
                continue
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.append(connection)
        with suppress(OSError, _OverError), connection:
            if self.tls is None:
                self._converse(connection)
            else:
                self._shake_hands(connection, self.tls)
        self._open.remove(connection)

    def _shake_hands(self, connection: socket.socket, tls: ssl.SSLContext) -> None:
        with tls.wrap_socket(connection, server_side=True) as secured:
            hit = _read_request(secured)
            if hit is not None:
                self.hits.append(hit)

    def _converse(self, connection: socket.socket) -> None:
        hit: Hit | None = None
        try:
            while (hit := _read_request(connection)) is not None:
                self.hits.append(hit)
                latest = hit
                self._play(connection, self._script(hit))
                if _is_gone(connection):
                    latest.left_at_s = time.monotonic()
                    return
        except (_ClientGoneError, ConnectionError):
            if hit is not None:
                hit.left_at_s = time.monotonic()

    def _script(self, hit: Hit) -> Script:
        if hit.path in self.paths:
            return self.paths[hit.path]
        if hit.is_stream:
            scripts = self.scripts[str(hit.model)]
            return scripts[min(len(self.chats(str(hit.model))), len(scripts)) - 1]
        if hit.path == CHAT_PATH:
            # Asked only to find out whether the server is idle again.
            message = {"role": "assistant", "content": "o"}
            choice = {"index": 0, "message": message, "finish_reason": "length"}
            return json_reply(200, {"model": hit.model, "choices": [choice]})
        answer = self.answerer and self.answerer(hit.method, hit.path, hit.body)
        if answer:
            return json_reply(*answer)
        if hit.path == "/v1/models":
            models = [{"id": key, "object": "model"} for key in self.scripts]
            return json_reply(200, {"object": "list", "data": models})
        unexpected = f"Unexpected endpoint or method. ({hit.method} {hit.path})"
        return json_reply(200, {"error": unexpected})

    def _play(self, connection: socket.socket, script: Script) -> None:
        for step in _unrolled(script):
            match step:
                case Send(data):
                    connection.sendall(data)
                case Wait(seconds):
                    _wait(connection, seconds)
                case Reset():
                    linger = struct.pack("hh" if _IS_WINDOWS else "ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    connection.close()
                    raise _OverError
                case Close():
                    connection.shutdown(socket.SHUT_RDWR)
                    raise _OverError
                case TurnAway():
                    self._turns_away = True
                case StopListening():
                    self._stop_listening()


_IS_WINDOWS = hasattr(socket, "SO_EXCLUSIVEADDRUSE")


def json_reply(
    status: int, content: object, *, headers: Sequence[str] = ()
) -> tuple[Step, ...]:
    """A whole reply in JSON, as LM Studio's Express writes it."""
    data = json.dumps(content).encode()
    head = [
        f"HTTP/1.1 {status} Whatever",
        "X-Powered-By: Express",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(data)}",
        *headers,
    ]
    return (Send("\r\n".join([*head, "", ""]).encode() + data),)


def _unrolled(script: Script) -> Iterator[Step]:
    for step in script:
        if isinstance(step, Repeat):
            while True:
                yield from step.steps
        yield step


def _read_request(connection: socket.socket) -> Hit | None:
    """Read one request; None: the client closed instead of asking."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65_536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    while len(body) < int(headers.get("content-length", "0")):
        more = connection.recv(65_536)
        if not more:
            return None
        body += more
    content = json.loads(body) if body else {}
    return Hit(method, path, headers, content, at_s=time.monotonic())


def _wait(connection: socket.socket, seconds: float) -> None:
    readable, _, _ = select.select([connection], [], [], seconds)
    if readable and _is_gone(connection):
        raise _ClientGoneError


def _is_gone(connection: socket.socket) -> bool:
    """Wait for the client's next byte; whether it closed instead."""
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except ConnectionError:
        return True
