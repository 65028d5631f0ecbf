"""What must not move the index, code that means harm, and the facts beside it."""

import ast
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruff import find_ruff_bin

from site_builder.analysis import canonical
from site_builder.analysis.structure import analyse_code, findings_key
from site_builder.errors import SiteError

NAMES = ["sketch", "plain", "teacher", "builder"]


def index(code, prose):
    return analyse_code(code, prose).structure.index


def facts(code):
    return analyse_code(code, "").structure.facts


def formatted(code, width):
    command = [
        find_ruff_bin(),
        "format",
        "--isolated",
        "--line-length",
        str(width),
        "-",
    ]
    done = subprocess.run(
        command, input=code.encode(), capture_output=True, check=True, timeout=20
    )
    return done.stdout.decode()


class Renamer(ast.NodeTransformer):
    """Give every variable that is set inside a function a name without meaning."""

    def visit_FunctionDef(self, node):
        inner = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        own = sorted({n.id for n in inner if isinstance(n.ctx, ast.Store)})
        numbers = {name: f"v{number}" for number, name in enumerate(own)}
        for name in inner:
            name.id = numbers.get(name.id, name.id)
        return node


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [40, 60, 120, 200])
def test_another_line_length_moves_the_index_by_less_than_a_point(answers, name, width):
    code, prose = answers[name]
    # Exactly equal but for strings that a wide layout joins and a narrow one keeps.
    assert index(formatted(code, width), prose) == pytest.approx(
        index(code, prose), abs=0.2
    )


@pytest.mark.parametrize("name", NAMES)
def test_renaming_variables_does_not_move_the_index(answers, name):
    code, prose = answers[name]
    bare = ast.unparse(ast.parse(code))
    renamed = ast.unparse(Renamer().visit(ast.parse(code)))
    assert index(renamed, prose) == index(bare, prose)
    assert name == "sketch" or renamed != bare


ENGLISH = {
    "JSONファイルを読み込み、CSVファイルに書き出します。": "Read JSON, write CSV.",
    "引数：": "Args:",
    "json_path（str）：読み込むファイルの場所": "json_path (str): Where to read.",
    "csv_path（str）：書き出すファイルの場所": "csv_path (str): Where to write.",
    "戻り値：": "Returns:",
    "bool：うまくいったときは真": "bool: Whether it went well.",
    "# 手順1: ファイルがあるかどうかを確かめます": "# Step 1: look for the file",
    "# 手順2: ファイルを読み込みます": "# Step 2: read it",
    "# 手順3: 一つだけのときも配列とみなします": "# Step 3: one is a list of one",
    "# 手順4: 列の名前を集めます": "# Step 4: collect the columns",
    "# 手順5: 表に書き出します": "# Step 5: write the table",
    "# 何が起きたのかを伝えます": "# Say what happened",
    "# 使い方の例です": "# An example",
}


def test_the_same_comments_and_docstring_in_english_give_the_same_index(answers):
    code, prose = answers["teacher"]
    english = code
    for japanese, words in ENGLISH.items():
        assert japanese in english
        english = english.replace(japanese, words)
    assert index(english, prose) == index(code, prose)


def test_formatting_marks_and_rule_marks_in_comments_have_no_say():
    layout = "def f():\n    x = [1,\n         2,\n         3]\n    return x\n"
    assert facts("# fmt: off\n" + layout).sloc == facts(layout).sloc == 3
    assert facts("import os  # noqa\n# ruff: noqa\n").findings == {"F401": 1}
    deep = "def f():  # noqa: complexipy\n" + "".join(
        f"{' ' * (i + 1)}if a:  # complexipy: ignore\n" for i in range(6)
    )
    assert facts(deep + " " * 8 + "b = 1\n").complexity_max == 21


