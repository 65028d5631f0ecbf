"""A task's folder becomes a suite, and whatever is wrong in it is named."""

import json
import shutil
from pathlib import Path

import pytest

from collector.errors import PlanError
from collector.task import read_task
from collector.verification.inputs import generate
from collector.verification.suite import read_suite, suite_sha256
from collector.verification.tables import GenerateTable

TASKS = Path(__file__).parents[3] / "content" / "tasks"

TASK = """
id = "shout"
prompt_language = "ja"
code_language = "python"
[shape]
input_suffix = ".json"
output_suffix = ".csv"
parses = "json"
input_words = ["in"]
output_words = ["out"]
text_words = ["text"]
object_words = ["data"]
entry_words = { shout = 4 }
[limits]
wall_s = 4
"""

CASE = 'group = "core"\nrule = "csv_rows"\n'


@pytest.fixture
def task(tmp_path):
    folder = tmp_path / "shout"
    case = folder / "cases" / "01-plain"
    case.mkdir(parents=True)
    (folder / "reference").mkdir()
    (folder / "task.toml").write_text(TASK, encoding="utf-8")
    (folder / "prompt.md").write_text("書いて\n", encoding="utf-8")
    (folder / "reference" / "answer.md").write_text("```python\npass\n```\n")
    (case / "case.toml").write_text(CASE, encoding="utf-8")
    (case / "input.json").write_text('[{"a": 1}]', encoding="utf-8")
    (case / "expected.json").write_text('[{"a": 1}]', encoding="utf-8")
    return folder


def write_case(task: Path, text: str, name: str = "01-plain") -> Path:
    path = task / "cases" / name / "case.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_json_task_has_eighteen_counted_cases_and_one_that_is_not():
    suite = read_suite(TASKS / "json-to-csv")
    assert [c.case_id[:2] for c in suite.cases] == [f"{n:02}" for n in range(1, 20)]
    assert [c.case_id for c in suite.cases if not c.is_counted] == [
        "19-japanese-windows"
    ]
    assert [c.case_id for c in suite.cases if c.checks_order] == ["03-late-keys"]
    assert [c.case_id for c in suite.cases if c.stimulus.is_japanese_windows] == [
        "19-japanese-windows"
    ]


def test_the_prompt_of_the_json_task_is_the_one_that_was_published():
    prompt = read_task([TASKS], "json-to-csv").prompt
    assert prompt == "PythonでJSON→CSV変換関数を書いてください"
    content = (TASKS / "json-to-csv" / "prompt.md").read_bytes()
    assert content.removesuffix(b"\n") == prompt.encode()


def test_the_report_task_needs_no_code_of_its_own():
    suite = read_suite(TASKS / "sales-report")
    assert sum(case.is_counted for case in suite.cases) == 15
    assert (suite.shape.input_suffix, suite.shape.output_suffix) == (".csv", ".json")
    assert {case.rule for case in suite.cases} == {"json_report", "clean_error"}


@pytest.mark.parametrize(
    ("task_id", "case_id"), [("json-to-csv", "17-bom"), ("sales-report", "12-bom")]
)
def test_the_byte_order_mark_cases_still_have_their_mark(task_id, case_id):
    cases = {case.case_id: case for case in read_suite(TASKS / task_id).cases}
    assert cases[case_id].stimulus.content.startswith(b"\xef\xbb\xbf")


def test_the_large_input_is_a_hundred_thousand_numbered_objects():
    cases = {case.case_id: case for case in read_suite(TASKS / "json-to-csv").cases}
    scale = cases["18-scale"]
    rows = json.loads(scale.stimulus.content)
    assert len(rows) == 100_000
    assert rows[0] == {"id": 1, "name": "顧客1", "city": "東京", "amount": 1.5}
    assert rows[-1]["id"] == 100_000
    assert scale.stimulus.limits.wall_s == 60
    assert scale.stimulus.limits.memory_bytes == 3 * 2**30


def test_the_missing_input_has_no_content():
    cases = {case.case_id: case for case in read_suite(TASKS / "json-to-csv").cases}
    assert cases["16-missing-file"].stimulus.content is None


def test_a_template_counts_and_cycles(tmp_path):
    table = GenerateTable(
        rows=3,
        before="<",
        row="${n}${who}-${n}",
        between="|",
        after=">",
        cycle={"who": ["a", "b"]},
    )
    assert generate(table, place=tmp_path) == b"<1a-1|2b-2|3a-3>"
    plain = GenerateTable(rows=2, row="{x}")
    assert generate(plain, place=tmp_path) == b"{x}\n{x}"


