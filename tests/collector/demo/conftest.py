import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from collector.demo.pacing import Timer
from collector.demo.server import DemoServer

TASK = "PythonでJSON→CSV変換関数を書いてください"


@dataclass(frozen=True)
class Answer:
    """One HTTP reply, read to its end."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self):
        return json.loads(self.content)

    @property
    def events(self) -> list[str]:
        """What follows ``data: ``, frame by frame."""
        assert self.content.endswith(b"\n\n")
        frames = self.content.decode("utf-8").removesuffix("\n\n").split("\n\n")
        assert all(frame.startswith("data: ") for frame in frames)
        return [frame.removeprefix("data: ") for frame in frames]

    @property
    def chunks(self):
        return [json.loads(event) for event in self.events[:-1]]

    def text(self, field: str) -> str:
        return "".join(
            choice["delta"].get(field, "")
            for chunk in self.chunks
            for choice in chunk["choices"]
        )


Ask = Callable[..., Answer]


@pytest.fixture
def task() -> str:
    return TASK


@pytest.fixture
def fake_timer() -> Timer:
    """A clock that moves only when somebody sleeps."""
    now = [0.0]

    def sleep(span_s: float) -> None:
        now[0] += max(span_s, 0.0001)

    return Timer(clock=lambda: now[0], sleep=sleep)


@pytest.fixture
def server(fake_timer: Timer) -> Iterator[DemoServer]:
    with DemoServer(fake_timer) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def ask(server: DemoServer) -> Ask:
    """Send one request on a connection of its own."""

    def send(method: str, path: str, body: object = None) -> Answer:
        address = urlsplit(server.base_url)
        assert address.hostname is not None
        connection = http.client.HTTPConnection(
            address.hostname, address.port, timeout=10
        )
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            connection.request(method, path, None if body is None else content)
            reply = connection.getresponse()
            return Answer(reply.status, dict(reply.headers), reply.read())
        finally:
            connection.close()

    return send


@pytest.fixture
def chat(ask: Ask) -> Ask:
    """Ask a model for a stream with usage; keywords are further fields."""

    def send(model: str, prompt: str = TASK, **fields: object) -> Answer:
        body = {
            "model": model,
            "messages": [{"role": "user", "content": prompt}],
            "stream": True,
            "stream_options": {"include_usage": True},
            **fields,
        }
        return ask("POST", "/v1/chat/completions", body)

    return send
