"""The shipped tasks judged for real: our references pass, known faults are found."""

import os
import shutil
from pathlib import Path

import pytest

from collector.errors import PlanError, SandboxError
from collector.extract import extract
from collector.verification.check_tasks import check_task, list_tasks
from collector.verification.sandbox.choose import open_sandbox
from collector.verification.sandbox.protocol import Sandbox
from collector.verification.suite import read_suite
from collector.verification.verify import verify_code

ROOT = Path(__file__).parents[3]
TASKS = ROOT / "content" / "tasks"
ANSWERS = ROOT / "collector" / "demo" / "answers"

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    try:
        return open_sandbox(env=os.environ)
    except SandboxError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def suite():
    return read_suite(TASKS / "json-to-csv")


@pytest.mark.parametrize("task_id", [path.name for path in list_tasks([TASKS])])
def test_our_reference_passes_every_case_even_those_that_do_not_count(sandbox, task_id):
    _, findings = check_task(TASKS / task_id, sandbox, jobs=2)
    assert {case.result for case in findings.cases} == {"pass"}
    assert findings.notes == ()


def test_a_case_that_the_reference_does_not_pass_is_refused(sandbox, tmp_path):
    task = tmp_path / "sales-report"
    shutil.copytree(TASKS / "sales-report", task)
    for case in sorted((task / "cases").iterdir())[3:]:
        shutil.rmtree(case)
    wrong = task / "cases" / "02-one-sale" / "expected.json"
    wrong.write_text(wrong.read_text().replace("120}]", "121}]"), encoding="utf-8")
    message = (
        r"02-one-sale.case\.toml: the reference answer: fail: "
        r"products\.1\.sales is 120, not 121"
    )
    with pytest.raises(PlanError, match=message):
        check_task(task, sandbox, jobs=2)


def test_a_reference_without_code_is_refused(sandbox, tmp_path):
    task = tmp_path / "sales-report"
    shutil.copytree(TASKS / "sales-report", task)
    (task / "reference" / "answer.md").write_text("できません。\n", encoding="utf-8")
    with pytest.raises(PlanError, match=r"answer\.md: holds no code"):
        check_task(task, sandbox, jobs=2)


def results(answer: str, suite, sandbox) -> dict[str, str]:
    code = extract((ANSWERS / answer).read_text(encoding="utf-8")).code
    assert code is not None
    cases = verify_code(code, suite, sandbox, jobs=2).cases
    return {case.case_id[:2]: case.result for case in cases}


def test_columns_taken_from_the_first_row_fall_over_the_rest(suite, sandbox):
    found = results("sketch.md", suite, sandbox)
    failed = {number for number, result in found.items() if result == "fail"}
    assert failed == {"03", "11", "12", "13", "14"}
    lenient = {number for number, result in found.items() if result == "lenient"}
    assert lenient == {"09", "10", "17"}


CARELESS = """
import csv, json

def json_to_csv(json_path, csv_path):
    with open(json_path) as source:
        rows = json.load(source)
    names = {key for row in rows for key in row}
    with open(csv_path, "w") as target:
        writer = csv.DictWriter(target, names)
        writer.writeheader()
        writer.writerows(rows)
"""


def test_columns_from_a_set_and_files_without_an_encoding_are_noticed(suite, sandbox):
    findings = verify_code(CARELESS, suite, sandbox, jobs=2)
    found = {case.case_id: case for case in findings.cases}
    assert findings.notes == ("column_order_varies",)
    assert found["05-japanese"].result == "pass"
    windows = found["19-japanese-windows"]
    assert (windows.result, windows.is_counted) == ("fail", False)
    assert "UnicodeDecodeError" in windows.reason


BLANK_LINES = CARELESS.replace("open(json_path)", 'open(json_path, encoding="utf-8")')
BLANK_LINES = BLANK_LINES.replace('"w")', '"w", encoding="utf-8")')


def test_line_ends_doubled_on_windows_are_noticed(suite, sandbox):
    findings = verify_code(BLANK_LINES, suite, sandbox, jobs=2)
    reasons = {case.case_id: case.reason for case in findings.cases}
    assert reasons["06-quoting"] == ""
    assert "an empty line after line 1" in reasons["19-japanese-windows"]


@pytest.mark.parametrize(
    ("code", "level", "reason"),
    [
        ("def json_to_csv(a, b):\n    csv.writer(1)\n", "fails", "NameError"),
        ("import surely_not_installed_here\n", "not_executed", "surely_not_installed"),
    ],
)
def test_what_never_runs_is_told_apart(suite, sandbox, code, level, reason):
    findings = verify_code(code, suite, sandbox)
    assert findings.level == level
    assert reason in findings.reason
