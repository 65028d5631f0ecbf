"""Programs of many shapes: the way of calling that is found, and what it gave."""

import csv
import io
import json
from dataclasses import dataclass

import pytest

from collector.verification.adapter import find_plan, observe
from collector.verification.observation import Stimulus

HEAD = "import csv, json, io, sys, pathlib\n"
WRITE = """
dump = lambda rows, file: (
    writer := csv.DictWriter(file, fieldnames=list(rows[0])),
    writer.writeheader(),
    writer.writerows(rows),
)
"""
CELLS = [["id", "name"], ["1", "山田"], ["2", "a,b"]]
OPEN_OUT = 'open({0}, "w", encoding="utf-8", newline="")'


@dataclass(frozen=True, kw_only=True)
class Program:
    code: str
    call: str
    place: str = "expected file"
    level: str = "as_is"
    tried: int = 1


def body(source, target="out"):
    return (
        f"rows = json.load(open({source}, encoding='utf-8'))\n"
        f"    with {OPEN_OUT.format(target)} as file:\n"
        "        dump(rows, file)\n"
    )


PROGRAMS = {
    "two paths": Program(
        code=(
            "def json_to_csv(json_path, csv_path):\n"
            f"    {body('json_path', 'csv_path')}"
        ),
        call="json_to_csv(in, out)",
    ),
    "the output first": Program(
        code=f"def convert(output, source):\n    {body('source', 'output')}",
        call="convert(out, in)",
    ),
    "pathlib": Program(
        code=(
            "def convert(src: pathlib.Path, dst: pathlib.Path) -> None:\n"
            "    rows = json.loads(src.read_text(encoding='utf-8'))\n"
            "    with dst.open('w', encoding='utf-8', newline='') as file:\n"
            "        dump(rows, file)\n"
        ),
        call="convert(in, out)",
    ),
    "pathlib without a hint": Program(
        code=(
            "def convert(src, dst):\n"
            "    rows = json.loads(src.read_text(encoding='utf-8'))\n"
            "    with dst.open('w', encoding='utf-8', newline='') as file:\n"
            "        dump(rows, file)\n"
        ),
        call="convert(in, out)",
    ),
    "a hint of two types": Program(
        code=(
            "from typing import Union\n"
            "def convert(a: Union[str, pathlib.Path], b: 'str | pathlib.Path'):\n"
            f"    {body('a', 'b')}"
        ),
        call="convert(in, out)",
    ),
    "objects to a string": Program(
        code=(
            "def to_csv(records: list[dict]) -> str:\n"
            "    file = io.StringIO()\n    dump(records, file)\n"
            "    return file.getvalue()\n"
        ),
        call="to_csv(obj)",
        place="returned",
    ),
    "objects to a file": Program(
        code=(
            "def write(data, filename):\n"
            f"    with {OPEN_OUT.format('filename')} as file:\n"
            "        dump(data, file)\n"
        ),
        call="write(obj, out)",
    ),
    "an unclear name that is objects": Program(
        code=(
            "def convert(thing):\n    file = io.StringIO()\n    dump(thing, file)\n"
            "    return file\n"
        ),
        call="convert(obj)",
        place="returned",
        tried=2,
    ),
    "a string and a default file": Program(
        code=(
            "def json_to_csv(json_string: str, output_file='data.csv'):\n"
            "    rows = json.loads(json_string)\n"
            f"    with {OPEN_OUT.format('output_file')} as file:\n"
            "        dump(rows, file)\n"
        ),
        call="json_to_csv(str, output_file=out)",
    ),
    "options that are no paths": Program(
        code=(
            "def convert(path, output_format='csv', csv_encoding='utf-8',\n"
            "            csv_out=None):\n"
            "    assert output_format == 'csv'\n"
            "    rows = json.load(open(path, encoding=csv_encoding))\n"
            f"    with {OPEN_OUT.format('csv_out')} as file:\n"
            "        dump(rows, file)\n"
        ),
        call="convert(in, csv_out=out)",
    ),
    "one path, the output's name derived": Program(
        code=(
            "def convert(path):\n"
            "    out = str(path).replace('json', 'csv')\n"
            f"    {body('path')}"
        ),
        call="convert(in)",
        place="other file",
    ),
    "all by default": Program(
        code=f"def convert(src='a.json', dst='b.csv'):\n    {body('src', 'dst')}",
        call="convert(src=in, dst=out)",
    ),
    "keywords only": Program(
        code=f"def convert(*, source, target):\n    {body('source', 'target')}",
        call="convert(source=in, target=out)",
    ),
    "any number": Program(
        code=f"def convert(*paths):\n    a, out = paths\n    {body('a')}",
        call="convert(in, out)",
    ),
    "a table in memory": Program(
        code=(
            "class Frame:\n"
            "    def __init__(self, rows):\n        self.rows = rows\n"
            "    def to_csv(self, path=None, index=True):\n"
            "        file = io.StringIO()\n        dump(self.rows, file)\n"
            "        return file.getvalue() if not index else None\n"
            "def json_to_csv(path):\n"
            "    return Frame(json.load(open(path, encoding='utf-8')))\n"
        ),
        call="json_to_csv(in)",
        place="returned",
    ),
    "lines one by one": Program(
        code=(
            "def json_to_csv(data):\n"
            "    for row in [list(data[0]), *[r.values() for r in data]]:\n"
            "        file = io.StringIO()\n        csv.writer(file).writerow(row)\n"
            "        yield file.getvalue()\n"
        ),
        call="json_to_csv(obj)",
        place="returned",
    ),
    "bytes": Program(
        code=(
            "def json_to_csv(data: list) -> bytes:\n    file = io.StringIO()\n"
            "    dump(data, file)\n    return file.getvalue().encode('utf-8-sig')\n"
        ),
        call="json_to_csv(obj)",
        place="returned",
    ),
    "a method": Program(
        code=(
            "class Converter:\n"
            "    def __init__(self, indent=2):\n        self.n = indent\n"
            "    def _load(self, path):\n"
            "        return json.load(open(path, encoding='utf-8'))\n"
            "    def convert(self, path, out):\n"
            f"        with {OPEN_OUT.format('out')} as file:\n"
            "            dump(self._load(path), file)\n"
        ),
        call="Converter().convert(in, out)",
    ),
    "an object made of paths": Program(
        code=(
            "from dataclasses import dataclass\n@dataclass\nclass JsonToCsv:\n"
            "    source: str\n    target: str\n    indent: int = 2\n"
            "    def run(self):\n"
            "        rows = json.load(open(self.source, encoding='utf-8'))\n"
            f"        with {OPEN_OUT.format('self.target')} as file:\n"
            "            dump(rows, file)\n"
        ),
        call="JsonToCsv(in, out).run()",
    ),
    "a static method": Program(
        code=(
            "class Tool:\n    @staticmethod\n    def convert(path, out):\n"
            f"        rows = json.load(open(path, encoding='utf-8'))\n"
            f"        with {OPEN_OUT.format('out')} as file:\n"
            "            dump(rows, file)\n"
        ),
        call="Tool.convert(in, out)",
    ),
    "async": Program(
        code=(
            "import asyncio\nasync def convert(path, out):\n"
            f"    await asyncio.sleep(0)\n    {body('path')}"
        ),
        call="convert(in, out)",
    ),
    "argparse by place": Program(
        code=(
            "import argparse\ndef main():\n    p = argparse.ArgumentParser()\n"
            "    p.add_argument('json_file')\n"
            "    p.add_argument('csv_file', nargs='?')\n"
            "    p.add_argument('--indent', type=int, default=2)\n"
            "    p.add_argument('-v', action='store_true')\n"
            "    a = p.parse_args()\n    out = a.csv_file\n"
            f"    {body('a.json_file')}main()\n"
        ),
        call="python candidate.py in out",
    ),
    "argparse by required flags": Program(
        code=(
            "import argparse\nif __name__ == '__main__':\n"
            "    p = argparse.ArgumentParser()\n"
            "    g = p.add_argument_group('files')\n"
            "    g.add_argument('-i', '--input', required=True)\n"
            "    g.add_argument('-o', '--output', required=True)\n"
            "    p.add_argument('--mode', choices=['plain', 'deep'], required=True)\n"
            f"    a = p.parse_args()\n    {body('a.input', 'a.output')}"
        ),
        call="python candidate.py --input in --output out --mode plain",
    ),
    "argparse with a subcommand": Program(
        code=(
            "import argparse\nif __name__ == '__main__':\n"
            "    p = argparse.ArgumentParser()\n    s = p.add_subparsers(dest='what')\n"
            "    c = s.add_parser('check')\n    c.add_argument('path')\n"
            "    x = s.add_parser('convert')\n    x.add_argument('src')\n"
            "    x.add_argument('--dst', default='x.csv')\n"
            "    a = p.parse_args()\n"
            f"    assert a.what == 'convert'\n    {body('a.src', 'a.dst')}"
        ),
        call="python candidate.py convert in --dst out",
    ),
    "bare arguments": Program(
        code=f"if __name__ == '__main__':\n    _, a, out = sys.argv\n    {body('a')}",
        call="python candidate.py in out",
    ),
    "one bare argument": Program(
        code=(
            "if len(sys.argv) != 2:\n    sys.exit('usage: convert FILE')\n"
            "dump(json.load(open(sys.argv[1], encoding='utf-8')), sys.stdout)\n"
        ),
        call="python candidate.py in",
        place="printed",
        tried=2,
    ),
    "prompts": Program(
        code=(
            "def ask():\n    a = input('JSONファイル: ')\n"
            "    out = input('出力先のCSV: ') or 'x.csv'\n"
            f"    input('続けますか? ')\n    {body('a')}ask()\n"
        ),
        call="python candidate.py, answering in, out, Enter",
    ),
    "prompts in another order": Program(
        code=(
            "if __name__ == '__main__':\n    out = input('CSV file to write: ')\n"
            f"    a = input('JSON file to read: ')\n    {body('a')}"
        ),
        call="python candidate.py, answering out, in",
    ),
    "standard input": Program(
        code="if __name__ == '__main__':\n    dump(json.load(sys.stdin), sys.stdout)\n",
        call="python candidate.py < in",
        place="printed",
    ),
    "names like ours": Program(
        code=(
            f"if __name__ == '__main__':\n    {body(repr('input.json'), repr('x.csv'))}"
        ),
        call="python candidate.py",
        place="other file",
    ),
    "names with a guard": Program(
        code=(
            "SOURCE = './データ/data.json'\nTARGET = r'C:\\x\\result.csv'\n"
            f"if __name__ == '__main__':\n    {body('SOURCE', 'TARGET')}"
        ),
        call="python candidate.py, file names adjusted",
        level="names_adjusted",
        tried=2,
    ),
    "names without a guard": Program(
        code=f"if True:\n    {body(repr('/home/a/data.json'), repr('result.csv'))}",
        call="python candidate.py, file names adjusted",
        level="names_adjusted",
        tried=2,
    ),
    "names in a function that nobody calls": Program(
        code=f"def convert():\n    {body(repr('data.json'), repr('result.csv'))}",
        call="convert(), file names adjusted",
        level="names_adjusted",
        tried=4,
    ),
    "code that runs when imported": Program(
        code=(
            f"def convert(a, out):\n    {body('a')}"
            "print('start')\nconvert('data.json', 'data.csv')\n"
        ),
        call="python candidate.py, file names adjusted",
        level="names_adjusted",
        tried=3,
    ),
    "two directions": Program(
        code=(
            "def csv_to_json(csv_path, json_path):\n"
            "    rows = list(csv.DictReader(open(csv_path, encoding='utf-8')))\n"
            "    json.dump(rows, open(json_path, 'w', encoding='utf-8'))\n"
            "def json_to_csv(json_path, csv_path):\n"
            f"    {body('json_path', 'csv_path')}"
        ),
        call="json_to_csv(in, out)",
    ),
    "helpers before it": Program(
        code=(
            "def load_json(path):\n    return json.load(open(path, encoding='utf-8'))\n"
            "def convert_row(row):\n    return row\n"
            "def export(source, out):\n"
            "    rows = [convert_row(r) for r in load_json(source)]\n"
            f"    with {OPEN_OUT.format('out')} as file:\n        dump(rows, file)\n"
            "def main():\n    export(sys.argv[1], sys.argv[2])\n"
        ),
        call="export(in, out)",
        tried=4,
    ),
    "open replaced": Program(
        code=(
            "import builtins\nreal = builtins.open\n"
            "def opened(*a, **k):\n    raise RuntimeError('no')\n"
            "def convert(a, out):\n    global open\n    open = real\n"
            f"    {body('a')}    json.dumps = builtins.open = opened\n"
        ),
        call="convert(in, out)",
    ),
    "a file left open": Program(
        code=(
            "def convert(a, out):\n    global file\n"
            "    file = open(out, 'w', encoding='utf-8', newline='')\n"
            "    dump(json.load(open(a, encoding='utf-8')), file)\n"
        ),
        call="convert(in, out)",
    ),
    "exit after the work": Program(
        code=f"def convert(a, out):\n    {body('a')}    sys.exit(0)\n",
        call="convert(in, out)",
    ),
}


