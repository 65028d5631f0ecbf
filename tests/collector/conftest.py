"""A server whose every stream is known, for tests of the collector."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest

from collector.demo.library import Library
from collector.demo.server import DemoServer


@dataclass
class Server:
    """Streams tokens on a schedule and writes down when it really did.

    ``plans`` gives for each model: seconds to the first token, tokens, tok/s.
    """

    plans: dict[str, tuple[float, int, float]]
    status: int = 200
    text: str = "x = 1\n"
    requests: list[str] = field(default_factory=list)
    truths: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    streaming: threading.Event = field(default_factory=threading.Event)

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Refuse every connection from now on."""
        with suppress(OSError):
            # A thread that waits in accept would take one more.
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(
                target=self._serve, args=(connection,), daemon=True
            ).start()

    def _serve(self, connection: socket.socket):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A client that goes away ends its connection and nothing else.
        with suppress(OSError), connection, connection.makefile("rb") as reader:
            while line := reader.readline():
                length = 0
                while (header := reader.readline()) not in {b"\r\n", b""}:
                    if header.lower().startswith(b"content-length:"):
                        length = int(header.split(b":")[1])
                self._answer(connection, line.decode().split()[1], reader.read(length))

    def _answer(self, connection: socket.socket, path: str, body: bytes):
        read_at = time.perf_counter()
        if path == "/v1/models":
            models = [{"id": key, "object": "model"} for key in self.plans]
            self._reply(connection, 200, {"object": "list", "data": models})
        elif path != "/v1/chat/completions":
            self._reply(connection, 200, {"error": f"Unexpected endpoint. ({path})"})
        else:
            model = json.loads(body)["model"]
            self.requests.append(model)
            if self.status != 200:
                self._reply(connection, self.status, {"error": "no"})
            else:
                self._stream(connection, model, read_at)

    def _reply(self, connection: socket.socket, status: int, content: dict):
        data = json.dumps(content).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)

    def _stream(self, connection: socket.socket, model: str, read_at: float):
        ttft_s, tokens, rate = self.plans[model]
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        sent = []
        self.streaming.set()
        for index in range(tokens):
            due = read_at + ttft_s + index / rate
            while (left := due - time.perf_counter()) > 0:
                time.sleep(max(0.0, left - 0.0005))
            sent.append(time.perf_counter())
            self._event(connection, model, {"content": self.text}, None)
        self._event(connection, model, {}, "stop")
        self._frame(
            connection,
            {"model": model, "choices": [], "usage": {"completion_tokens": tokens}},
        )
        self._chunk(connection, b"data: [DONE]\n\n")
        connection.sendall(b"0\r\n\r\n")
        if tokens < 2:
            return
        truth = (sent[0] - read_at, (tokens - 1) / (sent[-1] - sent[0]))
        self.truths.setdefault(model, []).append(truth)

    def _event(self, connection, model, delta, finish):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self._frame(connection, {"model": model, "choices": [choice]})

    def _frame(self, connection, content):
        self._chunk(connection, b"data: " + json.dumps(content).encode() + b"\n\n")

    def _chunk(self, connection, data):
        connection.sendall(b"%x\r\n%b\r\n" % (len(data), data))


@pytest.fixture
def known_server():
    """Make servers of models, each (seconds to first token, tokens, tokens/s)."""
    return Server


@contextmanager
def serve_demo() -> Iterator[DemoServer]:
    with DemoServer() as server:
        quick = [
            replace(model, ttft_s=0.01, load_s=0.01, tok_s=5000)
            for model in server.library.models
        ]
        server.library = Library(quick, server.timer)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def quick_demo():
    """Serve the demo's models, hurried, while a ``with`` block runs."""
    return serve_demo
