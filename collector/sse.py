"""Server-sent events out of stamped bytes; pure, by the rules of the HTML standard.

https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from collector.backends.protocol import Piece

_LINE_END = re.compile(rb"\r\n|\r|\n")


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


class _Line(NamedTuple):
    at_ns: int
    text: bytes


def read_events(pieces: Iterable[Piece]) -> Iterator[Event]:
    """Yield the events of a response, each stamped with its data's arrival.

    How the bytes were split over pieces changes stamps, never events. A last event
    without its blank line is yielded with ``is_whole`` false: a browser would drop it.
    """
    name, data, at_ns = "", list[str](), 0
    for line in _read_lines(pieces):
        if not line.text:
            if data:
                yield Event(at_ns, name, "\n".join(data), is_whole=True)
            name, data = "", []
            continue
        field, _, value = line.text.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", errors="replace")
        if field == b"data":
            data.append(text)
            at_ns = line.at_ns
        elif field == b"event":
            name = text
    if data:
        yield Event(at_ns, name, "\n".join(data), is_whole=False)


def _read_lines(pieces: Iterable[Piece]) -> Iterator[_Line]:
    """Split at CR LF, CR or LF; a line is stamped when its end arrived."""
    rest: list[bytes] = []
    skips_newline = False
    at_ns = 0
    for at_ns, raw in pieces:
        data = raw[1:] if skips_newline and raw.startswith(b"\n") else raw
        if raw:
            # A CR ends a line at once; an LF in the next piece belongs to it.
            skips_newline = raw.endswith(b"\r")
        *lines, last = _LINE_END.split(data)
        for line in lines:
            yield _Line(at_ns, b"".join((*rest, line)))
            rest = []
        if last:
            rest.append(last)
    if rest:
        yield _Line(at_ns, b"".join(rest))
