"""Figures worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.metrics import METRICS
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
