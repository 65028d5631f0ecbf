"""The terminal's table and the rows for programs, of a run with everything in it."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from collector.record import PlannedModel
from site_builder.analysis.summary import summarise
from site_builder.report import print_report, report_json, report_rows


def printed(run, *, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    print_report(run, summarise(run), console=console)
    return console.file.getvalue()


def cells(text: str, name: str) -> list[str]:
    line = next(line for line in text.splitlines() if f"│ {name}" in line)
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_cold_and_warm_first_tokens_stand_apart_and_are_never_mixed(measured):
    text = printed(measured)
    head = next(line for line in text.splitlines() if "tok/s" in line)
    assert [cell.strip() for cell in head.strip("┃").split("┃")] == [
        "model",
        "tok/s",
        "cold (s)",
        "warm (s)",
        "tokens",
        "rest (s)",
        "counted",
        "tau",
        "p",
    ]
    # The middle of 90, 92, … 100; six falling of six: 2 orders of 720.
    assert cells(text, "Fast 4B") == [
        "Fast 4B",
        "95.00",
        "0.50",
        "0.20",
        "96",
        "1.0",
        "6 of 6",
        "-1.00",
        "0.003",
    ]
    assert cells(text, "Slow [b]")[6] == "5 of 6"


def test_below_the_table_stands_what_a_reader_must_know(measured):
    lines = printed(measured).splitlines()
    assert "Fast 4B: flagged: cpu pressure 1" in lines
    # 40, 70, 41, 39, 40: mean 46, deviation 13.44.
    assert [line for line in lines if line.startswith("Slow [b]:")] == [
        "Slow [b]: failed: stalled 1",
        "Slow [b]: interrupted attempts: 3",
        "Slow [b]: unstable: tok/s vary by 29% (deviation over mean)",
    ]
    drift = next(line for line in lines if line.startswith("Drift of tok/s over"))
    assert "all models together" in drift
    assert "11 trials" in drift


def test_it_stays_within_a_hundred_columns_with_long_names(measured):
    names = ("A model of a long name 30B A3B", "Slow [b]")
    models = tuple(
        PlannedModel(model_id=model.model_id, key=None, name=name)
        for model, name in zip(measured.run.models, names, strict=True)
    )
    run = measured.run.model_copy(update={"models": models})
    text = printed(replace(measured, run=run))
    assert max(map(len, text.splitlines())) <= 100
    assert cells(text, "A model of a")[1] == "95.00"
    assert "…" not in text


def test_a_published_run_has_one_first_token_and_no_word_of_trials(published):
    text = printed(published)
    assert "first (s)" in text
    assert "cold" not in text
    assert "tau" not in text
    assert "Drift" not in text
    assert cells(text, "GPT-OSS 20B")[1:4] == ["14.33", "0.82", "1,307"]


def test_a_short_run_says_that_drift_is_not_decidable(measured):
    few = tuple(trial for trial in measured.trials if trial.number == 1)
    text = printed(replace(measured, trials=few))
    assert "tau" not in text
    assert "Drift of tok/s over the run: not decidable with these trials." in text


def test_the_rows_for_programs_have_the_same(measured):
    fast, slow = report_rows(summarise(measured))
    assert (fast["cold_ttft_s"], fast["warm_ttft_s"]) == (0.5, 0.2)
    assert (fast["n_complete"], fast["n_failed"], fast["failures"]) == (6, 0, {})
    assert (fast["n_contaminated"], fast["flags"]) == (1, {"cpu_pressure": 1})
    assert fast["is_unstable"] is False
    assert fast["drift_tau"] == -1.0
    assert fast["drift_p"] == pytest.approx(2 / 720)
    assert (slow["n_failed"], slow["failures"]) == (1, {"stalled": 1})
    assert (slow["n_interruptions"], slow["n_contaminated"]) == (3, 0)
    assert slow["is_unstable"] is True
    assert slow["rate_sd_ratio"] == pytest.approx(0.2922, abs=1e-3)


def test_what_is_unknown_is_null_for_programs(published):
    for row in json.loads(report_json(summarise(published))):
        assert row["flags"] == {}
        for key in (
            "cold_ttft_s",
            "warm_ttft_s",
            "n_contaminated",
            "rate_sd_ratio",
            "is_unstable",
            "drift_tau",
            "drift_p",
        ):
            assert row[key] is None
