"""Streams that break, lie or end early: none counts, and what came before is kept."""

import pytest

from .collecting import Replayed, assert_honest, replay
from .frames import (
    DONE,
    HEAD,
    LAST_CHUNK,
    chunk_object,
    chunked,
    delta,
    dumps,
    ending,
    event,
    finish,
    sends,
    stream,
    text,
    usage,
    usage_event,
)
from .replay import Close, Reset, Send, Step, Wait

OVERFLOW = (
    "Input does not fit in context length. The input has 31430 tokens, but the "
    "context length only supports 30000 tokens."
)
CRASH = "The model has crashed without additional information. (Exit code: null)"


def told(message: str) -> bytes:
    """LM Studio's error event."""
    return event({"error": {"message": message}, "message": message}, name="error")


def words(model: str, n: int) -> list[bytes]:
    return text(model, *(f"{number} " for number in range(n)))


def spoken(n: int) -> str:
    return "".join(f"{number} " for number in range(n))


def spliced(model: str) -> bytes:
    """A frame cut in mid-JSON with the next one spliced in, as found in the wild."""
    whole = dumps(chunk_object(model, {"content": "lost"}))
    cut = whole.index('"logprobs"') + len('"logpro')
    return f"data: {whole[:cut]}".encode() + delta(model, content="spliced")


def without_blank_line(frame: bytes) -> bytes:
    return frame.removesuffix(b"\n\n")


def native_v1(model: str, *, has_error: bool) -> list[Step]:
    """LM Studio's own chat route, which is not the one we ask."""
    result = {"model_instance_id": model, "output": [], "stats": {"input_tokens": 3}}
    contents: list[dict[str, object]] = [
        {"type": "chat.start", "model_instance_id": model},
        {"type": "model_load.start", "model_instance_id": model},
        {"type": "model_load.progress", "progress": 0.5},
        {"type": "model_load.end", "load_time_seconds": 1.5},
        {"type": "prompt_processing.start"},
        {"type": "prompt_processing.end"},
        {"type": "something.new"},
        {"type": "message.start"},
        {"type": "message.delta", "content": "x = 1"},
        {"type": "message.end"},
        {"type": "chat.end", "result": result},
    ]
    if has_error:
        error = {"type": "internal_error", "message": "no"}
        contents.insert(-1, {"type": "error", "error": error})
    return stream([event(content, name=str(content["type"])) for content in contents])


def broken(model: str) -> dict[str, list[Step]]:
    """Ways to end early after ten words."""
    ten = sends(words(model, 10))
    half = chunked(delta(model, content="lost"))
    return {
        "ends_early": [Send(HEAD), *ten, Send(LAST_CHUNK)],
        # A pause, because a reset may overtake bytes that are not read yet.
        "resets": [Send(HEAD), *ten, Send(half[:40]), Wait(0.05), Reset()],
        "closes_mid_chunk": [Send(HEAD), *ten, Send(half[:40]), Close()],
        "no_last_chunk": [Send(HEAD), *ten, Close()],
        "half_finish": stream([*words(model, 10), without_blank_line(finish(model))]),
        "no_end_mark": stream([*words(model, 10), finish(model)]),
        "no_finish": stream(
            [*words(model, 10), usage_event(model, usage(10)), DONE],
        ),
        "spliced": stream([*words(model, 10), spliced(model), *ending(model, 12)]),
    }


def errors(model: str) -> dict[str, list[Step]]:
    """Ways to say in the stream that something is wrong."""
    fifteen, healthy = words(model, 15), ending(model, 15)
    nameless = event({"message": CRASH}, name="error")
    return {
        "crash": stream([*fifteen, told(CRASH)]),
        "error_then_healthy_end": stream([*fifteen, told(CRASH), *healthy]),
        "error_as_text": stream([*fifteen, event({"error": CRASH}), *healthy]),
        "error_without_key": stream([*fifteen, nameless, *healthy]),
        "error_no_json": stream([*fifteen, event(CRASH, name="error"), *healthy]),
        "error_object": stream(
            [
                *fifteen,
                event({"object": "error", "message": CRASH, "code": 400}),
                *healthy,
            ]
        ),
        "error_after_finish": stream([*fifteen, finish(model), told(CRASH), DONE]),
    }