STATEMENTS = st.sampled_from(
    [
        "import argparse\n",
        "x = input()\n",
        (
            "def f(a: int, b=1) -> int:\n"
            "    '''Do.\n\n    Args:\n        a: One.\n    '''\n"
        ),
        "if not x: raise ValueError\n",
        "try:\n    f()\nexcept (OSError, KeyError):\n    pass\n",
        "# 手順\n",
        "class A:\n    def g(self, c=2): ...\n",
    ]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=12), st.text(max_size=300))
def test_the_index_stays_between_nought_and_a_hundred(parts, prose):
    found = analyse_code(
        "x = 1\n"
        + "".join(f"{p}    pass\n" if p.startswith("def") else p for p in parts),
        prose,
    )
    assert 0 <= found.structure.index <= 100
    assert all(0 <= value <= 1 for value in found.structure.traits.values())


HOSTILE = {
    "nothing": (" \n\t", "empty"),
    "a NUL": ("a = 1\0", "syntax_error"),
    "a lone surrogate": ("a = '\ud800'", "syntax_error"),
    "prose": ("以下が 関数です。", "syntax_error"),
    "a megabyte": ("a = 1\n" * 170_000, "too_large"),
    "many brackets": ("(" * 50_000, "syntax_error"),
    "deep brackets": ("(" * 190 + ")" * 190, None),
    "long minus": ("-" * 5_000 + "1", "too_deep"),
    "a deep sum": ("1" + "+1" * 60_000, "too_deep"),
    "a long elif": ("if a:\n b\n" + "elif a:\n b\n" * 300, "too_deep"),
    "a deep function": ("def f():\n return " + "-" * 190 + "1", None),
    "a long chain": ("a" + ".b" * 40_000, "too_deep"),
    "deep calls": ("f(" * 150 + ")" * 150, None),
    "a long string": ("a = '''" + "x\n" * 60_000 + "'''", None),
    "a long docstring": ("def f(a):\n '''Args:\n" + " a: b\n" * 20_000 + " '''", None),
    "many functions": ("def f(a=1): return f(a)\n" * 1_500, None),
    "form feeds": ("\f\na = 1\r\n\x0b\r", "syntax_error"),
    "an odd escape": (r"a = '\d'", None),
}


@pytest.mark.parametrize(("code", "error"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_code_gives_an_error_value_in_bounded_time(code, error):
    started = time.monotonic()
    found = analyse_code(code, "prose")
    assert time.monotonic() - started < 10
    assert found.error == error
    assert (found.structure is None) == (error is not None)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80))
def test_no_text_whatever_crashes_it(code):
    found = analyse_code(code, code)
    assert (found.error is None) == (found.structure is not None)


def test_the_code_is_never_run_nor_imported(tmp_path):
    target = tmp_path / "ran"
    code = f"open({str(target)!r}, 'w').close()\nimport antigravity\nraise SystemExit\n"
    assert analyse_code(code, "").error is None
    assert not target.exists()
    assert "antigravity" not in sys.modules


def test_equal_answers_have_equal_findings_and_any_change_another_key(answers):
    code, prose = answers["plain"]
    assert analyse_code(code, prose) == analyse_code(code, prose)
    keys = {findings_key(code, prose), findings_key(code, ""), findings_key("", prose)}
    assert len(keys) == 3
    assert findings_key(code, prose) in keys


def test_a_missing_ruff_says_what_to_do(monkeypatch):
    def find():
        raise FileNotFoundError

    monkeypatch.setattr("ruff.find_ruff_bin", find)
    with pytest.raises(SiteError, match="pip install ruff"):
        analyse_code("a = 1", "")


def test_a_ruff_that_hangs_or_breaks_gives_no_canonical_form(monkeypatch, tmp_path):
    script = tmp_path / "ruff.py"
    script.write_text("import time\ntime.sleep(30)\n", encoding="utf-8")
    monkeypatch.setattr(canonical, "RUFF_TIMEOUT_S", 0.2)
    monkeypatch.setattr(canonical, "_ruff", lambda: sys.executable)
    monkeypatch.setattr(canonical, "_FORMAT", (str(script),))
    monkeypatch.setattr(canonical, "_CHECK", (str(script),))
    assert analyse_code("a = 1", "").error == "no_canonical"


