import pytest

from collector.demo.pacing import Timer


def test_waiting_returns_at_the_due_time_and_not_before(fake_timer):
    fake_timer.wait_until(0.25)

    assert 0.25 <= fake_timer.clock() <= 0.2502


def test_a_time_that_is_past_is_not_waited_for():
    slept: list[float] = []

    Timer(clock=lambda: 2.0, sleep=slept.append).wait_until(1.0)

    assert slept == []


def test_late_wake_ups_do_not_add_up():
    now = [0.0]

    def sleep_too_long(span_s: float) -> None:
        now[0] += span_s + 0.002

    timer = Timer(clock=lambda: now[0], sleep=sleep_too_long)
    for number in range(1, 101):
        timer.wait_until(number * 0.01)

    assert now[0] == pytest.approx(1.0, abs=0.005)
