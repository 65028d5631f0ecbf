"""Each trait by hand, from small programs; nothing here is run."""

import logging

import pytest

from site_builder.analysis.structure import analyse_code
from site_builder.analysis.traits import GROUPS, INDEX_VERSION, TRAITS, WEIGHTS


def trait(key, code, prose=""):
    return analyse_code(code, prose).structure.traits[key]


def counts(code, prose=""):
    return analyse_code(code, prose).structure.counts


def test_the_weights_are_those_published_and_make_a_hundred():
    by_group = {
        group: sum(t.weight for t in TRAITS.values() if t.group == group)
        for group in GROUPS
    }
    assert INDEX_VERSION == "structure-index/1"
    assert list(WEIGHTS.values()) == [14, 14, 14, 12, 10, 8, 12, 8, 8]
    assert by_group == {
        "contract": 28,
        "robustness": 26,
        "interface": 18,
        "shape": 12,
        "talk": 16,
    }


def test_every_trait_tells_its_formula_and_its_numbers_with_units():
    for item in TRAITS.values():
        assert item.formula
        assert item.formula_key == f"trait_formula.{item.key}"
        for name, number in item.numbers.items():
            assert name in item.formula or item.key == "modules"
            assert number.unit


@pytest.mark.parametrize(
    ("name", "expected", "index"),
    [
        ("sketch", [0, 0, 0, 0, 0, 0, 0, 0, 0], 0.0),
        ("plain", [0, 0.6, 0, 0.33, 0, 0, 0.67, 0.35, 0.08], 23.9),
        ("teacher", [1, 1, 0.4, 1, 0.4, 0, 0.67, 1, 0.84], 72.3),
        ("builder", [1, 0.97, 0.67, 1, 1, 1, 1, 0, 0.1], 79.7),
    ],
)
def test_the_worked_answers_have_their_traits_and_index(answers, name, expected, index):
    structure = analyse_code(*answers[name]).structure
    assert [round(value, 2) for value in structure.traits.values()] == expected
    assert round(structure.index, 1) == index


def test_the_worked_answers_have_their_groups_and_types(answers):
    found = {name: analyse_code(*both).structure for name, both in answers.items()}
    groups = {
        name: [round(value, 2) for value in item.groups.values()]
        for name, item in found.items()
    }
    assert groups["teacher"] == [1.0, 0.68, 0.22, 0.67, 0.92]
    assert groups["builder"] == [0.98, 0.82, 1.0, 1.0, 0.05]
    assert groups["plain"][0] == 0.3
    assert {name: item.vote.archetype for name, item in found.items()} == {
        "sketch": "sketcher",
        "plain": "plain_craftsman",
        "teacher": "careful_teacher",
        "builder": "enterprise_builder",
    }
    talk = found["teacher"].counts.talk
    assert (talk.n_code_lines, talk.n_comment_lines) == (29, 7)


@pytest.mark.parametrize(
    ("code", "slots", "annotated"),
    [
        ("x: int = 1", 0, 0),
        ("def f(a: int, b) -> str: ...", 3, 2),
        ("def f(*a: int, k: int = 1, **r): ...", 4, 2),
        ("class A:\n def f(self, a: int): ...", 2, 1),
        ("class A:\n def f(this, a: int) -> int: ...", 2, 2),
        ("class A:\n @classmethod\n def f(cls) -> int: ...", 1, 1),
        ("class A:\n @staticmethod\n def f(a, b: int): ...", 3, 1),
        ("class A:\n @property\n def f(self) -> int: ...", 1, 1),
        ("def f() -> int:\n def g(a): ...", 3, 1),
        ("async def f(a: int, /) -> int: ...", 2, 2),
        ("f = lambda a: a", 0, 0),
    ],
)
def test_a_slot_is_every_parameter_but_the_object_and_every_return(
    code, slots, annotated
):
    contract = counts(code).contract
    assert (contract.n_slots, contract.n_annotated) == (slots, annotated)
    assert trait("types", code) == (annotated / slots if slots else 0)


STYLES = {
    "google": """Convert.

    Args:
        src: From.
        dst (str): To.
    """,
    "google without a blank line": """Convert.
    Args:
        src: From.
        dst: To.
    Returns:
        None.
    """,
    "numpy": """Convert.

    Parameters
    ----------
    src : str
        From.
    dst : str
        To.
    """,
    "sphinx": """Convert.

    :param src: From.
    :param dst: To.
    :return: None
    """,
    "sphinx at the end": "Convert.\n\n    :param src: From.\n    :param str dst: To.",
    "Japanese": """変換する。

    引数:
        src: 元
        dst: 先

    戻り値:
        なし
    """,
    "Japanese in full width": """変換する。
    パラメータ：
        src（str）：元
        dst（str）：先
    例外：
        ValueError：形が違う
    """,
    "Japanese with list marks": """変換する。
    引数：
        - src: 元
        - dst: 先
    使用例：
        f(1, 2)
    """,
    "Japanese in numpy's form": """変換する。

    引数
    ----
    src : str
        元
    dst : str
        先

    返り値
    ------
    None
    """,
}


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_parameters_are_found_in_every_style_of_docstring(text, caplog):
    caplog.set_level(logging.DEBUG)
    contract = counts(f'def f(src, dst):\n    """{text}"""\n').contract
    assert (contract.n_parameters, contract.n_described) == (2, 2)
    assert caplog.text == ""  # griffe must not talk into our console


