"""What holds for every answer, however odd."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.extract import extract

PIECES = st.sampled_from(
    [
        *("```", "```python\n", "````md\n", "~~~", "\n", "    ", "> ", "- ", "\t", "`"),
        *("<think>", "</think>", "[THINK]", "\x1b[0m", "\r\n", "\0", "\x0c", "\u2028"),
        *("import csv\n", "def f():\n", "    return x\n", "class A:\n", ">>> f()\n"),
        *("f(", ")", '"""', "'", "#", "関数です", "。", ":", "=", "@", "\\", "\ud800"),
    ]
)
ODD_TEXT = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60)
FINISHES = st.sampled_from(["stop", "length", None, "tool_calls"])


@settings(max_examples=300, deadline=None)
@given(answer=ODD_TEXT, finish=FINISHES)
def test_it_never_raises_and_what_it_calls_ok_compiles(answer, finish):
    found = extract(answer, finish)

    assert (found.code is None) == (found.status in ("no_code", "empty"))
    if found.status == "ok":
        compile(found.code, "code", "exec")
    if found.status == "truncated":
        assert finish == "length"
    for dropped in found.dropped:
        compile(dropped, "code", "exec")


@settings(max_examples=100, deadline=None)
@given(
    before=st.text("以下が関数です。\n", max_size=30),
    after=st.text("a。\n", max_size=30),
)
def test_prose_around_a_block_changes_nothing_of_its_code(before, after):
    code = "import csv\n\n\ndef f(path):\n    return csv.reader(path)\n"

    found = extract(f"{before}\n\n```python\n{code}```\n{after}", "stop")

    assert found.code == code
    assert found.prose.split() == f"{before}\n{after}".split()


def program(n_lines):
    function = (
        "def f{n}(rows):\n    for row in rows:\n"
        "        print(row, {n})\n    return 1\n\n"
    )
    return "".join(function.format(n=n) for n in range(n_lines // 5))


def seconds(answer):
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        extract(answer, "stop")
        best = min(best, time.process_time() - began)
    return best


def test_a_long_answer_takes_less_than_fifty_milliseconds():
    code = program(350)
    for answer in (
        f"説明\n\n```python\n{code}```\n説明\n",
        f"説明\n\n{code}\n説明。\n",
    ):
        assert extract(answer, "stop").code.strip() == code.strip()
        assert seconds(answer) < 0.05


@pytest.mark.parametrize(
    "piece",
    [
        "関数です\n",
        "これは文です。\n",
        "import a\n文。\n",
        "```python\ndef f(:\n```\n",
        "```python\nimport a\nb = c\n```\n",
        "x = 1```\n",
        "<think>a\n",
        "\x1b]",
        "def f(\n",
        "- a\n",
    ],
)
def test_time_grows_with_the_length_and_not_with_its_square(piece):
    start = "import csv\n"
    short, long = (seconds(start + piece * n) for n in (300, 2400))

    # Eight times the length; a square would take sixty-four times as long.
    assert long < 24 * short + 0.02
