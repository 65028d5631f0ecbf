"""Which runs there are, which one the site shows, and which folders cannot be used."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.record import Failure, Rig
from site_builder.cli import Command, _name_bad
from site_builder.runs_command import runs_command

from .scenarios import FIGURES, HERMES, QWEN, measured, save

PAIR = {key: FIGURES[key] for key in (QWEN, HERMES)}


def save_as(records: Path, run_id: str, **changes) -> None:
    """Save a run of two models, three counted trials each, with warm-ups."""
    loaded = measured(3, figures=PAIR, events=5)
    renamed = {"run_id": run_id}
    trials = [trial.model_copy(update=renamed) for trial in loaded.trials]
    n_failed = changes.pop("n_failed", 0)
    counted = [index for index, t in enumerate(trials) if not t.is_warmup]
    for index in counted[:n_failed]:
        failure = Failure(kind="stalled", message="no text")
        failed = {"outcome": "failed", "failure": failure}
        trials[index] = trials[index].model_copy(update=failed)
    run = loaded.run.model_copy(update={**renamed, **changes})
    save(replace(loaded, run=run, trials=tuple(trials)), records)


def at(day: int) -> datetime:
    return datetime(2026, 11, day, 9, tzinfo=UTC)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    records = folder / "records"
    save_as(records, "old", started_at=at(1))
    save_as(records, "new", started_at=at(3), n_failed=2, rig=Rig(gpu="GPU [12 GB]"))
    save_as(records, "show", started_at=at(9), source="demo", rig=Rig(cpu="A CPU"))
    save_as(records, "press", started_at=None, source="published", rig=Rig())
    return folder


def runs(content: Path, *more: str, columns: int = 160) -> Result:
    command = runs_command(Command, lambda given: given or content, _name_bad)
    return CliRunner().invoke(command, list(more), env={"COLUMNS": str(columns)})


def found(content: Path) -> list[dict]:
    return json.loads(runs(content, "--json").stdout)["runs"]


def shown(content: Path) -> list[str]:
    return [row["run"] for row in found(content) if row["is_shown"]]


def test_runs_are_listed_by_date_with_rig_models_and_trials(content):
    rows = {row["run"]: row for row in found(content)}

    assert list(rows) == ["show", "new", "old", "press"]
    assert rows["new"] == {
        "run": "new",
        "started_at": "2026-11-03T09:00:00+00:00",
        "source": "measured",
        "gpu": "GPU [12 GB]",
        "cpu": None,
        "server": rows["old"]["server"],
        "server_version": rows["old"]["server_version"],
        "models": [QWEN, HERMES],
        "n_counted": 4,
        "n_failed": 2,
        "is_shown": True,
    }
    assert (rows["old"]["n_counted"], rows["old"]["n_failed"]) == (6, 0)
    assert rows["press"]["started_at"] is None


def test_the_table_says_the_same(content):
    result = runs(content)
    assert result.exit_code == 0, result.output
    rows = [re.split(r"  +", line.rstrip()) for line in result.stdout.splitlines()]
    told = {row[0]: row[1:] for row in map(tuple, rows) if len(row) > 2}
    assert told["run"] == ("date", "source", "rig", "models", "trials", "site")
    assert told["show"][:3] == ("2026-11-09", "demo", "A CPU")
    new = ("2026-11-03", "measured", "GPU [12 GB]", QWEN, "4, 2 failed", "shown")
    assert told["new"] == new
    assert told["press"][:3] == ("–", "published", "–")
    assert result.stdout.count("shown") == 1
    assert result.stdout.count(HERMES) == 4


def test_the_table_fits_into_80_columns(content):
    save_as(content / "records", "2026-11-24t0102-rig", rig=Rig(gpu="An RTX " * 5))
    lines = runs(content, columns=80).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any("2026-11-24t0102-rig" in line for line in lines)


def test_the_site_shows_the_newest_measured_run_and_never_a_demo_by_itself(content):
    assert shown(content) == ["new"]


@pytest.mark.parametrize("named", ["old", "show", "press"])
def test_the_site_shows_the_run_that_its_settings_name(content, named):
    settings(content, named)
    assert shown(content) == [named]


def test_a_named_run_that_is_not_here_is_told(content):
    settings(content, "gone")
    result = runs(content)
    assert shown(content) == []
    assert result.exit_code == 0
    assert "names the run 'gone', which is not here" in " ".join(result.stdout.split())


def test_a_demo_alone_is_listed_and_not_shown(tmp_path):
    save_as(tmp_path / "records", "show", source="demo")
    result = runs(tmp_path)
    assert shown(tmp_path) == []
    assert "the site shows none of them" in result.stdout


def test_bad_folders_and_files_are_named_and_the_others_are_listed(content):
    records = content / "records"
    (records / "new" / "run.json").write_text("{", encoding="utf-8")
    (records / "stray" / "a").mkdir(parents=True)
    (records / "stray" / "a" / "json-to-csv-01.json").write_text("{}", "utf-8")
    (records / "empty").mkdir()
    trial = records / "old" / QWEN / "json-to-csv-01.json"
    trial.write_text('{"schema_version": 999, "kind": "trial"}', encoding="utf-8")

    result = runs(content)

    assert result.exit_code == 0
    for place, reason in (
        (records / "new" / "run.json", "is not complete JSON"),
        (records / "stray", "has no run.json"),
        (trial, "999"),
    ):
        told = [line for line in result.stderr.splitlines() if f"{place}: " in line]
        assert len(told) == 1
        assert reason in told[0]
    assert "records left out: 3" in result.stderr
    assert "empty" not in result.output
    assert {row["run"] for row in found(content)} == {"old", "show", "press"}
    assert shown(content) == ["old"]
    bad = json.loads(runs(content, "--json").stdout)["bad"]
    assert sorted(bad[0]) == ["path", "reason"]


def test_a_folder_without_runs_says_how_to_get_one(tmp_path):
    result = runs(tmp_path)
    assert result.exit_code == 0
    assert result.stdout == "no runs yet: run seikaku collect\n"
    assert json.loads(runs(tmp_path, "--json").stdout) == {"runs": [], "bad": []}


def test_a_content_folder_that_is_not_there_is_an_error(tmp_path):
    result = runs(tmp_path / "gone")
    assert result.exit_code == 1
    assert "there is no such folder" in result.stderr


def settings(content: Path, run: str) -> None:
    text = f'primary_language = "ja"\nrun = "{run}"\n'
    (content / "site.toml").write_text(text, encoding="utf-8")
