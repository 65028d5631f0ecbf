"""What doctor says of the machine."""

from pathlib import Path

import pytest

from collector.doctor import machine
from collector.doctor.probes import Outcome
from collector.record import GpuReading
from collector.verification.sandbox.choose import TierState


def facts(finding):
    return finding.status, finding.message


@pytest.mark.parametrize("reading", [None, GpuReading()])
def test_a_gpu_that_tells_nothing_is_a_warning(reading):
    finding = machine.check_gpu(reading, is_local=True)
    assert finding.status == "warning"
    assert "seikaku[gpu]" in finding.remedy


def test_the_gpu_of_another_machine_is_not_asked_for():
    assert machine.check_gpu(None, is_local=False).status == "unknown"
    reading = GpuReading(temperature_c=40.0)
    assert machine.check_gpu(reading, is_local=False).status == "unknown"
    assert machine.check_gpu(reading, is_local=None).status == "ok"


def test_a_reading_of_zero_is_a_reading():
    finding = machine.check_gpu(GpuReading(utilization_ratio=0.0), is_local=True)
    assert facts(finding) == ("ok", "utilization_ratio 0")


@pytest.mark.parametrize(
    ("free_bytes", "status", "shown"),
    [
        (10**9, "ok", "1.0 GB"),
        (10**9 - 1, "warning", "1.0 GB"),
        (10**8, "warning", "0.1 GB"),
        (10**8 - 1, "problem", "0.1 GB"),
        (0, "problem", "0.0 GB"),
    ],
)
def test_little_disk_space_is_a_warning_and_none_a_problem(
    free_bytes, status, shown, make_probes, tmp_path
):
    probes = make_probes(free_bytes=lambda folder: free_bytes)
    (finding,) = machine.check_disk(tmp_path, probes)
    assert facts(finding) == (status, f"{tmp_path}: {shown} free")
    assert (finding.remedy is None) == (status == "ok")


def test_a_folder_that_is_yet_to_be_made_is_judged_by_the_one_it_will_lie_in(
    make_probes, tmp_path
):
    asked = []
    probes = make_probes(can_write=lambda folder: not asked.append(folder))
    (finding,) = machine.check_disk(tmp_path / "content" / "records", probes)
    assert asked == [tmp_path]
    assert finding.status == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_relative_folder_is_judged_by_the_current_one(
    make_probes, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    asked = []
    probes = make_probes(can_write=lambda folder: not asked.append(folder))
    list(machine.check_disk(Path("content/records"), probes))
    assert asked == [Path()]


@pytest.mark.parametrize("is_file", [True, False])
def test_a_folder_without_leave_to_write_is_a_problem(is_file, make_probes, tmp_path):
    if is_file:
        (tmp_path / "records").write_text("", encoding="utf-8")
    probes = make_probes(can_write=lambda folder: is_file)
    (finding,) = machine.check_disk(tmp_path / "records", probes)
    assert finding.status == "problem"
    assert "--content" in finding.remedy


WORKS = TierState("bubblewrap", is_ok=True, message="bubblewrap 0.8.0", remedy=None)
FORBIDDEN = TierState(
    "bubblewrap", is_ok=False, message="no namespace", remedy="allow namespaces"
)
NO_GUEST = TierState(
    "wasi", is_ok=False, message="no guest", remedy="seikaku sandbox install"
)


@pytest.mark.parametrize(
    ("states", "status", "message", "remedy"),
    [
        ([WORKS, NO_GUEST], "ok", "bubblewrap works (bubblewrap 0.8.0)", None),
        (
            [FORBIDDEN, NO_GUEST],
            "warning",
            "bubblewrap: no namespace; wasi: no guest: generated code",
            "allow namespaces, or seikaku sandbox install",
        ),
    ],
)
def test_each_sandbox_is_tried_and_missing_all_is_only_a_warning(
    states, status, message, remedy, make_probes
):
    finding = machine.check_sandbox(make_probes(sandboxes=lambda: states))
    assert finding.status == status
    assert finding.message.startswith(message)
    assert finding.remedy == remedy


@pytest.mark.parametrize(
    ("system", "outcome", "expected"),
    [
        ("Darwin", None, ("ok", "macOS has Japanese fonts of its own")),
        ("Windows", None, ("ok", "Windows has Japanese fonts of its own")),
        (
            "Linux",
            Outcome(exit_code=0, stdout="Noto\nIPA\nNoto\n", stderr=""),
            ("ok", "IPA and 1 more"),
        ),
        ("Linux", Outcome(exit_code=0, stdout="Noto\n", stderr=""), ("ok", "Noto")),
        (
            "Linux",
            Outcome(exit_code=0, stdout="", stderr=""),
            (
                "warning",
                "there is no Japanese font: previews will show empty boxes",
            ),
        ),
        (
            "Linux",
            None,
            ("unknown", "fc-list does not tell whether there is a Japanese font"),
        ),
        (
            "FreeBSD",
            Outcome(exit_code=1, stdout="x", stderr=""),
            ("unknown", "fc-list does not tell whether there is a Japanese font"),
        ),
    ],
)
def test_a_japanese_font_is_looked_for(system, outcome, expected, make_probes):
    probes = make_probes(system=system, run=lambda command, timeout_s: outcome)
    assert facts(machine.check_fonts(probes)) == expected


@pytest.mark.parametrize(
    ("encoding", "status"),
    [
        ("utf-8", "ok"),
        ("cp932", "ok"),
        ("cp1252", "warning"),
        ("ascii", "warning"),
        (None, "warning"),
    ],
)
def test_a_console_that_cannot_print_japanese_is_a_warning(
    encoding, status, make_probes
):
    finding = machine.check_console(make_probes(encoding=encoding))
    assert finding.status == status
    assert (finding.remedy is None) == (status == "ok")


@pytest.mark.parametrize(
    ("resolution_s", "expected"),
    [
        (1e-9, ("ok", "its resolution is 0.001 µs")),
        (1e-6, ("ok", "its resolution is 1 µs")),
        (0.015625, ("warning", "its resolution is 15625 µs")),
    ],
)
def test_a_coarse_clock_is_a_warning(resolution_s, expected, make_probes):
    finding = machine.check_clock(make_probes(clock_resolution_s=resolution_s))
    assert facts(finding) == expected


def test_proxies_are_named_without_their_passwords(make_probes):
    env = {
        "HTTPS_PROXY": "http://bob:hunter2@proxy:3128",
        "all_proxy": "socks5://proxy",
        "HTTP_PROXY": "",
        "NO_PROXY": "localhost",
    }
    finding = machine.check_proxies(make_probes(env=env))
    assert facts(finding) == (
        "ok",
        "HTTPS_PROXY, all_proxy set, and not used: the server is asked directly",
    )
    assert facts(machine.check_proxies(make_probes())) == ("ok", "none set")
