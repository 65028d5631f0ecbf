"""Figures worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.metrics import FLAGS, METRICS
from collector.record import Chunk, PublishedFigures, Trial


def trial(times_us, *, tokens=None, chars=1) -> Trial:
    return Trial(
        run_id="r",
        model_id="m",
        task_id="t",
        number=1,
        outcome="complete",
        timeline=tuple(Chunk(t, "answer", chars) for t in times_us),
        usage=None if tokens is None else {"completion_tokens": tokens},
    )


def value(key, measured):
    return METRICS[key].compute(measured)


def test_with_one_token_per_arrival_the_rate_is_tokens_after_the_first_over_time():
    measured = trial([500_000, 600_000, 700_000, 800_000, 900_000], tokens=5)
    assert value("decode_tok_s", measured) == pytest.approx(4 / 0.4)
    assert value("ttft_s", measured) == 0.5
    assert value("generation_s", measured) == pytest.approx(0.4)
    assert value("answer_s", measured) == pytest.approx(0.9)


def test_with_four_tokens_per_arrival_the_rate_is_not_inflated():
    # 40 tokens, 4 every 100 ms: 40 tok/s.
    measured = trial([n * 100_000 for n in range(1, 11)], tokens=40)
    assert value("decode_tok_s", measured) == pytest.approx(40.0)


def test_parts_of_one_read_are_one_arrival():
    # Three events in each of four reads, 30 µs apart: 12 tokens, 3 per 0.1 s.
    times = [read * 100_000 + part * 30 for read in range(1, 5) for part in range(3)]
    rate = value("decode_tok_s", trial(times, tokens=12))
    assert rate == pytest.approx(30.0, rel=1e-3)


def test_without_a_count_there_is_no_rate_and_chunks_are_not_tokens():
    measured = trial([1000, 2000, 3000])
    assert value("completion_tokens", measured) is None
    assert value("decode_tok_s", measured) is None
    assert value("chars_s", measured) == pytest.approx(1000.0)


@pytest.mark.parametrize(("times", "tokens"), [([1000], 9), ([1000, 9000], 1), ([], 0)])
def test_too_little_has_no_rate(times, tokens):
    assert value("decode_tok_s", trial(times, tokens=tokens)) is None


def test_zero_tokens_is_a_count():
    assert value("completion_tokens", trial([], tokens=0)) == 0
    assert value("ttft_s", trial([], tokens=0)) is None


def test_a_published_trial_gives_its_printed_figures():
    figures = PublishedFigures(tok_s=76.02, ttft_s=0.2, total_tokens=786)
    published = trial([]).model_copy(update={"published": figures})
    assert value("decode_tok_s", published) == 76.02
    assert value("generation_s", published) == pytest.approx(10.3394, abs=1e-4)
    assert value("answer_s", published) == pytest.approx(10.5394, abs=1e-4)


@given(
    gaps=st.lists(st.integers(1_000, 100_000), min_size=2, max_size=20),
    factor=st.integers(2, 9),
)
def test_stretching_time_divides_the_rate(gaps, factor):
    times = [sum(gaps[: index + 1]) for index in range(len(gaps))]
    rate = value("decode_tok_s", trial(times, tokens=50))
    slow = value("decode_tok_s", trial([t * factor for t in times], tokens=50))
    assert math.isclose(rate, slow * factor)


def flagged(measured: Trial) -> set[str]:
    return {key for key, is_raised in FLAGS.items() if is_raised(measured)}


def told(times_us=(1000, 500_000, 999_000), *, tokens, text="abcdef", **more) -> Trial:
    fields = {"reasoning_text": "", "answer_text": text, **more}
    return Trial.model_validate(
        {**trial(times_us, tokens=tokens, chars=2).model_dump(), **fields}
    )


def test_an_ordinary_trial_raises_no_flag():
    assert flagged(told(tokens=3)) == set()


def test_more_tokens_than_bytes_of_text_give_no_rate():
    # Six bytes came; 16 marks are allowed for.
    assert flagged(told(tokens=22)) == set()
    assert flagged(told(tokens=23)) == {"implausible_rate"}
    assert value("decode_tok_s", told(tokens=22)) is not None
    assert value("decode_tok_s", told(tokens=23)) is None
    assert value("completion_tokens", told(tokens=23)) == 23


def test_thinking_that_is_counted_but_not_shown_gives_no_rate():
    usage = {
        "completion_tokens": 60,
        "completion_tokens_details": {"reasoning_tokens": 40},
    }
    hidden = told(tokens=60, text="a" * 100, usage=usage)
    assert flagged(hidden) == {"implausible_rate"}
    assert value("decode_tok_s", hidden) is None
    shown = told(tokens=60, text="a" * 60, usage=usage, reasoning_text="b" * 40)
    assert value("decode_tok_s", shown) is not None


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_one_token_less_than_the_limit_is_flagged_and_kept_as_it_came(limit):
    request = {"path": "/v1", "body": {limit: 4}, "prompt_sha256": "0" * 64}
    for tokens, expected in ((3, {"off_by_one_at_limit"}), (4, set())):
        cut = told(tokens=tokens, finish_reason="length", request=request)
        assert flagged(cut) == expected
        assert value("completion_tokens", cut) == tokens


def test_text_without_a_count_is_flagged():
    assert flagged(told(tokens=None)) == {"no_usage"}


@pytest.mark.parametrize(
    ("stats", "is_flagged"),
    [
        ({"timings": {"predicted_per_second": 2.0}}, False),
        ({"timings": {"predicted_per_second": 2.2}}, True),
        ({"stats": {"tokens_per_second": 1.8}}, True),
        ({"stats": {"tokens_per_second": "fast"}}, False),
        ({"stats": {"tokens_per_second": True}}, False),
        ({"stats": []}, False),
    ],
)
def test_a_server_rate_that_is_another_than_ours_is_flagged(stats, is_flagged):
    # Three events, two tokens in 0.998 s after the first: 2.004 tok/s.
    assert ("rate_disagrees" in flagged(told(tokens=3, server_stats=stats))) is (
        is_flagged
    )


@pytest.mark.parametrize(("pressure", "is_flagged"), [(0.1, False), (0.11, True)])
def test_a_busy_measuring_machine_is_flagged(pressure, is_flagged):
    busy = told(tokens=3, conditions={"cpu_pressure_ratio": pressure})
    assert ("cpu_pressure" in flagged(busy)) is is_flagged
    assert "cpu_pressure" not in flagged(told(tokens=3, conditions={}))


@pytest.mark.parametrize("count", [-1, "3", 3.0, True, None])
def test_a_count_that_is_no_count_is_unknown(count):
    odd = told(tokens=3, usage={"completion_tokens": count})
    assert value("completion_tokens", odd) is None
    assert value("decode_tok_s", odd) is None