def answers() -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    for family in (broken, errors):
        for name in family("x"):
            found[name] = family(name)[name]
    found["overflow"] = stream([told(OVERFLOW)])
    found["wrong_model"] = stream([*text("other", "a", "b"), *ending("other", 2)])
    found["native_v1"] = native_v1("native_v1", has_error=False)
    found["native_v1_error"] = native_v1("native_v1_error", has_error=True)
    return found


@pytest.fixture(scope="module")
def replayed(tmp_path_factory) -> dict[str, Replayed]:
    return replay(tmp_path_factory.mktemp("failing"), answers())


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("ends_early", "truncated"),
        ("half_finish", "truncated"),
        ("no_end_mark", "truncated"),
        ("resets", "failed"),
        ("closes_mid_chunk", "failed"),
        ("no_last_chunk", "failed"),
    ],
)
def test_a_stream_that_ends_early_keeps_its_text_and_does_not_count(
    replayed, name, outcome
):
    answer = replayed[name]
    assert_honest(answer, answer=spoken(10), tokens=None)
    assert (answer.trial.outcome, answer.kind) == (outcome, "disconnected")
    assert answer.trial.has_end_mark is False
    assert answer.metric("decode_tok_s") is None


def test_a_finish_frame_without_its_blank_line_was_never_finished(replayed):
    assert replayed["half_finish"].trial.finish_reason is None
    assert replayed["no_end_mark"].trial.finish_reason == "stop"


def test_an_end_mark_without_a_finish_reason_does_not_count(replayed):
    answer = replayed["no_finish"]
    assert_honest(answer, answer=spoken(10), tokens=10)
    assert answer.kind in {"disconnected", "malformed_stream", "unexpected_finish"}
    assert answer.trial.has_end_mark is True


def test_a_frame_with_another_spliced_in_is_malformed_and_never_repaired(replayed):
    answer = replayed["spliced"]
    assert_honest(answer, answer=spoken(10), tokens=None)
    assert (answer.trial.outcome, answer.kind) == ("failed", "malformed_stream")


@pytest.mark.parametrize("name", sorted(errors("x")))
def test_an_error_in_the_stream_fails_the_trial_and_keeps_text_and_words(
    replayed, name
):
    answer = replayed[name]
    assert_honest(answer, answer=spoken(15), tokens=None)
    assert (answer.trial.outcome, answer.kind) == ("failed", "error_event")
    assert CRASH in answer.trial.failure.message
    assert answer.metric("decode_tok_s") is None


def test_an_overflow_told_in_the_stream_is_one_and_is_not_tried_again(replayed):
    answer = replayed["overflow"]
    assert_honest(answer, tokens=None)
    assert (answer.trial.outcome, answer.kind) == ("failed", "context_overflow")
    assert answer.trial.failure.message == OVERFLOW
    assert answer.trial.status_code == 200


def test_another_models_answer_does_not_count_however_healthy(replayed):
    answer = replayed["wrong_model"]
    assert_honest(answer, answer="ab", tokens=2)
    assert (answer.trial.outcome, answer.kind) == ("failed", "model_mismatch")
    assert answer.trial.served_model == "other"
    assert "other" in answer.trial.failure.message


@pytest.mark.parametrize("name", ["native_v1", "native_v1_error"])
def test_lm_studios_other_stream_is_never_taken_for_an_answer(replayed, name):
    answer = replayed[name]
    assert_honest(answer, tokens=None)
    assert answer.trial.outcome == "failed"
    assert answer.kind in {"wrong_endpoint", "malformed_stream", "error_event"}
