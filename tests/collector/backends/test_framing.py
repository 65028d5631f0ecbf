"""Bodies out of their framing, and held against another implementation of it."""

from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.backends.framing import (
    MAX_SIZE_LINE_BYTES,
    FramingError,
    framing_of,
)

CHUNKED = {"transfer-encoding": "chunked"}


def read(headers: dict[str, str], *pieces: bytes):
    framing = framing_of(headers)
    body = b"".join(framing.feed(piece) for piece in pieces)
    return body, framing.is_over, framing.missing()


def h11_body(wire: bytes) -> bytes:
    connection = h11.Connection(our_role=h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "h")]))
    connection.send(h11.EndOfMessage())
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.receive_data(head + wire)
    body = b""
    while (event := connection.next_event()) is not h11.NEED_DATA:
        if isinstance(event, h11.Data):
            body += bytes(event.data)
        if isinstance(event, h11.EndOfMessage):
            break
    return body


@given(
    parts=st.lists(st.binary(min_size=1, max_size=40), max_size=6),
    cuts=st.lists(st.integers(0, 400), max_size=12),
    extension=st.sampled_from([b"", b";a=b", b" "]),
    trailer=st.sampled_from([b"", b"X-Sum: 1\r\n"]),
)
def test_chunks_cut_anywhere_are_read_as_another_implementation_reads_them(
    parts, cuts, extension, trailer
):
    wire = b"".join(b"%x%b\r\n%b\r\n" % (len(p), extension, p) for p in parts)
    wire += b"0\r\n" + trailer + b"\r\n"
    edges = sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
    pieces = [wire[a:b] for a, b in pairwise(edges)]
    assert read(CHUNKED, *pieces) == (b"".join(parts), True, None)
    assert h11_body(wire) == b"".join(parts)


def test_what_follows_the_last_chunk_is_not_body():
    body, is_over, _ = read(CHUNKED, b"1\r\na\r\n0\r\n\r\n5\r\nother\r\n")
    assert (body, is_over) == (b"a", True)


@pytest.mark.parametrize(
    "wire",
    [
        b"xyz\r\n",
        b"-1\r\n",
        b"0x4\r\n",
        b"1_0\r\n",
        b"\r\n",
        b"f" * 16 + b"\r\n",
        b"1" * (MAX_SIZE_LINE_BYTES + 1),
    ],
)
def test_a_chunk_without_its_size_is_a_fault_that_costs_nothing_before_it(wire):
    framing = framing_of(CHUNKED)
    assert framing.feed(b"2\r\nok\r\n" + wire) == b"ok"
    assert framing.fault is not None
    assert framing.is_over


def test_a_chunk_that_goes_on_after_its_size_is_a_fault():
    framing = framing_of(CHUNKED)
    assert framing.feed(b"1\r\nab\r\n") == b"a"
    assert "goes on after its size" in framing.fault


def test_an_end_before_the_last_chunk_is_told():
    assert read(CHUNKED, b"5\r\nab")[1:] == (False, "its last chunk is missing")
    assert read({"content-length": "5"}, b"ab")[1:] == (False, "3 bytes are missing")
    assert read({}, b"ab") == (b"ab", False, None)


def test_a_sized_body_ends_at_its_size():
    assert read({"content-length": "3"}, b"ab", b"cd") == (b"abc", True, None)


@pytest.mark.parametrize("length", ["-1", "²", "1 2", ""])
def test_a_length_that_is_no_number_is_an_error(length):
    with pytest.raises(FramingError, match="no number"):
        framing_of({"content-length": length})


def test_a_compressed_stream_is_refused():
    with pytest.raises(FramingError, match="compressed"):
        framing_of({"content-encoding": "gzip", **CHUNKED})
