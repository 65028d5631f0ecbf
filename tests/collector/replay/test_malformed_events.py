"""Events and JSON that no honest server sends, and some that only look so."""

import pytest

from .collecting import Replayed, assert_honest, replay_in_turn
from .frames import (
    DONE,
    chunk_object,
    delta,
    ending,
    event,
    finish,
    stream,
    text,
    usage,
    usage_event,
)

M = "m"
AB = text(M, "a", "b")
C = delta(M, content="c")
END = ending(M, 3)
BOM = b"\xef\xbb\xbf"


def choice(**fields: object) -> bytes:
    """A chunk whose only choice has other fields."""
    content = chunk_object(M, {})
    content["choices"][0] |= fields
    return event(content)


def raw(old: str, new: str, **fields: object) -> bytes:
    """A delta with some of its JSON written in another way."""
    frame = delta(M, **fields).decode()
    assert old in frame
    return frame.replace(old, new).encode()


# Unusual, but every byte follows the standard: the answer must count, with this text.
UNUSUAL: dict[str, tuple[list[bytes], str]] = {
    "crlf": ([part.replace(b"\n", b"\r\n") for part in [*AB, C, *END]], "abc"),
    "cr": ([part.replace(b"\n", b"\r") for part in [*AB, C, *END]], "abc"),
    "crlf_cut": (
        [b"%c" % byte for byte in b"".join([*AB, C, *END]).replace(b"\n", b"\r\n")],
        "abc",
    ),
    "no_space": ([part.replace(b"data: ", b"data:") for part in [*AB, C, *END]], "abc"),
    "byte_order_mark": ([BOM, *AB, C, *END], "abc"),
    "blank_lines": ([b"\n\n", *AB, b"\n", C, b"\n\n\n", *END], "abc"),
    "other_fields": (
        [b"retry: 9\nid: 1\n\n", *AB, b": ping\n", b"id: 2\n" + C, b"x: 1\n\n", *END],
        "abc",
    ),
    "named_message": ([*AB, b"event: message\n" + C, *END], "abc"),
    "several_lines": ([*AB, C.replace(b',"', b',\ndata: "'), *END], "abc"),
    "spaces_in_json": (
        [*AB, C.replace(b":", b" :\t ").replace(b"data :", b"data:"), *END],
        "abc",
    ),
    "escapes": (
        [*AB, raw('"c"', '"\\u0063\\ud83c\\udf63"', content="c"), *END],
        "abc🍣",
    ),
    "nul": ([*AB, raw('"c"', '"\\u0000c"', content="c"), *END], "ab\0c"),
    "controls": (
        [*AB, raw('"c"', '"\\u001b[2J\\u2028"', content="c"), *END],
        "ab\x1b[2J\u2028",
    ),
    "null_text": (
        [*AB, delta(M, content=None, reasoning_content=None), C, *END],
        "abc",
    ),
    "null_error": (
        [*AB, event(chunk_object(M, {"content": "c"}, error=None)), *END],
        "abc",
    ),
    "role_chunk": ([delta(M, role="assistant", content=""), *AB, C, *END], "abc"),
    "text_with_finish": (
        [*AB, event(chunk_object(M, {"content": "c"}, "stop")), *END[1:]],
        "abc",
    ),
    "finish_twice_alike": ([*AB, C, finish(M), *END], "abc"),
    "usage_null": ([event(chunk_object(M, {"content": "c"}, usage=None)), *END], "c"),
    "usage_first": ([usage_event(M, usage(3)), *AB, finish(M), DONE], "ab"),
    "unknown_fields": ([*AB, delta(M, content="c", audio={"x": [1]}), *END], "abc"),
    "after_end_mark": ([*AB, C, *END, delta(M, content="late"), DONE], "abc"),
    "text_equal_to_the_mark": (
        [*AB, delta(M, content="data: [DONE]\n\n"), *END],
        "abdata: [DONE]\n\n",
    ),
    "both_reasonings": (
        [delta(M, reasoning_content="hm", reasoning="hm"), *AB, C, *END],
        "abc",
    ),
}