def is_our_csv(seen):
    if seen.output is None:
        return False
    return list(csv.reader(io.StringIO(seen.output.decode("utf-8-sig")))) == CELLS


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_way_of_calling_is_found(name, to_csv, json_stimulus, sandbox):
    program = PROGRAMS[name]
    code = HEAD + WRITE + program.code

    found = find_plan(code, to_csv, json_stimulus, sandbox, is_our_csv)

    assert found.plan is not None, found
    assert found.plan.describe() == program.call, found.tried
    assert found.level == program.level
    assert len(found.tried) == program.tried, found.tried
    assert (found.diff is None) == (program.level == "as_is")
    seen = observe(found.plan, code, to_csv, json_stimulus, sandbox)
    assert seen.output_place == program.place
    assert is_our_csv(seen)


REVERSED = {
    "csv_to_json(in, out)": (
        "def json_to_csv(json_path, csv_path):\n    raise SystemExit\n"
        "def csv_to_json(csv_path, json_path):\n"
        "    file = open(csv_path, encoding='utf-8', newline='')\n"
        "    rows = list(csv.DictReader(file))\n"
        "    json.dump(rows, open(json_path, 'w', encoding='utf-8'))\n"
    ),
    "report(obj)": "def report(rows):\n    return [dict(row) for row in rows]\n",
    "report(str)": (
        "def report(csv_str):\n"
        "    return json.dumps(list(csv.DictReader(io.StringIO(csv_str))))\n"
    ),
    "python candidate.py in": (
        "if __name__ == '__main__':\n    source, = sys.argv[1:]\n"
        "    rows = csv.DictReader(open(source, encoding='utf-8', newline=''))\n"
        "    print(json.dumps(list(rows)))\n"
    ),
    "python candidate.py, file names adjusted": (
        "rows = list(csv.DictReader(open('sales.csv', encoding='utf-8', newline='')))\n"
        "json.dump(rows, open('report.json', 'w', encoding='utf-8'))\n"
    ),
}


