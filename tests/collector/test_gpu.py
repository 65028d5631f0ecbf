"""The GPU: what its driver tells, and None for what it does not."""

import json
import sys
from types import SimpleNamespace

import pytest

from collector.gpu import Gpu, open_gpu
from collector.record import GpuReading

SILENT_READING = GpuReading()
READING = GpuReading(
    temperature_c=61.0,
    clock_mhz=1837,
    memory_clock_mhz=7300,
    power_w=169.5,
    utilization_ratio=0.97,
)


class FakeNvml:
    """Answers as a card sold as 12 GB; what ``silent`` or ``answers`` name differs."""

    class NVMLError(Exception):
        """Root of NVML's errors, as in pynvml."""

    NVML_TEMPERATURE_GPU = 0
    NVML_CLOCK_GRAPHICS = 0
    NVML_CLOCK_MEM = 2

    def __init__(self, *silent: str, **answers):
        self.silent = set(silent)
        self.n_open = 0
        self.answers = {
            "DeviceGetCount": 1,
            "DeviceGetHandleByIndex": "first card",
            "DeviceGetName": "NVIDIA GeForce RTX 3060",
            "DeviceGetMemoryInfo": SimpleNamespace(total=12 * 2**30),
            "SystemGetDriverVersion": "580.95.05",
            "DeviceGetEnforcedPowerLimit": 170_000,
            "DeviceGetTemperature": 61,
            "DeviceGetClockInfo": {0: 1837, 2: 7300},
            "DeviceGetPowerUsage": 169_500,
            "DeviceGetUtilizationRates": SimpleNamespace(gpu=97, memory=40),
        } | answers

    def nvmlInit(self):  # noqa: N802 - pynvml's name
        self._ask("Init")
        self.n_open += 1

    def nvmlShutdown(self):  # noqa: N802 - pynvml's name
        self.n_open -= 1
        self._ask("Shutdown")

    def _ask(self, name: str):
        if name in self.silent:
            raise self.NVMLError(name)
        return self.answers.get(name)

    def __getattr__(self, name: str):
        query = name.removeprefix("nvml")
        if query not in self.answers:
            raise AttributeError(name)

        def ask(*arguments):
            answer = self._ask(query)
            if query == "DeviceGetHandleByIndex":
                assert arguments == (0,)
            elif query.startswith("DeviceGet") and query != "DeviceGetCount":
                assert arguments[0] == "first card"
            return answer[arguments[1]] if isinstance(answer, dict) else answer

        return ask


def opened(nvml: FakeNvml) -> Gpu:
    gpu = open_gpu(nvml, system="linux")
    assert gpu is not None
    return gpu


def facts(gpu: Gpu):
    return (gpu.name, gpu.count, gpu.memory_bytes, gpu.driver, gpu.power_limit_w)


def test_a_card_is_described_with_its_units_converted():
    gpu = opened(FakeNvml())
    assert facts(gpu) == (
        "NVIDIA GeForce RTX 3060",
        1,
        12_884_901_888,
        "580.95.05",
        170.0,
    )
    assert gpu.read() == READING


def test_the_first_of_several_cards_is_described_and_the_count_says_so():
    assert opened(FakeNvml(DeviceGetCount=3)).count == 3


def test_names_of_old_bindings_which_are_bytes_become_text():
    gpu = opened(
        FakeNvml(DeviceGetName=b"Tesla T4", SystemGetDriverVersion=b"470.82\xff")
    )
    assert (gpu.name, gpu.driver) == ("Tesla T4", "470.82\ufffd")


@pytest.mark.parametrize(
    ("query", "nth"),
    [
        ("DeviceGetName", 0),
        ("DeviceGetMemoryInfo", 2),
        ("SystemGetDriverVersion", 3),
        ("DeviceGetEnforcedPowerLimit", 4),
    ],
)
def test_a_fact_the_driver_withholds_is_none_and_the_others_stay(query, nth):
    expected = list(facts(opened(FakeNvml())))
    expected[nth] = None
    assert list(facts(opened(FakeNvml(query)))) == expected


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("DeviceGetTemperature", {"temperature_c"}),
        ("DeviceGetClockInfo", {"clock_mhz", "memory_clock_mhz"}),
        ("DeviceGetPowerUsage", {"power_w"}),
        ("DeviceGetUtilizationRates", {"utilization_ratio"}),
    ],
)
def test_a_reading_the_driver_withholds_is_none_and_the_others_stay(query, missing):
    reading = opened(FakeNvml(query)).read()
    assert reading == READING.model_copy(update=dict.fromkeys(missing))


