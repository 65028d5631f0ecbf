"""Checks of the machine that measures; each a function of the probes it needs."""

from collections.abc import Iterator
from pathlib import Path

from collector.doctor.finding import Finding
from collector.doctor.probes import Probes
from collector.record import GpuReading
from collector.terminal import can_show

LOW_BYTES = 10**9
FULL_BYTES = 10**8
CLOCK_RESOLUTION_S = 1e-6
FONTS_TIMEOUT_S = 10.0

JAPANESE = "日本語"
PROXY_NAMES = ("http_proxy", "https_proxy", "all_proxy")
FONT_SYSTEMS = {"Darwin": "macOS", "Windows": "Windows"}

_NO_SANDBOX = "generated code cannot be executed and judged here; collecting can go on"


def check_gpu(reading: GpuReading | None, *, is_local: bool | None) -> Finding:
    """Say whether the GPU's temperature and clocks can be read along.

    Args:
        reading: What ``collector.gpu`` reads now; None: nothing.
        is_local: Whether the server runs on this machine; None: not known.
    """
    if is_local is False:
        return Finding(
            check="gpu",
            status="unknown",
            message="the server runs on another machine, whose GPU is not read",
        )
    told = {} if reading is None else reading.model_dump(exclude_none=True)
    if not told:
        return Finding(
            check="gpu",
            status="warning",
            message="no GPU can be read: temperature and clocks will not be recorded",
            remedy="for NVIDIA: install its driver, and pip install 'seikaku[gpu]'",
        )
    shown = ", ".join(f"{name} {value:g}" for name, value in told.items())
    return Finding(check="gpu", status="ok", message=shown)


def check_disk(records: Path, probes: Probes) -> Iterator[Finding]:
    """Say whether records can be written to their folder, and how much room is left."""
    folder = next(
        (place for place in (records, *records.parents) if place.exists()), Path()
    )
    if not folder.is_dir() or not probes.can_write(folder):
        yield Finding(
            check="records",
            status="problem",
            message=f"{folder}: no file can be made there",
            remedy="give a folder you may write to with --content, or mend its rights",
        )
        return
    free_bytes = probes.free_bytes(folder)
    is_low = free_bytes < LOW_BYTES
    yield Finding(
        check="records",
        status="problem" if free_bytes < FULL_BYTES else "warning" if is_low else "ok",
        message=f"{folder}: {free_bytes / 1e9:.1f} GB free",
        remedy="free some space on that disk" if is_low else None,
    )


def check_sandbox(probes: Probes) -> Finding:
    """Say whether generated code could be executed here; collecting needs no sandbox.

    Each one is tried: that it is installed says little, for systems forbid it.
    """
    states = probes.sandboxes()
    working = [
        f"{state.name} works ({state.message})" for state in states if state.is_ok
    ]
    if working:
        return Finding(check="sandbox", status="ok", message="; ".join(working))
    found = "; ".join(f"{state.name}: {state.message}" for state in states)
    remedies = [state.remedy for state in states if state.remedy is not None]
    return Finding(
        check="sandbox",
        status="warning",
        message=f"{found}: {_NO_SANDBOX}",
        remedy=", or ".join(remedies) or None,
    )


def check_fonts(probes: Probes) -> Finding:
    """Say whether a preview's Japanese text has a font on this machine."""
    if probes.system in FONT_SYSTEMS:
        return Finding(
            check="fonts",
            status="ok",
            message=f"{FONT_SYSTEMS[probes.system]} has Japanese fonts of its own",
        )
    outcome = probes.run(("fc-list", ":lang=ja", "family"), FONTS_TIMEOUT_S)
    if outcome is None or outcome.exit_code != 0:
        return Finding(
            check="fonts",
            status="unknown",
            message="fc-list does not tell whether there is a Japanese font",
        )
    families = sorted(set(outcome.stdout.split("\n")) - {""})
    if not families:
        return Finding(
            check="fonts",
            status="warning",
            message="there is no Japanese font: previews will show empty boxes",
            remedy="install one (apt install fonts-noto-cjk)",
        )
    more = f" and {len(families) - 1} more" if len(families) > 1 else ""
    return Finding(check="fonts", status="ok", message=families[0] + more)


def check_console(probes: Probes) -> Finding:
    """Say whether the console can print Japanese."""
    if can_show(JAPANESE, probes.encoding):
        return Finding(
            check="console",
            status="ok",
            message=f"{probes.encoding} can print Japanese",
        )
    return Finding(
        check="console",
        status="warning",
        message=f"its encoding {probes.encoding or '(not known)'} cannot print "
        "Japanese: such text will be shown as question marks",
        remedy="set the environment variable PYTHONUTF8=1",
    )


def check_clock(probes: Probes) -> Finding:
    """Say whether the clock that measures is fine enough."""
    resolution_s = probes.clock_resolution_s
    is_fine = resolution_s <= CLOCK_RESOLUTION_S
    return Finding(
        check="clock",
        status="ok" if is_fine else "warning",
        message=f"its resolution is {resolution_s * 1e6:g} µs",
        remedy=None
        if is_fine
        else "measure on another machine: times to the first token are off by as much",
    )


def check_proxies(probes: Probes) -> Finding:
    """Say which proxies are set; their addresses may hold passwords: names only."""
    names = [
        name
        for name, value in sorted(probes.env.items())
        if name.lower() in PROXY_NAMES and value
    ]
    message = (
        f"{', '.join(names)} set, and not used: the server is asked directly"
        if names
        else "none set"
    )
    return Finding(check="proxies", status="ok", message=message)
