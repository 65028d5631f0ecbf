"""How busy the processors were: counters into shares, and what is not known."""

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.pressure import PRESSURE_PATH, CpuGauge, CpuSnapshot, cpu_ratios

PSI = """\
some avg10=1.41 avg60=1.24 avg300=0.82 total=11222176
full avg10=0.00 avg60=0.00 avg300=0.00 total=7
"""
LINUX = "user nice system idle iowait irq softirq steal guest guest_nice"
WINDOWS = "user system idle interrupt dpc"
MAC = "user nice system idle"

counters = st.none() | st.integers(0, 2**62)
seconds = st.none() | st.floats(0, 1e12)
snapshots = st.builds(CpuSnapshot, pressure_us=counters, busy_s=seconds, idle_s=seconds)


def times_of(names: str, *values: float) -> SimpleNamespace:
    return SimpleNamespace(**dict(zip(names.split(), values, strict=True)))


def gauge(tmp_path: Path, text: str = PSI, times: object = None) -> CpuGauge:
    path = tmp_path / "cpu"
    path.write_text(text, encoding="utf-8")
    return CpuGauge(pressure_path=path, cpu_times=lambda: times)


def test_pressure_is_the_total_of_some_not_of_full(tmp_path):
    assert gauge(tmp_path).read().pressure_us == 11_222_176
    swapped = "\n".join(reversed(PSI.splitlines()))
    assert gauge(tmp_path, swapped).read().pressure_us == 11_222_176


@pytest.mark.parametrize(
    "text",
    ["", "full avg10=0.00 total=7\n", "some avg10=0.00\n", "性格", "some total=x"],
)
def test_a_pressure_file_of_another_form_is_unknown(tmp_path, text):
    assert gauge(tmp_path, text).read().pressure_us is None


def test_a_missing_or_unreadable_pressure_file_is_unknown(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        snapshot = CpuGauge(
            pressure_path=path, cpu_times=lambda: times_of(MAC, 3, 0, 0, 1)
        ).read()
        assert snapshot == CpuSnapshot(pressure_us=None, busy_s=3.0, idle_s=1.0)


@pytest.mark.parametrize(
    ("times", "busy_s", "idle_s"),
    [
        # The guests' 40 and 80 are in user and nice already.
        (times_of(LINUX, 100, 2, 30, 500, 7, 1, 4, 8, 40, 80), 145.0, 507.0),
        # The interrupts' 5 and 6 are in system already.
        (times_of(WINDOWS, 10, 20, 70, 5, 6), 30.0, 70.0),
        (times_of(MAC, 10, 1, 20, 69), 31.0, 69.0),
    ],
)
def test_processor_seconds_are_counted_once_on_each_system(
    tmp_path, times, busy_s, idle_s
):
    snapshot = gauge(tmp_path, times=times).read()
    assert (snapshot.busy_s, snapshot.idle_s) == (busy_s, idle_s)


def test_processor_seconds_that_cannot_be_read_are_unknown(tmp_path):
    def refuse():
        raise PermissionError

    snapshot = CpuGauge(pressure_path=tmp_path, cpu_times=refuse).read()
    assert snapshot == CpuSnapshot()


def test_shares_are_those_of_the_time_between_two_snapshots():
    before = CpuSnapshot(pressure_us=1_000_000, busy_s=10.0, idle_s=100.0)
    after = CpuSnapshot(pressure_us=1_500_000, busy_s=11.0, idle_s=103.0)
    # 0.5 s of waiting in 2 s; 1 busy second of 4 processor seconds
    assert cpu_ratios(before, after, wall_s=2.0) == (0.25, 0.25)


def test_nothing_waiting_and_nothing_busy_is_zero_not_unknown():
    before = CpuSnapshot(pressure_us=5, busy_s=1.0, idle_s=1.0)
    after = CpuSnapshot(pressure_us=5, busy_s=1.0, idle_s=3.0)
    assert cpu_ratios(before, after, wall_s=2.0) == (0.0, 0.0)


def test_shares_stay_between_0_and_1_where_counters_run_ahead_or_back():
    before = CpuSnapshot(pressure_us=0, busy_s=5.0, idle_s=9.0)
    after = CpuSnapshot(pressure_us=3_000_000, busy_s=6.0, idle_s=8.5)
    assert cpu_ratios(before, after, wall_s=2.0) == (1.0, 1.0)
    back = CpuSnapshot(pressure_us=3, busy_s=4.0, idle_s=10.0)
    assert cpu_ratios(after, back, wall_s=2.0) == (0.0, 0.0)


def test_what_only_one_snapshot_knows_is_unknown():
    known = CpuSnapshot(pressure_us=1, busy_s=1.0, idle_s=1.0)
    later = CpuSnapshot(pressure_us=2, busy_s=2.0, idle_s=2.0)
    assert cpu_ratios(CpuSnapshot(), later, wall_s=1.0) == (None, None)
    assert cpu_ratios(known, CpuSnapshot(), wall_s=1.0) == (None, None)
    no_file = CpuSnapshot(busy_s=2.0, idle_s=2.0)
    assert cpu_ratios(known, no_file, wall_s=1.0) == (None, 0.5)


@pytest.mark.parametrize("wall_s", [0.0, -1.0, float("nan")])
def test_no_time_gives_no_shares(wall_s):
    before = CpuSnapshot(pressure_us=0, busy_s=0.0, idle_s=0.0)
    after = CpuSnapshot(pressure_us=1, busy_s=1.0, idle_s=1.0)
    assert cpu_ratios(before, after, wall_s=wall_s) == (None, None)


def test_counters_that_did_not_tick_give_no_busy_share():
    same = CpuSnapshot(pressure_us=0, busy_s=1.0, idle_s=1.0)
    assert cpu_ratios(same, same, wall_s=0.001) == (0.0, None)


@given(before=snapshots, after=snapshots, wall_s=st.floats(0, 1e9))
def test_shares_are_unknown_or_between_0_and_1_whatever_the_counters(
    before, after, wall_s
):
    pressure, busy = cpu_ratios(before, after, wall_s=wall_s)
    assert pressure is None or 0 <= pressure <= 1
    assert busy is None or 0 <= busy <= 1
    known = None not in {before.pressure_us, after.pressure_us} and wall_s > 0
    assert (pressure is not None) == known


@given(
    start=st.integers(0, 2**50),
    waited_us=st.integers(0, 10**9),
    spare_us=st.integers(0, 10**9),
)
def test_pressure_is_exact_wherever_the_machine_was_up_since(
    start, waited_us, spare_us
):
    wall_us = waited_us + spare_us
    pressure, _ = cpu_ratios(
        CpuSnapshot(pressure_us=start),
        CpuSnapshot(pressure_us=start + waited_us),
        wall_s=wall_us / 1e6,
    )
    if wall_us == 0:
        assert pressure is None
    else:
        assert pressure == pytest.approx(waited_us / wall_us)


def test_a_busy_loop_on_this_machine_shows():
    gauge_here = CpuGauge()
    start = time.perf_counter()
    before = gauge_here.read()
    while time.perf_counter() - start < 0.3:
        pass
    after = gauge_here.read()
    wall_s = time.perf_counter() - start
    pressure, busy = cpu_ratios(before, after, wall_s=wall_s)
    assert busy is not None
    assert busy > 0
    if sys.platform != "linux" or not PRESSURE_PATH.exists():
        assert pressure is None
    assert (pressure is None) == (after.pressure_us is None)
