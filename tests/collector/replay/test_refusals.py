"""Responses that are no event stream: errors, redirects, the wrong address."""

import json

import pytest

from .collecting import (
    Replayed,
    Settings,
    assert_honest,
    read_run,
    replay,
    run_collect,
)
from .frames import ending, short_answer, stream, text
from .replay import ReplayServer, Script, Send, json_reply

TOKEN = "An LM Studio API token is required to make requests to this server"  # noqa: S105 - words
N_KEEP = (
    "The number of tokens to keep from the initial prompt is greater than the context "
    "length (n_keep: 13055>= n_ctx: 4096)."
)
REDIRECTS = (301, 302, 303, 307, 308)
ELSEWHERE = "/v1/elsewhere"


def plain_reply(status: int, body: bytes, content_type: str = "text/plain") -> Script:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\n"
    return [Send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)]


def redirect(status: int) -> Script:
    head = f"HTTP/1.1 {status} X\r\nLocation: {ELSEWHERE}\r\nContent-Length: 0\r\n\r\n"
    return [Send(head.encode())]


def error(message: str, **more: object) -> dict[str, object]:
    return {"error": {"message": message, **more}}


EXCEEDS = error(
    "request (9000 tokens) exceeds the available context size (4096 tokens)",
    code=400,
    type="exceed_context_size_error",
    n_prompt_tokens=9000,
    n_ctx=4096,
)
NOT_FOUND = error(
    'Model "default" not found.',
    type="invalid_request_error",
    param="model",
    code="model_not_found",
)
UNEXPECTED = "Unexpected endpoint or method. (POST /v1/v1/chat/completions)"
IMPATIENT = ("Retry-After: 0", "x-should-retry: true")

ANSWERS: dict[str, Script] = {
    "unexpected_endpoint": json_reply(200, {"error": UNEXPECTED}),
    "whole_completion": json_reply(
        200,
        {
            "model": "whole_completion",
            "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}],
            "usage": {"completion_tokens": 1},
        },
    ),
    "a_page": plain_reply(200, b"<html>Sign in</html>", "text/html"),
    "no_content": [Send(b"HTTP/1.1 204 No Content\r\n\r\n")],
    "no_type": [Send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")],
    **{f"redirect_{status}": redirect(status) for status in REDIRECTS},
    "words_only": json_reply(400, {"error": "'messages' field is required"}),
    "not_found": json_reply(404, NOT_FOUND),
    "no_token": json_reply(401, error(TOKEN, type="invalid_request")),
    "no_token_no_body": plain_reply(401, b""),
    "n_keep": json_reply(400, {"error": N_KEEP}),
    "exceeds": json_reply(400, EXCEEDS),
    "broken": json_reply(500, error("boom")),
    "busy": json_reply(429, error("slow down"), headers=IMPATIENT),
    "down": json_reply(503, error("come back"), headers=IMPATIENT),
    "conflict": json_reply(409, error("no"), headers=IMPATIENT),
    "late": json_reply(408, error("no"), headers=IMPATIENT),
    "in_words": plain_reply(503, b"No models are available"),
    "not_json": plain_reply(500, b"{\xff\x00", "application/json"),
    "deep": plain_reply(500, b"[" * 60_000, "application/json"),
    "an_error_as_stream": plain_reply(500, b"data: [DONE]\n\n", "text/event-stream"),
}
KINDS = {
    "unexpected_endpoint": "wrong_endpoint",
    "whole_completion": "wrong_endpoint",
    "a_page": "wrong_endpoint",
    "no_content": "wrong_endpoint",
    "no_type": "wrong_endpoint",
    **{f"redirect_{status}": "wrong_endpoint" for status in REDIRECTS},
    "no_token": "unauthorized",
    "no_token_no_body": "unauthorized",
    "n_keep": "context_overflow",
    "exceeds": "context_overflow",
}
MESSAGES = {
    "unexpected_endpoint": UNEXPECTED,
    "words_only": "'messages' field is required",
    "not_found": 'Model "default" not found.',
    "no_token": TOKEN,
    "n_keep": N_KEEP,
    "exceeds": "exceeds the available context size",
    "broken": "boom",
    "in_words": "No models are available",
}


@pytest.fixture(scope="module")
def replayed(tmp_path_factory) -> dict[str, Replayed]:
    answers = dict(ANSWERS)
    healthy = stream([*text("healthy_last", "a", "b"), *ending("healthy_last", 2)])
    answers["healthy_last"] = healthy
    settings = Settings(silence_s=1.0)
    return replay(tmp_path_factory.mktemp("refusals"), answers, settings=settings)


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_refusal_is_recorded_by_its_kind_after_exactly_one_request(replayed, name):
    answer = replayed[name]
    assert_honest(answer, tokens=None)
    assert answer.trial.outcome == "failed"
    assert answer.kind == KINDS.get(name, "server_error")
    assert MESSAGES.get(name, "") in answer.trial.failure.message
    assert answer.trial.requests_sent == 1
    assert answer.trial.status_code == int(ANSWERS[name][0].data.split()[1])


def test_a_redirect_is_not_followed(tmp_path):
    healthy = stream([*text("m", "a", "b"), *ending("m", 2)])
    scripts = {"m": [short_answer("m"), *map(redirect, REDIRECTS)]}
    settings = Settings(trials=len(REDIRECTS))
    with ReplayServer(scripts, paths={ELSEWHERE: healthy}) as server:
        run_collect(tmp_path, server, ["m"], settings)
    assert server.count(ELSEWHERE) == 0
    trials = [trial for trial in read_run(tmp_path).trials if not trial.is_warmup]
    assert [trial.status_code for trial in trials] == list(REDIRECTS)


def test_a_sweep_goes_on_after_every_refusal(replayed):
    answer = replayed["healthy_last"]
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None


def test_messages_of_refusals_are_kept_short(replayed):
    lengths = {name: len(replayed[name].trial.failure.message) for name in ANSWERS}
    assert max(lengths.values()) < 500, json.dumps(lengths)
