"""The body out of a response's bytes, by its framing; no I/O.

The HTTP library would do it too, at several times the cost for each token, and it
hands over the parts of one read one after another. https://www.rfc-editor.org/rfc/rfc9112#section-6
"""

import re
from collections.abc import Mapping
from typing import Protocol

MAX_SIZE_LINE_BYTES = 4096
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")


class FramingError(ValueError):
    """A response's head announces a framing that cannot be read."""


class Framing(Protocol):
    """Takes a body's bytes as they arrive and gives them without their framing."""

    @property
    def is_over(self) -> bool:
        """Whether the body has come to its announced end, or cannot be read on."""
        ...

    @property
    def fault(self) -> str | None:
        """What in the bytes does not follow the framing; None: all does."""
        ...

    def feed(self, data: bytes) -> bytes:
        """Return the part of the body in these bytes, up to a fault."""
        ...

    def missing(self) -> str | None:
        """Return what is missing if the connection ends now; None: nothing."""
        ...


def framing_of(headers: Mapping[str, str]) -> Framing:
    """Return the framing that a response's headers announce; raises FramingError."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise FramingError(
            f"the stream is compressed ({encoding}) although it was asked not to be: "
            "its times would be the compressor's"
        )
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return Chunked()
    length = headers.get("content-length")
    if length is None:
        return UntilClose()
    if not length.isascii() or not length.isdigit():
        raise FramingError(f"the response's length is {length!r}, no number")
    return Sized(int(length))


class UntilClose:
    """A body that ends when the connection does."""

    is_over = False
    fault = None

    def feed(self, data: bytes) -> bytes:
        """Return the bytes as they are."""
        return data

    def missing(self) -> str | None:
        """Return None: this is how such a body ends."""
        return None


class Sized:
    """A body of a length known beforehand."""

    fault = None

    def __init__(self, length: int) -> None:
        self._left = length

    @property
    def is_over(self) -> bool:
        """Whether all of it came."""
        return self._left == 0

    def feed(self, data: bytes) -> bytes:
        """Return the bytes up to the announced length."""
        body = data[: self._left]
        self._left -= len(body)
        return body

    def missing(self) -> str | None:
        """Return how many bytes are missing; None: none."""
        return f"{self._left} bytes are missing" if self._left else None


class Chunked:
    """A body in chunks, each with its size before it."""

    def __init__(self) -> None:
        self._rest = b""
        self._left = 0  # bytes of the present chunk still to come
        self._ends_chunk = False  # its line break is still to come
        self._is_last = False  # only trailers are still to come
        self.is_over = False
        self.fault: str | None = None

    def feed(self, data: bytes) -> bytes:
        """Return the chunks' content in these bytes, up to a fault."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        parts: list[bytes] = []
        at = 0
        while at < len(data) and not self.is_over:
            if self._left:
                part = data[at : at + self._left]
                parts.append(part)
                at += len(part)
                self._left -= len(part)
                self._ends_chunk = self._left == 0
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._keep(data[at:])
                break
            self._read_line(data[at:end].removesuffix(b"\r"))
            at = end + 1
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def missing(self) -> str | None:
        """Return that the last chunk is missing; None: it came."""
        return None if self.is_over else "its last chunk is missing"

    def _keep(self, rest: bytes) -> None:
        if len(rest) > MAX_SIZE_LINE_BYTES:
            self._give_up("a chunk's size line does not end")
        else:
            self._rest = rest

    def _give_up(self, fault: str) -> None:
        self.fault, self.is_over = fault, True

    def _read_line(self, line: bytes) -> None:
        if self._ends_chunk:
            self._ends_chunk = False
            if line:
                self._give_up(f"a chunk goes on after its size: {line[:40]!r}")
        elif self._is_last:
            self.is_over = not line
        else:
            digits = line.partition(b";")[0].strip()
            if not _SIZE.fullmatch(digits):
                self._give_up(f"a chunk without its size: {line[:40]!r}")
                return
            self._left = int(digits, 16)
            self._is_last = self._left == 0
