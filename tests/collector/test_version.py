"""Our version and commit: of our own checkout, or of nothing."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from collector.record import Run
from collector.version import tool_commit, tool_version

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is missing")


def git(folder: Path, *arguments: str) -> str:
    kept = {key: text for key, text in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(
        [
            "git",
            "-C",
            str(folder),
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@b.invalid",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "core.hooksPath=none",
            *arguments,
        ],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env=kept,
    ).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "seikaku"
    (root / "collector").mkdir(parents=True)
    (root / "collector" / "__init__.py").write_text("", encoding="utf-8")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


@needs_git
def test_a_clean_checkout_gives_its_commit_as_records_take_it(checkout):
    commit = tool_commit(checkout)
    assert commit == git(checkout, "rev-parse", "HEAD")
    run = {"run_id": "r", "source": "measured", "rig": {}, "server": {}}
    models = [{"model_id": "m", "key": None, "name": "M"}]
    Run.model_validate_json(
        json.dumps({**run, "models": models, "tool_commit": commit})
    )


@needs_git
def test_a_changed_file_makes_it_dirty_and_a_new_one_does_not(checkout):
    commit = git(checkout, "rev-parse", "HEAD")
    (checkout / "records.json").write_text("{}", encoding="utf-8")
    assert tool_commit(checkout) == commit
    (checkout / "collector" / "__init__.py").write_text("x = 1\n", encoding="utf-8")
    assert tool_commit(checkout) == f"{commit}-dirty"
    git(checkout, "add", "collector")
    assert tool_commit(checkout) == f"{commit}-dirty"


@needs_git
def test_an_installed_copy_inside_another_repository_has_no_commit(checkout):
    installed = checkout / ".venv" / "lib" / "site-packages"
    (installed / "collector").mkdir(parents=True)
    assert tool_commit(installed) is None


@needs_git
def test_a_broken_git_folder_does_not_borrow_the_commit_of_the_one_above(checkout):
    inner = checkout / "inner"
    (inner / ".git").mkdir(parents=True)
    (inner / "collector").mkdir()
    (inner / "collector" / "__init__.py").write_text("", encoding="utf-8")
    git(checkout, "add", "inner")
    assert tool_commit(inner) is None


@needs_git
def test_a_package_put_untracked_at_the_root_of_another_repository_has_none(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "own.txt").write_text("theirs", encoding="utf-8")
    git(tmp_path, "add", "own.txt")
    git(tmp_path, "commit", "-q", "-m", "theirs")
    (tmp_path / "collector").mkdir()
    (tmp_path / "collector" / "__init__.py").write_text("", encoding="utf-8")
    assert tool_commit(tmp_path) is None


@needs_git
def test_a_repository_without_a_commit_gives_none(checkout):
    git(checkout, "update-ref", "-d", "HEAD")
    assert tool_commit(checkout) is None


@needs_git
def test_a_git_hooks_variables_do_not_lead_elsewhere(checkout, tmp_path, monkeypatch):
    other = tmp_path / "other"
    shutil.copytree(checkout, other)
    git(other, "commit", "-q", "--allow-empty", "-m", "second")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert tool_commit(checkout) == git(checkout, "rev-parse", "HEAD")


@needs_git
def test_asking_leaves_the_repository_as_it_was(checkout):
    index = checkout / ".git" / "index"
    file = checkout / "collector" / "__init__.py"
    os.utime(file, (1, 1))  # the index would be refreshed
    before = index.read_bytes()
    tool_commit(checkout)
    assert index.read_bytes() == before


@pytest.mark.parametrize("silent", ["rev-parse", "ls-files", "status"])
def test_git_that_does_not_answer_gives_none_and_never_a_clean_commit(tmp_path, silent):
    (tmp_path / ".git").mkdir()

    def run(command):
        if silent in command:
            return None
        answers = {"--show-toplevel": f"{tmp_path}\n", "HEAD": "0" * 40 + "\n"}
        return answers.get(command[-1], "")

    assert tool_commit(tmp_path, run=run) is None


def test_git_is_not_even_asked_without_a_checkout(tmp_path):
    def run(command):
        raise AssertionError(command)

    assert tool_commit(tmp_path, run=run) is None


def test_this_program_knows_its_version_and_the_folder_it_runs_from():
    root = Path(__file__).parents[2]
    assert tool_commit() == tool_commit(root)
    version = tool_version()
    assert version is None or version[0].isdigit()
