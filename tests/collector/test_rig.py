"""Facts about the machine: named as a reader names them, and nobody's name in them."""

import getpass
import platform
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from collector.gpu import Gpu
from collector.rig import cpu_name, describe_rig, os_name

INTEL = """\
processor\t: 0
vendor_id\t: GenuineIntel
model\t\t: 158
model name\t: Intel(R) Core(TM)  i7-8700K CPU @ 3.70GHz
bugs\t\t: cpu_meltdown

processor\t: 1
model name\t: Intel(R) Core(TM)  i7-8700K CPU @ 3.70GHz
"""
RASPBERRY = """\
processor\t: 0
BogoMIPS\t: 108.00
CPU implementer\t: 0x41
CPU part\t: 0xd08

Hardware\t: BCM2835
Serial\t\t: 10000000deadbeef
Model\t\t: Raspberry Pi 4 Model B Rev 1.4
"""
SERVER_ARM = RASPBERRY.partition("\n\n")[0]
LSCPU = """\
Architecture:            aarch64
  BIOS Model name:       virt-rhel8.6.0
Model name:              Icestorm-M1
    Thread(s) per core:  1
  Model name:            Firestorm-M1
Vendor ID:               Apple
  Model name:            Firestorm-M1
"""


@pytest.fixture
def cpuinfo(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "cpuinfo"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def unnamed_processor(monkeypatch):
    monkeypatch.setattr(platform, "processor", lambda: "")


def answering(command: list[str], printed: str | None):
    def run(asked):
        assert list(asked) == command
        return printed

    return run


def never(asked):
    raise AssertionError(asked)


def test_linux_names_the_processor_itself_and_lscpu_is_not_asked(cpuinfo):
    name = cpu_name("linux", cpuinfo=cpuinfo(INTEL), run=never)
    assert name == "Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz"


def test_on_arm_lscpu_names_the_kinds_of_cores(cpuinfo):
    run = answering(["lscpu"], LSCPU)
    name = cpu_name("linux", cpuinfo=cpuinfo(RASPBERRY), run=run)
    assert name == "Icestorm-M1, Firestorm-M1"


@pytest.mark.parametrize("printed", [None, "", "Model name:              -\n"])
def test_on_arm_without_lscpu_the_board_is_named_and_never_its_serial(cpuinfo, printed):
    run = answering(["lscpu"], printed)
    assert cpu_name("linux", cpuinfo=cpuinfo(RASPBERRY), run=run) == "BCM2835"
    newer = RASPBERRY.replace("Hardware\t: BCM2835\n", "")
    name = cpu_name("linux", cpuinfo=cpuinfo(newer), run=run)
    assert name == "Raspberry Pi 4 Model B Rev 1.4"


def test_a_processor_nobody_names_is_unknown(cpuinfo, tmp_path, unnamed_processor):
    for path in (cpuinfo(SERVER_ARM), tmp_path / "none"):
        assert cpu_name("linux", cpuinfo=path, run=lambda _: None) is None
    assert cpu_name("freebsd14", run=never) is None
    assert cpu_name("darwin", run=lambda _: None) is None


def test_a_name_python_knows_is_better_than_none(cpuinfo, monkeypatch):
    monkeypatch.setattr(platform, "processor", lambda: "riscv64")
    path = cpuinfo(SERVER_ARM)
    assert cpu_name("linux", cpuinfo=path, run=lambda _: None) == "riscv64"


def test_a_mac_is_asked_by_sysctl():
    run = answering(["sysctl", "-n", "machdep.cpu.brand_string"], "Apple M2 Pro\n")
    assert cpu_name("darwin", run=run) == "Apple M2 Pro"


def test_windows_is_asked_by_its_registry_without_the_makers_padding(monkeypatch):
    keys = {
        r"HARDWARE\DESCRIPTION\System\CentralProcessor\0": {
            "ProcessorNameString": "AMD Ryzen 7 5800X 8-Core Processor             "
        }
    }
    winreg = SimpleNamespace(
        HKEY_LOCAL_MACHINE=keys,
        OpenKey=lambda root, path: nullcontext(root[path]),
        QueryValueEx=lambda key, name: (key[name], 1),
    )
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    assert cpu_name("win32", run=never) == "AMD Ryzen 7 5800X 8-Core Processor"


def test_a_registry_that_refuses_leaves_it_to_python(monkeypatch):
    def refuse(root, path):
        raise PermissionError

    winreg = SimpleNamespace(HKEY_LOCAL_MACHINE=None, OpenKey=refuse)
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    monkeypatch.setattr(platform, "processor", lambda: "AMD64 Family 25")
    assert cpu_name("win32", run=never) == "AMD64 Family 25"


def test_linux_is_named_by_its_distribution_kernel_and_machine(monkeypatch):
    monkeypatch.setattr(platform, "release", lambda: "6.8.0-47-generic")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    release = {"NAME": "Ubuntu", "PRETTY_NAME": "Ubuntu 24.04.1 LTS"}
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    assert os_name("linux") == "Ubuntu 24.04.1 LTS, Linux 6.8.0-47-generic, x86_64"

    def missing():
        raise FileNotFoundError

    monkeypatch.setattr(platform, "freedesktop_os_release", missing)
    assert os_name("linux") == "Linux 6.8.0-47-generic, x86_64"


def test_windows_is_named_with_its_build_and_macos_with_its_version(monkeypatch):
    monkeypatch.setattr(
        platform,
        "win32_ver",
        lambda: ("11", "10.0.26100", "SP0", "Multiprocessor Free"),
    )
    monkeypatch.setattr(platform, "machine", lambda: "AMD64")
    assert os_name("win32") == "Windows 11 (build 26100), AMD64"
    monkeypatch.setattr(platform, "mac_ver", lambda: ("15.3.1", ("", "", ""), "arm64"))
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert os_name("darwin") == "macOS 15.3.1, arm64"


def test_the_gpus_facts_go_into_the_rig():
    gpu = Gpu(
        name="RTX 3060",
        count=2,
        memory_bytes=12 * 2**30,
        driver="580.95",
        power_limit_w=170.0,
    )
    rig = describe_rig(gpu)
    assert (rig.gpu, rig.gpu_count, rig.gpu_memory_bytes) == ("RTX 3060", 2, 12 * 2**30)
    assert (rig.driver, rig.gpu_power_limit_w) == ("580.95", 170.0)


def test_this_machine_describes_itself_without_naming_its_owner():
    rig = describe_rig()
    assert rig.cpu
    assert rig.cpu_count == psutil.cpu_count()
    assert rig.memory_bytes is not None
    assert rig.memory_bytes > 2**27
    assert rig.os is not None
    assert platform.machine() in rig.os
    assert rig.python == platform.python_version()
    assert rig.gpu is None
    told = rig.model_dump_json()
    for private in (platform.node(), getpass.getuser(), str(Path.home())):
        assert f'"{private}"' not in told
        assert len(private) < 5 or private not in told