@pytest.mark.parametrize("call", REVERSED)
def test_the_other_direction_is_found_as_well(call, to_json, csv_stimulus, sandbox):
    wanted = [{"id": "1", "name": "山田"}, {"id": "2", "name": "a,b"}]

    found = find_plan(
        HEAD + REVERSED[call],
        to_json,
        csv_stimulus,
        sandbox,
        lambda seen: seen.output is not None and json.loads(seen.output) == wanted,
    )

    assert found.plan is not None, found
    assert found.plan.describe() == call


def find(code, shape, sandbox, content=b"[]"):
    stimulus = Stimulus(content=content)
    return find_plan(code, shape, stimulus, sandbox, lambda seen: False)


def test_a_missing_package_ends_the_search_at_once(to_csv, sandbox):
    code = "import json, pandas_of_nobody as pd\ndef convert(a, b): ...\n"

    found = find(code, to_csv, sandbox)

    assert found.plan is None
    assert found.level is None
    assert found.tried == ("convert(in, out): needs: pandas_of_nobody",)
    assert found.first_error == (
        "ModuleNotFoundError: No module named 'pandas_of_nobody'"
    )
    assert found.missing_module == "pandas_of_nobody"


def test_a_package_that_is_there_but_not_whole_is_missing_too(to_csv, sandbox):
    # On any system but Windows this module's own code raises a plain ImportError, as
    # pandas does without what it needs.
    code = "import asyncio.windows_events\ndef convert(a, b): ...\n"

    found = find(code, to_csv, sandbox)

    assert found.missing_module == "asyncio"


