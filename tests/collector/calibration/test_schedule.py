import subprocess
import sys

import pytest

from collector.calibration.schedule import (
    CHECKS,
    FULL,
    SCHEDULES,
    WARM_UP,
    Schedule,
    bursts,
)

PLAIN = Schedule(name="plain", tok_s=10, tokens=8, ttft_s=0.5)


def tokens_of(burst):
    return sum(event.tokens for event in burst.events)


def text_of(laid_out):
    return "".join(event.text for burst in laid_out for event in burst.events)


def test_one_token_at_a_time_is_due_at_even_distances():
    dues_s = [burst.due_s for burst in bursts(PLAIN, 0)]

    assert dues_s == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2])


def test_a_burst_is_due_when_its_last_token_is_made_but_the_first_at_ttft():
    schedule = Schedule(
        name="b", tok_s=10, tokens=10, ttft_s=0.5, events_per_write=(4, 4)
    )

    laid_out = bursts(schedule, 0)

    # 4 + 4 + 2 tokens: the second burst takes 0.4 s, the third 0.2 s.
    assert [tokens_of(burst) for burst in laid_out] == [4, 4, 2]
    assert [burst.due_s for burst in laid_out] == pytest.approx([0.5, 0.9, 1.1])


def test_several_tokens_may_share_an_event():
    schedule = Schedule(name="t", tok_s=10, tokens=9, tokens_per_event=(4, 4))

    laid_out = bursts(schedule, 0)

    assert [len(burst.events) for burst in laid_out] == [1, 1, 1]
    assert [tokens_of(burst) for burst in laid_out] == [4, 4, 1]


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=lambda each: each.name)
def test_the_rate_after_the_first_burst_is_the_schedules(schedule):
    first, *_, last = laid_out = bursts(schedule, 3)

    rest = sum(tokens_of(burst) for burst in laid_out) - tokens_of(first)
    assert first.due_s == schedule.ttft_s
    assert rest / (last.due_s - first.due_s) == pytest.approx(schedule.tok_s)
    assert sum(tokens_of(burst) for burst in laid_out) == schedule.tokens


def test_ragged_events_hold_one_to_six_tokens_and_differ_from_stream_to_stream():
    ragged = SCHEDULES["ragged"]
    sizes = [
        event.tokens
        for number in range(20)
        for burst in bursts(ragged, number)
        for event in burst.events
    ]

    assert set(sizes) == {1, 2, 3, 4, 5, 6}
    firsts = {tokens_of(bursts(ragged, number)[0]) for number in range(20)}
    assert len(firsts) > 3


def test_thinking_comes_first_and_is_of_the_length_asked_for():
    schedule = Schedule(
        name="r", tok_s=10, tokens=7, reasoning_tokens=3, tokens_per_event=(2, 2)
    )

    events = [event for burst in bursts(schedule, 0) for event in burst.events]

    assert [(event.field, event.tokens) for event in events] == [
        ("reasoning_content", 2),
        ("reasoning_content", 1),
        ("content", 2),
        ("content", 2),
    ]


def test_tokens_are_of_one_to_twelve_characters_and_no_two_streams_alike():
    lengths = {
        len(event.text)
        for number in range(30)
        for burst in bursts(SCHEDULES["steady-76"], number)
        for event in burst.events
    }

    assert lengths == set(range(1, 13))
    assert text_of(bursts(PLAIN, 0)) != text_of(bursts(PLAIN, 1))


def test_a_stream_is_the_same_in_every_process():
    code = (
        "from collector.calibration.schedule import SCHEDULES, bursts\n"
        "print(ascii(bursts(SCHEDULES['split-utf8'], 2)[0]))"
    )
    finished = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, check=True
    )

    assert finished.stdout.strip() == ascii(bursts(SCHEDULES["split-utf8"], 2)[0])


def test_every_schedule_has_a_name_of_its_own():
    assert len(SCHEDULES) == 1 + len(CHECKS) + len(FULL)
    assert SCHEDULES[WARM_UP.name] is WARM_UP


def test_three_streams_of_each_check_take_three_seconds():
    total_s = bursts(WARM_UP, 0)[-1].due_s + sum(
        3 * bursts(check, 0)[-1].due_s for check in CHECKS
    )

    assert 2.5 < total_s < 3.5
    assert [check.tok_s for check in CHECKS] == [76, 1000]
