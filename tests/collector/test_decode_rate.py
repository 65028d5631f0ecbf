"""The rate behind the headline, on streams whose every token is known."""

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.decode_rate import arrivals, rate_tok_s
from collector.record import Chunk

LENGTHS = [1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 9]
"""Characters of tokens, as code and prose have them."""


def stream(sizes: list[int], *, chars, gap_us: int = 5000) -> tuple[Chunk, ...]:
    """Events of so many tokens each; a token takes ``gap_us`` to make."""
    t_us, timeline = 100_000, []
    for index, size in enumerate(sizes):
        t_us += gap_us * size if index else 0
        length = sum(chars() for _ in range(size))
        timeline.append(Chunk(t_us, "answer", length))
    return tuple(timeline)


def errors(sizes_of, *, n_tokens=200, n_streams=200) -> list[float]:
    """Errors against the true 200 tok/s, over many drawn streams."""
    draw = random.Random(1)
    found = []
    for _ in range(n_streams):
        sizes: list[int] = []
        while (left := n_tokens - sum(sizes)) > 0:
            sizes.append(min(left, sizes_of(draw, len(sizes))))
        timeline = stream(sizes, chars=lambda: draw.choice(LENGTHS))
        rate = rate_tok_s(timeline, n_tokens)
        assert rate is not None
        found.append(abs(rate / 200 - 1))
    return found


@pytest.mark.parametrize("size", [1, 2, 4])
def test_events_of_equally_many_tokens_have_no_error(size):
    # Their texts differ in length only as tokens do, so the mean is believed.
    found = errors(lambda _draw, _index: size)
    assert statistics.quantiles(found, n=20)[-1] < 1e-9


@pytest.mark.parametrize(
    ("sizes_of", "median"),
    [
        (lambda draw, _: draw.randint(1, 6), 0.004),
        (lambda draw, _: draw.choice((1, 3, 5)), 0.004),
        (lambda _draw, index: 12 if index == 0 else 1, 0.01),
    ],
    ids=["ragged", "speculative", "big first"],
)
def test_events_of_unlike_many_tokens_err_less_than_counting_arrivals_would(
    sizes_of, median
):
    # N·(C-1)/C, the mean for the first arrival, errs by 0.7, 0.9 and 5.8 % here.
    assert statistics.median(errors(sizes_of)) < median


def test_bursts_of_single_tokens_are_counted_by_their_events():
    # Four events in each write, all four read at once; 40 tokens, 4 every 20 ms.
    timeline = tuple(
        Chunk(write * 20_000, "answer", length)
        for write in range(1, 11)
        for length in (1, 9, 2, 7)
    )
    assert rate_tok_s(timeline, 40) == pytest.approx(200.0)


def test_an_end_token_without_text_does_not_change_how_events_are_taken():
    timeline = stream([1] * 100, chars=lambda: 3)
    assert rate_tok_s(timeline, 101) == pytest.approx(100 / (99 * 0.005))


def test_a_fast_engines_events_are_not_merged_into_one():
    # 8,000 tok/s: an event every 125 µs is the pace, not one read.
    timeline = tuple(Chunk(n * 125, "answer", 3) for n in range(1, 101))
    assert len(arrivals(timeline)) == 100
    assert rate_tok_s(timeline, 100) == pytest.approx(8000.0)


def test_events_written_together_but_read_apart_are_one_arrival():
    timeline = tuple(
        Chunk(write * 50_000 + part * 60, "answer", 2)
        for write in range(1, 4)
        for part in range(3)
    )
    assert [(one.t_us, one.events, one.chars) for one in arrivals(timeline)] == [
        (50_000, 3, 6),
        (100_000, 3, 6),
        (150_000, 3, 6),
    ]


def test_one_arrival_has_no_rate():
    assert rate_tok_s((Chunk(5, "answer", 9), Chunk(5, "answer", 9)), 4) is None
    assert rate_tok_s((), 4) is None


@given(
    gaps=st.lists(st.integers(0, 50_000), max_size=30),
    lengths=st.lists(st.integers(1, 20), min_size=31, max_size=31),
    tokens=st.integers(1, 500),
)
def test_a_rate_is_positive_or_unknown_and_arrivals_lose_no_text(gaps, lengths, tokens):
    times = [sum(gaps[: index + 1]) for index in range(len(gaps))]
    timeline = tuple(
        Chunk(t, "answer", length) for t, length in zip(times, lengths, strict=False)
    )
    rate = rate_tok_s(timeline, tokens)
    assert rate is None or rate > 0
    came = arrivals(timeline)
    assert sum(one.chars for one in came) == sum(chunk.chars for chunk in timeline)
    assert sum(one.events for one in came) == len(timeline)
