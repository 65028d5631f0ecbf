import csv
import json
import re
import subprocess
import sys

import pytest

from collector.demo.script import read_models

ANSWERS = {
    model.key.removeprefix("demo/"): model.answer.replace("\r\n", "\n")
    for model in read_models()
}

FLAT = [{"名前": "花子", "age": 30}, {"名前": 'a,"b"\nc', "age": None}]
LATE = [{"a": 1}, {"b": 2}]
NESTED = [{"id": 1, "user": {"name": "花子", "tags": ["x", "y"]}}]


def code_blocks(answer: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", answer, re.DOTALL | re.MULTILINE)


@pytest.fixture
def convert(tmp_path):
    """Run an answer's own code, which we wrote, on a JSON text."""

    def run(name: str, text: str, *options: str):
        (tmp_path / "answer.py").write_text(
            code_blocks(ANSWERS[name])[0], encoding="utf-8"
        )
        (tmp_path / "input.json").write_text(text, encoding="utf-8")
        files = ("input.json", "output.csv") if name == "builder" else ()
        return subprocess.run(
            (sys.executable, "-X", "utf8", "answer.py", *files, *options),
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=30,
            check=False,
        )

    return run


@pytest.fixture
def table(convert, tmp_path):
    """Convert rows and read the CSV."""

    def run(name: str, rows: object):
        finished = convert(name, json.dumps(rows, ensure_ascii=False))
        assert finished.returncode == 0, finished.stderr
        with (tmp_path / "output.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    return run


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_holds_one_block_of_code_that_compiles(name):
    (code,) = code_blocks(ANSWERS[name])

    compile(code, name, "exec")
    assert ANSWERS[name].count("```") == 2


@pytest.mark.parametrize("name", ANSWERS)
def test_flat_objects_become_a_table(table, name):
    assert table(name, FLAT) == [["名前", "age"], ["花子", "30"], ['a,"b"\nc', ""]]


@pytest.mark.parametrize("name", ["plain", "teacher", "builder"])
def test_a_key_of_a_later_row_becomes_a_column(table, name):
    assert table(name, LATE) == [["a", "b"], ["1", ""], ["", "2"]]


def test_the_sketch_knows_only_the_first_rows_keys(convert):
    finished = convert("sketch", json.dumps(LATE))

    assert "dict contains fields not in fieldnames: 'b'" in finished.stderr


@pytest.mark.parametrize("name", ["plain", "teacher", "builder"])
def test_a_single_object_becomes_one_row(table, name):
    assert table(name, {"a": 1}) == [["a"], ["1"]]


def test_the_teacher_keeps_nested_values_as_json(table):
    assert table("teacher", NESTED) == [
        ["id", "user"],
        ["1", '{"name": "花子", "tags": ["x", "y"]}'],
    ]


def test_the_builder_spreads_nested_objects_over_columns(table):
    assert table("builder", NESTED) == [
        ["id", "user.name", "user.tags"],
        ["1", "花子", '["x", "y"]'],
    ]


@pytest.mark.parametrize("text", ['[{"id":1,}', '"hello"', "[1, 2]", "[]"])
def test_the_teacher_and_the_builder_refuse_in_words_and_write_nothing(
    convert, tmp_path, text
):
    teacher, builder = convert("teacher", text), convert("builder", text)

    assert teacher.stdout.startswith("変換できませんでした: ")
    assert teacher.stderr == ""
    assert builder.returncode == 1
    assert builder.stderr.startswith("ERROR:")
    assert "Traceback" not in builder.stderr
    assert not (tmp_path / "output.csv").exists()


def test_the_builder_has_options_for_a_bom_and_a_delimiter(convert, tmp_path):
    finished = convert("builder", json.dumps(FLAT[:1]), "--bom", "--delimiter", ";")

    assert finished.returncode == 0
    expected = "名前;age\r\n花子;30\r\n"
    assert (tmp_path / "output.csv").read_bytes() == expected.encode("utf-8-sig")
