"""What LM Studio and its neighbours send, and what is made of it."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.backends.protocol import Exchange, Piece
from collector.record import Failure
from collector.stream import judge, read_exchange

USAGE = {"prompt_tokens": 57, "completion_tokens": 42, "total_tokens": 99}
DONE = b"data: [DONE]\n\n"


def frame(delta=None, *, finish=None, model="M", **more) -> bytes:
    choices = [] if delta is None else [{"delta": delta, "finish_reason": finish}]
    body = {"id": "chatcmpl-fx01", "model": model, "choices": choices, **more}
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"


STOP = frame({}, finish="stop")
PLAIN = (
    frame({"role": "assistant", "content": "```python\n"})
    + frame({"content": ""})
    + frame({"content": "print('🍣日')"})
    + STOP
    + frame(usage=USAGE)
    + DONE
)


def exchange(
    *pieces: bytes,
    content_type="text/event-stream",
    status=200,
    failure=None,
) -> Exchange:
    return Exchange(
        sent_ns=0,
        headers_ns=1_000_000,
        ended_ns=10**9,
        status_code=status,
        content_type=content_type,
        pieces=tuple(Piece((n + 1) * 10_000_000, p) for n, p in enumerate(pieces)),
        failure=failure,
    )


def outcome(got: Exchange):
    result, failure = judge(got, read_exchange(got), model_key="M")
    return result, failure and failure.kind


def test_a_plain_answer_is_complete_and_exact():
    got = exchange(PLAIN[:40], PLAIN[40:])
    reading = read_exchange(got)
    assert outcome(got) == ("complete", None)
    assert reading.answer_text == "```python\nprint('🍣日')"
    assert [chunk.chars for chunk in reading.timeline] == [10, 11]
    assert reading.usage == USAGE
    assert reading.finish_reason == "stop"
    assert reading.timeline[0].t_us == 20_000


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_thinking_is_kept_apart_under_both_names(name):
    got = exchange(frame({name: "hmm"}), frame({"content": "ok"}), STOP, DONE)
    reading = read_exchange(got)
    assert (reading.reasoning_text, reading.answer_text) == ("hmm", "ok")
    assert [chunk.channel for chunk in reading.timeline] == ["reasoning", "answer"]


def test_usage_on_the_finish_chunk_and_on_every_chunk_last_wins():
    got = exchange(
        frame({"content": "a"}, usage={"completion_tokens": 1}),
        frame({}, finish="stop", usage={"completion_tokens": 2}, stats={}),
        DONE,
    )
    assert read_exchange(got).usage == {"completion_tokens": 2}


def test_without_usage_the_trial_is_complete_and_the_count_unknown():
    got = exchange(frame({"content": "a"}), STOP, DONE)
    assert outcome(got) == ("complete", None)
    assert read_exchange(got).usage is None


def test_the_servers_own_figures_survive_verbatim():
    timings = {"cache_n": 236, "predicted_ms": 1.5}
    got = exchange(
        frame({"content": "a"}), STOP, frame(timings=timings, x_new=[1]), DONE
    )
    assert read_exchange(got).server_stats == {"timings": timings, "x_new": [1]}


ERROR = b'event: error\ndata: {"error":{"message":"%s"},"message":"%s"}\n\n'
OVERFLOW = b"Input does not fit in context length. The input has 31430 tokens"
CRASH = b"The model has crashed without additional information."
TEXT = frame({"content": "abc"})


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (exchange(TEXT, frame({}, finish="length"), DONE), ("truncated", "limit")),
        (exchange(ERROR % (OVERFLOW, OVERFLOW)), ("failed", "context_overflow")),
        (exchange(TEXT, ERROR % (CRASH, CRASH)), ("failed", "error_event")),
        (exchange(TEXT, b'data: {"error":"plain"}\n\n'), ("failed", "error_event")),
        (
            exchange(TEXT, b'event: error\ndata: {"message":"m"}\n\n'),
            ("failed", "error_event"),
        ),
        (exchange(TEXT), ("truncated", "disconnected")),
        (exchange(TEXT, STOP), ("truncated", "disconnected")),
        (exchange(TEXT, STOP[:-1]), ("truncated", "disconnected")),
        (
            exchange(TEXT, failure=Failure(kind="disconnected", message="reset")),
            ("failed", "disconnected"),
        ),
        (
            exchange(b'data: {"choices": [{"logprodata: {"id":"x"}\n\n', STOP, DONE),
            ("failed", "malformed_stream"),
        ),
        (exchange(b'data: {"usage": NaN}\n\n', DONE), ("failed", "malformed_stream")),
        (exchange(b'data: {"a": 1e999}\n\n', DONE), ("failed", "malformed_stream")),
        (
            exchange(frame({"content": "a"}, model="other"), STOP, DONE),
            ("failed", "model_mismatch"),
        ),
        (
            exchange(TEXT, frame({}, finish="tool_calls"), DONE),
            ("failed", "unexpected_finish"),
        ),
        (
            exchange(
                b'{"error":"Unexpected endpoint"}', content_type="application/json"
            ),
            ("failed", "wrong_endpoint"),
        ),
        (
            exchange(b'{"error":"bad"}', content_type="application/json", status=400),
            ("failed", "server_error"),
        ),
        (exchange(), ("failed", "disconnected")),
    ],
)
def test_what_does_not_count_says_why(got, expected):
    assert outcome(got) == expected


def test_the_servers_words_are_kept_in_every_shape():
    for body in (b'{"error":"words"}', b'{"error":{"message":"words","code":"x"}}'):
        got = exchange(body, content_type="application/json", status=404)
        _, failure = judge(got, read_exchange(got), model_key="M")
        assert failure is not None
        assert failure.message == "HTTP 404: words"


def test_half_a_surrogate_pair_becomes_a_question_mark():
    got = exchange(b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n')
    assert read_exchange(got).answer_text == "a?"


def test_comments_carriage_returns_and_missing_spaces_are_read():
    lines = PLAIN.replace(b"\n\n", b"\r\n\r\n").replace(b"data: ", b"data:")
    got = exchange(b": keep-alive\r\n\r\n" + lines)
    assert outcome(got) == ("complete", None)


@given(cuts=st.lists(st.integers(0, len(PLAIN)), max_size=12), crlf=st.booleans())
def test_any_splitting_of_the_bytes_gives_the_same_reading(cuts, crlf):
    data = PLAIN.replace(b"\n", b"\r\n") if crlf else PLAIN
    edges = sorted({0, len(data), *cuts})
    pieces = [data[a:b] for a, b in pairwise(edges)]
    whole, split = read_exchange(exchange(data)), read_exchange(exchange(*pieces))
    assert outcome(exchange(*pieces)) == ("complete", None)
    assert (whole.answer_text, whole.usage) == (split.answer_text, split.usage)
    assert [c.chars for c in whole.timeline] == [c.chars for c in split.timeline]
