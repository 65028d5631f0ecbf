from importlib import resources

import pytest

from collector.demo.script import read_models
from collector.plan import read_plan


@pytest.fixture
def plan():
    with resources.as_file(resources.files("collector.demo") / "plan.toml") as path:
        return read_plan(path)


def test_the_plan_measures_every_scripted_model(plan):
    planned = [(model.key, model.name) for model in plan.models]

    assert planned == [(model.key, model.name) for model in read_models()]


def test_the_plan_fills_the_articles_four_slots_with_what_is_no_real_model(plan):
    assert [model.id for model in plan.models] == [
        "qwen3-vl-4b",
        "hermes-4-14b",
        "gemma-3n-e4b",
        "gpt-oss-20b",
    ]
    assert {model.quantization for model in plan.models} == {"scripted"}