def test_docstrings_give_six_tenths_for_being_there_and_four_for_what_they_name():
    half = 'def f(a, b):\n    """Do.\n\n    Args:\n        a: One.\n    """\n'
    assert trait("docs", half) == pytest.approx(0.6 + 0.4 * 0.5)
    assert trait("docs", half + "def g(c): ...\n") == pytest.approx(
        0.6 * 1 / 2 + 0.4 * 1 / 3
    )
    assert trait("docs", half + "def _g(c): ...\n") == pytest.approx(0.8)
    assert trait("docs", 'def f():\n    """Do."""\n') == pytest.approx(0.6)
    assert trait("docs", '"""A module."""\n') == 0


def test_a_class_describes_the_parameters_of_its_constructor():
    code = (
        'class A:\n    """Do.\n\n    Args:\n        a: One.\n    """\n'
        "    def __init__(self, a, b): ...\n"
    )
    contract = counts(code).contract
    assert (contract.n_public, contract.n_documented) == (1, 1)
    assert (contract.n_parameters, contract.n_described) == (2, 1)


def catching(*handlers):
    return "try:\n    f()\n" + "".join(
        f"except{' ' if name else ''}{name}:\n    {body}\n" for name, body in handlers
    )


@pytest.mark.parametrize(
    ("handlers", "expected"),
    [
        ([("FileNotFoundError", "f()")], 1 / 3),
        ([("(FileNotFoundError, PermissionError)", "f()")], 2 / 3),
        ([("(OSError, PermissionError, IOError)", "f()")], 1 / 3),
        ([("json.JSONDecodeError", "f()"), ("ValueError", "f()")], 2 / 3),
        ([("(csv.Error, KeyError, UnicodeDecodeError, TypeError)", "f()")], 1.0),
        ([("Exception as e", "f()")], 0.4),
        ([("", "f()")], 0.2),
        ([("Exception", "f()"), ("", "f()")], 0.4),
        ([("ValueError", "f()"), ("Exception", "f()")], 1 / 3 + 0.1),
        ([("(OSError, KeyError, TypeError)", "f()"), ("", "f()")], 1.0),
        ([("ValueError", "pass")], 1 / 3 - 0.2),
        ([("Exception", "pass")], 0.2),
        ([("", "pass")], 0.0),
        ([("KeyboardInterrupt", "f()")], 0.0),
    ],
)
def test_failures_count_by_their_kinds_and_nets_and_silence(handlers, expected):
    assert trait("errors", catching(*handlers)) == pytest.approx(expected)


def test_classes_of_the_answer_are_no_kinds_of_failure():
    code = "class ConversionError(Exception): ...\n" + catching(
        ("ConversionError", "f()"), ("(ConversionError, OSError)", "f()")
    )
    assert counts(code).robustness.failure_modes == ("os",)


def test_an_exception_is_known_by_any_name_it_was_imported_under():
    code = (
        "import json as j\nfrom csv import Error as Broken\nBAD = (OSError, KeyError)\n"
        + catching(("j.JSONDecodeError", "f()"), ("Broken", "f()"), ("BAD", "f()"))
    )
    assert counts(code).robustness.failure_modes == ("json", "csv", "os", "key")


