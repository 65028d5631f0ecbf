import http.client
import json
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from collector.calibration.schedule import Schedule
from collector.calibration.truth_server import Timer, TruthServer

STEP_NS = 50_000


@pytest.fixture
def fake_timer() -> Timer:
    """A clock that moves a little whenever it is read, and as far as one sleeps."""
    now_ns = [10**12]  # clocks do not start at zero

    def clock_ns() -> int:
        now_ns[0] += STEP_NS
        return now_ns[0]

    def sleep(span_s: float) -> None:
        now_ns[0] += round(span_s * 1e9)

    return Timer(clock_ns=clock_ns, sleep=sleep)


@pytest.fixture
def serve(fake_timer) -> Iterator[Callable[..., TruthServer]]:
    """Serve schedules in this process, on the fake clock."""
    running: list[tuple[TruthServer, threading.Thread]] = []

    def start(*schedules: Schedule) -> TruthServer:
        server = TruthServer({each.name: each for each in schedules}, timer=fake_timer)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def ask() -> Callable[..., tuple[int, bytes]]:
    """Send one request; the status and the body, read to its end."""

    def send(server: TruthServer, path: str, body: object = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(
            urlsplit(server.base_url).netloc, timeout=10
        )
        try:
            if body is None:
                connection.request("GET", path)
            else:
                connection.request("POST", path, json.dumps(body))
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    return send
