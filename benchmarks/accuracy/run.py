"""Measure known streams with several clients and print how far off each is.

    python benchmarks/accuracy/run.py [--requests N] [--schedules A,B]
        [--guidellm PYTHON] [--json FILE] [--markdown]

The clients take turns on one machine in one run. ``benchmarks/README.md`` explains it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import guidellm_report
import tables

from collector.calibration.calibrate import truth_server
from collector.calibration.schedule import FULL, Schedule
from collector.calibration.truth import Truth, read_truths
from collector.pressure import CpuGauge

HERE = Path(__file__).parent
CLIENTS = {
    "Seikaku": "client_seikaku.py",
    "openai package": "client_openai.py",
    "httpx2 loop": "client_httpx2.py",
}


@dataclass
class Client:
    """A client in a process of its own, and a truth server of its own.

    So all clients get the very same streams, as each server counts for itself.
    """

    name: str
    process: "subprocess.Popen[str]"
    base_url: str

    def ask(self, schedule: str) -> dict[str, float]:
        """Let it measure one stream; raises RuntimeError with its own words."""
        if self.process.stdin is None or self.process.stdout is None:
            raise AssertionError("both are pipes")
        order = {"base_url": self.base_url, "name": schedule}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "it ended"}
        if "error" in answer:
            raise RuntimeError(f"{self.name}, {schedule}: {answer['error']}")
        return dict(answer)


@contextmanager
def started(name: str, script: str) -> Iterator[Client]:
    """Run a client while the block runs."""
    with (
        truth_server() as base_url,
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, str(HERE / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        ) as process,
    ):
        yield Client(name, process, base_url)
        if process.stdin is not None:
            process.stdin.close()


def compare(
    name: str,
    schedule: Schedule,
    figures: dict[str, float],
    truth: Truth,
    *,
    is_first: bool,
) -> tables.Sample:
    """Return a client's figures of a stream less the truth."""
    if truth.name != schedule.name or not truth.is_whole:
        raise RuntimeError(f"{name}, {schedule.name}: the stream was not sent whole")
    cpu_s = figures.get("cpu_s")
    return tables.Sample(
        client=name,
        schedule=schedule.name,
        is_first=is_first,
        ttft_error_s=figures["ttft_s"] - truth.ttft_s,
        rate_error_ratio=figures["tok_s"] / truth.tok_s - 1,
        cpu_per_chunk_s=None if cpu_s is None else cpu_s / truth.events,
        late_s=truth.late_s,
    )


def measure_clients(schedule: Schedule, *, requests: int) -> Iterator[tables.Sample]:
    """Let our clients take turns, in another order each time."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(started(name, script))
            for name, script in CLIENTS.items()
        ]
        for number in range(requests + 1):
            for client in clients:
                figures = client.ask(schedule.name)
                yield compare(
                    client.name,
                    schedule,
                    figures,
                    read_truths(client.base_url)[-1],
                    is_first=number == 0,
                )
            clients.append(clients.pop(0))


def measure_guidellm(
    command: list[str], schedule: Schedule, *, requests: int
) -> Iterator[tables.Sample]:
    """Let GuideLLM make all its requests in one run, as it does."""
    with truth_server() as base_url, tempfile.TemporaryDirectory() as folder:
        all_figures, cpu_s = guidellm_report.measure(
            command,
            base_url,
            schedule.name,
            requests=requests + 1,
            folder=Path(folder),
        )
        truths = read_truths(base_url)
    reported = {figures["text_sha256"]: figures for figures in all_figures}
    for number, truth in enumerate(truths):
        figures = reported.get(truth.text_sha256)
        if figures is None:
            print(f"GuideLLM left out stream {number + 1}", file=sys.stderr)
            continue
        if cpu_s is not None:
            figures["cpu_s"] = cpu_s
        yield compare("GuideLLM", schedule, figures, truth, is_first=number == 0)


def measure_schedule(
    schedule: Schedule, *, requests: int, guidellm: list[str] | None
) -> tables.Part:
    """Measure one schedule with every client."""
    gauge = CpuGauge()
    before, began_s = gauge.read(), time.perf_counter()
    samples = list(measure_clients(schedule, requests=requests))
    if guidellm is not None:
        samples += measure_guidellm(guidellm, schedule, requests=requests)
    after, wall_s = gauge.read(), time.perf_counter() - began_s
    pressure = (
        None
        if before.pressure_us is None or after.pressure_us is None
        else (after.pressure_us - before.pressure_us) / 1e6 / wall_s
    )
    return tables.Part(
        schedule=schedule.name, samples=samples, cpu_pressure_ratio=pressure
    )


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=10, help="scored requests")
    parser.add_argument(
        "--schedules", default=",".join(each.name for each in FULL), help="names, by ,"
    )
    parser.add_argument("--guidellm", help="Python that GuideLLM is installed for")
    parser.add_argument("--json", type=Path, help="file for every single error")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    return parser.parse_args()


def main() -> int:
    """Measure, print and return 0."""
    arguments = read_arguments()
    known = {schedule.name: schedule for schedule in FULL}
    chosen = [known[name] for name in arguments.schedules.split(",")]
    guidellm = guidellm_report.find_command(arguments.guidellm)
    if guidellm is None:
        print("GuideLLM is not installed there: left out", file=sys.stderr)
    parts = []
    for schedule in chosen:
        print(f"{schedule.name} …", file=sys.stderr)
        parts.append(
            measure_schedule(schedule, requests=arguments.requests, guidellm=guidellm)
        )
    if arguments.json is not None:
        content = json.dumps([asdict(part) for part in parts], indent=1)
        arguments.json.write_text(content + "\n", encoding="utf-8")
    print(tables.machine())
    print()
    print(tables.markdown(parts) if arguments.markdown else tables.text(parts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
