"""A server that streams known schedules and writes down when it really did."""

import hashlib
import json
import socket
import socketserver
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from collector.calibration.frames import HEAD, Write, writes
from collector.calibration.schedule import SCHEDULES, Schedule, bursts
from collector.calibration.truth import TRUTH_PATH, Truth, encode_truths

SPIN_NS = 300_000
"""The last stretch before a write, spent polling: longer than a sleep overruns."""

RECEIVE_BYTES = 65_536

ClockNs = Callable[[], int]

_HEADERS_END = b"\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Timer:
    """A clock in nanoseconds and a sleep that goes with it."""

    clock_ns: ClockNs = time.perf_counter_ns
    sleep: Callable[[float], None] = time.sleep

    def wait_until(self, due_ns: int) -> None:
        """Return when the clock shows that time, at once if it is past."""
        while (left_ns := due_ns - self.clock_ns()) > 0:
            if left_ns > SPIN_NS:
                self.sleep((left_ns - SPIN_NS) / 1e9)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request, read to its end.

    Attributes:
        read_ns: When its last byte was read.
    """

    method: str
    path: str
    body: bytes
    read_ns: int


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """A write with text.

    Attributes:
        at_ns: Just before it was handed to the system.
        due_ns: When it was due.
    """

    at_ns: int
    due_ns: int
    write: Write


class TruthServer(socketserver.ThreadingTCPServer):
    """Serves schedules on a free port of 127.0.0.1, a thread per connection."""

    daemon_threads = True

    def __init__(
        self,
        schedules: Mapping[str, Schedule] = SCHEDULES,
        *,
        timer: Timer | None = None,
    ) -> None:
        self.schedules = schedules
        self.timer = Timer() if timer is None else timer
        self.truths: list[Truth] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def base_url(self) -> str:
        """Address of the OpenAI-compatible routes."""
        host, port = self.socket.getsockname()
        return f"http://{host}:{port}/v1"


def play(
    plan: Sequence[Write],
    *,
    start_ns: int,
    send: Callable[[bytes], object],
    timer: Timer,
) -> list[Stamp]:
    """Send each write when it is due and stamp those with text.

    A client that goes away ends it early.
    """
    stamps: list[Stamp] = []
    with suppress(OSError):
        for write in plan:
            due_ns = start_ns + round(write.due_s * 1e9)
            timer.wait_until(due_ns)
            at_ns = timer.clock_ns()
            send(write.data)
            if write.tokens:
                stamps.append(Stamp(at_ns=at_ns, due_ns=due_ns, write=write))
    return stamps


def text_sha256(schedule: Schedule, number: int) -> str:
    """Return the SHA-256 of a stream's whole text in UTF-8."""
    events = [event for burst in bursts(schedule, number) for event in burst.events]
    return hashlib.sha256("".join(event.text for event in events).encode()).hexdigest()


def tell_truth(
    schedule: Schedule, stamps: Sequence[Stamp], *, read_ns: int, text_sha256: str
) -> Truth:
    """Say in durations what was sent of a stream."""
    sent = [stamp.write for stamp in stamps]
    tokens = sum(write.tokens for write in sent)
    first_ns = stamps[0].at_ns if stamps else read_ns
    return Truth(
        name=schedule.name,
        is_whole=tokens == schedule.tokens,
        ttft_s=(first_ns - read_ns) / 1e9,
        span_s=(stamps[-1].at_ns - first_ns) / 1e9 if stamps else 0.0,
        tokens=tokens,
        first_tokens=sent[0].tokens if sent else 0,
        events=sum(write.events for write in sent),
        late_s=max((stamp.at_ns - stamp.due_ns for stamp in stamps), default=0) / 1e9,
        text_sha256=text_sha256,
    )


def read_request(connection: socket.socket, clock_ns: ClockNs) -> Request | None:
    """Read one request; None: the client closed the connection, or spoke no HTTP.

    The time is taken as each piece arrives, before anything looks at it.
    """
    received = b""
    while True:
        data = connection.recv(RECEIVE_BYTES)
        read_ns = clock_ns()
        if not data:
            return None
        received += data
        head, end, body = received.partition(_HEADERS_END)
        if not end:
            continue
        line, *headers = head.decode("latin-1").split("\r\n")
        length = next(
            (
                value.strip()
                for name, _, value in (header.partition(":") for header in headers)
                if name.lower() == "content-length"
            ),
            "0",
        )
        words = line.split(" ")
        if len(words) != 3 or not length.isdecimal():
            return None
        if len(body) >= int(length):
            return Request(method=words[0], path=words[1], body=body, read_ns=read_ns)


class _Handler(socketserver.BaseRequestHandler):
    server: TruthServer
    request: socket.socket

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError):  # the client went away
            while request := read_request(self.request, self.server.timer.clock_ns):
                self._answer(request)

    def _answer(self, request: Request) -> None:
        route = f"{request.method} {request.path}"
        if route == f"GET {TRUTH_PATH}":
            self._send_json(200, encode_truths(self.server.truths))
        elif route == "GET /v1/models":
            names = [{"id": name, "object": "model"} for name in self.server.schedules]
            listing = {"object": "list", "data": names}
            self._send_json(200, json.dumps(listing).encode())
        elif route == "POST /v1/chat/completions":
            self._chat(request)
        else:
            message = f"Unexpected endpoint or method. ({route})"
            # LM Studio's status, too, and what clients' health checks want.
            self._send_json(200, json.dumps({"error": message}).encode())

    def _chat(self, request: Request) -> None:
        try:
            name = json.loads(request.body)["model"]
            schedule = self.server.schedules[name]
        except (ValueError, KeyError, TypeError) as error:
            message = f"no schedule of that name ({error!r})"
            self._send_json(404, json.dumps({"error": {"message": message}}).encode())
            return
        timer, truths, send = (
            self.server.timer,
            self.server.truths,
            self.request.sendall,
        )
        send(HEAD)
        number = sum(truth.name == schedule.name for truth in truths)
        *texts, end = writes(schedule, number)
        digest = text_sha256(schedule, number)
        stamps = play(texts, start_ns=request.read_ns, send=send, timer=timer)
        # Told before the end mark leaves, so that who has seen that can ask.
        truths.append(
            tell_truth(schedule, stamps, read_ns=request.read_ns, text_sha256=digest)
        )
        play([end], start_ns=request.read_ns, send=send, timer=timer)

    def _send_json(self, status: int, content: bytes) -> None:
        head = (
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        self.request.sendall(head.encode() + content)
