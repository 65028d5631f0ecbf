"""What one run shows: exceptions, exits, outputs, and what cannot be forged."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from collector.verification.adapter import Plan, can_take, observe
from collector.verification.adapter.plans import Argument
from collector.verification.observation import Stimulus

CALL = Plan(
    how="function",
    entry=("convert",),
    arguments=(Argument(role="in"), Argument(role="out")),
)
OF_OBJECTS = Plan(how="function", entry=("convert",), arguments=(Argument(role="obj"),))
OF_TEXT = replace(OF_OBJECTS, arguments=(Argument(role="str"),))
RUN = Plan(how="script")
WORDS = Plan(how="script", words=("{in}", "{out}"))


@pytest.fixture
def see(to_csv, sandbox):
    def run(code, plan=CALL, content=b"[]", **stimulus):
        given = Stimulus(content=content, **stimulus)
        return observe(plan, code, to_csv, given, sandbox)

    return run


def test_an_exception_is_told_with_its_classes_and_without_a_traceback(see):
    seen = see("import json\ndef convert(a, b):\n    json.loads('[')\n")

    assert seen.raised.type_name == "JSONDecodeError"
    assert seen.raised.bases == (
        "JSONDecodeError",
        "ValueError",
        "Exception",
        "BaseException",
    )
    assert seen.raised.message == "Expecting value: line 1 column 2 (char 1)"
    assert not seen.raised.is_own
    assert not seen.raised.is_deliberate
    assert (seen.exit_code, seen.has_traceback) == (1, False)
    assert (seen.stdout, seen.stderr) == ("", "")
    assert (seen.output, seen.output_place) == (None, None)


OWN = "class Bad(ValueError): ...\n"


@pytest.mark.parametrize(
    ("statement", "is_own", "is_deliberate"),
    [
        ("raise Bad('no')", True, True),
        ("raise ValueError('no')", False, True),
        ("raise ValueError(\n        'no'\n    ) from None", False, True),
        ("check()", False, True),
        ("import json; json.loads('[')", False, False),
        ("{}['a']", False, False),
        ("raise ValueError({}['a'] + late())", False, True),
        ("raise ValueError(late())", False, False),
        ("import json; raise ValueError(json.loads('['))", False, False),
        (
            "try:\n        int('x')\n    except ValueError as e:\n        raise e",
            False,
            True,
        ),
        ("import sys; sys.exit('no')", False, True),
        ("import argparse; argparse.ArgumentParser().error('no')", False, True),
    ],
)
def test_what_was_raised_on_purpose_is_told_from_an_accident(
    see, statement, is_own, is_deliberate
):
    helpers = "def check():\n    raise TypeError('no')\ndef late():\n    return 1 / 0\n"
    seen = see(f"{OWN}{helpers}def convert(a, b):\n    {statement}\n")

    assert seen.raised.is_own is is_own
    assert seen.raised.is_deliberate is is_deliberate


def test_a_program_that_fails_shows_python_s_own_traceback(see):
    seen = see(
        "def f():\n    return {}['a']\nif __name__ == '__main__':\n    f()\n", RUN
    )

    assert seen.raised.type_name == "KeyError"
    assert seen.exit_code == 1
    assert seen.has_traceback
    assert "driver.py" not in seen.stderr
    assert "importlib" not in seen.stderr
    assert seen.stderr.splitlines()[-1] == "KeyError: 'a'"


@pytest.mark.parametrize("plan", [CALL, RUN])
@pytest.mark.parametrize(
    ("statement", "exit_code", "stderr"),
    [("sys.exit(3)", 3, ""), ("sys.exit('no')", 1, "no\n"), ("exit()", 0, "")],
)
def test_an_exit_is_an_exit_with_its_code_and_words(
    see, plan, statement, exit_code, stderr
):
    seen = see(f"import sys\ndef convert(*a):\n    {statement}\nconvert()\n", plan)

    assert seen.exit_code == exit_code
    assert seen.stderr.replace("\r\n", "\n") == stderr
    assert seen.raised.type_name == "SystemExit"
    assert not seen.has_traceback


def test_a_program_that_ends_the_process_leaves_only_its_exit_code(see):
    seen = see(
        "import os\ndef convert(a, b):\n    print('x', flush=True)\n    os._exit(7)"
    )

    assert seen.exit_code == 7
    assert seen.raised is None
    assert seen.stdout.strip() == "x"


def test_no_result_can_be_planted_beforehand(see, sandbox):
    code = (
        "import os, json\ndef convert(a, b):\n"
        "    for name in os.listdir('.') + ['result.seen', 'x.seen']:\n"
        "        if name not in ('driver.py', 'candidate.py'):\n"
        "            open(name, 'w').write('{}')\n"
        "    os._exit(0)\n"
    )
    seen = see(code)

    result = sandbox.jobs[0].collects[1]
    assert len(result) == len("0123456789abcdef0123456789abcdef.seen")
    assert result.encode() not in b"".join(sandbox.jobs[0].files.values())
    assert seen.raised is None
    assert seen.output is None


@pytest.mark.parametrize(
    "written",
    [
        "[]",
        "nonsense",
        '{"phase": 1}',
        '{"phase":"call","returned":{"text":1},"raised":null}',
    ],
)
def test_a_result_of_the_wrong_form_counts_as_none(see, sandbox, written, to_csv):
    class Forger:
        tier = sandbox.tier

        def run(self, job):
            outcome = sandbox.run(job)
            return replace(outcome, files={job.collects[1]: written.encode()})

    code = "def convert(a, b):\n    raise ValueError('no')\n"
    seen = observe(CALL, code, to_csv, Stimulus(content=b"[]"), Forger())

    assert seen.raised is None


def test_the_code_sees_nothing_of_the_orders_on_its_standard_input(see):
    code = "import sys\nprint(sys.argv)\nprint(repr(sys.stdin.read()))\n"

    seen = see(code, WORDS)

    assert seen.stdout.splitlines() == [
        "['candidate.py', 'input.json', 'output.csv']",
        "''",
    ]


def test_a_program_is_the_main_module_for_dataclasses_and_pickle(see):
    code = (
        "from __future__ import annotations\nimport dataclasses, pickle, typing\n"
        "@dataclasses.dataclass\nclass Row:\n    a: int\n"
        "print(typing.get_type_hints(Row)['a'].__name__)\n"
        "print(pickle.loads(pickle.dumps(Row(1))), __name__, __spec__)\n"
    )
    seen = see(code, RUN)

    assert seen.stdout.splitlines() == ["int", "Row(a=1) __main__ None"]


@pytest.mark.parametrize(
    ("value", "output"),
    [
        ("'a,b\\n'", b"a,b\n"),
        ("'\\ufeffa'", b"\xef\xbb\xbfa"),
        ("b'a'", b"a"),
        ("__import__('io').BytesIO(b'a')", b"a"),
        ("['a,b', 'c,d\\n']", b"a,b\nc,d\n"),
        ("[['a', 'b,c'], [1, None]]", b'a,"b,c"\r\n1,\r\n'),
        ("(line for line in ['a', 'b'])", b"a\nb\n"),
        ("[{'a': 1}]", None),
        ("[]", None),
        ("True", None),
        ("3", None),
        ("{'a': 1}", None),
    ],
)
def test_a_returned_value_is_an_output_if_it_is_one_as_it_stands(see, value, output):
    seen = see(f"def convert(data):\n    return {value}\n", OF_OBJECTS)

    assert seen.output == output
    assert seen.output_place == (None if output is None else "returned")


def test_the_output_is_looked_for_in_order(see):
    code = (
        "def convert(a, b):\n    {}\n    print('x')\n    print('y')\n    return 'r'\n"
    )
    write = "open({!r}, 'w').write({!r})"

    both = see(
        code.format(
            f"{write.format('a.csv', 'long')}; {write.format('output.csv', 'o')}"
        )
    )
    other = see(
        code.format(f"{write.format('a.csv', 'a')}; {write.format('B.CSV', 'bb')}")
    )
    returned = see(code.format("pass"))
    printed = see(code.format("pass").replace("'r'", "None"))
    unasked = see(write.format("output.csv", "o"), RUN)
    one_line = see("def convert(a, b):\n    print('done')\n")

    assert (both.output, both.output_place) == (b"o", "expected file")
    assert (other.output, other.output_place) == (b"a", "other file")
    assert (returned.output, returned.output_place) == (b"r", "returned")
    assert (unasked.output, unasked.output_place) == (b"o", "other file")
    assert printed.output.split() == [b"x", b"y"]
    assert printed.output_place == "printed"
    assert (one_line.output, one_line.output_place) == (None, None)


def test_an_input_that_never_reaches_the_code_is_known_beforehand(to_csv):
    bad, none, good = (Stimulus(content=c) for c in (b"[{", None, b"\xef\xbb\xbf[]"))

    table = {
        plan: [can_take(plan, to_csv, stimulus) for stimulus in (bad, none, good)]
        for plan in (CALL, OF_OBJECTS, OF_TEXT, RUN)
    }

    assert table == {
        CALL: [True, True, True],
        OF_OBJECTS: [False, False, True],
        OF_TEXT: [True, False, True],
        RUN: [True, True, True],
    }


def test_what_its_reader_raised_is_told_where_the_code_was_not_called(see):
    code = "def convert(data):\n    raise SystemExit('called')\n"

    bad = see(code, OF_OBJECTS, b"[{")
    missing = see(code, OF_TEXT, None)

    assert bad.raised.type_name == "JSONDecodeError"
    assert missing.raised.type_name == "FileNotFoundError"
    assert not bad.raised.is_deliberate


def test_a_missing_file_is_missing(see):
    code = "def convert(a, b):\n    open(a)\n"

    assert see(code, content=None).raised.type_name == "FileNotFoundError"
    assert see(code).raised is None


def test_the_hash_seed_is_passed_on(see):
    code = "def convert(a, b):\n    return str(hash('x'))\n"

    zero, again, one = (see(code, hash_seed=seed).output for seed in (0, 0, 1))

    assert zero == again
    assert zero != one


WINDOWS_WAYS = {
    "open": "open({n!r}, 'w').write(t); open({m!r}).read()",
    "io": "import io; io.open({n!r}, 'w').write(t); io.open({m!r}).read()",
    "path": (
        "from pathlib import Path; Path({n!r}).open('w').write(t); "
        "Path({m!r}).open().read()"
    ),
    "text": (
        "from pathlib import Path; Path({n!r}).write_text(t); Path({m!r}).read_text()"
    ),
}


@pytest.mark.parametrize("way", WINDOWS_WAYS)
def test_text_opens_as_on_a_japanese_windows(see, way):
    statement = WINDOWS_WAYS[way].format(n="output.csv", m="input.json")
    code = f"def convert(a, b):\n    t = '山,①\\n'\n    {statement}\n"

    # cp932 has both characters; 0x81 0x20 is no character in it.
    seen = see(code, content=b"\x81\x20", is_japanese_windows=True)
    usual = see(code, content=b"[]")

    assert seen.output == b"\x8e\x52,\x87\x40\r\n"
    assert seen.raised.type_name == "UnicodeDecodeError"
    assert usual.output == "山,①\n".encode()
    assert usual.raised is None


def test_what_is_read_there_has_plain_line_ends_as_ever(see):
    code = "def convert(a, b):\n    return ascii(open(a).read())\n"

    seen = see(code, content=b"x\r\n\x87\x40\n", is_japanese_windows=True)

    assert seen.output == rb"'x\n\u2460\n'"


def test_libraries_open_text_as_on_a_japanese_windows_as_well(see):
    code = (
        "import logging\ndef convert(a, b):\n"
        "    handler = logging.FileHandler(b)\n"
        "    handler.emit(logging.makeLogRecord({'msg': '山'}))\n"
    )
    seen = see(code, is_japanese_windows=True)

    assert seen.output == b"\x8e\x52\r\n"


def test_what_names_its_encoding_and_line_ends_is_left_alone_there(see):
    code = (
        "from pathlib import Path\ndef convert(a, b):\n"
        "    with open(b, 'w', encoding='utf-8', newline='') as f:\n"
        "        f.write('山\\n')\n"
        "    Path('b.csv').write_bytes(b'x\\n')\n"
        "    assert Path(a).read_text(encoding='utf-8') == '山'\n"
    )
    seen = see(code, content="山".encode(), is_japanese_windows=True)

    assert seen.raised is None
    assert seen.output == "山\n".encode()


def other_pythons():
    """Real paths of what is installed: a version manager's shim may run nothing."""
    for version in ("3.9", "3.10", "3.12", "3.13", "3.14"):
        command = shutil.which(f"python{version}")
        if command is not None:
            asked = subprocess.run(
                [command, "-c", "import sys; print(sys.executable)"],
                capture_output=True,
                text=True,
                check=False,
            )
            if asked.returncode == 0:
                yield asked.stdout.strip()


PYTHONS = [sys.executable, *other_pythons()]


@pytest.mark.parametrize("python", PYTHONS, ids=str)
@pytest.mark.parametrize("way", WINDOWS_WAYS)
def test_the_driver_runs_on_every_python_here(to_csv, sandbox, python, way):
    sandbox.python = python
    statement = WINDOWS_WAYS[way].format(n="output.csv", m="input.json")
    code = f"async def convert(a, b):\n    t = '山,①\\n'\n    {statement}\n"
    stimulus = Stimulus(content=b"\x81\x20", is_japanese_windows=True)

    seen = observe(CALL, code, to_csv, stimulus, sandbox)

    assert seen.output == b"\x8e\x52,\x87\x40\r\n"
    assert seen.raised.type_name == "UnicodeDecodeError"
    assert seen.stderr == ""


def test_a_plan_is_plain_values(to_csv):
    from dataclasses import asdict

    assert json.loads(json.dumps(asdict(CALL)))["entry"] == ["convert"]
