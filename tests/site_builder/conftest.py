"""A measured run as it may come from a rig: two models, six trials each."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.record import (
    Calibration,
    Case,
    Chunk,
    Conditions,
    Failure,
    Instance,
    Interruption,
    MeasuringError,
    PlannedModel,
    PlanSnapshot,
    Rig,
    Run,
    Server,
    Trial,
    Verdict,
)
from collector.store import LoadedRun
from site_builder.words import Words, read_words

CONTENT = Path(__file__).parents[2] / "content"
GIB = 2**30
FAST = (100, 98, 96, 94, 92, 90)
"""Rates that fall trial by trial."""
SLOW = (40, 70, 41, 39, 40)
"""Rates that spread widely; a sixth trial fails."""


def measuring_error(tok_s: float, **errors: float) -> MeasuringError:
    return MeasuringError(tok_s=tok_s, n=12, chunks=200, **errors)


def instance(**changes) -> Instance:
    config = {"parallel": 1, "flash_attention": True, "eval_batch_size": 512}
    fields = {
        "instance_id": "x",
        "quantization": "Q4_K_M",
        "context_length": 8192,
        "engine": "llama.cpp",
        "engine_version": "1.3.0",
        "config": {"id": "x", "config": config},
    }
    return Instance(**{**fields, **changes})


def trial(model: str, number: int, rate: int, **more) -> Trial:
    """Make a trial of 1 + rate tokens, one each, that takes one second to generate."""
    is_cold = number % 2 == 1
    first_us = 500_000 if is_cold else 200_000
    times = [first_us + round(1e6 * n / rate) for n in range(rate + 1)]
    fields = {
        "position": 4 * number + (model == "slow"),
        "cache": "cold" if is_cold else "warm",
        "outcome": "complete",
        "timeline": tuple(Chunk(at, "answer", 4) for at in times),
        "reasoning_text": "",
        "answer_text": "abc\n" * (rate + 1),
        "finish_reason": "stop",
        "usage": {"completion_tokens": rate + 1},
        "instance": instance(),
        "conditions": Conditions(cpu_pressure_ratio=0.02),
    }
    return Trial(
        run_id="my-rig",
        model_id=model,
        task_id="json-to-csv",
        number=number,
        **{**fields, **more},
    )


def run(**changes) -> Run:
    fields = {
        "run_id": "my-rig",
        "source": "measured",
        "tool_version": "0.1.0",
        "tool_commit": "f0b17345015829d0647d53af6531e1c8b3069e17-dirty",
        "models": (
            PlannedModel(model_id="fast", key="a", name="Fast 4B", quantization="Q8"),
            PlannedModel(model_id="slow", key="b", name="Slow [b]"),
        ),
        "plan": PlanSnapshot(
            backend="lmstudio",
            rounds=3,
            trials=2,
            seed=7,
            reload=True,
            sampling={"temperature": 0},
            tasks=("json-to-csv",),
        ),
        "rig": Rig(
            gpu="A GPU",
            gpu_memory_bytes=12 * GIB,
            gpu_power_limit_w=170.0,
            cpu="A CPU",
            cpu_count=16,
            memory_bytes=32 * GIB,
        ),
        "server": Server(name="LM Studio", version="0.4.22", api="/api/v1"),
        "calibration": Calibration(
            at="2026-11-24T01:02:03Z",
            errors=(
                measuring_error(
                    76.0,
                    ttft_error_median_s=0.00041,
                    ttft_error_max_s=0.00083,
                    rate_error_median_ratio=-0.00001,
                    rate_error_max_ratio=-0.0002,
                ),
                measuring_error(
                    1000.0,
                    ttft_error_median_s=-0.0005,
                    ttft_error_max_s=0.0011,
                    rate_error_median_ratio=0.0003,
                    rate_error_max_ratio=0.0012,
                ),
            ),
        ),
    }
    return Run(**{**fields, **changes})


@pytest.fixture
def measured() -> LoadedRun:
    lost = Interruption(started_at="2026-11-24T01:00:00Z", kind="lost")
    cancelled = Interruption(started_at="2026-11-24T01:01:00Z", kind="cancelled")
    busy = Conditions(cpu_pressure_ratio=0.4)
    trials = [trial("fast", number, rate) for number, rate in enumerate(FAST, 1)]
    trials += [trial("slow", number, rate) for number, rate in enumerate(SLOW, 1)]
    trials[1] = trial("fast", 2, FAST[1], conditions=busy)
    trials[6] = trial("slow", 1, SLOW[0], interruptions=(lost, cancelled, lost))
    trials.append(
        trial(
            "slow",
            6,
            20,
            outcome="failed",
            failure=Failure(kind="stalled", message="no text for 600 s"),
        )
    )
    warmup = trial("fast", 1, 50, is_warmup=True, cache="unknown")
    return LoadedRun(run=run(), trials=(warmup, *trials), verdicts=(), codes={}, bad=())


@pytest.fixture(params=["en", "ja"])
def words(request) -> Words:
    return read_words(CONTENT / request.param / "strings.toml")


@pytest.fixture
def english() -> Words:
    return read_words(CONTENT / "en" / "strings.toml")


@pytest.fixture
def japanese() -> Words:
    return read_words(CONTENT / "ja" / "strings.toml")


@pytest.fixture
def published() -> LoadedRun:
    from collector.store import load_run

    return load_run(CONTENT / "records", "published")


def make_case(case_id: str = "01-flat", result: str = "pass", **more) -> Case:
    fields = {"reason": "" if result == "pass" else f"why {case_id} is {result}"}
    return Case(case_id=case_id, result=result, **{**fields, **more})


def make_verdict(code: str | None = "print(1)\n", **changes) -> Verdict:
    """Make a verdict on a code, by default found as is in bubblewrap."""
    digest = None if code is None else hashlib.sha256(code.encode()).hexdigest()
    fields = {
        "run_id": "my-rig",
        "model_id": "fast",
        "task_id": "json-to-csv",
        "number": 1,
        "code_sha256": digest,
        "task_sha256": "a" * 64,
        "judge_version": "judge/1",
        "level": "as_is",
        "call": "convert(in, out)",
        "sandbox": "bubblewrap",
        "sandbox_version": "0.8.0",
        "guest_python": "3.11.2",
        "cases": (make_case(),),
    }
    return Verdict(**{**fields, **changes})


@pytest.fixture(name="case", scope="session")
def case_fixture() -> Callable[..., Case]:
    return make_case


@pytest.fixture(name="verdict", scope="session")
def verdict_fixture() -> Callable[..., Verdict]:
    return make_verdict


@pytest.fixture(name="trial", scope="session")
def trial_fixture() -> Callable[..., Trial]:
    return trial


@pytest.fixture(name="run", scope="session")
def run_fixture() -> Callable[..., Run]:
    return run
