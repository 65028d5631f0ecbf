"""The plan: what is wrong is named, and the schedule is whole."""

from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from collector.backends.address import complete_base_url
from collector.errors import PlanError
from collector.plan import override, read_plan, schedule
from collector.task import read_task

TEXT = """
tasks = ["json-to-csv", "other"]
[server]
base_url = "http://127.0.0.1:1234"
[design]
rounds = 3
trials = 2
seed = 5
[sampling]
temperature = 0
[[models]]
id = "a"
key = "maker/a"
name = "A"
[[models]]
id = "b"
key = "maker/b"
name = "B"
[[models]]
id = "c"
key = "maker/c"
name = "C"
"""


@pytest.fixture
def plan_path(tmp_path: Path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rounds", "ronds", "unknown key 'design.ronds': did you mean 'rounds'?"),
        ("key =", "kee =", "unknown key 'models.0.kee': did you mean 'key'?"),
        ("[design]", "[desing]", "unknown key 'desing': did you mean 'design'?"),
        ('name = "C"', "", "the key 'models.2.name' is missing"),
        ("rounds = 3", "rounds = 0", "design.rounds = 0"),
        ("rounds = 3", 'rounds = "3"', "design.rounds = '3'"),
        ('id = "b"', 'id = "a"', "the model id 'a' occurs twice"),
        ('id = "b"', 'id = "../b"', "models.1.id = '../b'"),
        ("http://127", "127", "give an address such as"),
        ("temperature", "stream", "sampling may not set stream"),
        ("rounds = 3", "rounds = ", "is not TOML"),
    ],
)
def test_a_mistake_is_named_with_file_key_and_mend(plan_path, old, new, said):
    plan_path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan(plan_path)
    assert str(caught.value).startswith(f"{plan_path}: ")
    assert said in str(caught.value)


def test_a_missing_plan_is_named(tmp_path):
    with pytest.raises(PlanError, match="there is no such file"):
        read_plan(tmp_path / "plan.toml")


def test_the_command_line_goes_before_the_plan(plan_path):
    plan = override(
        read_plan(plan_path), server="http://h:9/", models=("b",), rounds=1, trials=4
    )
    assert plan.server.base_url == "http://h:9/v1"
    assert [model.id for model in plan.models] == ["b"]
    assert (plan.design.rounds, plan.design.trials) == (1, 4)
    with pytest.raises(PlanError, match="--model bb: not in the plan"):
        override(plan, models=("bb",))


@pytest.mark.parametrize(
    ("given", "completed"),
    [
        ("http://localhost:1234", "http://localhost:1234/v1"),
        ("http://localhost:1234/v1/", "http://localhost:1234/v1"),
        ("https://h/api/openai", "https://h/api/openai"),
    ],
)
def test_a_bare_host_gets_v1(given, completed):
    assert complete_base_url(given) == completed


def test_every_model_task_and_trial_is_there_once(plan_path):
    slots = schedule(read_plan(plan_path))
    counted = Counter(
        (s.model.id, s.task_id, s.number) for s in slots if not s.is_warmup
    )
    assert set(counted) == {
        (model, task, number)
        for model in "abc"
        for task in ("json-to-csv", "other")
        for number in range(1, 7)
    }
    assert set(counted.values()) == {1}
    assert [slot.position for slot in slots] == list(range(1, len(slots) + 1))


def test_each_block_begins_with_its_only_warm_up(plan_path):
    slots = schedule(read_plan(plan_path))
    for _, block in groupby(slots, key=lambda s: (s.round, s.model.id)):
        first, *rest = block
        assert first.is_warmup
        assert first.is_first_of_block
        assert not any(slot.is_warmup or slot.is_first_of_block for slot in rest)
        assert len(rest) == 4


def test_the_seed_alone_decides_the_order_and_rounds_differ(plan_path):
    plan = read_plan(plan_path)
    assert schedule(plan) == schedule(plan)
    many = plan.model_copy(
        update={"design": plan.design.model_copy(update={"rounds": 20})}
    )
    orders = {
        tuple(s.model.id for s in schedule(many) if s.round == n and s.is_warmup)
        for n in range(1, 21)
    }
    assert len(orders) > 1


def test_a_task_that_is_not_there_names_the_nearest(tmp_path):
    folder = tmp_path / "json-to-csv"
    folder.mkdir()
    (folder / "task.toml").write_text(
        'id = "json-to-csv"\nprompt_language = "ja"\ncode_language = "python"\n',
        encoding="utf-8",
    )
    with pytest.raises(PlanError, match="did you mean 'json-to-csv'"):
        read_task([tmp_path], "json-csv")
    with pytest.raises(PlanError, match="the prompt cannot be read"):
        read_task([tmp_path], "json-to-csv")
    (folder / "prompt.md").write_text("変換して\n", encoding="utf-8")
    assert read_task([tmp_path], "json-to-csv").prompt == "変換して"
