"""The whole command against llama.cpp itself: engine, sampler, template and stream."""

import statistics
from itertools import pairwise

import pytest

from collector.backends.llamacpp import LlamaCpp
from collector.backends.protocol import Wish
from collector.metrics import METRICS

pytestmark = pytest.mark.engine

CODE = '''def add(a, b):
    """足し算。"""
    return a + b
'''
ANSWER = f"Here is the code.\n\n```python\n{CODE}```\n\nIt adds two numbers. 😀\n"
UNCLOSED = f"Here is the code.\n\n```python\n{CODE}"
THOUGHTS = "The user wants an addition.\nA function is enough."
LONG_ANSWER = "".join(f"line {number} of the answer\n" for number in range(40))


@pytest.fixture(scope="module")
def plain(reciting):
    with reciting(ANSWER) as engine:
        yield engine


@pytest.fixture(scope="module")
def slow(reciting):
    shape = {"dim": 512, "layers": 4, "ff": 2048, "heads": 8, "kv_heads": 4}
    with reciting(LONG_ANSWER, **shape) as engine:
        yield engine


@pytest.mark.parametrize("backend", ["llamacpp", "openai"])
def test_what_the_engine_said_is_what_the_record_says(plain, collect, backend):
    collected = collect(plain, backend=backend)

    assert collected.result.exit_code == 0, collected.result.output
    assert len(collected.trials) == 2
    for trial in collected.trials:
        assert (trial.outcome, trial.failure) == ("complete", None)
        assert trial.answer_text == ANSWER
        assert trial.reasoning_text == ""
        assert (trial.finish_reason, trial.has_end_mark) == ("stop", True)
        assert trial.served_model == "tiny"
        assert (trial.status_code, trial.requests_sent) == (200, 1)
        assert trial.usage["completion_tokens"] == plain.tokens
        assert trial.server_stats["timings"]["predicted_n"] == plain.tokens
        assert [chunk.chars for chunk in trial.timeline] == [
            len(piece) for piece in plain.pieces
        ]
    assert collected.codes == [CODE, CODE]


def test_the_record_tells_engine_and_model_and_no_folder(plain, collect):
    collected = collect(plain)

    server = collected.run.run.server
    assert (server.name, server.api) == ("llama.cpp", "/props")
    assert server.version
    assert server.is_local is True
    for trial in collected.trials:
        instance = trial.instance
        assert (instance.instance_id, instance.variant) == ("tiny", "reciting.gguf")
        assert (instance.quantization, instance.context_length) == ("F32", 2048)
        assert instance.size_bytes > 300_000
        assert instance.config["total_slots"] == 1
    folder = str(collected.folder.parents[2].parent)
    for path in collected.folder.rglob("*.json"):
        assert folder not in path.read_text(encoding="utf-8")


def test_thinking_is_kept_apart_and_counted(reciting, collect):
    with reciting(ANSWER, thoughts=THOUGHTS) as engine:
        collected = collect(engine)

    for trial in collected.trials:
        assert trial.outcome == "complete"
        assert trial.reasoning_text.rstrip("\n") == THOUGHTS
        assert trial.answer_text == ANSWER
        assert trial.usage["completion_tokens"] == engine.tokens
        channels = [chunk.channel for chunk in trial.timeline]
        assert channels[0] == "reasoning"
        changes = [(a, b) for a, b in pairwise(channels) if a != b]
        assert changes == [("reasoning", "answer")]
    assert collected.codes == [CODE, CODE]


def test_an_answer_cut_at_the_limit_is_truncated(plain, collect):
    collected = collect(plain, sampling="max_tokens = 9", trials=1)

    assert collected.result.exit_code == 3
    [trial] = collected.trials
    assert (trial.outcome, trial.failure.kind) == ("truncated", "limit")
    assert trial.finish_reason == "length"
    assert trial.usage["completion_tokens"] == 9
    assert trial.answer_text == "".join(plain.pieces[:9])


def test_a_fence_that_is_never_closed_still_gives_its_code(reciting, collect):
    with reciting(UNCLOSED) as engine:
        collected = collect(engine, trials=1)

    [trial] = collected.trials
    assert trial.outcome == "complete"
    assert trial.answer_text == UNCLOSED
    assert collected.codes == [CODE]


def test_a_prompt_too_long_is_a_failure_in_the_engines_words(reciting, collect):
    with reciting(ANSWER, context=256) as engine:
        collected = collect(engine, trials=1, prompt="足し算 " * 100)

    assert collected.result.exit_code == 3
    [trial] = collected.trials
    assert (trial.outcome, trial.failure.kind) == ("failed", "context_overflow")
    assert "exceeds the available context size (256 tokens)" in trial.failure.message
    assert trial.status_code == 400
    assert trial.answer_text == ""
    assert trial.usage is None
    assert collected.codes == []


def test_a_name_the_engine_would_answer_all_the_same_is_refused(plain, collect):
    collected = collect(plain, key="tyny")

    assert collected.result.exit_code == 1
    assert "did you mean 'tiny'?" in collected.result.output
    assert collected.run is None


def test_our_times_are_those_of_the_engine(slow, collect):
    collected = collect(slow, trials=3)

    ratios = []
    for trial in collected.trials:
        timings = trial.server_stats["timings"]
        rate = METRICS["decode_tok_s"].compute(trial)
        # The engine counts the end token, which brings no text: 0.6 % too fast.
        ratios.append(rate / timings["predicted_per_second"])
        assert METRICS["ttft_s"].compute(trial) > timings["prompt_ms"] / 1000
    assert statistics.median(ratios) == pytest.approx(1, abs=0.03)


def test_a_stream_given_up_frees_the_engine_for_the_next(slow, collect):
    collected = collect(slow, limits="trial_s = 0.1")

    kinds = [trial.failure.kind for trial in collected.trials]
    assert kinds == ["overlong", "overlong"]
    for trial in collected.trials:
        assert LONG_ANSWER.startswith(trial.answer_text)
        assert 0 < len(trial.answer_text) < len(LONG_ANSWER)


def test_an_engine_asked_twice_is_the_same_instance(plain):
    backend = LlamaCpp(plain.url)
    first = backend.confirm(Wish(key="tiny", context_length=2048), None)

    assert backend.confirm(Wish(key="tiny"), first) == first
