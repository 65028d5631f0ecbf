"""Healthy streams as LM Studio and its kin write them, to the millisecond and the byte.

Their common shape is LM Studio's: headers at once, silence while the prompt is read,
a frame for each delta, the finish frame, the usage frame, the end mark.
"""

import pytest

from collector.metrics import METRICS

from .collecting import Replayed, Settings, assert_honest, replay
from .frames import (
    DONE,
    HEAD,
    LAST_CHUNK,
    chunk_object,
    chunked,
    delta,
    ending,
    event,
    finish,
    sends,
    stream,
    text,
    usage,
    usage_event,
)
from .replay import Send, Step, Wait

PREFILL_S = 0.3
GAP_S = 0.01
SUSHI = "🍣"
CODE = [
    "import sys\n",
    "",
    f"print('{SUSHI}')\n",
    *(f"x{n} = {n}\n" for n in range(36)),
]
ANSWER = "```python\n" + "".join(CODE) + "```"
"""41 deltas, one of them empty; the server counts 42 tokens."""


def paced(parts: list[bytes], gap_s: float) -> list[Step]:
    steps: list[Step] = []
    for step in sends(parts):
        steps += [step, Wait(gap_s)]
    return steps


def plain(model: str, tail: list[bytes]) -> list[Step]:
    pieces = text(model, "```python\n", *CODE, "```")
    with_sushi = chunked(pieces[3])
    cut = with_sushi.index(SUSHI.encode()) + 2
    return [
        Send(HEAD),
        Wait(PREFILL_S),
        *paced(pieces[:3], GAP_S),
        Send(with_sushi[:cut]),
        Wait(GAP_S),
        Send(with_sushi[cut:]),
        *paced(pieces[4:], GAP_S),
        *sends(tail),
        Send(LAST_CHUNK),
    ]


def usage_on_finish(model: str) -> list[Step]:
    return plain(model, [finish(model, usage=usage(42), stats={}), DONE])


def reasoning(model: str, name: str, counts: dict[str, object]) -> list[Step]:
    thought = [delta(model, role="assistant", **{name: "hm "})]
    thought += [delta(model, **{name: "hm "}) for _ in range(29)]
    spoken = [delta(model, content=f"{n} ") for n in range(10)]
    return [
        Send(HEAD),
        *(Wait(0.1), *sends(thought)),
        *(Wait(0.1), *sends(spoken)),
        *sends([finish(model), usage_event(model, counts), DONE]),
        Send(LAST_CHUNK),
    ]


def think_in_content(model: str) -> list[Step]:
    pieces = ["<thi", "nk>", "Hm.", "</thi", "nk>", "\n\n", "x = 1", " # </think>"]
    return stream([*text(model, *pieces), *ending(model, 8)])


def cut_at_limit(model: str, pieces: list[bytes], counts: object) -> list[Step]:
    last = [finish(model, "length"), usage_event(model, counts), DONE]
    return stream([*pieces, *last])


def multi_token(model: str) -> list[Step]:
    frames = [delta(model, content="eight tokens in here. ") for _ in range(10)]
    writes = [b"".join(map(chunked, frames[n : n + 3])) for n in range(0, 10, 3)]
    steps: list[Step] = [Send(HEAD)]
    for write in writes:
        steps += [Wait(0.02), Send(write)]
    return [*steps, *sends(ending(model, 80)), Send(LAST_CHUNK)]


def vllm(model: str) -> list[Step]:
    """Usage on every chunk, counting up, and a reason of its own beside OpenAI's."""
    frames = []
    for n in range(1, 6):
        content = chunk_object(model, {"content": f"{n} "}, usage=usage(n))
        content["choices"][0]["stop_reason"] = None
        frames.append(event(content))
    last = chunk_object(model, {}, "stop", usage=usage(6))
    last["choices"][0]["stop_reason"] = 151645
    return stream([*frames, event(last), usage_event(model, usage(6)), DONE])