@pytest.mark.parametrize(
    ("code", "guards"),
    [
        ("if a: raise ValueError", 1),
        ("def f():\n if a:\n  print(1)\n  return", 1),
        ("for a in b:\n if a: continue", 1),
        ("import sys\nif a: sys.exit(1)", 1),
        ("if a: exit()", 1),
        ("import argparse\np = argparse.ArgumentParser()\nif a: p.error('x')", 1),
        ("import logging\nlog = logging.getLogger()\nif a: log.error('x')", 0),
        ("if isinstance(a, list): b = a", 1),
        ("if isinstance(a, list): b = a\nelif isinstance(a, dict): b = [a]", 2),
        ("b = a if isinstance(a, list) else [a]", 1),
        ("if path.exists(): b = 1", 1),
        ("import os\nif os.path.isfile(a): b = 1", 1),
        ("if not a: b = 1", 1),
        ("if a not in c: c.append(a)", 0),
        ("if a > 1: b = 1", 0),
        ("assert a", 1),
        ("if not isinstance(a, list): raise TypeError", 1),
        ("if __name__ == '__main__': exit()", 0),
        ("try: f()\nexcept OSError: raise", 0),
    ],
)
def test_a_guard_leaves_or_asks_for_type_file_or_emptiness(code, guards):
    assert counts(code).robustness.n_guards == guards
    assert trait("checks", code) == pytest.approx(min(1, guards / 3))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import argparse\nargparse.ArgumentParser()", 1.0),
        ("from click import command\n@command()\ndef f(): ...", 1.0),
        ("import argparse", 0.0),
        ("import sys\nprint(sys.argv[1])", 0.7),
        ("from sys import argv as words\nprint(words)", 0.7),
        ("a = input('file? ')", 0.5),
        ("if __name__ == '__main__': f()", 0.4),
        ("import sys\nif __name__ == '__main__': f(sys.argv)", 0.7),
        ("f()", 0.0),
    ],
)
def test_the_way_of_starting_is_the_highest_step_reached(code, expected):
    assert trait("cli", code) == expected


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("def f(a, b=1, *, c=2, d): ...", ("b", "c")),
        ("def f(a, b=1): g(a)\ndef g(a, sep=','): ...", ("b",)),
        ("def main(): f(1)\ndef f(a, b=1): ...\nmain()", ("b",)),
        ("def f(a, b=1): f(a, b)", ("b",)),
        ("def _f(a, b=1): ...", ()),
        ("class A:\n def __init__(self, bom=False): ...", ("bom",)),
        ("def main(argv=None): p.parse_args(argv)\nmain()", ()),
        (
            "p.add_argument('-e', '--in-encoding')\np.add_argument('src')",
            ("in_encoding",),
        ),
        (
            "p.add_argument('--bom', dest='Mark')\np.add_argument('-n', required=True)",
            ("mark",),
        ),
        ("def f(a, bom=0): ...\np.add_argument('--bom')", ("bom",)),
        ("import click\n@click.option('--bom/--no-bom')\ndef f(bom): ...", ("bom",)),
        ("import typer\ndef f(a=typer.Option(...), b=typer.Option(1)): ...", ("b",)),
        ("@dataclass\nclass O:\n a: str\n sep: str = ','", ("sep",)),
    ],
)
def test_options_are_what_an_entry_function_or_a_flag_lets_one_choose(code, options):
    assert counts(code).interface.options == options
    assert trait("options", code) == len(options) / 4


def branches(depth):
    return "".join(f"{' ' * (i + 1)}if a{i}:\n" for i in range(depth))


def test_functions_count_up_to_three_and_by_their_complexity():
    # Nested branches weigh 1 + 2 + 3 + 4 + 5 = 15, one more makes 21.
    simple = "def f():\n" + branches(5) + " " * 7 + "x = 1\n"
    knotty = "def g():\n" + branches(6) + " " * 8 + "x = 1\n"
    assert trait("modules", "x = 1") == 0
    assert trait("modules", simple) == pytest.approx(0.5 / 3 + 0.5)
    assert trait("modules", knotty) == pytest.approx(0.5 / 3)
    assert trait("modules", simple + knotty) == pytest.approx(0.5 * 2 / 3 + 0.25)
    assert counts(simple + knotty).shape.complexity_max == 21
    assert trait("modules", "def h(): ...\n" * 4) == 1


def test_an_inner_function_and_a_method_count_as_functions():
    code = "class A:\n def f(self):\n  def g():\n   if a: b = 1\n"
    assert counts(code).shape.n_functions == 2


def test_comments_are_a_share_of_lines_and_docstrings_and_shebang_are_none():
    code = '#!/usr/bin/env python\n"""A\nB."""\n# one\na = 1\nb = 2  # two\n'
    talk = counts(code).talk
    assert (talk.n_comment_lines, talk.n_code_lines) == (2, 2)
    assert trait("comments", code) == 1
    assert trait("comments", "# one\n" + "a = 1\n" * 9) == pytest.approx(0.1 / 0.15)


def test_words_alone_give_sixteen_points_at_most():
    structure = analyse_code("# junk\n" * 60 + "a = 1\n", "words " * 2000).structure
    assert structure.index == pytest.approx(16)


def test_reading_takes_its_time_in_either_script():
    assert counts("a", "表を csv.DictWriter で、書く。").talk.n_cjk_chars == 5
    assert counts("a", "1. Don't use `json_path`!").talk.n_words == 3
    assert trait("explain", "a", "漢" * 125) == pytest.approx(15 / 30)
    assert trait("explain", "a", "word " * 53) == pytest.approx(12 / 30)
    assert trait("explain", "a", "漢" * 999) == 1
