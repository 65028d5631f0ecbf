"""How long does it take to judge one answer, in each sandbox that works here?

python benchmarks/verification/run.py [--repeats N] [--jobs N]
"""

import argparse
import os
import statistics
import time
from pathlib import Path

from collector.errors import SandboxError
from collector.extract import extract_code
from collector.verification.sandbox.choose import open_sandbox
from collector.verification.suite import read_suite
from collector.verification.verify import verify_code

TASKS = Path(__file__).resolve().parents[2] / "content" / "tasks"


def main() -> None:
    """Judge each task's reference answer in each tier and print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    print("| task | tier | runs | median, s | fastest, s | slowest, s |")
    print("| --- | --- | --- | --- | --- | --- |")
    for tier in ("bubblewrap", "wasi"):
        try:
            sandbox = open_sandbox(env=os.environ, prefer=tier)
        except SandboxError as error:
            print(f"{tier} left out: {error}")
            continue
        for folder in sorted(TASKS.iterdir()):
            suite = read_suite(folder)
            answer = (folder / "reference" / "answer.md").read_text(encoding="utf-8")
            code = extract_code(answer)
            if code is None:
                raise SystemExit(f"{folder}: the reference answer holds no code")
            took_s = []
            for _ in range(options.repeats):
                began_s = time.perf_counter()
                findings = verify_code(code, suite, sandbox, jobs=options.jobs)
                took_s.append(time.perf_counter() - began_s)
            print(
                f"| {folder.name} | {tier} | {len(findings.cases)} | "
                f"{statistics.median(took_s):.2f} | {min(took_s):.2f} | "
                f"{max(took_s):.2f} |"
            )


if __name__ == "__main__":
    main()
