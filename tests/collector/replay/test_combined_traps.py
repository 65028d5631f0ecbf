"""Two or three of LM Studio's traps at once, as a hostile reviewer would set them."""

import pytest

from .collecting import (
    Replayed,
    Settings,
    assert_honest,
    read_run,
    replay,
    replay_in_turn,
    run_collect,
)
from .frames import (
    DONE,
    HEAD,
    LAST_CHUNK,
    chunk_object,
    delta,
    ending,
    event,
    finish,
    sends,
    short_answer,
    stream,
    text,
    usage,
    usage_event,
)
from .replay import Close, ReplayServer, Reset, Script, Send, Wait

M = "m"
AB = text(M, "a", "b")
ROLE = delta(M, role="assistant", content="")
OVERFLOW = "Input does not fit in context length. The input has 9 tokens, only 8 fit."
TOLD_OVERFLOW = event(
    {"error": {"message": OVERFLOW}, "message": OVERFLOW}, name="error"
)
NAMELESS = event({"message": OVERFLOW}, name="error")
CUT = {"disconnected"}

# Parts of the stream, text that came, tokens, and the kinds that tell the truth.
CASES: dict[str, tuple[Script, str, int | None, set[str]]] = {
    "overflow_after_role": (
        stream([ROLE, TOLD_OVERFLOW]),
        "",
        None,
        {"context_overflow"},
    ),
    "overflow_then_healthy_end": (
        stream([ROLE, TOLD_OVERFLOW, *AB, *ending(M, 2)]),
        "",
        None,
        {"context_overflow"},
    ),
    "overflow_without_key_after_role": (
        stream([ROLE, NAMELESS]),
        "",
        None,
        {"context_overflow"},
    ),
    "overflow_after_text_and_usage": (
        stream([*AB, usage_event(M, usage(2)), TOLD_OVERFLOW]),
        "ab",
        2,
        {"context_overflow"},
    ),
    "limit_without_usage_or_mark": (
        stream([*AB, finish(M, "length")]),
        "ab",
        None,
        {"disconnected", "limit"},
    ),
    "limit_by_another_model": (
        stream([*text("other", "a", "b"), *ending("other", 19, "length")]),
        "ab",
        19,
        {"model_mismatch"},
    ),
    "limit_one_short_and_cut": (
        [
            Send(HEAD),
            *sends([*AB, finish(M, "length"), usage_event(M, usage(19))]),
            Close(),
        ],
        "ab",
        19,
        {"disconnected", "limit"},
    ),
    "other_model_and_no_usage": (
        stream([*text("other", "a", "b"), finish("other"), DONE]),
        "ab",
        None,
        {"model_mismatch"},
    ),
    "other_model_and_crash": (
        stream([*text("other", "a", "b"), NAMELESS]),
        "ab",
        None,
        {"context_overflow", "model_mismatch"},
    ),
    "empty_but_finished": (stream([ROLE, *ending(M, 0)]), "", 0, {"none"}),
    "usage_only": (
        stream([usage_event(M, usage(2)), DONE]),
        "",
        2,
        CUT | {"malformed_stream"},
    ),
    "mark_only": (stream([DONE]), "", None, CUT | {"malformed_stream"}),
    "cut_in_an_emoji": (
        [Send(HEAD), *sends([*AB, delta(M, content="🍣")[:-12]]), Send(LAST_CHUNK)],
        "ab",
        None,
        CUT,
    ),
    "mark_cut_in_two": (
        stream([*AB, finish(M), usage_event(M, usage(2)), b"data: [DO"]),
        "ab",
        2,
        CUT,
    ),
    "reset_after_finish": (
        [
            Send(HEAD),
            *sends([*AB, finish(M), usage_event(M, usage(2))]),
            Wait(0.05),
            Reset(),
        ],
        "ab",
        2,
        CUT,
    ),
    "thinking_never_closed": (
        stream([*text(M, "<think>", "hm"), *ending(M, 2, "length")]),
        "",
        2,
        {"limit"},
    ),
    "usage_grows_then_error": (
        stream(
            [
                event(chunk_object(M, {"content": "a"}, usage=usage(1))),
                event(chunk_object(M, {"content": "b"}, usage=usage(2))),
                event({"error": "gone"}),
            ]
        ),
        "ab",
        2,
        {"error_event"},
    ),
    "usage_of_another_model": (
        stream([*AB, finish(M), usage_event("other", usage(2)), DONE]),
        "ab",
        2,
        {"model_mismatch"},
    ),
    "counts_more_than_came": (
        stream([*AB, *ending(M, 5000)]),
        "ab",
        5000,
        {"none"},
    ),
}


@pytest.fixture(scope="module")
def replayed(tmp_path_factory) -> dict[str, Replayed]:
    answers = {name: script for name, (script, *_) in CASES.items()}
    return replay_in_turn(tmp_path_factory.mktemp("combined"), M, answers)


@pytest.mark.parametrize("name", list(CASES))
def test_no_combination_of_traps_makes_a_wrong_trial_count(replayed, name):
    answer = replayed[name]
    _, came, tokens, kinds = CASES[name]
    reasoning = "<think>hm" if name == "thinking_never_closed" else ""
    assert_honest(answer, answer=came, reasoning=reasoning, tokens=tokens)
    assert (answer.kind or "none") in kinds, answer.trial.failure


def test_a_count_of_text_that_never_came_gives_no_rate(replayed):
    assert replayed["counts_more_than_came"].metric("decode_tok_s") is None
    assert replayed["empty_but_finished"].metric("decode_tok_s") is None
    assert replayed["empty_but_finished"].metric("ttft_s") is None


def test_a_failing_warm_up_is_kept_and_stops_nothing(tmp_path):
    def crash(model: str) -> Script:
        return stream([*text(model, "a"), event({"error": "gone"})])

    answers = {M: stream([*AB, *ending(M, 2)])}
    answer = replay(tmp_path, answers, warm_up=crash)[M]
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None
    (warm_up,) = [trial for trial in read_run(tmp_path).trials if trial.is_warmup]
    assert warm_up.failure.kind == "error_event"


def test_each_trial_has_a_connection_of_its_own(tmp_path):
    answers = {M: stream([*AB, *ending(M, 2)])}
    settings = Settings(trials=3)
    with ReplayServer({M: [short_answer(M), answers[M]]}) as server:
        run_collect(tmp_path, server, [M], settings)
        n_chats = len(server.chats(M))
    others = [hit for hit in server.hits if not hit.is_stream]
    assert n_chats == 4
    assert server.n_accepted >= 4
    assert server.n_accepted <= 4 + len(others)
    assert all(hit.left_at_s is not None for hit in server.chats(M))
