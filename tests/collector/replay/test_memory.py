"""A server that sends without end must not fill the collector's memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from .collecting import (
    Replayed,
    Settings,
    arguments,
    assert_honest,
    gather,
    write_plan,
)
from .frames import HEAD, chunked, ending, short_answer, stream, text
from .replay import Close, ReplayServer, Script, Send

pytestmark = pytest.mark.slow

Collected = tuple[int, dict[str, Replayed]]
MIB = 2**20
FLOOD = 100
"""Mebibytes that a flood brings, if the client takes them all."""

MAX_GROWTH_BYTES = 40 * MIB

# The peak of this process alone: a child's as the parent sees it begins at the
# parent's own.
MEASURING_CHILD = """
import sys
from collector.cli import cli
try:
    cli(sys.argv[1:])
finally:
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            peak = next(line.split()[1] for line in status if "VmHWM" in line)
            print("peak", int(peak) * 1024)
    except FileNotFoundError:
        import psutil
        peak = getattr(psutil.Process().memory_info(), "peak_wset", None)
        if peak is None:
            import resource
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print("peak", peak)
"""


def flood(head: bytes, block: bytes) -> Script:
    n_blocks = FLOOD * MIB // len(block)
    return [Send(head), *[Send(block)] * n_blocks, Close()]


JSON_HEAD = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\n\r\n"
WORDS = b"".join(map(chunked, text("x", "a", "b")))
LINE = b"data: " + b"x" * 1000 + b"\n"
FLOODS: dict[str, tuple[Script, set[str], str]] = {
    "a_line_without_end": (
        flood(HEAD + WORDS + chunked(b"data: "), chunked(b"x" * 2**16)),
        {"malformed_stream"},
        "ab",
    ),
    "an_event_without_end": (
        flood(HEAD + WORDS, chunked(LINE * 64)),
        {"malformed_stream"},
        "ab",
    ),
    "a_page_without_end": (
        flood(JSON_HEAD % 200, b" " * 2**16),
        {"wrong_endpoint", "malformed_stream"},
        "",
    ),
    "an_error_without_end": (
        flood(JSON_HEAD % 500, b" " * 2**16),
        {"server_error", "malformed_stream", "disconnected"},
        "",
    ),
    "a_head_without_end": (
        flood(HEAD[:-2], b"X-More: 1\r\n" * 2**12),
        {"malformed_stream", "disconnected", "connection"},
        "",
    ),
    "trailers_without_end": (
        flood(HEAD + WORDS + b"0\r\n", b"X-More: 1\r\n" * 2**12),
        {"malformed_stream", "disconnected", "stalled"},
        "ab",
    ),
    "a_chunk_size_without_end": (
        flood(HEAD + WORDS, b"0" * 2**16),
        {"malformed_stream"},
        "ab",
    ),
}


def collect_in_a_process(folder: Path, answers: dict[str, Script]) -> Collected:
    """Collect in a process of its own, whose peak of memory is that run's alone."""
    scripts = {name: [short_answer(name), script] for name, script in answers.items()}
    with ReplayServer(scripts) as server:
        plan = write_plan(folder, list(answers), Settings(silence_s=2.0))
        command = [sys.executable, "-c", MEASURING_CHILD]
        child = subprocess.run(
            [*command, *arguments(folder, plan, server.url)],
            capture_output=True,
            check=False,
            text=True,
            timeout=90,
        )
    assert child.returncode in {0, 3}, child.stderr
    peak_bytes = int(child.stdout.rpartition("peak ")[2])
    return peak_bytes, gather(folder, server, {name: name for name in answers})


@pytest.fixture(scope="module")
def flooded(tmp_path_factory) -> Collected:
    answers = {name: script for name, (script, _, _) in FLOODS.items()}
    return collect_in_a_process(tmp_path_factory.mktemp("flooded"), answers)


def test_floods_without_end_do_not_fill_the_memory(tmp_path, flooded):
    usual = stream([*text("x", "a", "b"), *ending("x", 2)])
    usual_peak_bytes, _ = collect_in_a_process(tmp_path, {"x": usual})
    peak_bytes, _ = flooded
    assert peak_bytes - usual_peak_bytes < MAX_GROWTH_BYTES


@pytest.mark.parametrize("name", list(FLOODS))
def test_a_flood_is_cut_off_and_what_came_before_is_kept(flooded, name):
    _, kinds, came = FLOODS[name]
    answer = flooded[1][name]
    assert_honest(answer, answer=came, tokens=None)
    assert answer.trial.outcome == "failed"
    assert answer.kind in kinds, answer.trial.failure
    assert 0 < len(answer.trial.failure.message) < 1000
