"""An installed wheel works outside the checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    subprocess.run(
        [*build, "--outdir", str(folder), str(ROOT)], check=True, capture_output=True
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_templates_content_tasks_and_the_demo(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "seikaku.py",
        "collector/demo/plan.toml",
        "collector/demo/answers/sketch.md",
        "collector/starter/tasks/json-to-csv/prompt.md",
        "site_builder/page_templates/article.html",
        "site_builder/page_templates/css/10-base.css",
        "site_builder/starter/site.toml",
        "site_builder/starter/ja/article.md",
        "site_builder/starter/records/published/run.json",
    } <= names
    assert not any(name.startswith(("tests/", "output/")) for name in names)


def test_it_builds_and_reports_in_an_empty_folder(wheel, tmp_path):
    unpacked, here = tmp_path / "installed", tmp_path / "here"
    zipfile.ZipFile(wheel).extractall(unpacked)
    here.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONUTF8": "1"}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=here,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        return done.stdout

    where = run("-c", "import site_builder; print(site_builder.__file__)")
    assert Path(where.strip()).is_relative_to(unpacked)
    run("-m", "seikaku", "build", "--output", "site")
    summary = json.loads((here / "site/data/summary.json").read_text(encoding="utf-8"))
    rows = json.loads(run("-m", "site_builder", "report", "--json"))
    assert [row["model"] for row in rows] == [row["model"] for row in summary]
    assert len(rows) == 4
    assert '"trial"' in run("-m", "collector", "schema")
