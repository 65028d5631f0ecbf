"""The benchmark's samples as tables."""

import os
import platform
import statistics
from dataclasses import dataclass
from datetime import UTC, datetime

HEADINGS = (
    "schedule",
    "client",
    "first token, ms",
    "rate, %",
    "CPU, µs a chunk",
    "first request, ms",
    "pressure, %",
)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One stream as one client measured it.

    Attributes:
        is_first: Whether it was the client's first request, which is shown apart.
        cpu_per_chunk_s: Processor seconds of the whole request over its chunks.
        late_s: The longest that the server itself was behind its schedule.
    """

    client: str
    schedule: str
    is_first: bool
    ttft_error_s: float
    rate_error_ratio: float
    cpu_per_chunk_s: float | None
    late_s: float


@dataclass(frozen=True, kw_only=True)
class Part:
    """All samples of one schedule.

    Attributes:
        cpu_pressure_ratio: Share of that time in which some task waited for a
            processor, the clients' own tasks included; None: not told.
    """

    schedule: str
    samples: list[Sample]
    cpu_pressure_ratio: float | None


def machine() -> str:
    """Describe when and where in a line."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} processors, Python "
        f"{platform.python_version()}, load {'?' if load is None else f'{load:.1f}'}"
    )


def rows(parts: list[Part]) -> list[tuple[str, ...]]:
    """Return a row of texts for each schedule and client."""
    return [
        (
            part.schedule,
            client,
            *_figures([each for each in part.samples if each.client == client]),
            "?"
            if part.cpu_pressure_ratio is None
            else f"{part.cpu_pressure_ratio:.0%}".rstrip("%"),
        )
        for part in parts
        for client in dict.fromkeys(each.client for each in part.samples)
    ]


def markdown(parts: list[Part]) -> str:
    """Return a Markdown table; in brackets what is farthest from zero."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *rows(parts)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def text(parts: list[Part]) -> str:
    """Return the same table in columns for a terminal."""
    lines = [HEADINGS, *rows(parts)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _figures(samples: list[Sample]) -> tuple[str, str, str, str]:
    scored = [each for each in samples if not each.is_first]
    first = next((each for each in samples if each.is_first), None)
    ttft_ms = [each.ttft_error_s * 1e3 for each in scored]
    rate_percent = [each.rate_error_ratio * 100 for each in scored]
    cpu_us = [
        each.cpu_per_chunk_s * 1e6
        for each in scored
        if each.cpu_per_chunk_s is not None
    ]
    return (
        f"{statistics.median(ttft_ms):+.2f} ({max(ttft_ms, key=abs):+.2f})",
        f"{statistics.median(rate_percent):+.3f} ({max(rate_percent, key=abs):+.3f})",
        f"{statistics.median(cpu_us):.0f}" if cpu_us else "?",
        "?" if first is None else f"{first.ttft_error_s * 1e3:+.1f}",
    )
