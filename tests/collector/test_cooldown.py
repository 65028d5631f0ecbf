"""The rest before a block: how long it is, and what ends it."""

import pytest

from collector.cooldown import rest
from collector.plan import Design


class Room:
    """A clock that moves only by sleeping, and a GPU that cools as it moves."""

    def __init__(self, *, hot_c: float | None = None, cools_c_per_s: float = 0.0):
        self.now_ns = 5_000_000_000
        self.hot_c = hot_c
        self.cools_c_per_s = cools_c_per_s
        self.blind_after_s = float("inf")
        self.read_at_s: list[float] = []

    @property
    def passed_s(self) -> float:
        return (self.now_ns - 5_000_000_000) / 1e9

    def clock(self) -> int:
        return self.now_ns

    def sleep(self, duration_s: float) -> None:
        assert duration_s > 0
        self.now_ns += round(duration_s * 1e9)

    def temperature_c(self) -> float | None:
        self.read_at_s.append(self.passed_s)
        if self.hot_c is None or self.passed_s >= self.blind_after_s:
            return None
        return self.hot_c - self.cools_c_per_s * self.passed_s

    def rest(self, *, first_c: float | None = 40.0, **design) -> float:
        return rest(
            Design(**{f"cooldown_{key}": value for key, value in design.items()}),
            first_c=first_c,
            temperature_c=self.temperature_c,
            clock=self.clock,
            sleep=self.sleep,
        )


def test_the_default_plan_does_not_rest():
    assert Room(hot_c=90).rest() == 0.0


def test_the_fixed_rest_is_slept_whole_and_reads_no_temperature():
    room = Room(hot_c=90)
    assert room.rest(s=12.5) == 12.5
    assert room.passed_s == 12.5
    assert room.read_at_s == []


def test_the_rest_goes_on_until_the_gpu_is_within_the_band():
    # 70 °C, 2 °C less each second, cool at 40 + 5: after 12.5 s, seen at 13 s
    room = Room(hot_c=70, cools_c_per_s=2)
    assert room.rest(band_c=5.0) == 13.0


def test_exactly_the_band_is_cool_enough():
    assert Room(hot_c=45).rest(band_c=5.0) == 0.0
    assert Room(hot_c=45.1).rest(band_c=5.0, limit_s=3.0) == 3.0


def test_a_gpu_that_cools_during_the_fixed_rest_is_not_waited_for():
    assert Room(hot_c=70, cools_c_per_s=2).rest(s=20.0, band_c=5.0) == 20.0


def test_the_limit_counts_from_the_end_of_the_fixed_rest():
    room = Room(hot_c=90)
    assert room.rest(s=20.0, band_c=5.0, limit_s=7.5) == 27.5
    assert room.passed_s == 27.5
    assert room.read_at_s == [20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0]


def test_a_temperature_that_cannot_be_read_is_not_waited_for():
    room = Room(hot_c=None)
    assert room.rest(s=2.0, band_c=5.0) == 2.0
    assert room.read_at_s == [2.0]


def test_a_temperature_that_becomes_unreadable_ends_the_rest():
    room = Room(hot_c=90)
    room.blind_after_s = 4.0
    assert room.rest(band_c=5.0) == 4.0


def test_without_a_first_temperature_there_is_no_band():
    room = Room(hot_c=90)
    assert room.rest(first_c=None, s=1.0, band_c=5.0) == 1.0
    assert room.read_at_s == []


def test_a_sleep_that_ends_early_is_slept_to_its_end():
    room = Room()
    short = room.sleep
    room.sleep = lambda duration_s: short(min(duration_s, 0.4))
    assert room.rest(s=1.0) == 1.0


@pytest.mark.parametrize("design", [{"s": 5.0}, {"band_c": 5.0}])
def test_ctrl_c_passes_through(design):
    def interrupt(duration_s):
        raise KeyboardInterrupt

    room = Room(hot_c=90)
    room.sleep = interrupt
    with pytest.raises(KeyboardInterrupt):
        room.rest(**design)