def test_findings_of_the_named_rules_are_counted_per_hundred_lines():
    code = (
        "import os\n"  # F401
        "try:\n    f()\n"  # F821
        "except Exception:\n    pass\n"  # BLE001, S110
        "a = open('x')\n"  # PLW1514
        "assert a == None\n"  # E711 and S101 are not asked for
    )
    found = facts(code)
    assert found.findings == {
        "BLE001": 1,
        "F401": 1,
        "F821": 1,
        "PLW1514": 1,
        "S110": 1,
    }
    assert found.sloc == 7
    assert found.findings_per_100_lines == pytest.approx(500 / 7)


def test_third_party_packages_are_those_that_do_not_come_with_python():
    code = "import json, pandas.io\nfrom numpy import array\nfrom . import own\n"
    assert facts(code).third_party == ("numpy", "pandas")


@pytest.mark.parametrize(
    ("code", "placeholders"),
    [
        ("a = 1  # ... rest of the code", 1),
        ("# 以下省略", 1),
        ("# TODO: read the file", 1),
        ("def f():\n    '''Do.'''\n    ...\n", 1),
        ("def f():\n    pass\n", 1),
        ("class A:\n    @abstractmethod\n    def f(self): ...\n", 0),
        ("# 手順1: 読み込みます\na = 1", 0),
        ("a = '...'", 0),
    ],
)
def test_placeholders_stand_for_code_that_is_not_there(code, placeholders):
    assert facts(code).n_placeholders == placeholders


WRITER = "import csv\nwith open(p, 'w'{more}) as f:\n    w = csv.writer(f)\n"


@pytest.mark.parametrize(
    ("code", "encoding", "newline"),
    [
        (WRITER.format(more=""), 1, 1),
        (WRITER.format(more=", encoding='utf-8'"), 0, 1),
        (WRITER.format(more=", encoding='utf-8', newline=''"), 0, 0),
        (
            "import csv\nf = open(p, 'a', newline='\\r\\n')\ncsv.DictWriter(f, c)\n",
            1,
            1,
        ),
        (
            (
                "import csv\nfrom pathlib import Path\n"
                "with Path(p).open(mode='w') as f:\n    csv.writer(f)\n"
            ),
            1,
            1,
        ),
        ("import csv\ncsv.writer(open(p, 'w'))\ncsv.writer(g(p, 'w'))\n", 1, 1),
        (
            (
                "import csv\nfrom pathlib import Path\nf = Path(p).open('w')\n"
                "csv.writer(f)\n"
            ),
            1,
            1,
        ),
        ("import csv, io\nf = io.StringIO()\ncsv.writer(f)\n", 0, 0),
        ("import csv\nwith open(p) as f:\n    csv.reader(f)\n", 1, 0),
        ("from pathlib import Path\nPath(p).read_text()\n", 1, 0),
    ],
)
def test_traps_of_windows_are_counted(code, encoding, newline):
    found = facts(code)
    assert found.n_opened_without_encoding == encoding
    assert found.n_csv_without_newline == newline


def test_the_demo_answers_are_told_apart_and_take_no_more_than_they_may():
    folder = Path(__file__).parents[3] / "collector" / "demo" / "answers"
    indexes = {}
    for file in sorted(folder.glob("*.md")):
        before, _, rest = file.read_text(encoding="utf-8").partition("```python\n")
        code, _, after = rest.partition("```")
        indexes[file.stem] = index(code, before + after)
    assert sorted(indexes, key=indexes.__getitem__) == [
        "sketch",
        "plain",
        "teacher",
        "builder",
    ]


def test_shuffling_the_functions_changes_nothing():
    parts = [
        "def a(x=1): return b(x)\n",
        "def b(y, z=2): return y\n",
        "def main(): a()\n",
    ]
    random.Random(3).shuffle(parts)
    options = analyse_code("".join(parts) + "main()\n", "").structure.facts.options
    assert options == ("x",)
