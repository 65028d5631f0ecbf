"""What the conditions table says, and what it leaves unsaid."""

from dataclasses import replace

import pytest

from collector.record import Calibration, Instance, Rig, Server
from site_builder.conditions import condition_facts
from site_builder.words import Words

ALWAYS = ("source", "gpu", "driver", "os", "server", "engine", "quantization")


def facts(loaded, words: Words, **prompts: str) -> dict[str, str | None]:
    return dict(condition_facts(loaded.run, loaded.trials, words, prompts=prompts))


def with_run(loaded, **changes):
    return replace(loaded, run=loaded.run.model_copy(update=changes))


def test_a_measured_run_tells_machine_server_and_model(measured, english):
    found = facts(measured, english, task="Write it.")
    assert found["GPU"] == "A GPU (12 GB)"
    assert found["Power limit of the GPU"] == "170 W"
    assert found["CPU"] == "A CPU (16 logical processors)"
    assert found["Memory"] == "32 GB"
    assert found["Server"] == "LM Studio 0.4.22"
    assert found["Interface for loading"] == "/api/v1"
    assert found["Inference engine"] == "llama.cpp 1.3.0"
    assert found["Context as loaded"] == "8,192 tokens"
    assert found["Settings of the loaded model"] == (
        "parallel = 1, flash_attention = true, eval_batch_size = 512"
    )
    assert found["Measuring program"] == "Seikaku 0.1.0 (f0b1734-dirty)"


def test_what_the_trials_say_of_themselves_is_counted(measured, english, japanese):
    found = facts(measured, english)
    assert found["Trials by prompt cache"] == "cold: 6, warm: 6"
    assert found["Attempts cut short and repeated"] == "3"
    assert found["Trials on a busy machine (not left out)"] == "1 of 12"
    found = facts(measured, japanese)
    assert found["プロンプトのキャッシュ別の試行数"] == "なし：6、あり：6"
    assert found["測定機が混み合っていた試行（除外しない）"] == "12回のうち1回"


def test_no_interruption_is_known_to_be_none(measured, english):
    trials = tuple(
        trial.model_copy(update={"interruptions": ()}) for trial in measured.trials
    )
    found = facts(replace(measured, trials=trials), english)
    assert found["Attempts cut short and repeated"] == "0"


def test_an_unwatched_machine_gives_no_count_of_busy_trials(measured, english):
    trials = tuple(
        trial.model_copy(update={"conditions": None}) for trial in measured.trials
    )
    found = facts(replace(measured, trials=trials), english)
    assert not [label for label in found if "busy" in label]


def test_our_own_error_has_units_and_signs_in_both_languages(
    measured, english, japanese
):
    found = facts(measured, english)
    assert found["Our own measuring error at 76 tok/s"] == (
        "first token +0.41 ms (at worst +0.83 ms), "
        "speed 0.00% (at worst \N{MINUS SIGN}0.02%); medians of 12 streams"
    )
    assert found["Our own measuring error at 1,000 tok/s"].startswith(
        "first token \N{MINUS SIGN}0.50 ms (at worst +1.10 ms), speed +0.03%"
    )
    found = facts(measured, japanese)
    assert found["計測自体の誤差（76 tok/sのとき）"] == (
        "最初のトークン+0.41ミリ秒（最大のずれ+0.83ミリ秒）、"
        "生成速度0.00%（最大のずれ\N{MINUS SIGN}0.02%）。12回の中央値"
    )


@pytest.mark.parametrize(
    "calibration", [None, Calibration(at="2026-11-24T01:02:03Z", errors=())]
)
def test_without_a_calibration_there_is_no_row_of_errors(
    measured, english, calibration
):
    found = facts(with_run(measured, calibration=calibration), english)
    assert not [label for label in found if "error" in label]


def test_models_that_were_loaded_differently_are_named(measured, english):
    trials = tuple(
        trial.model_copy(
            update={
                "instance": Instance(
                    instance_id="y", quantization="MXFP4", context_length=4096
                )
            }
        )
        if trial.model_id == "slow"
        else trial
        for trial in measured.trials
    )
    found = facts(replace(measured, trials=trials), english)
    assert found["Quantisation"] == "Fast 4B: Q4_K_M; Slow [b]: MXFP4"
    assert found["Context as loaded"] == (
        "Fast 4B: 8,192 tokens; Slow [b]: 4,096 tokens"
    )
    assert found["Inference engine"] == ("Fast 4B: llama.cpp 1.3.0; Slow [b]: unknown")
    assert found["Settings of the loaded model"].startswith("Fast 4B: parallel = 1")


def test_quantisation_is_as_planned_only_where_the_server_does_not_tell(
    measured, english
):
    trials = tuple(
        trial.model_copy(update={"instance": None}) for trial in measured.trials
    )
    found = facts(replace(measured, trials=trials), english)
    assert found["Quantisation"] == "Fast 4B: Q8; Slow [b]: unknown"
    assert found["Inference engine"] is None
    assert "Context as loaded" not in found


def test_settings_that_are_not_nested_are_found_too(measured, english):
    flat = Instance(instance_id="y", config={"parallel": 4, "unheard_of": 1})
    trials = tuple(
        trial.model_copy(update={"instance": flat}) for trial in measured.trials
    )
    found = facts(replace(measured, trials=trials), english)
    assert found["Settings of the loaded model"] == "parallel = 4"


def test_unknown_facts_stand_only_where_the_article_always_had_them(measured, english):
    bare = with_run(measured, rig=Rig(), server=Server(), calibration=None)
    unknown = [label for label, text in facts(bare, english).items() if text is None]
    assert unknown == [
        "GPU",
        "Driver",
        "Operating system",
        "Server",
        "Prompt of the task",
        "Date of measurement",
    ]
    assert not {"CPU", "Memory", "Power limit of the GPU"} & facts(bare, english).keys()


def test_the_published_run_has_the_rows_it_always_had(published, words):
    found = facts(published, words, task="PythonでJSON→CSV変換関数を書いてください")
    keys = (*ALWAYS, "prompt", "date")
    assert list(found) == [words(f"conditions.{key}") for key in keys]
    assert found[words("conditions.quantization")] == "Q4_K_M"
    assert found[words("conditions.engine")] is None
