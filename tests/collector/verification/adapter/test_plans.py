"""The order of plans, and command lines of packages that are not installed here."""

import json
from dataclasses import asdict

import pytest

from collector.verification.adapter import plans
from collector.verification.adapter.plans import MAX_PLANS

CLICK = """
import click
@click.command()
@click.argument("src")
@click.option("--encoding", default="utf-8")
@click.option("-d", "--dest", required=True)
@click.option("--kind", type=click.Choice(["flat", "deep"]), required=True)
@click.option("--quiet", is_flag=True)
def main(src, encoding, dest, kind, quiet): ...
"""
CLICK_GROUP = """
import click
@click.group()
def cli(): ...
@cli.command()
@click.argument("path")
def check(path): ...
@cli.command("convert")
@click.argument("json_file")
@click.argument("csv_file", required=False)
def run(json_file, csv_file): ...
"""
TYPER = """
import typer
app = typer.Typer()
@app.command()
def main(source: str, target: str = typer.Option(..., help="x"), n: int = 2): ...
"""
TYPER_RUN = """
import typer
def work(source: str, output: str = "a.csv"): ...
typer.run(work)
"""


def scripts(code, shape):
    return [p.describe() for p in plans(code, shape) if p.how == "script" and p.words]


@pytest.mark.parametrize(
    ("code", "first"),
    [
        (CLICK, "python candidate.py in --dest out --kind flat"),
        (CLICK_GROUP, "python candidate.py convert in out"),
        (TYPER, "python candidate.py in --target out"),
        (TYPER_RUN, "python candidate.py in --output out"),
    ],
)
def test_other_packages_command_lines_are_read(code, first, to_csv):
    assert scripts(code, to_csv)[0] == first


def test_groups_of_a_subcommand_belong_to_it(to_csv):
    code = (
        "import argparse\np = argparse.ArgumentParser()\ns = p.add_subparsers()\n"
        "c = s.add_parser('convert')\ng = c.add_argument_group('files')\n"
        "g.add_argument('src')\nc.add_argument('dst')\n"
        "x = s.add_parser('read')\nx.add_argument('what')\n"
    )

    assert scripts(code, to_csv) == [
        "python candidate.py convert in out",
        "python candidate.py read in",
    ]


def test_only_what_wants_a_path_object_is_given_one(to_csv):
    code = (
        "def convert(a: str | Path, b: Path, *, out: Optional[PathLike] = None): ...\n"
        "def other(c, d):\n    return c.stem + d\n"
    )

    found = {
        plan.describe(): [item.is_path for item in plan.arguments]
        for plan in plans(code, to_csv)
    }

    assert found["convert(in, out)"] == [False, True]
    assert found["other(in, out)"] == [True, False]


def test_a_command_that_needs_more_than_files_gives_no_plan(to_csv):
    code = (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('src')\n"
        "p.add_argument('dst')\np.add_argument('--key', required=True)\n"
    )

    assert scripts(code, to_csv) == []


def test_plans_come_in_order_and_only_the_last_change_anything(to_csv):
    code = (
        "import sys\n"
        "def json_to_csv(thing, csv_path): ...\n"
        "def main():\n    json_to_csv(sys.argv[1], input('x') or 'a.csv')\n"
    )

    assert [plan.describe() for plan in plans(code, to_csv)] == [
        "json_to_csv(in, out)",
        "json_to_csv(obj, out)",
        "json_to_csv(str, out)",
        "python candidate.py in out",
        "python candidate.py in",
        "python candidate.py, answering in",
        "python candidate.py",
        "main()",
        "python candidate.py, file names adjusted",
        "main(), file names adjusted",
    ]


@pytest.mark.parametrize(
    ("signature", "calls"),
    [
        ("json_data", ["convert(obj)", "convert(in)", "convert(str)"]),
        ("json_string", ["convert(str)", "convert(in)", "convert(obj)"]),
        ("json_file", ["convert(in)", "convert(obj)", "convert(str)"]),
        ("data: list[dict]", ["convert(obj)"]),
        ("data: str", ["convert(in)", "convert(str)"]),
        ("path: 'Path'", ["convert(in)"]),
        ("x: Optional[Path]", ["convert(in)"]),
        ("data: bool", []),
        ("csv_path", ["convert(out)"]),
        ("src, dst, key", []),
        ("rows, out: bool", []),
        ("rows: list, name: str", ["convert(obj, out)"]),
        ("src: Path, /, dst: Path = Path('b.csv')", ["convert(in, dst=out)"]),
        ("src: str, *, to_csv=True", ["convert(in)", "convert(str)"]),
    ],
)
def test_roles_come_from_annotations_and_then_from_names(signature, calls, to_csv):
    code = f"def convert({signature}): ...\n"

    found = [p.describe() for p in plans(code, to_csv) if p.how == "function"]

    assert found == calls


def test_the_likeliest_function_is_called_first(to_csv):
    code = (
        "def _convert(path): ...\ndef csv_to_json(path): ...\n"
        "def load_json(path): ...\ndef to_csv(path): ...\n"
        "def json_to_csv(path): ...\ndef jsonToCsvFile(path): to_csv(path)\n"
    )

    found = [plan.entry[0] for plan in plans(code, to_csv) if plan.entry]

    assert list(dict.fromkeys(found)) == [
        "json_to_csv",
        "jsonToCsvFile",
        "to_csv",
        "csv_to_json",
    ]


def test_a_function_that_another_calls_comes_after_it(to_csv):
    code = "def convert_row(row): ...\ndef convert(path): convert_row(path)\n"

    assert plans(code, to_csv)[0].entry == ("convert",)


def test_there_is_an_end_to_plans_and_each_is_plain_and_told_once(to_csv):
    code = "".join(
        f"def convert_{n}(a, b): ...\ndef run_{n}(): ...\n" for n in range(50)
    )

    found = plans(code, to_csv)

    # Four functions in three ways, a run, and four calls without any input.
    assert len(found) == 17 <= MAX_PLANS
    assert len({plan.describe() for plan in found}) == len(found)
    assert "python candidate.py" in {plan.describe() for plan in found}
    for plan in found:
        assert json.loads(json.dumps(asdict(plan)))["how"] in ("function", "script")


def test_odd_escapes_and_deep_expressions_are_no_trouble(to_csv):
    deep = "+".join(["'a'"] * 700)
    code = f"def convert(path, x={deep}):\n    return open('\\d.json') + {deep}\n"

    assert plans(code, to_csv)[0].describe() == "convert(in)"
    assert plans(code, to_csv)[-1].is_adjusted


def test_code_that_does_not_parse_has_no_plan(to_csv):
    assert plans("def f(:", to_csv) == ()
