"""The workflows are YAML, ask for few rights, and run commands that there are."""

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from seikaku import cli
from site_builder.cli import Command
from site_builder.publishing.command import publish_command

FOLDER = Path(__file__).parents[3] / ".github" / "workflows"
NAMES = ["check.yml", "pages.yml"]
MAJORS = {
    "actions/checkout": "v7",
    "actions/setup-python": "v7",
    "actions/configure-pages": "v6",
    "actions/upload-pages-artifact": "v5",
    "actions/deploy-pages": "v5",
}


@pytest.fixture(params=NAMES)
def workflow(request) -> dict:
    return read(request.param)


def read(name: str) -> dict:
    found = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    # YAML 1.1 takes the bare word for a truth value.
    return {"on" if key is True else key: value for key, value in found.items()}


def steps(workflow: dict) -> list[dict]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_there_are_these_workflows_and_no_others():
    assert sorted(path.name for path in FOLDER.iterdir()) == NAMES


def test_actions_are_of_the_current_majors(workflow):
    used = [step["uses"].split("@") for step in steps(workflow) if "uses" in step]
    assert used
    for action, version in used:
        assert MAJORS[action] == version


def test_a_job_may_only_read_unless_it_deploys(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        rights = job.get("permissions", {})
        written = {key for key, right in rights.items() if right == "write"}
        assert written == ({"pages", "id-token"} if name == "deploy" else set())
        assert job["timeout-minutes"] <= 90


def test_no_checkout_leaves_its_token_behind(workflow):
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"persist-credentials": False}


def test_nothing_from_outside_is_pasted_into_a_command(workflow):
    for step in steps(workflow):
        assert "${{" not in step.get("run", "")


def test_every_command_of_ours_exists_with_its_options(workflow):
    publish = publish_command(Command, lambda given: given or Path())
    known: dict[str, click.Command] = {**cli.commands, "publish": publish}
    ran = [shlex.split(step["run"]) for step in steps(workflow) if "run" in step]
    ours = [words[1:] for words in ran if words[0] == "seikaku"]
    assert ours
    for name, *arguments in ours:
        with known[name].make_context(name, list(arguments)) as context:
            assert not context.args


def test_pages_uploads_what_it_built_and_deploys_one_at_a_time():
    pages = read("pages.yml")
    build, deploy = pages["jobs"]["build"], pages["jobs"]["deploy"]
    (command,) = [s for s in build["steps"] if "seikaku" in s.get("run", "")]
    (upload,) = [s for s in build["steps"] if "upload" in s.get("uses", "")]
    folder = re.search(r"--output (\S+)", command["run"])
    assert folder is not None
    assert upload["with"]["path"] == folder[1]
    assert command["env"] == {"BASE_URL": "${{ steps.pages.outputs.base_url }}"}
    assert deploy["needs"] == "build"
    assert deploy["environment"]["name"] == "github-pages"
    assert pages["concurrency"] == {"group": "pages", "cancel-in-progress": False}
    assert "push" in pages["on"]


def test_a_pull_request_is_checked_on_three_systems():
    check = read("check.yml")
    assert "pull_request" in check["on"]
    strategy = check["jobs"]["tests"]["strategy"]
    assert strategy["fail-fast"] is False
    systems = {name.split("-")[0] for name in strategy["matrix"]["os"]}
    assert systems == {"ubuntu", "windows", "macos"}
    commands = [step.get("run", "") for step in steps(check)]
    assert "seikaku check" in commands
    assert any(command.startswith("seikaku build --strict") for command in commands)
    assert any("pytest" in command for command in commands)
    setups = [s for s in steps(check) if "setup-python" in s.get("uses", "")]
    assert all(step["with"]["cache"] == "pip" for step in setups)
