"""The collector's commands as a person or a program runs them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.cli import cli
from collector.store import list_runs, load_run

PLAN = """
tasks = ["json-to-csv"]
[design]
rounds = 3
trials = 2
calibrate = false
[sampling]
max_tokens = 40
[[models]]
id = "plain"
key = "demo/plain"
name = "Plain"
quantization = "{quantization}"
context_length = 2048
[[models]]
id = "sketch"
key = "demo/sketch"
name = "Sketch"
"""


@pytest.fixture
def run(tmp_path: Path, quick_demo):
    """Run a command against the demo's models and a plan of two of them."""
    (tmp_path / "plan.toml").write_text(
        PLAN.format(quantization="scripted"), encoding="utf-8"
    )
    with quick_demo() as server:

        def invoke(command: str, *more: str) -> Result:
            arguments = [command, "--content", str(tmp_path), "--server"]
            return CliRunner().invoke(cli, [*arguments, server.base_url, *more])

        yield invoke


def test_json_gives_a_line_for_each_trial_and_says_the_rest_aside(run):
    result = run("collect", "--run", "r", "--model", "plain", "--json")
    assert result.exit_code == 3  # every answer is cut at 40 tokens
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["done"] for line in lines] == list(range(1, 10))
    counted = [line for line in lines if not line["is_warmup"]]
    assert {line["failure"]["kind"] for line in counted} == {"limit"}
    assert [line["cache"] for line in counted] == ["cold", "warm"] * 3
    assert {line["metrics"]["completion_tokens"] for line in counted} == {40}
    assert "saved in" in result.stderr


def test_each_model_is_measured_as_it_was_loaded(run, tmp_path):
    run("collect", "--run", "r", "--rounds", "1")
    trials = load_run(tmp_path / "records", "r").trials
    contexts = {trial.model_id: trial.instance.context_length for trial in trials}
    assert contexts == {"plain": 2048, "sketch": 8192}
    loads = [trial.load_s is not None for trial in trials if trial.model_id == "plain"]
    # The load is the warm-up's, which sorts behind the trials.
    assert loads == [False, False, True]


def test_another_quantization_than_the_plans_is_a_warning(run, tmp_path):
    (tmp_path / "plan.toml").write_text(
        PLAN.format(quantization="Q4_K_M"), encoding="utf-8"
    )
    result = run("collect", "--run", "r", "--rounds", "1")
    assert "warning: demo/plain: the plan expects the quantization 'Q4_K_M'" in (
        result.stderr
    )


def test_a_pilot_measures_one_model_apart_and_judges_the_plan(run, tmp_path):
    plan = tmp_path / "plan.toml"
    text = plan.read_text(encoding="utf-8").replace("max_tokens = 40", "")
    plan.write_text(text, encoding="utf-8")
    result = run("collect", "--pilot", "--model", "sketch")
    assert result.exit_code == 0, result.output
    assert "Pilot: 6 trials" in result.stdout
    assert "The plan has 6 per model and task (3 rounds × 2)" in result.stdout
    assert list_runs(tmp_path / "records") == ([], [])
    (pilot,), _ = list_runs(tmp_path / "pilots")
    assert [model.model_id for model in pilot.run.models] == ["sketch"]


def test_a_pilot_without_rates_is_a_message(run):
    result = run("collect", "--pilot")
    assert result.exit_code == 1
    assert "0 trials gave a rate" in result.stderr


def test_the_doctor_finds_the_plans_models_and_changes_nothing(run, tmp_path):
    result = run("doctor", "--json")
    findings = json.loads(result.stdout)["findings"]
    by_check = {finding["check"]: finding for finding in findings}
    assert by_check["server"]["status"] == "ok"
    assert by_check["model plain"]["status"] == "ok"
    assert "0 loaded" in by_check["instances"]["message"]
    assert not (tmp_path / "records").exists()


def test_the_doctor_captures_one_exchange_that_can_be_read_back(run, tmp_path):
    path = tmp_path / "capture.jsonl"
    result = run("doctor", "--capture", str(path))
    assert "one exchange saved (whole)" in result.stderr
    first = json.loads(path.read_text(encoding="utf-8").partition("\n")[0])
    assert first["server"] == "LM Studio"


def test_the_doctor_ends_with_1_if_there_is_something_to_mend(tmp_path):
    (tmp_path / "plan.toml").write_text(
        PLAN.format(quantization="scripted"), encoding="utf-8"
    )
    arguments = ["doctor", "--content", str(tmp_path)]
    result = CliRunner().invoke(cli, [*arguments, "--server", "http://127.0.0.1:9"])
    assert result.exit_code == 1
    assert "no server answers" in result.output


def test_the_selftest_tells_our_error_on_known_schedules():
    result = CliRunner().invoke(cli, ["selftest", "--json"])
    assert result.exit_code == 0, result.output
    errors = json.loads(result.stdout)["errors"]
    assert [error["tok_s"] for error in errors] == [76.0, 1000.0]
    for error in errors:
        # Far above what is usual: a test machine may be busy.
        assert abs(error["ttft_error_median_s"]) < 0.05
        assert abs(error["rate_error_median_ratio"]) < 0.05
        assert error["n"] == 3


def test_a_run_records_our_own_error_before_it_measures(run, tmp_path):
    run("collect", "--run", "r", "--rounds", "1", "--calibrate")
    calibration = load_run(tmp_path / "records", "r").run.calibration
    assert [error.tok_s for error in calibration.errors] == [76.0, 1000.0]
