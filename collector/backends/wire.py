"""The socket below the HTTP library, where the request leaves and arrivals are stamped.

The library writes the request and reads the response's head through a stream of ours,
which gives it the head and keeps what came with it. The body is read from the socket
directly: a stamp is taken right after each read, before anything looks at the bytes.
"""

import re
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

MAX_READ_BYTES = 65_536
MAX_HEAD_MODE_BYTES = 8 * 2**20
"""What the library may read: a head, or the body of an error."""

_HEAD_END = re.compile(rb"\n\r?\n")

Clock = Callable[[], int]


class Line:
    """One connection to a server and what passed over it.

    Attributes:
        sent_ns: When the latest part of the request was sent; None: none was.
        sent_cpu_s: Processor seconds that this process had used by then.
        head_ns: When the latest part of a response's head arrived, with all that came
            in the same read.
        connections: Connections made.
    """

    def __init__(self, clock: Clock, *, may_wait: Callable[[], float]) -> None:
        """Begin without a connection.

        Args:
            clock: Stamps what leaves and arrives.
            may_wait: Gives the seconds that a read may still wait.
        """
        self.clock = clock
        self.sent_ns: int | None = None
        self.sent_cpu_s = 0.0
        self.connections = 0
        self._may_wait = may_wait
        self._stream: httpcore2.NetworkStream | None = None
        self._kept = b""
        self._given = b""  # the last bytes of a head that has not ended yet
        self.head_ns = 0
        self._read_bytes = 0

    def attach(self, stream: httpcore2.NetworkStream) -> None:
        """Use this stream from now on."""
        self._stream = stream

    def write(self, buffer: bytes, timeout: float | None) -> None:
        """Stamp and send bytes; the latest stamp is that of the request's last part.

        Stamped after sending, a server that answers at once would be found to have
        answered sooner than it did, by as long as it kept us from the processor.
        """
        if buffer:
            self.sent_ns, self.sent_cpu_s = self.clock(), time.process_time()
            self._connected().write(buffer, timeout)

    def read_head(self, max_bytes: int) -> bytes:
        """Return bytes for the library: never more than up to the end of a head."""
        if not self._kept:
            data = self._connected().read(max_bytes, self._may_wait())
            self._kept, self.head_ns = data, self.clock()
            self._read_bytes += len(data)
            if self._read_bytes > MAX_HEAD_MODE_BYTES:
                raise httpcore2.ReadError("the response's head or error has no end")
        # The end of a head may have been cut in two by a read.
        end = _HEAD_END.search(self._given + self._kept)
        cut = end.end() - len(self._given) if end else len(self._kept)
        head, self._kept = self._kept[:cut], self._kept[cut:]
        self._given = b"" if end else (self._given + head)[-2:]
        return head

    def read_body(self, *, wait_s: float) -> tuple[int, bytes] | None:
        """Return when bytes arrived and the bytes; none at the connection's end.

        Returns:
            None if nothing arrives within ``wait_s`` seconds.

        Raises:
            OSError: The connection broke.
        """
        if self._kept:
            kept, self._kept = self._kept, b""
            return self.head_ns, kept
        plug = self._plug
        if not (isinstance(plug, ssl.SSLSocket) and plug.pending()):  # noqa: SIM102
            if not select.select([plug], [], [], wait_s)[0]:
                return None
        try:
            data = plug.recv(MAX_READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        return self.clock(), data

    def begin_body(self) -> None:
        """Let reads return at once from here on."""
        self._plug: socket.socket = self._connected().get_extra_info("socket")
        self._plug.settimeout(0)

    def _connected(self) -> httpcore2.NetworkStream:
        if self._stream is None:
            raise AssertionError("a library reads only from what it has connected")
        return self._stream


class _StampedStream(httpcore2.NetworkStream):
    """What the library takes for the connection."""

    def __init__(self, inner: httpcore2.NetworkStream, line: Line) -> None:
        self._inner = inner
        self._line = line
        line.attach(inner)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the line knows how long it may wait
        return self._line.read_head(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._line.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return _StampedStream(inner, self._line)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _StampingBackend(httpcore2.NetworkBackend):
    def __init__(self, line: Line) -> None:
        self._line = line
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        inner = self._sockets.connect_tcp(
            host, port, timeout, local_address, socket_options
        )
        self._line.connections += 1
        return _StampedStream(inner, self._line)


@contextmanager
def _as_httpx_errors() -> Iterator[None]:
    """Raise the lower library's errors as the upper one's, of the same names."""
    try:
        yield
    except (
        httpcore2.TimeoutException,
        httpcore2.NetworkError,
        httpcore2.ProtocolError,
        httpcore2.UnsupportedProtocol,
    ) as error:
        upper = getattr(httpx2, type(error).__name__, httpx2.TransportError)
        raise upper(str(error) or type(error).__name__) from error


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx_errors():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


class WireTransport(httpx2.BaseTransport):
    """Sends requests over a line; without proxies, retries or HTTP/2."""

    def __init__(self, line: Line, *, is_secure: bool) -> None:
        self._pool = httpcore2.ConnectionPool(
            # Reading the certificates takes tens of milliseconds: only where needed.
            ssl_context=httpx2.create_ssl_context() if is_secure else None,
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=_StampingBackend(line),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return the response with its body still to be read."""
        with _as_httpx_errors():
            answer = self._pool.handle_request(
                httpcore2.Request(
                    method=request.method,
                    url=httpcore2.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()
