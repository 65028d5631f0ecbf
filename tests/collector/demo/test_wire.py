import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.demo.script import Piece, Script
from collector.demo.wire import (
    END_FRAME,
    RefusalError,
    Reply,
    completion,
    frames,
    read_chat_request,
    read_object,
)

MESSAGES = [{"role": "user", "content": "hi"}]


def reply(*pieces: Piece, is_cut: bool = False, has_usage: bool = True) -> Reply:
    return Reply(
        reply_id="chatcmpl-x",
        created_s=1,
        model="m",
        prompt_tokens=3,
        script=Script(pieces, is_cut=is_cut),
        ttft_s=0.5,
        tok_s=100,
        has_usage=has_usage,
    )


def bodies(answer: Reply):
    return [json.loads(frame[6:]) for _, frame in frames(answer) if frame != END_FRAME]


THINKS = (Piece("reasoning", "hm"), Piece("content", "は"), Piece("content", "い"))


def test_tokens_are_due_at_a_steady_pace_after_the_first():
    due = [due_s for due_s, _ in frames(reply(*THINKS))]

    assert due == pytest.approx([0.5, 0.51, 0.52, 0.52, 0.52, 0.52])


def test_a_frame_is_one_line_of_json_written_as_lm_studio_does():
    _, first = next(frames(reply(*THINKS)))

    assert first == (
        b'data: {"id":"chatcmpl-x","object":"chat.completion.chunk","created":1,'
        b'"model":"m","system_fingerprint":"m","choices":[{"index":0,"delta":'
        b'{"role":"assistant","reasoning":"hm"},"logprobs":null,'
        b'"finish_reason":null}]}\n\n'
    )


@given(st.text(min_size=1))
def test_no_text_breaks_a_frame(text):
    answer = reply(Piece("content", text))

    _, first = next(frames(answer))

    assert first.count(b"\n") == 2
    assert first.endswith(b"\n\n")
    assert b"\r" not in first
    assert bodies(answer)[0]["choices"][0]["delta"]["content"] == text


def test_usage_comes_only_if_asked_for_and_without_choices():
    with_usage, without = bodies(reply(*THINKS)), bodies(reply(has_usage=False))

    assert with_usage[-1]["choices"] == []
    assert with_usage[-1]["usage"] == {
        "prompt_tokens": 3,
        "completion_tokens": 3,
        "total_tokens": 6,
        "completion_tokens_details": {"reasoning_tokens": 1},
    }
    assert all("usage" not in body for body in without)


def test_the_finish_frame_has_an_empty_delta_and_the_reason():
    stop = bodies(reply(*THINKS))[-2]["choices"][0]
    length = bodies(reply(*THINKS, is_cut=True))[-2]["choices"][0]

    assert (stop["delta"], stop["finish_reason"]) == ({}, "stop")
    assert (length["delta"], length["finish_reason"]) == ({}, "length")


def test_an_empty_reply_still_ends_as_it_should():
    finish, usage = bodies(reply(is_cut=True))

    assert finish["choices"][0]["finish_reason"] == "length"
    assert usage["usage"]["completion_tokens"] == 0
    assert completion(reply())[0] == 0.5


def test_a_reply_in_one_piece_is_due_when_the_last_token_would_be():
    due_s, body = completion(reply(*THINKS))

    assert due_s == pytest.approx(0.52)
    assert body["choices"] == [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "はい",
                "reasoning": "hm",
                "tool_calls": [],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'"x"'])
def test_a_body_that_is_no_json_object_is_refused(content):
    with pytest.raises(RefusalError) as refusal:
        read_object(content)

    assert refusal.value.status == 400
    assert isinstance(refusal.value.body["error"], str)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "'messages' field is required"),
        ({"model": "m"}, "'messages' field is required"),
        ({"model": "m", "messages": []}, "'messages' field is required"),
        ({"messages": MESSAGES}, "'model' field is required"),
        ({"model": "m", "messages": ["hi"]}, "a message without 'content'"),
        (
            {"model": "m", "messages": MESSAGES, "max_tokens": "9"},
            "'max_tokens' must be an integer",
        ),
    ],
)
def test_a_request_without_what_it_needs_is_refused_in_words(body, words):
    with pytest.raises(RefusalError) as refusal:
        read_chat_request(body)

    assert (refusal.value.status, refusal.value.body) == (400, {"error": words})


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({}, None),
        ({"max_tokens": None}, None),
        ({"max_tokens": -1}, None),
        ({"max_tokens": 0}, 0),
        ({"max_tokens": 7}, 7),
        ({"max_completion_tokens": 8}, 8),
    ],
)
def test_a_negative_or_absent_limit_is_no_limit(fields, limit):
    request = read_chat_request({"model": "m", "messages": MESSAGES, **fields})

    assert request.max_tokens == limit


def test_a_prompt_is_the_text_of_all_messages():
    request = read_chat_request(
        {
            "model": "m",
            "messages": [
                {"role": "system", "content": "a"},
                {"role": "user", "content": [{"type": "text", "text": "b"}]},
            ],
        }
    )

    assert request.prompt == "a\nb"
    assert not request.is_stream
