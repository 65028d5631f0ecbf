"""Time the judging of a registry: 100 claims over 4 models of 100 trials each.

    python benchmarks/claims/run.py [--claims 100] [--trials 100] [--times 5]

Each repetition judges anew, without anything kept from the one before. It prints the
median and the slowest in milliseconds, and ends with 1 if the median is too long.
Making the run and reading its code are not in the figure.
"""

import argparse
import itertools
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from site_builder.analysis.summary import summarise  # noqa: E402 - found by the line above
from site_builder.claims.judge import judge_claims  # noqa: E402 - likewise
from site_builder.claims.registry import read_registry  # noqa: E402 - likewise
from site_builder.findings import find_evidence  # noqa: E402 - likewise
from tests.site_builder import scenarios  # noqa: E402 - likewise

LIMIT_MS = 500.0
METRICS = ("decode_tok_s", "ttft_s", "completion_tokens", "generation_s", "chars_s")
EVENTS = 40
"""Arrivals of an answer: their number does not matter once the metrics are computed."""


def main() -> int:
    """Print the figures and return 1 if judging takes longer than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=100)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    run = scenarios.measured(arguments.trials, events=EVENTS)
    run = scenarios.coding(run, scenarios.worked_codes(4))
    summaries = summarise(run)
    found = find_evidence(run, summaries)
    assertions = list(itertools.islice(_assertions(), arguments.claims))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "claims.toml"
        entries = [f"[c{n}]\nassert = '{text}'\n" for n, text in enumerate(assertions)]
        path.write_text("\n".join(entries), encoding="utf-8")
        models = frozenset(scenarios.FIGURES)
        started = time.perf_counter()
        registry, problems = read_registry(path, models=models)
        reading_ms = (time.perf_counter() - started) * 1000
    if problems:
        print(*problems, sep="\n")
        return 2
    found_ms = []
    for _ in range(arguments.times):
        started = time.perf_counter()
        judge_claims(registry, run, summaries, found)
        found_ms.append((time.perf_counter() - started) * 1000)
    median = statistics.median(found_ms)
    print(
        f"Python {platform.python_version()}: {len(registry.claims)} claims, "
        f"{len(models)} models of {arguments.trials} trials\n"
        f"reading the registry: {reading_ms:.0f} ms\n"
        f"judging: median {median:.0f} ms, slowest {max(found_ms):.0f} ms, "
        f"limit {LIMIT_MS:.0f} ms"
    )
    return int(median > LIMIT_MS)


def _assertions() -> Iterator[str]:
    """Yield assertions of every predicate, no two alike."""
    ids = tuple(scenarios.FIGURES)
    for step in itertools.count(1):
        for metric in METRICS:
            for a, b in itertools.permutations(ids, 2):
                yield f"ratio({metric}, {a}, {b}) >= {step / 4:g}"
            for a in ids:
                yield f"first({metric}, {a})"
                yield f"above({metric}, {a}, {step}.5)"
                yield f"only({metric}, {a}, {step}.25)"
                yield f"every(trait:types >= {step / 100:g}, {a})"
                yield f"count(uses:csv.DictWriter, {a}) >= {step}"
            yield f"tie({metric}, {ids[2]}, {ids[3]}, {step / 1000:g})"
            yield f"order({metric}, {', '.join(ids[: 2 + step % 3])})"
            yield f"no_trend({metric})"


if __name__ == "__main__":
    sys.exit(main())
