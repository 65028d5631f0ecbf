"""Which literals are changed to our file names, and that nothing else is."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.verification.adapter import substitution
from collector.verification.adapter.substitution import substitute


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("open('data.json')\n", 'open("input.json")\n'),
        ("a, b = 'x.json', 'y.csv'\n", 'a, b = "input.json", "output.csv"\n'),
        ("x = r'C:\\a\\B.JSON'\n", 'x = "input.json"\n'),
        (
            "x = '日本/データ.json'; y = '日本.csv'\n",
            'x = "input.json"; y = "output.csv"\n',
        ),
        ("x = u'data.json'\n", 'x = "input.json"\n'),
        ("x = f'data.json'\n", 'x = f"input.json"\n'),
        ("x = ('da' 'ta.json')\n", 'x = ("input.json")\n'),
        ("x = '''a.json'''  # a.json\n", 'x = "input.json"  # a.json\n'),
        ("x = 'a.json'\r\ny = 'b.csv'\r\n", 'x = "input.json"\r\ny = "output.csv"\r\n'),
    ],
)
def test_whole_names_are_changed(code, changed, to_csv):
    assert substitute(code, to_csv).code == changed


@pytest.mark.parametrize(
    "code",
    [
        "x = 'input.json', 'output.csv'\n",
        "def f():\n    '''Reads data.json'''\n",
        "'data.json'\n",
        "x = f'{name}.json', f'a{b}c.json'\n",
        "x = name.endswith('.json'), path.with_suffix('.csv')\n",
        "for p in glob('*.json'): pass\n",
        "print('変換しました: out.csv', 'wrote to out.csv')\n",
        "x = '%s.json', '{}.csv'\n",
        "x = b'data.json'\n",
        "x = 'data.json5', 'json', 'application/json'\n",
        "x = ('da'\n     'ta.json')\n",
        "def f(:\n",
    ],
)
def test_what_is_no_name_of_a_file_stays(code, to_csv):
    assert substitute(code, to_csv) is None


def test_the_change_is_told_as_a_diff(to_csv):
    code = "import json\nopen('data.json')\n"

    assert substitute(code, to_csv).diff == (
        "--- as written\n+++ as run\n@@ -1,2 +1,2 @@\n import json\n"
        "-open('data.json')\n+open(\"input.json\")\n"
    )


def test_a_change_of_anything_else_would_be_refused(to_csv, monkeypatch):
    def wrong(lines, literal):
        lines[literal.line - 1] = b'open("input.json", "w")\n'

    monkeypatch.setattr(substitution, "_replace", wrong)

    with pytest.raises(AssertionError, match="more than literals"):
        substitute("open('data.json')\n", to_csv)


NAMES = st.sampled_from(["a.json", "b.csv", "山 .json", "山.json", "x", "", "c.csv"])


@given(st.lists(st.tuples(NAMES, st.sampled_from(["'", '"', '"""'])), max_size=6))
def test_the_same_program_is_left_whatever_the_names(given_names):
    from collector.verification.observation import Shape

    shape = Shape(
        input_suffix=".json",
        output_suffix=".csv",
        entry_words={},
        input_words=(),
        output_words=(),
        text_words=(),
        object_words=(),
        parses="json",
    )
    items = [f"{quote}{name}{quote}" for name, quote in given_names]
    code = f"x = [{', '.join(items)}]\n"
    expected = {"a.json": "input.json", "山.json": "input.json"}
    expected |= {"b.csv": "output.csv", "c.csv": "output.csv"}

    found = substitute(code, shape)

    values = ast.literal_eval((found.code if found else code).partition("=")[2].strip())
    assert values == [expected.get(name, name) for name, _ in given_names]