def llamacpp(model: str) -> list[Step]:
    timings = {"cache_n": 236, "prompt_n": 1, "predicted_n": 2, "predicted_ms": 31.5}
    last = usage_event(model, usage(2, reasoning=None), timings=timings)
    return stream([*text(model, "a", "b"), finish(model), last, DONE])


def ollama(model: str) -> list[Step]:
    frames = [
        chunk_object(model, {"role": "assistant", "content": "", "reasoning": "hm"}),
        chunk_object(model, {"role": "assistant", "content": "yes"}),
        chunk_object(model, {}, "stop"),
        {**chunk_object(model, {}), "choices": [], "usage": usage(3, reasoning=None)},
    ]
    for frame in frames:
        frame["system_fingerprint"] = "fp_ollama"
    return stream([*map(event, frames), DONE])


@pytest.fixture(scope="module")
def replayed(tmp_path_factory) -> dict[str, Replayed]:
    thought = [delta("limit_in_thought", reasoning_content="hm ") for _ in range(20)]
    spoken = text("limit", *(f"{n} " for n in range(20)))
    every = [finish("no_usage"), DONE]
    detailed = usage(287, reasoning=274)
    answers = {
        "plain_stop": plain("plain_stop", ending("plain_stop", 42)),
        "usage_on_finish": usage_on_finish("usage_on_finish"),
        "no_usage": plain("no_usage", every),
        "thinking": reasoning("thinking", "reasoning_content", detailed),
        "gpt_oss": reasoning("gpt_oss", "reasoning", usage(287, reasoning=None)),
        "think_in_content": think_in_content("think_in_content"),
        "limit": cut_at_limit("limit", spoken, usage(19)),
        "limit_in_thought": cut_at_limit(
            "limit_in_thought", thought, usage(19, reasoning=19)
        ),
        "limit_without_usage": stream(
            [
                *text("limit_without_usage", "a", "b"),
                finish("limit_without_usage", "length"),
                DONE,
            ]
        ),
        "multi_token": multi_token("multi_token"),
        "vllm": vllm("vllm"),
        "llamacpp": llamacpp("llamacpp"),
        "ollama": ollama("ollama"),
    }
    settings = Settings(sampling="max_tokens = 20")
    return replay(tmp_path_factory.mktemp("healthy"), answers, settings=settings)


@pytest.mark.parametrize("name", ["plain_stop", "usage_on_finish"])
def test_a_plain_answer_counts_with_the_servers_tokens(replayed, name):
    answer = replayed[name]
    assert_honest(answer, answer=ANSWER, tokens=42)
    assert answer.trial.failure is None


@pytest.mark.parametrize("name", ["plain_stop", "usage_on_finish", "no_usage"])
def test_the_first_token_comes_after_the_silence_not_with_the_headers(replayed, name):
    answer = replayed[name]
    assert PREFILL_S - 0.005 <= answer.metric("ttft_s") < PREFILL_S + 0.3
    assert answer.trial.headers_us < 200_000
    # 40 deltas with text, 39 gaps between them, one more inside an event, one lost
    # to the empty delta.
    assert len(answer.trial.timeline) == 40
    assert answer.metric("generation_s") >= 40 * GAP_S - 0.1


def test_the_rate_is_the_tokens_after_the_first_arrival_over_their_time(replayed):
    answer = replayed["plain_stop"]
    times = [chunk.t_us for chunk in answer.trial.timeline]
    # Late writes may merge two arrivals, which the formula takes into account.
    rate = 42 * 39 / 40 / ((times[-1] - times[0]) / 1e6)
    assert answer.metric("decode_tok_s") == pytest.approx(rate, rel=0.02)
    assert rate < 42 / (40 * GAP_S - 0.1)


def test_code_is_saved_byte_for_byte_with_an_emoji_cut_in_two_writes(replayed):
    assert replayed["plain_stop"].codes == ("".join(CODE),)


