"""The collector over a real loopback socket, against a schedule we know."""

import os
import signal
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.cli import cli
from collector.metrics import METRICS
from collector.record import Trial
from collector.store import load_run


def write_plan(folder: Path, keys: list[str]) -> Path:
    lines = ['tasks = ["json-to-csv"]', "[design]", "rounds = 1", "trials = 3"]
    lines += ["calibrate = false"]
    for key in keys:
        lines += ["[[models]]", f'id = "{key}"', f'key = "{key}"', f'name = "{key}"']
    path = folder / "plan.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def collect(folder: Path, keys: list[str], *more: str) -> Result:
    plan = write_plan(folder, keys)
    arguments = ["collect", "--content", str(folder / "c"), "--plan", str(plan)]
    return CliRunner().invoke(cli, [*arguments, "--run", "r", *more])


def counted(folder: Path) -> list[Trial]:
    trials = load_run(folder / "c" / "records", "r").trials
    return [trial for trial in trials if not trial.is_warmup]


def medians(folder: Path, model: str) -> tuple[float, float]:
    ours = [trial for trial in counted(folder) if trial.model_id == model]
    values = [
        [METRICS[key].compute(trial) for trial in ours]
        for key in ("ttft_s", "decode_tok_s")
    ]
    return statistics.median(values[0]), statistics.median(values[1])


def test_rate_and_first_token_are_those_of_the_server(
    tmp_path, monkeypatch, known_server
):
    # A proxy of the environment would be measured too, or fail.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with known_server(
        {"slow": (0.15, 40, 76.0), "fast": (0.05, 200, 1000.0)}
    ) as server:
        result = collect(tmp_path, ["slow", "fast"], "--server", server.url)
        assert result.exit_code == 0, result.output
        for model in ("slow", "fast"):
            true_ttft_s, true_rate = map(
                statistics.median, zip(*server.truths[model][1:], strict=True)
            )
            ttft_s, rate = medians(tmp_path, model)
            assert abs(ttft_s - true_ttft_s) < 0.005
            assert abs(rate / true_rate - 1) < 0.02
    for trial in counted(tmp_path):
        assert trial.outcome == "complete"
        assert trial.timeline is not None
        assert len(trial.timeline) == trial.usage["completion_tokens"]


def test_a_failure_is_recorded_once_and_the_sweep_goes_on(tmp_path, known_server):
    with known_server({"a": (0.0, 1, 1.0), "b": (0.0, 1, 1.0)}, status=500) as server:
        result = collect(tmp_path, ["a", "b"], "--server", server.url)
    assert result.exit_code == 3
    assert sorted(server.requests) == ["a"] * 4 + ["b"] * 4
    kinds = [trial.failure.kind for trial in counted(tmp_path)]
    assert kinds == ["server_error"] * 6


def test_a_model_that_is_not_there_stops_before_anything_is_measured(
    tmp_path, known_server
):
    with known_server({"real": (0.0, 1, 1.0)}) as server:
        result = collect(tmp_path, ["reel"], "--server", server.url)
    assert result.exit_code == 1
    assert "did you mean 'real'?" in result.output
    assert server.requests == []
    assert not (tmp_path / "c").exists()


def test_a_server_that_is_not_there_is_a_message(tmp_path):
    result = collect(tmp_path, ["a"], "--server", "http://127.0.0.1:9")
    assert result.exit_code == 1
    assert "error: http://127.0.0.1:9/v1: no server answers" in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_dry_run_sends_nothing(tmp_path):
    result = collect(tmp_path, ["a"], "--server", "http://127.0.0.1:9", "--dry-run")
    assert result.exit_code == 0
    assert "json-to-csv #3" in result.output
    assert not (tmp_path / "c").exists()


def test_an_existing_run_is_not_written_into(tmp_path, known_server):
    with known_server({"a": (0.0, 2, 100.0)}) as server:
        collect(tmp_path, ["a"], "--server", server.url)
        n_requests = len(server.requests)
        again = collect(tmp_path, ["a"], "--server", server.url)
    assert again.exit_code == 1
    assert "there is already a run 'r'" in again.output
    assert len(server.requests) == n_requests


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_an_interrupt_keeps_what_is_finished(tmp_path, known_server):
    plan = write_plan(tmp_path, ["quick"])
    with known_server({"quick": (0.0, 2, 100.0)}) as server:
        arguments = ["collect", "--content", str(tmp_path / "c"), "--plan", str(plan)]
        arguments += ["--run", "r", "--server", server.url]
        with subprocess.Popen(
            [sys.executable, "-m", "collector", *arguments],
            stderr=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stderr is not None
            for line in child.stderr:
                if "#2" in line:
                    # The third trial's stream lasts until we interrupt it.
                    child.send_signal(signal.SIGINT)
                    break
                server.plans["quick"] = (0.0, 2, 100.0)
                if "#1" in line:
                    server.plans["quick"] = (0.0, 2, 5.0)
            rest = child.stderr.read()
    assert child.returncode == 130
    assert "finished trials are kept in" in rest
    assert [trial.outcome for trial in counted(tmp_path)] == ["complete"] * 2