def test_numbers_that_mean_nothing_are_none_and_not_an_error():
    mark = 0xFFFF_FFFF
    nvml = FakeNvml(
        DeviceGetClockInfo={0: mark, 2: mark},
        DeviceGetPowerUsage=mark,
        DeviceGetTemperature=mark,
        DeviceGetUtilizationRates=SimpleNamespace(gpu=mark, memory=mark),
        DeviceGetEnforcedPowerLimit=mark,
    )
    gpu = opened(nvml)
    assert gpu.power_limit_w is None
    assert gpu.read() == SILENT_READING


def test_a_name_that_the_binding_cannot_decode_is_none():
    nvml = FakeNvml()

    def decode(card):
        return b"\xff".decode("utf-8")

    nvml.nvmlDeviceGetName = decode
    assert opened(nvml).name is None


def test_an_idle_card_reads_zero_and_not_unknown():
    idle = FakeNvml(
        DeviceGetUtilizationRates=SimpleNamespace(gpu=0, memory=0),
        DeviceGetPowerUsage=0,
    )
    reading = opened(idle).read()
    assert reading is not None
    assert (reading.utilization_ratio, reading.power_w) == (0.0, 0.0)


@pytest.mark.parametrize("query", ["Init", "DeviceGetCount", "DeviceGetHandleByIndex"])
def test_without_a_driver_or_a_card_there_is_none_and_nvml_is_left_closed(query):
    nvml = FakeNvml(query)
    assert open_gpu(nvml, system="linux") is None
    assert nvml.n_open == 0


def test_nvml_is_shut_down_once_whether_by_the_block_or_by_hand():
    nvml = FakeNvml()
    with opened(nvml) as gpu:
        assert nvml.n_open == 1
    gpu.close()
    assert nvml.n_open == 0


def test_a_shutdown_that_fails_ends_nothing():
    opened(FakeNvml("Shutdown")).close()


def test_without_the_optional_package_there_is_no_gpu(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert open_gpu(system="linux") is None


def test_the_installed_package_has_every_name_that_is_used():
    pynvml = pytest.importorskip("pynvml")
    fake = FakeNvml()
    assert [n for n in fake.answers if not hasattr(pynvml, f"nvml{n}")] == []
    for name in ("NVML_TEMPERATURE_GPU", "NVML_CLOCK_GRAPHICS", "NVML_CLOCK_MEM"):
        assert getattr(pynvml, name) == getattr(fake, name)
    assert hasattr(pynvml, "nvmlInit")
    assert hasattr(pynvml, "nvmlShutdown")
    assert issubclass(pynvml.NVMLError_LibraryNotFound, pynvml.NVMLError)


def test_this_machine_is_asked_without_an_error():
    gpu = open_gpu()
    if gpu is not None:
        with gpu:
            gpu.read()


def mac(printed: str | None):
    asked = []

    def run(command):
        asked.append(list(command))
        return printed

    gpu = open_gpu(system="darwin", run=run)
    assert asked == [["system_profiler", "SPDisplaysDataType", "-json"]]
    return gpu


def test_a_mac_gives_the_name_and_count_and_nothing_to_read():
    screen = {"_name": "Hanako's screen", "_spdisplays_display-serial-number": "4711"}
    card = {"_name": "Apple M2 Pro", "sppci_model": "Apple M2 Pro"}
    gpu = mac(
        json.dumps({"SPDisplaysDataType": [{**card, "spdisplays_ndrvs": [screen]}]})
    )
    assert facts(gpu) == ("Apple M2 Pro", 1, None, None, None)
    assert gpu.read() is None


@pytest.mark.parametrize(
    "printed",
    [
        None,
        "",
        "[]",
        "{}",
        '{"SPDisplaysDataType": []}',
        '{"SPDisplaysDataType": null}',
        '{"SPDisplaysDataType": [{"_name": "kHW_AppleM2Item"}]}',
    ],
)
def test_a_mac_that_tells_nothing_has_no_known_gpu(printed):
    assert mac(printed) is None
