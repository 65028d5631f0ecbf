"""The sensors around a trial: whose machine they describe, and what they cost."""

import statistics
import time

import pytest

from collector.gpu import Gpu
from collector.pressure import CpuGauge, CpuSnapshot
from collector.record import Conditions, GpuReading, Rig
from collector.sensors import Sensors, Snapshot, open_sensors

HOT = GpuReading(temperature_c=70.0, power_w=168.0)
COLD = GpuReading(temperature_c=41.0, power_w=15.0)


def card(*readings: GpuReading) -> Gpu:
    queue = iter(readings)
    return Gpu(name="RTX 3060", count=1, reader=lambda: next(queue))


def unwanted() -> Gpu:
    raise AssertionError("this machine's GPU has nothing to do with the run")


def test_a_trial_keeps_both_gpu_readings_and_the_processors_shares(tmp_path):
    times = iter([{"user": 0.0, "idle": 0.0}, {"user": 1.0, "idle": 7.0}])
    file = tmp_path / "cpu"
    gauge = CpuGauge(
        pressure_path=file, cpu_times=lambda: type("Times", (), next(times))
    )
    sensors = Sensors(gauge=gauge, gpu=card(COLD, HOT))
    file.write_text("some total=0", encoding="ascii")
    before = sensors.snapshot()
    file.write_text("some total=3000000", encoding="ascii")
    after = sensors.snapshot()
    assert sensors.conditions(
        before, after, wall_s=4.0, collector_cpu_s=0.02
    ) == Conditions(
        cpu_pressure_ratio=0.75,
        cpu_busy_ratio=0.125,
        collector_cpu_s=0.02,
        gpu_before=COLD,
        gpu_after=HOT,
    )


def test_the_processors_are_read_after_the_gpu_whose_driver_may_take_its_time():
    order = []
    gauge = CpuGauge(cpu_times=lambda: order.append("cpu"))
    gpu = Gpu(reader=lambda: order.append("gpu") or COLD)
    Sensors(gauge=gauge, gpu=gpu).snapshot()
    assert order == ["gpu", "cpu"]


def test_a_server_on_this_machine_is_described_with_its_gpu():
    with open_sensors(is_local=True, find_gpu=lambda: card(COLD)) as sensors:
        rig = sensors.rig()
        snapshot = sensors.snapshot()
    assert rig.gpu == "RTX 3060"
    assert rig.cpu_count is not None
    assert snapshot.gpu == COLD


@pytest.mark.parametrize("is_local", [False, None])
def test_a_server_elsewhere_gets_none_of_our_facts_but_our_processors_shares(is_local):
    with open_sensors(is_local=is_local, find_gpu=unwanted) as sensors:
        assert sensors.rig() == Rig()
        assert sensors.temperature_c() is None
        before = sensors.snapshot()
        time.sleep(0.1)
        after = sensors.snapshot()
    conditions = sensors.conditions(before, after, wall_s=0.1, collector_cpu_s=None)
    assert conditions.gpu_before is None
    assert conditions.gpu_after is None
    assert conditions.cpu_busy_ratio is not None


def test_without_sensors_only_what_the_caller_knows_is_kept():
    sensors = Sensors()
    assert sensors.rig() == Rig()
    assert sensors.snapshot() == Snapshot(gpu=None, cpu=CpuSnapshot())
    conditions = sensors.conditions(
        sensors.snapshot(), sensors.snapshot(), wall_s=1.0, collector_cpu_s=0.5
    )
    assert conditions == Conditions(collector_cpu_s=0.5)


def test_the_temperature_is_the_gpus_and_none_where_it_has_none():
    assert Sensors(gpu=card(HOT)).temperature_c() == 70.0
    assert Sensors(gpu=card(GpuReading())).temperature_c() is None
    assert Sensors(gpu=Gpu(name="Apple M2")).temperature_c() is None


def test_closing_the_sensors_closes_the_gpu():
    closed = []
    gpu = card()
    gpu.closing.callback(closed.append, "gpu")
    with open_sensors(is_local=True, find_gpu=lambda: gpu) as sensors:
        assert closed == []
    sensors.close()
    assert closed == ["gpu"]


def test_a_snapshot_without_a_gpu_costs_less_than_a_millisecond():
    sensors = open_sensors(is_local=False)
    costs_s = []
    for _ in range(51):
        start = time.perf_counter()
        sensors.snapshot()
        costs_s.append(time.perf_counter() - start)
    assert statistics.median(costs_s) < 0.001
