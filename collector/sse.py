"""Server-sent events out of stamped bytes; no I/O, by the rules of the HTML standard.

https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_EVENT_BYTES = 4 * 2**20
"""A longer event is no answer of a model: whoever sends it would fill the memory."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class OverlongEventError(ValueError):
    """An event, or a line, has more than ``MAX_EVENT_BYTES``."""


class Event(NamedTuple):
    """One event.

    Attributes:
        at_ns: When the end of its last data line arrived.
        name: Its ``event:`` field; empty if it had none.
        data: Its data lines, joined; bytes that are no UTF-8 are replaced.
        is_whole: Whether the blank line that ends an event arrived.
    """

    at_ns: int
    name: str
    data: str
    is_whole: bool


class EventReader:
    """Reads bytes as they arrive; how they are split changes stamps, never events."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._rest_bytes = 0
        self._skips_newline = False
        self._is_at_start = True
        self._name = ""
        self._data: list[str] = []
        self._data_bytes = 0
        self._at_ns = 0

    def feed(self, at_ns: int, piece: bytes) -> Iterator[Event]:
        """Yield the events that these bytes complete.

        Raises:
            OverlongEventError: An event does not end.
        """
        for line in self._lines(piece):
            event = self._take(at_ns, line)
            if event is not None:
                yield event

    def close(self, at_ns: int) -> Iterator[Event]:
        """Yield what the end of the stream cut off, as an event that is not whole."""
        if self._rest:
            line, self._rest = b"".join(self._rest), []
            self._take(at_ns, line)
        if self._data:
            yield Event(self._at_ns, self._name, "\n".join(self._data), is_whole=False)
            self._data = []

    def _take(self, at_ns: int, line: bytes) -> Event | None:
        if not line:
            name, data = self._name, self._data
            self._name, self._data, self._data_bytes = "", [], 0
            if not data:
                return None
            text = data[0] if len(data) == 1 else "\n".join(data)
            return Event(self._at_ns, name, text, is_whole=True)
        field, _, value = line.partition(b":")
        if field == b"data":
            text = value.removeprefix(b" ").decode("utf-8", errors="replace")
            self._data.append(text)
            self._data_bytes += len(value)
            _check_size(self._data_bytes)
            self._at_ns = at_ns
        elif field == b"event":
            name = value.removeprefix(b" ").decode("utf-8", errors="replace")
            self._name = name
        return None

    def _lines(self, piece: bytes) -> list[bytes]:
        """Split at CR LF, CR or LF; what has no end yet is kept for the next piece."""
        if not piece:
            return []
        if self._skips_newline and piece.startswith(b"\n"):
            piece = piece[1:]
        # A CR ends a line at once; an LF in the next piece belongs to it.
        self._skips_newline = piece.endswith(b"\r")
        *lines, last = _LINE_END.split(piece) if b"\r" in piece else piece.split(b"\n")
        if lines and self._rest:
            lines[0] = b"".join((*self._rest, lines[0]))
            self._rest, self._rest_bytes = [], 0
        if last:
            self._rest.append(last)
            self._rest_bytes += len(last)
            _check_size(self._rest_bytes)
        if lines and self._is_at_start:
            self._is_at_start = False
            lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
        return lines


def _check_size(n_bytes: int) -> None:
    if n_bytes > MAX_EVENT_BYTES:
        raise OverlongEventError(
            f"an event of the stream has more than {MAX_EVENT_BYTES} bytes"
        )
