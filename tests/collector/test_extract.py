"""The code out of answers of many shapes."""

import pytest

from collector.extract import extract_code

CODE = "import csv\n\n\ndef convert(path):\n    return csv.reader(path)\n"
FENCED = f"```python\n{CODE}```\n"


@pytest.mark.parametrize(
    "answer",
    [
        f"以下が関数です。\n\n{FENCED}\nポイント\n",
        f"{FENCED}\n使い方:\n\n```python\nconvert('a')\n```\n",
        f"```bash\npip install pandas\n```\n\n{FENCED}",
        f"```\n{CODE}```\n",
        f"```python\n{CODE}",
        f"<think>```python\nimport os\ndef wrong(): ...\n```</think>{FENCED}",
        f"~~~~py\n{CODE}~~~~\n",
        CODE,
    ],
)
def test_the_program_is_found_and_kept_as_written(answer):
    assert extract_code(answer) == CODE


@pytest.mark.parametrize(
    "answer",
    ["", "以下が関数です", "Sorry, no.", "```json\n{}\n```", "<think>import os"],
)
def test_an_answer_without_code_has_none(answer):
    assert extract_code(answer) is None


def test_code_that_does_not_parse_is_still_the_answers_code():
    assert extract_code("```python\ndef f(:\n```") == "def f(:\n"