def test_without_usage_the_answer_counts_and_has_no_tokens_and_no_rate(replayed):
    answer = replayed["no_usage"]
    assert_honest(answer, answer=ANSWER, tokens=None)
    assert answer.trial.failure is None
    assert answer.trial.usage is None
    assert answer.metric("decode_tok_s") is None
    assert answer.metric("ttft_s") is not None
    assert answer.metric("chars_s") is not None


@pytest.mark.parametrize(("name", "has_details"), [("thinking", 1), ("gpt_oss", 0)])
def test_thinking_is_the_first_token_and_no_part_of_the_answer(
    replayed, name, has_details
):
    answer = replayed[name]
    spoken = "".join(f"{n} " for n in range(10))
    assert_honest(answer, answer=spoken, reasoning="hm " * 30, tokens=287)
    trial = answer.trial
    assert trial.failure is None
    assert 0.095 <= answer.metric("ttft_s") < 0.19
    first_answer = next(c for c in trial.timeline if c.channel == "answer")
    assert 195_000 <= first_answer.t_us < 450_000
    assert ("completion_tokens_details" in trial.usage) == bool(has_details)


def test_thinking_in_tags_inside_the_answer_is_kept_verbatim(replayed):
    answer = replayed["think_in_content"]
    assert_honest(
        answer,
        reasoning="<think>Hm.</think>",
        answer="\n\nx = 1 # </think>",
        tokens=8,
    )
    assert answer.trial.failure is None


def test_an_answer_cut_at_the_limit_keeps_the_servers_count_one_short(replayed):
    answer = replayed["limit"]
    assert_honest(answer, answer="".join(f"{n} " for n in range(20)), tokens=19)
    assert (answer.trial.outcome, answer.kind) == ("truncated", "limit")
    assert answer.trial.finish_reason == "length"
    assert answer.trial.request.body["max_tokens"] == 20
    assert answer.trial.usage == usage(19)


def test_a_limit_reached_while_thinking_leaves_an_empty_answer(replayed):
    answer = replayed["limit_in_thought"]
    assert_honest(answer, reasoning="hm " * 20, tokens=19)
    assert (answer.trial.outcome, answer.kind) == ("truncated", "limit")
    assert answer.codes == ()


def test_a_limit_without_usage_gives_no_tokens(replayed):
    answer = replayed["limit_without_usage"]
    assert_honest(answer, answer="ab", tokens=None)
    assert answer.kind == "limit"


def test_tokens_are_the_servers_count_not_the_number_of_frames(replayed):
    answer = replayed["multi_token"]
    assert_honest(answer, answer="eight tokens in here. " * 10, tokens=80)
    assert len(answer.trial.timeline) == 10
    times = [chunk.t_us for chunk in answer.trial.timeline]
    arrivals = METRICS["decode_tok_s"].compute(answer.trial) * (times[-1] - times[0])
    # Three of ten frames, 24 of the 80 tokens, came in the first write.
    assert arrivals / 1e6 == pytest.approx(56, rel=0.02)


def test_usage_on_every_chunk_is_not_summed_and_the_last_one_wins(replayed):
    answer = replayed["vllm"]
    assert_honest(answer, answer="1 2 3 4 5 ", tokens=6)
    assert answer.trial.failure is None


def test_llamacpps_own_timings_are_kept_verbatim(replayed):
    answer = replayed["llamacpp"]
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None
    timings = {"cache_n": 236, "prompt_n": 1, "predicted_n": 2, "predicted_ms": 31.5}
    assert answer.trial.server_stats["timings"] == timings


def test_ollamas_reasoning_field_and_fingerprint_are_kept(replayed):
    answer = replayed["ollama"]
    assert_honest(answer, answer="yes", reasoning="hm", tokens=3)
    assert answer.trial.failure is None
    assert answer.trial.server_stats["system_fingerprint"] == "fp_ollama"
