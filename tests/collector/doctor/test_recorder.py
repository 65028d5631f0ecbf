"""What a capture keeps of a stream, and when it stops."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collector.doctor.recorder import MAX_BYTES, Recorder

STREAM = b'data: {"a": "data: [DONE] is no mark"}\n\ndata: [DONE]\n\n'


def feed(*parts: bytes) -> Recorder:
    recorder = Recorder()
    for index, part in enumerate(parts):
        recorder.feed(index, part)
    return recorder


@given(st.sets(st.integers(1, len(STREAM) - 1)))
def test_it_is_over_at_the_end_mark_however_the_stream_is_cut(cuts):
    recorder = Recorder()
    bounds = sorted({0, len(STREAM), *cuts})
    end = STREAM.rindex(b"[DONE]") + len(b"[DONE]")
    for start, stop in pairwise(bounds):
        assert not recorder.is_over or start >= end
        recorder.feed(start, STREAM[start:stop])
        assert recorder.is_over == (stop >= end)


def test_a_stream_may_begin_with_its_end_mark():
    assert feed(b"data:[DONE]").is_over
    assert not feed(b"x data: [DONE]").is_over


def test_it_is_over_when_it_has_enough_and_keeps_no_more():
    recorder = feed(b"x" * (MAX_BYTES - 1))
    assert not recorder.is_over
    recorder.feed(1, b"yz")
    assert recorder.is_over
    recorder.feed(2, b"more")
    assert [piece.at_ns for piece in recorder.pieces] == [0, 1]


def test_comments_are_kept_but_are_no_text():
    recorder = Recorder()
    recorder.feed(5, b": still alive\n\n")
    assert recorder.latest_text_ns is None
    recorder.feed(7, b"data: {}\n\n")
    recorder.feed(9, b": still alive\n\n")
    assert recorder.latest_text_ns == 7
    assert len(recorder.pieces) == 3
