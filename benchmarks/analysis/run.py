"""Time the structure analysis of one answer: whole, and what of it is ruff.

    python benchmarks/analysis/run.py [--times 20] [FILE.md ...]

Without files it takes the demo's answers and the four worked ones of the tests. It
prints the median and the slowest of the repetitions in milliseconds, and ends with 1
if a median is above the limit. The first call, which imports the parsers, is apart.
"""

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from collector.extract import extract  # noqa: E402 - found by the line above
from site_builder.analysis import canonical  # noqa: E402 - likewise
from site_builder.analysis.structure import analyse_code  # noqa: E402 - likewise

LIMIT_MS = 60.0


def main() -> int:
    """Print a table and return 1 if an answer takes longer than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--times", type=int, default=20)
    arguments = parser.parse_args()
    files = arguments.files or [
        *sorted((ROOT / "collector/demo/answers").glob("*.md")),
        *sorted((ROOT / "tests/golden/answers").glob("*.md")),
    ]
    print(f"Python {platform.python_version()}, ruff {canonical.ruff_version()}")
    documented = 'def f(a):\n    """Do."""\n'
    first = _times(lambda: analyse_code(documented, ""), 1)[0]
    print(f"first call: {first:.1f} ms")
    print("answer                              lines   median      max     ruff  (ms)")
    slowest = 0.0
    for file in files:
        median = _row(file, arguments.times)
        slowest = max(slowest, median)
    print(f"slowest median: {slowest:.1f} ms, limit {LIMIT_MS:.0f} ms")
    return int(slowest > LIMIT_MS)


def _row(file: Path, times: int) -> float:
    found = extract(file.read_text(encoding="utf-8"), "stop")
    code = found.code or ""
    whole = _times(lambda: analyse_code(code, found.prose), times)
    ruff = _times(lambda: canonical.ask_ruff(code), times)
    name = "/".join(file.parts[-2:])
    print(
        f"{name:<35} {code.count(chr(10)):>5} {statistics.median(whole):>8.1f} "
        f"{max(whole):>8.1f} {statistics.median(ruff):>8.1f}"
    )
    return statistics.median(whole)


def _times(call: Callable[[], object], times: int) -> list[float]:
    """Return the milliseconds of each of several calls."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        found.append((time.perf_counter() - started) * 1000)
    return found


if __name__ == "__main__":
    sys.exit(main())