# Broken: the answer must not count, and this text came before the fault.
MALFORMED: dict[str, tuple[list[bytes], str]] = {
    "no_json": ([*AB, event("hello"), C, *END], "ab"),
    "half_json": ([*AB, event('{"choices": ['), C, *END], "ab"),
    "two_objects": ([*AB, event("{} {}"), C, *END], "ab"),
    "an_array": ([*AB, event([]), C, *END], "ab"),
    "a_number": ([*AB, event("5"), C, *END], "ab"),
    "null": ([*AB, event("null"), C, *END], "ab"),
    "deep": ([*AB, event("[" * 100_000), C, *END], "ab"),
    "deep_and_closed": ([*AB, event("[" * 90_000 + "]" * 90_000), C, *END], "ab"),
    "not_a_number": ([*AB, raw("1790000000", "NaN", content="c"), *END], "ab"),
    "infinite": ([*AB, raw("1790000000", "1e999", content="c"), *END], "ab"),
    "ten_thousand_digits": (
        [*AB, raw("1790000000", "9" * 10_000, content="c"), *END],
        "ab",
    ),
    "choices_an_object": (
        [*AB, event({**chunk_object(M, {}), "choices": {"0": {}}}), C, *END],
        "ab",
    ),
    "choices_text": (
        [*AB, event({**chunk_object(M, {}), "choices": "c"}), C, *END],
        "ab",
    ),
    "choice_no_object": (
        [*AB, event({**chunk_object(M, {}), "choices": ["c"]}), C, *END],
        "ab",
    ),
    "choice_null": (
        [*AB, event({**chunk_object(M, {}), "choices": [None]}), C, *END],
        "ab",
    ),
    "delta_text": ([*AB, choice(delta="c"), C, *END], "ab"),
    "delta_array": ([*AB, choice(delta=["c"]), C, *END], "ab"),
    "content_number": ([*AB, delta(M, content=5), C, *END], "ab"),
    "content_parts": (
        [*AB, delta(M, content=[{"type": "text", "text": "c"}]), C, *END],
        "ab",
    ),
    "reasoning_number": ([*AB, delta(M, reasoning=True), C, *END], "ab"),
    "two_choices": (
        [
            *AB,
            event(
                {
                    **chunk_object(M, {}),
                    "choices": [
                        {"index": 0, "delta": {"content": "c"}, "finish_reason": None},
                        {"index": 1, "delta": {"content": "d"}, "finish_reason": None},
                    ],
                }
            ),
            *END,
        ],
        "ab",
    ),
    "two_finishes": ([*AB, finish(M, "length"), *END], "ab"),
    "two_finishes_back": ([*AB, finish(M), finish(M, "length"), *END[1:]], "ab"),
    "text_after_finish": ([*AB, finish(M), C, *END[1:]], "ab"),
    "mark_with_more": ([*AB, C, *END[:-1], b"data: [DONE] or not\n\n"], "abc"),
}

# Neither is broken HTTP nor broken JSON, but it must not count, for these reasons.
UNTRUE: dict[str, tuple[list[bytes], str, set[str]]] = {
    "model_changes": (
        [*AB, delta("other", content="c"), *END],
        "abc",
        {"model_mismatch"},
    ),
    "model_changes_late": ([*AB, C, *ending("other", 3)], "abc", {"model_mismatch"}),
    "second_instance": (
        [*text("m:2", "a", "b"), *ending("m:2", 2)],
        "ab",
        {"model_mismatch"},
    ),
    "no_model": (
        [
            event({"choices": [{"delta": {"content": "c"}, "finish_reason": "stop"}]}),
            DONE,
        ],
        "c",
        {"model_mismatch", "malformed_stream"},
    ),
    "model_no_text": (
        [*text(5, "a", "b"), *ending(5, 2)],
        "ab",
        {"model_mismatch", "malformed_stream"},
    ),
    "finish_number": (
        [*AB, finish(M, 5), *END[1:]],
        "ab",
        {"disconnected", "malformed_stream", "unexpected_finish"},
    ),
    "finish_empty": (
        [*AB, finish(M, ""), *END[1:]],
        "ab",
        {"disconnected", "malformed_stream", "unexpected_finish"},
    ),
    "finish_tools": ([*AB, *ending(M, 3, "tool_calls")], "ab", {"unexpected_finish"}),
    "finish_filter": (
        [*AB, *ending(M, 3, "content_filter")],
        "ab",
        {"unexpected_finish"},
    ),
    "finish_shouted": ([*AB, *ending(M, 3, "STOP")], "ab", {"unexpected_finish"}),
    "mark_as_json": (
        [*AB, C, *END[:-1], event('"[DONE]"')],
        "abc",
        {"malformed_stream"},
    ),
    "mark_in_comment": ([*AB, C, *END[:-1], b": [DONE]\n\n"], "abc", {"disconnected"}),
    "mark_as_text": ([*AB, C, *END[:-1], b"[DONE]\n\n"], "abc", {"disconnected"}),
    "error_field": (
        [*AB, b'error: {"code":500,"message":"no"}\n\n', *END[2:]],
        "ab",
        {"error_event", "disconnected", "malformed_stream", "unexpected_finish"},
    ),
}


@pytest.fixture(scope="module")
def replayed(tmp_path_factory) -> dict[str, Replayed]:
    answers = {
        name: stream(case[0])
        for table in (UNUSUAL, MALFORMED, UNTRUE)
        for name, case in table.items()
    }
    return replay_in_turn(tmp_path_factory.mktemp("malformed"), M, answers)


@pytest.mark.parametrize("name", list(UNUSUAL))
def test_an_unusual_stream_that_keeps_the_rules_counts(replayed, name):
    answer = replayed[name]
    reasoning = "hm" if name == "both_reasonings" else ""
    assert_honest(answer, answer=UNUSUAL[name][1], reasoning=reasoning, tokens=3)
    assert answer.trial.failure is None, answer.trial.failure


@pytest.mark.parametrize("name", list(MALFORMED))
def test_a_malformed_stream_fails_and_keeps_what_came_before(replayed, name):
    answer = replayed[name]
    tokens = answer.metric("completion_tokens")
    assert tokens in {None, 3}
    assert_honest(answer, answer=MALFORMED[name][1], tokens=tokens)
    assert (answer.trial.outcome, answer.kind) == ("failed", "malformed_stream")
    assert 0 < len(answer.trial.failure.message) <= 500


@pytest.mark.parametrize("name", list(UNTRUE))
def test_a_stream_that_does_not_prove_itself_does_not_count(replayed, name):
    answer = replayed[name]
    tokens = answer.metric("completion_tokens")
    assert tokens in {None, 2, 3}
    assert_honest(answer, answer=UNTRUE[name][1], tokens=tokens)
    assert answer.kind in UNTRUE[name][2], answer.trial.failure
