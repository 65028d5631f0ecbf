"""A sink that keeps what arrives as it arrived."""

import re
from typing import NamedTuple

MAX_BYTES = 2 * 2**20
"""A capture's longest stream: enough for a short answer many times over."""

_END_MARK = re.compile(rb"[\r\n]data: ?\[DONE\]")
_TAIL_BYTES = 32


class Piece(NamedTuple):
    """Bytes that one read of the socket brought.

    Attributes:
        at_ns: When, by the clock of the exchange.
    """

    at_ns: int
    data: bytes


class Recorder:
    """Keeps every piece of a stream up to its end mark, or up to ``MAX_BYTES``."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._size_bytes = 0
        # The stream's own beginning counts as the beginning of a line.
        self._tail = b"\n"
        self._has_end_mark = False
        self._latest_text_ns: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether the end mark came, or as much as is kept."""
        return self._has_end_mark or self._size_bytes >= MAX_BYTES

    @property
    def latest_text_ns(self) -> int | None:
        """When the latest event's data arrived; None: none did yet."""
        return self._latest_text_ns

    def feed(self, at_ns: int, data: bytes) -> None:
        """Keep the bytes of one read; none are kept once it is over."""
        if self.is_over:
            return
        self.pieces.append(Piece(at_ns, data))
        self._size_bytes += len(data)
        if b"data:" in data:  # A server's comments are a sign of life, not text.
            self._latest_text_ns = at_ns
        seen = self._tail + data
        self._has_end_mark = _END_MARK.search(seen) is not None
        self._tail = seen[-_TAIL_BYTES:]