def test_a_name_that_a_module_does_not_have_is_the_codes_own_fault(to_csv, sandbox):
    code = "from json import no_such_name\ndef convert(a, b): ...\n"

    found = find(code, to_csv, sandbox)

    assert found.missing_module is None
    assert found.first_error.startswith("ImportError: cannot import name")


def test_what_fails_at_its_import_is_tried_as_a_program_but_not_by_its_functions(
    to_csv, sandbox
):
    code = "def convert(a): ...\ndef other(a): ...\nopen('x.txt')\n"

    found = find(code, to_csv, sandbox)

    assert [line.partition(":")[0] for line in found.tried] == [
        "convert(in)",
        "python candidate.py",
    ]
    assert found.first_error.startswith("FileNotFoundError: [Errno 2]")


def test_code_that_does_not_parse_is_never_run(to_csv, sandbox):
    found = find("def convert(a:\n", to_csv, sandbox)

    assert found.tried == ()
    assert found.first_error.startswith("SyntaxError: ")
    assert sandbox.jobs == []


def test_a_way_that_cannot_be_given_the_input_is_not_tried(to_csv, sandbox):
    found = find("def convert(data): ...\n", to_csv, sandbox, content=b"[{")

    assert [line.partition(":")[0] for line in found.tried] == [
        "convert(in)",
        "convert(str)",
        "python candidate.py",
    ]


def test_each_plan_that_failed_is_told_with_its_fate(to_csv, sandbox):
    code = "def convert(data):\n    return 1 / len(data)\n"

    found = find(code, to_csv, sandbox)

    assert found.tried == (
        "convert(obj): ZeroDivisionError: division by zero",
        "convert(in): no output",
        "convert(str): no output",
        "python candidate.py: no output",
    )
    assert found.first_error == "ZeroDivisionError: division by zero"
