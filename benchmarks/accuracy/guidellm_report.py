"""GuideLLM as it is installed somewhere: its own command, report and figures."""

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from collector.calibration.truth import read_truths

POLL_S = 1.0
"""How often its processor time is read; the reading itself disturbs."""

MIN_SAMPLES = 2


def find_command(python: str | None) -> list[str] | None:
    """Return GuideLLM's command; None: it is not installed there.

    Args:
        python: The interpreter it is installed for; None: this one.
    """
    command = [python or sys.executable, "-m", "guidellm"]
    probe = subprocess.run(  # noqa: S603 - the interpreter the user named
        [*command, "--version"], capture_output=True, check=False
    )
    return command if probe.returncode == 0 else None


def measure(
    command: list[str], base_url: str, name: str, *, requests: int, folder: Path
) -> tuple[list[dict[str, Any]], float | None]:
    """Return its figures of each request, and processor seconds per stream.

    The latter is the slope while streams run, of all its processes: None where fewer
    than two readings fell between the first stream's end and the last one's.
    """
    prompts = folder / "prompts.jsonl"
    # Every prompt is used once: as many prompts as requests.
    lines = [json.dumps({"prompt": f"Stream {number}."}) for number in range(requests)]
    prompts.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = folder / "report.json"
    target = base_url.removesuffix("/v1")
    process = subprocess.Popen(  # noqa: S603 - the interpreter the user named
        [
            *command,
            "run",
            *("--backend", f"kind=openai_http,target={target},model={name}"),
            *("--profile", "kind=synchronous"),
            *("--constraint", f"kind=max_requests,count={requests}"),
            *("--data", f"kind=json_file,path={prompts}"),
            *("--output", f"kind=json,path={report}"),
            "--disable-console",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    cpu_s = _watch(process, base_url, requests=requests)
    if process.wait() != 0 or process.stderr is None:
        complaint = process.stderr.read() if process.stderr else ""
        raise RuntimeError(f"GuideLLM failed: {complaint[-2000:]}")
    content = json.loads(report.read_text(encoding="utf-8"))
    finished = content["benchmarks"][0]["requests"]["successful"]
    return [_figures(request) for request in finished], cpu_s


def _figures(request: dict[str, Any]) -> dict[str, Any]:
    """Return what its report says; its latency is (last - first) / (N - 1)."""
    text = (request["reasoning_output"] or "") + (request["output"] or "")
    return {
        # It leaves requests out now and then: the text says which these are.
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "ttft_s": request["time_to_first_token_ms"] / 1e3,
        "tok_s": 1e3 / request["inter_token_latency_ms"],
    }


def _watch(
    process: "subprocess.Popen[str]", base_url: str, *, requests: int
) -> float | None:
    samples: list[tuple[int, float]] = []
    while process.poll() is None:
        time.sleep(POLL_S)
        done = len(read_truths(base_url))
        if 0 < done < requests:
            samples.append((done, _cpu_s(process.pid)))
    if len(samples) < MIN_SAMPLES or samples[-1][0] == samples[0][0]:
        return None
    (first, first_s), (last, last_s) = samples[0], samples[-1]
    return (last_s - first_s) / (last - first)


def _cpu_s(pid: int) -> float:
    total_s = 0.0
    parent = psutil.Process(pid)
    for each in (parent, *parent.children(recursive=True)):
        times = each.cpu_times()
        total_s += times.user + times.system
    return total_s