def test_a_cases_limits_go_before_the_tasks_and_those_before_the_defaults(task):
    write_case(task, CASE + "[limits]\nmemory_mib = 100\n")
    limits = read_suite(task).cases[0].stimulus.limits
    assert (limits.wall_s, limits.cpu_s, limits.memory_bytes) == (4, 4, 100 * 2**20)
    write_case(task, CASE + "[limits]\nwall_s = 9\n")
    limits = read_suite(task).cases[0].stimulus.limits
    assert (limits.wall_s, limits.memory_bytes) == (9, 512 * 2**20)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('group = "x"\n', r"case\.toml: the key 'rule' is missing"),
        (CASE.replace("csv_rows", "csv_row"), r"rule = 'csv_row'.*'csv_rows'\?"),
        (CASE + "misssing = true\n", r"unknown key 'misssing': did you mean 'missing'"),
        (CASE + "missing = true\n", r"01-plain: give exactly one of"),
        (CASE + "[expect]\nheader = 1\n", r"case\.toml: expect\.header: Extra inputs"),
        (
            CASE + '[expect]\nheader_order = "x"\n',
            r"expect\.header_order: Input ",
        ),
        (
            CASE.replace("csv_rows", "clean_error"),
            r"expected\.json: the rule ",
        ),
        (CASE + "[limits]\nwall_s = 0\n", r"limits\.wall_s = 0"),
        (CASE + 'needs = ["gpu"]\n', r"needs\.0 = 'gpu'"),
    ],
)
def test_a_fault_in_a_case_names_the_file_and_the_key(task, text, message):
    write_case(task, text)
    with pytest.raises(PlanError, match=message):
        read_suite(task)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{]", "expected.json: "),
        ("[]", "is not a list of objects"),
        ("[1]", "holds an entry that is no object"),
        ('[{"a": NaN}]', "NaN is no JSON"),
    ],
)
def test_an_unreadable_expectation_is_named(task, text, message):
    (task / "cases" / "01-plain" / "expected.json").write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=message):
        read_suite(task)


def test_a_case_without_any_input_is_refused(task):
    (task / "cases" / "01-plain" / "input.json").unlink()
    with pytest.raises(PlanError, match=r"give exactly one of the file input\.json, "):
        read_suite(task)


def test_an_unknown_name_in_a_template_is_named(task):
    case = task / "cases" / "01-plain"
    (case / "input.json").unlink()
    write_case(task, CASE + '[generate]\nrows = 2\nrow = "${m}"\n')
    with pytest.raises(PlanError, match=r"generate\.row: \$\{m\} is not known"):
        read_suite(task)


def test_two_cases_of_a_number_and_odd_names_are_refused(task):
    shutil.copytree(task / "cases" / "01-plain", task / "cases" / "01-other")
    with pytest.raises(PlanError, match="01-plain: the number 01 is taken by 01-other"):
        read_suite(task)
    (task / "cases" / "01-other").rename(task / "cases" / "Other")
    with pytest.raises(PlanError, match="Other: is no name of a case"):
        read_suite(task)


def test_a_task_without_cases_shape_or_reference_cannot_be_verified(task):
    (task / "reference" / "answer.md").unlink()
    with pytest.raises(PlanError, match=r"answer\.md: the reference answer"):
        read_suite(task)
    shutil.rmtree(task / "cases" / "01-plain")
    with pytest.raises(PlanError, match="cases: holds no case"):
        read_suite(task)
    (task / "cases").rmdir()
    with pytest.raises(PlanError, match="cases: there is no such folder"):
        read_suite(task)
    bare = TASK[: TASK.index("[shape]")]
    (task / "task.toml").write_text(bare, encoding="utf-8")
    with pytest.raises(PlanError, match=r"the table \[shape\] is missing"):
        read_suite(task)
    assert read_task([task.parent], "shout").prompt == "書いて"


def test_the_hash_changes_with_every_byte_and_name_and_with_nothing_else(task):
    before = suite_sha256(task)
    (task / "reference" / "__pycache__").mkdir()
    (task / "reference" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (task / ".DS_Store").write_bytes(b"x")
    assert suite_sha256(task) == before

    moved = task.parent / "elsewhere" / "shout"
    shutil.copytree(task, moved)
    assert suite_sha256(moved) == before
    case = moved / "cases" / "01-plain"
    (case / "input.json").rename(case / "jnput.json")
    renamed = suite_sha256(moved)
    (case / "jnput.json").write_bytes(b'[{"a": 2}]')
    assert len({before, renamed, suite_sha256(moved)}) == 3
