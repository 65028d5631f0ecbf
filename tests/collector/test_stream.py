"""What LM Studio and its neighbours send, and what is made of it."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.backends.protocol import Exchange
from collector.judgement import is_event_stream, judge
from collector.record import Failure
from collector.sse import MAX_EVENT_BYTES
from collector.stream import AnswerReader, Reading

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


class Answer:
    """An exchange and what its pieces, 10 ms apart, were read as."""

    def __init__(
        self,
        *pieces: bytes,
        content_type="text/event-stream",
        status=200,
        failure=None,
        requests_sent=1,
    ):
        is_stream = is_event_stream(status, content_type)
        reader = AnswerReader()
        end_ns = 10**7
        for number, piece in enumerate(pieces if is_stream else (), start=1):
            end_ns = number * 10**7
            reader.feed(end_ns, piece)
        reader.close(end_ns)
        self.reader = reader
        self.exchange = Exchange(
            sent_ns=0,
            headers_ns=1_000_000,
            ended_ns=end_ns,
            status_code=status,
            content_type=content_type,
            body=b"" if is_stream else b"".join(pieces),
            requests_sent=requests_sent,
            failure=failure,
        )

    def judged(self, names=frozenset({"M"})):
        return judge(self.exchange, read(self), names=names)


def exchange(*pieces: bytes, **more) -> Answer:
    return Answer(*pieces, **more)


def read(answer: Answer) -> Reading:
    return answer.reader.reading(sent_ns=0)


def outcome(answer: Answer):
    result, failure = answer.judged()
    return result, failure and failure.kind


def test_a_plain_answer_is_complete_and_exact():
    got = exchange(PLAIN[:40], PLAIN[40:])
    reading = read(got)
    assert outcome(got) == ("complete", None)
    assert reading.answer_text == "```python\nprint('🍣日')"
    assert [chunk.chars for chunk in reading.timeline] == [10, 11]
    assert reading.usage == USAGE
    assert reading.finish_reason == "stop"
    assert reading.timeline[0].t_us == 20_000


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_thinking_is_kept_apart_under_both_names(name):
    got = exchange(frame({name: "hmm"}), frame({"content": "ok"}), STOP, DONE)
    reading = read(got)
    assert (reading.reasoning_text, reading.answer_text) == ("hmm", "ok")
    assert [chunk.channel for chunk in reading.timeline] == ["reasoning", "answer"]


def test_usage_on_the_finish_chunk_and_on_every_chunk_last_wins():
    got = exchange(
        frame({"content": "a"}, usage={"completion_tokens": 1}),
        frame({}, finish="stop", usage={"completion_tokens": 2}, stats={}),
        DONE,
    )
    assert read(got).usage == {"completion_tokens": 2}


def test_without_usage_the_trial_is_complete_and_the_count_unknown():
    got = exchange(frame({"content": "a"}), STOP, DONE)
    assert outcome(got) == ("complete", None)
    assert read(got).usage is None


def test_the_servers_own_figures_survive_verbatim():
    timings = {"cache_n": 236, "predicted_ms": 1.5}
    got = exchange(
        frame({"content": "a"}), STOP, frame(timings=timings, x_new=[1]), DONE
    )
    assert read(got).server_stats == {"timings": timings, "x_new": [1]}


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
        (exchange(PLAIN, requests_sent=2), ("failed", "several_requests")),
        (
            exchange(PLAIN.replace(b'"model": "M", ', b"")),
            ("failed", "model_mismatch"),
        ),
        (exchange(TEXT, STOP, TEXT, DONE), ("failed", "malformed_stream")),
        (
            exchange(TEXT, STOP, frame({}, finish="length"), DONE),
            ("failed", "malformed_stream"),
        ),
        (
            exchange(b'data: {"choices": [{"delta": {}}, {"delta": {}}]}\n\n', DONE),
            ("failed", "malformed_stream"),
        ),
        (
            exchange(frame({"content": ["a"]}), STOP, DONE),
            ("failed", "malformed_stream"),
        ),
        (exchange(b"event: error\ndata: out of memory\n\n"), ("failed", "error_event")),
        (
            exchange(b"x" * (MAX_EVENT_BYTES + 1), STOP, DONE),
            ("failed", "malformed_stream"),
        ),
        (
            exchange(*[b"data: " + b"x" * 2**20 + b"\n"] * 5, STOP, DONE),
            ("failed", "malformed_stream"),
        ),
        (
            exchange(b"data: " + b"[" * 65 + b"]" * 65 + b"\n\n", STOP, DONE),
            ("failed", "malformed_stream"),
        ),
        (
            exchange(TEXT, b'data: {"object":"error","message":"no"}\n\n', STOP),
            ("failed", "error_event"),
        ),
        (
            exchange(b'event: message.delta\ndata: {"content":"a"}\n\n'),
            ("failed", "wrong_endpoint"),
        ),
        (
            exchange(
                status=500,
                content_type="text/plain",
                failure=Failure(kind="timeout", message="nothing arrived for 5 s"),
            ),
            ("failed", "server_error"),
        ),
        (
            exchange(b"{}", content_type="application/json", status=401),
            ("failed", "unauthorized"),
        ),
        (exchange(b"", content_type="", status=302), ("failed", "wrong_endpoint")),
        (
            exchange(
                b'{"error":{"type":"exceed_context_size_error",'
                b'"message":"exceeds the available context size"}}',
                content_type="application/json",
                status=400,
            ),
            ("failed", "context_overflow"),
        ),
    ],
)
def test_what_does_not_count_says_why(got, expected):
    assert outcome(got) == expected


def test_the_servers_words_are_kept_in_every_shape():
    for body in (b'{"error":"words"}', b'{"error":{"message":"words","code":"x"}}'):
        got = exchange(body, content_type="application/json", status=404)
        _, failure = got.judged()
        assert failure is not None
        assert failure.message == "HTTP 404: words"


def test_half_a_surrogate_pair_becomes_a_question_mark():
    got = exchange(b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n')
    assert read(got).answer_text == "a?"


def test_comments_carriage_returns_and_missing_spaces_are_read():
    lines = PLAIN.replace(b"\n\n", b"\r\n\r\n").replace(b"data: ", b"data:")
    got = exchange(b": keep-alive\r\n\r\n" + lines)
    assert outcome(got) == ("complete", None)


@given(cuts=st.lists(st.integers(0, len(PLAIN)), max_size=12), crlf=st.booleans())
def test_any_splitting_of_the_bytes_gives_the_same_reading(cuts, crlf):
    data = PLAIN.replace(b"\n", b"\r\n") if crlf else PLAIN
    edges = sorted({0, len(data), *cuts})
    pieces = [data[a:b] for a, b in pairwise(edges)]
    whole, split = read(exchange(data)), read(exchange(*pieces))
    assert outcome(exchange(*pieces)) == ("complete", None)
    assert (whole.answer_text, whole.usage) == (split.answer_text, split.usage)
    assert [c.chars for c in whole.timeline] == [c.chars for c in split.timeline]


def test_an_error_that_is_null_is_no_error():
    got = exchange(frame({"content": "a"}, error=None), STOP, DONE)
    assert outcome(got) == ("complete", None)


def test_a_byte_order_mark_before_the_first_event_is_passed_over():
    assert outcome(exchange(b"\xef\xbb\xbf" + PLAIN)) == ("complete", None)


def test_what_follows_the_end_mark_is_not_read():
    got = exchange(PLAIN + b"data: {broken\n\n", ERROR % (CRASH, CRASH))
    assert outcome(got) == ("complete", None)
    assert got.reader.is_over


def test_the_end_mark_counts_without_its_blank_line():
    assert outcome(exchange(PLAIN.removesuffix(b"\n"))) == ("complete", None)


def test_an_answer_may_come_under_any_name_of_the_model_asked_for():
    got = exchange(PLAIN)
    assert got.judged(frozenset({"maker/M", "M"}))[0] == "complete"
    assert got.judged(frozenset({"M:2"}))[1].kind == "model_mismatch"


def test_a_model_that_changes_in_mid_stream_is_another_model():
    got = exchange(TEXT, frame({"content": "d"}, model="M:2"), STOP, DONE)
    assert outcome(got) == ("failed", "model_mismatch")


def test_text_is_stamped_when_its_event_is_complete():
    half = len(TEXT) // 2
    got = exchange(TEXT[:half], TEXT[half:], STOP + DONE)
    assert [chunk.t_us for chunk in read(got).timeline] == [20_000]
    assert got.reader.latest_text_ns == 20_000_000


THOUGHT = "<think>\n考え</think>"


@given(cuts=st.lists(st.integers(1, 30), max_size=8))
def test_thinking_inside_the_answer_is_told_apart_wherever_it_is_cut(cuts):
    text = f" {THOUGHT}答え<b>"
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    deltas = [text[a:b] for a, b in pairwise(edges)]
    got = exchange(*(frame({"content": delta}) for delta in deltas), STOP, DONE)
    reading = read(got)
    assert reading.reasoning_text == f" {THOUGHT}"
    assert reading.answer_text == "答え<b>"
    assert sum(chunk.chars for chunk in reading.timeline) == len(text)
    # The first text is stamped where it came, however late its channel was known.
    assert reading.timeline[0].t_us == 10_000


def test_thinking_that_the_prompt_opened_is_told_apart_by_its_end():
    got = exchange(frame({"content": "hm"}), frame({"content": "m</think>ok"}), STOP)
    reading = read(got)
    assert (reading.reasoning_text, reading.answer_text) == ("hmm</think>", "ok")
    assert [chunk.channel for chunk in reading.timeline] == [
        "reasoning",
        "reasoning",
        "answer",
    ]


@pytest.mark.parametrize(
    "text",
    ["<thin", "<b>", "```py\ns = '</think>'\n```", "a</think>b</think>"],
)
def test_what_only_looks_like_thinking_is_answer(text):
    reading = read(exchange(frame({"content": text}), STOP, DONE))
    assert (reading.reasoning_text, reading.answer_text) == ("", text)
