"""What each shipped case says of outputs, right, nearly right and wrong.

Outputs are what programs really write; the expected results follow from the rules in
words, not from the code.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from collector.verification.judge import judge_case
from collector.verification.observation import Observation, Raised
from collector.verification.rules import json_report
from collector.verification.rules.finding import REASON_CHARS
from collector.verification.rules.nested import find_leaves, pool_of
from collector.verification.rules.values import Number
from collector.verification.sandbox.protocol import Limits
from collector.verification.suite import SuiteCase, read_suite

TASKS = Path(__file__).parents[3] / "content" / "tasks"


@cache
def cases(task_id: str) -> dict[str, SuiteCase]:
    return {case.case_id: case for case in read_suite(TASKS / task_id).cases}


def seen(output: str | bytes | None = None, **changes: object) -> Observation:
    content = output.encode() if isinstance(output, str) else output
    fields: dict = {
        "ending": "exit",
        "exit_code": 0,
        "output": content,
        "output_place": None if content is None else "expected file",
        "raised": None,
        "has_traceback": False,
        "stdout": "",
        "stderr": "",
        "wall_s": 0.1,
    }
    return Observation(**{**fields, **changes})


def raised(
    name: str, *bases: str, message: str = "no", deliberate: bool = False
) -> Raised:
    return Raised(
        type_name=name,
        bases=(name, *bases, "Exception", "BaseException"),
        message=message,
        is_own=False,
        is_deliberate=deliberate,
    )


def judge(case_id: str, observation: Observation, task_id: str = "json-to-csv"):
    return judge_case(cases(task_id)[case_id], observation, Limits())


FLAT = "id,name,city\r\n1,Alice,Tokyo\r\n2,Bob,Osaka\r\n"
QUOTED = (
    "id,comma,quote,newline,tab,space\r\n"
    '1,"a,b","say ""hi""","one\ntwo",a\tb, lead\r\n'
    '2,",","""","x\n\ny",\t,trail \r\n'
)
BIG = "big,small,huge,code,phone\r\n"


@pytest.mark.parametrize(
    ("case_id", "output", "result", "reason"),
    [
        ("01-flat", FLAT, "pass", ""),
        ("01-flat", FLAT.replace("\r\n", "\n"), "pass", ""),
        ("01-flat", "\ufeff" + FLAT, "pass", ""),
        ("01-flat", "city,name,id\nTokyo,Alice,1\nOsaka,Bob,2\n", "pass", ""),
        ("01-flat", FLAT.replace(",", ";"), "fail", "there is no header"),
        ("01-flat", "1,Alice,Tokyo\n2,Bob,Osaka\n", "fail", "there is no header"),
        ("01-flat", FLAT.replace("Bob", "bob"), "fail", "row 2: name is 'bob', not"),
        (
            "01-flat",
            FLAT[:30].rpartition("2")[0],
            "fail",
            "2 rows were expected, 1 found",
        ),
        ("01-flat", FLAT + "1,2,3\n", "fail", "2 rows were expected, 3 found"),
        ("01-flat", FLAT.replace("Osaka", "Osaka,x"), "fail", "row 2 has 4 cells"),
        ("01-flat", FLAT.replace("\r\n", "\r\r\n"), "fail", "an empty line after"),
        ("01-flat", FLAT.replace("city", "town"), "fail", "no column 'city'"),
        ("01-flat", FLAT.replace("city", "name"), "fail", "'name' occurs twice"),
        ("01-flat", "", "fail", "the output is empty"),
        ("01-flat", None, "fail", "no output was left"),
        ("01-flat", "id,name,city\n1,Alice,\x00\n2,B,C\n", "fail", "row 1: city is"),
        (
            "01-flat",
            ",id,name,city\n0,1,Alice,Tokyo\n1,2,Bob,Osaka\n",
            "lenient",
            "a column without a name that counts",
        ),
        (
            "01-flat",
            "n,id,name,city\n7,1,Alice,Tokyo\n7,2,Bob,Osaka\n",
            "fail",
            "a column 'n' that the input does not have",
        ),
        (
            "02-missing-keys",
            "id,age,city\n1,30,Tokyo\n2,,Osaka\n3,41,Nagoya",
            "pass",
            "",
        ),
        (
            "02-missing-keys",
            "id,age,city\n1,30.0,Tokyo\n2,,Osaka\n3,41.0,Nagoya\n",
            "lenient",
            "row 1: age is '30.0', not '30' (and 1 more)",
        ),
        (
            "02-missing-keys",
            "id,age,city\n1,30,Tokyo\n2,nan,Osaka\n3,41,Nagoya\n",
            "lenient",
            "row 2: age is 'nan', not empty",
        ),
        (
            "02-missing-keys",
            "id,age,city\n1,30,Tokyo\n2,Osaka\n3,41,Nagoya\n",
            "fail",
            "row 2: age is 'Osaka', not empty",
        ),
        (
            "02-missing-keys",
            "id,age,city\n1,30,Tokyo\n2,0,Osaka\n3,41,Nagoya\n",
            "fail",
            "row 2: age is '0', not empty",
        ),
        (
            "02-missing-keys",
            "id,age,city\n1,30,Tokyo\n2,null,Osaka\n3,41,Nagoya\n",
            "lenient",
            "row 2: age is 'null', not empty",
        ),
        (
            "03-late-keys",
            "id,name\n1,Alice\n2,Bob\n3,Carol\n",
            "fail",
            "there is no column 'email'",
        ),
        (
            "03-late-keys",
            "phone,id,name,email\n,1,Alice,\n,2,Bob,bob@example.com\n555-0100,3,Carol,\n",
            "pass",
            "",
        ),
        (
            "03-late-keys",
            "id,name,email,phone\n1,Alice\n2,Bob,bob@example.com\n3,Carol,,555-0100\n",
            "lenient",
            "row 1 has 2 cells, the header 4 (and 1 more)",
        ),
        ("04-key-order", "b,a\nb1,a1\nb2,a2\n", "pass", ""),
        (
            "04-key-order",
            "a,b\na1,b1\na2,b2\n",
            "lenient",
            "the columns are 'a,b', not",
        ),
        ("04-key-order", "b,a\nb1,a1\na2,b2\n", "fail", "row 2: b is 'a2', not 'b2'"),
        (
            "05-japanese",
            "氏名,好物,期間,符号\n髙橋①,🍣,4月〜6月,−5\n山﨑花子,カレー,通年,±0\n",
            "pass",
            "",
        ),
        (
            "05-japanese",
            "氏名,好物,期間,符号\n高橋①,🍣,4月〜6月,−5\n山﨑花子,カレー,通年,±0\n",
            "fail",
            "row 1: 氏名 is '高橋①', not '髙橋①'",
        ),
        (
            "05-japanese",
            "氏名,好物\n佐藤,x\n".encode("cp932"),
            "fail",
            "the output is not UTF-8: byte 0x8e at 0",
        ),
        ("06-quoting", QUOTED, "pass", ""),
        (
            "06-quoting",
            QUOTED.replace(", lead", ",lead"),
            "fail",
            "row 1: space is 'lea",
        ),
        ("06-quoting", QUOTED.replace("one\n", "one\r\n"), "fail", "row 1: newline is"),
        (
            "07-bool-null",
            "id,active,note,memo,word\n1,True,,,x\n2,False,n,m,\n",
            "pass",
            "",
        ),
        (
            "07-bool-null",
            "id,active,note,memo,word\n1,true,null,,x\n2,false,n,m,null\n",
            "pass",
            "",
        ),
        (
            "07-bool-null",
            "id,active,note,memo,word\n1,1,,,x\n2,0,n,m,\n",
            "lenient",
            "row 1: active is '1', not 'true'",
        ),
        (
            "07-bool-null",
            "id,active,note,memo,word\n1,True,None,,x\n2,False,n,m,NaN\n",
            "lenient",
            "row 1: note is 'None', not empty",
        ),
        (
            "07-bool-null",
            "id,active,note,memo,word\n1,False,,,x\n2,False,n,m,\n",
            "fail",
            "row 1: active is 'False', not 'true'",
        ),
        (
            "08-numbers",
            BIG + "9007199254740993,1e-07,1e+21,007,0120\n1,0.5,-2.5,010,0800\n",
            "pass",
            "",
        ),
        (
            "08-numbers",
            BIG + "9007199254740993,0.0000001,1E21,007,0120\n1,0.50,-2.5,010,0800\n",
            "lenient",
            "row 1: small is '0.0000001', not '1e-7' (and 2 more)",
        ),
        (
            "08-numbers",
            BIG + "9007199254740992,1e-07,1e+21,007,0120\n1,0.5,-2.5,010,0800\n",
            "fail",
            "row 1: big is '9007199254740992'",
        ),
        (
            "08-numbers",
            BIG + "9007199254740993,1e-07,1e+21,7,120\n1,0.5,-2.5,10,800\n",
            "fail",
            "row 1: code is '7', not '007' (and 3 more)",
        ),
        ("18-scale", "id\n" + "1\n" * 99_999, "fail", "100000 rows were expected"),
        ("18-scale", "id\n" + "1\n" * 99_999 + "100000\n", "pass", ""),
        ("18-scale", "id\n" + "1\n" * 99_999 + "99999\n", "fail", "last row: id is"),
        ("18-scale", "id\n" + "1\n" * 99_999 + "100000.0\n", "lenient", "last row"),
        ("18-scale", "n\n1\n", "fail", "there is no column 'id'"),
    ],
)
def test_a_table_is_held_against_the_rows_wanted(case_id, output, result, reason):
    found = judge(case_id, seen(output))
    assert (found.result, reason in found.reason) == (result, True), found.reason
    assert (found.reason == "") == (result == "pass")


TREE_JSON = (
    "id,user\n"
    '1,"{""name"": ""Alice"", ""addr"": {""city"": ""Kyoto"", '
    '""zip"": ""600-8216""}}"\n'
    '2,"{""name"": ""Bob"", ""addr"": {""city"": ""Kobe"", ""zip"": ""650-0021""}}"\n'
)


@pytest.mark.parametrize(
    ("case_id", "output", "result", "reason"),
    [
        ("09-nested-object", TREE_JSON, "pass", ""),
        (
            "09-nested-object",
            (
                "id,user.name,user.addr.city,user.addr.zip\n"
                "1,Alice,Kyoto,600-8216\n2,Bob,Kobe,650-0021\n"
            ),
            "pass",
            "",
        ),
        (
            "09-nested-object",
            (
                'id,user_name,user_addr\n1,Alice,"{""city"":""Kyoto"",""zip"":""600-8216""}"\n'
                '2,Bob,"{""city"":""Kobe"",""zip"":""650-0021""}"\n'
            ),
            "pass",
            "",
        ),
        (
            "09-nested-object",
            TREE_JSON.replace('""', "'"),
            "lenient",
            "row 1: user: it is written as Python's repr",
        ),
        (
            "09-nested-object",
            "id,user.name,user.addr.city\n1,Alice,Kyoto\n2,Bob,Kobe\n",
            "fail",
            "row 1: user: '600-8216' is lost",
        ),
        ("09-nested-object", "id\n1\n2\n", "fail", "user: 'Alice' is lost"),
        (
            "09-nested-object",
            "id,user\n1,[object Object]\n2,[object Object]\n",
            "fail",
            "user: 'Alice' is lost",
        ),
        ("10-nested-list", 'id,tags\n1,"[""red"", ""blue""]"\n2,[]\n', "pass", ""),
        ("10-nested-list", 'id,tags\n1,"red,blue"\n2,\n', "pass", ""),
        ("10-nested-list", "id,tags_0,tags_1\n1,red,blue\n2,,\n", "pass", ""),
        (
            "10-nested-list",
            "id,tags\n1,\"['red', 'blue']\"\n2,[]\n",
            "lenient",
            "Python's repr",
        ),
        (
            "10-nested-list",
            "id,tags\n1,red\n1,blue\n2,\n",
            "lenient",
            "each entry of a list has a row of its own",
        ),
        (
            "10-nested-list",
            "id,tags\n1,red\n1,blue\n",
            "fail",
            "tags: 'blue' is lost",
        ),
        ("10-nested-list", "id,tags\n1,red\n2,blue\n3,\n", "fail", "2 rows were"),
        ("10-nested-list", "id,tags\n1,red\n2,\n", "fail", "tags: 'blue' is lost"),
    ],
)
def test_no_leaf_of_a_nested_value_may_be_lost(case_id, output, result, reason):
    found = judge(case_id, seen(output))
    assert (found.result, reason in found.reason) == (result, True), found.reason


def test_hostile_cells_are_only_text():
    deep = "[" * 90_000
    for cell in (deep, "{" * 500, "(" * 500 + ")" * 500, "9" * 90_000, '{"a":' * 400):
        quoted = '"' + cell.replace('"', '""') + '"'
        found = judge("10-nested-list", seen(f"id,tags\n1,{quoted}\n2,\n"))
        assert found.result == "fail"
    flood = judge("01-flat", seen("id,name,city\n1,\x1b[2J\u202e\n" + "x" * 5000))
    assert flood.result == "fail"
    assert len(flood.reason) <= REASON_CHARS
    assert flood.reason.isprintable()


FILE = "id,name,city\n1,Alice,Tokyo\n"
LOST = raised("FileNotFoundError", "OSError", message="input.json")
ACCIDENT = raised("AttributeError", message="'str' object has no attribute 'keys'")


@pytest.mark.parametrize(
    ("case_id", "observation", "result", "reason"),
    [
        ("16-missing-file", seen(raised=LOST, exit_code=1), "pass", ""),
        (
            "16-missing-file",
            seen(raised=LOST, exit_code=1, has_traceback=True, stderr="Traceback"),
            "lenient",
            "a traceback that ends in FileNotFoundError: input.json",
        ),
        (
            "16-missing-file",
            seen(
                has_traceback=True, exit_code=1, stderr="T\njson.JSONDecodeError: x\n"
            ),
            "lenient",
            "a traceback that ends in json.JSONDecodeError: x",
        ),
        (
            "16-missing-file",
            seen(has_traceback=True, exit_code=1, stderr="T\nKeyError: 'a'\n"),
            "fail",
            "a traceback that ends in KeyError: 'a'",
        ),
        ("16-missing-file", seen(exit_code=1, stderr="not found\n"), "pass", ""),
        ("16-missing-file", seen(exit_code=2, stdout="not found\n"), "pass", ""),
        (
            "16-missing-file",
            seen(stdout="not found\n"),
            "lenient",
            "exit code 0 with a message: not found",
        ),
        ("16-missing-file", seen(), "fail", "silence"),
        ("16-missing-file", seen(exit_code=1), "fail", "silence"),
        (
            "16-missing-file",
            seen("エラー: ありません", output_place="returned"),
            "lenient",
            "exit code 0 with a message: エラー",
        ),
        (
            "16-missing-file",
            seen("a\nb\n", output_place="printed", stdout="a\nb\n"),
            "lenient",
            "exit code 0 with a message: b",
        ),
        (
            "16-missing-file",
            seen(raised=raised("SystemExit", message="ない"), exit_code=1),
            "pass",
            "",
        ),
        (
            "16-missing-file",
            seen(raised=raised("SystemExit", message="1"), exit_code=1),
            "fail",
            "silence",
        ),
        (
            "13-root-scalar",
            seen(raised=ACCIDENT, exit_code=1),
            "fail",
            "the code fell over with AttributeError: 'str' object",
        ),
        (
            "13-root-scalar",
            seen(
                raised=raised("KeyError", "LookupError", deliberate=True), exit_code=1
            ),
            "pass",
            "",
        ),
        (
            "13-root-scalar",
            seen(raised=raised("KeyError", "LookupError"), exit_code=1),
            "fail",
            "the code fell over with KeyError",
        ),
        (
            "13-root-scalar",
            seen(raised=replace(raised("Refusal"), is_own=True), exit_code=1),
            "pass",
            "",
        ),
        (
            "13-root-scalar",
            seen(raised=raised("TypeError"), exit_code=1),
            "pass",
            "",
        ),
        ("13-root-scalar", seen(FILE), "fail", "a file of 27 bytes was left behind"),
        (
            "15-invalid-json",
            seen("", raised=LOST),
            "fail",
            "a file of 0 bytes was left",
        ),
        (
            "15-invalid-json",
            seen("a\nb\n", output_place="returned"),
            "fail",
            "an output was returned for bad input",
        ),
        ("11-empty-list", seen(), "pass", ""),
        ("11-empty-list", seen(""), "pass", ""),
        ("11-empty-list", seen("\r\n"), "pass", ""),
        ("11-empty-list", seen("id,name\r\n"), "pass", ""),
        ("11-empty-list", seen("a,b\n1,2\n"), "fail", "there are 2 lines: '1,2'"),
        (
            "11-empty-list",
            seen(raised=raised("ValueError", message="empty"), exit_code=1),
            "lenient",
            "the input was refused: the code ended with ValueError: empty",
        ),
        (
            "11-empty-list",
            seen(raised=raised("IndexError", "LookupError"), exit_code=1),
            "fail",
            "the code ended with IndexError",
        ),
        ("12-single-object", seen(FILE), "pass", ""),
        (
            "12-single-object",
            seen(raised=raised("ValueError", message="no list"), exit_code=1),
            "lenient",
            "the input was refused: the code ended with ValueError: no list",
        ),
        ("12-single-object", seen(raised=ACCIDENT, exit_code=1), "fail", "AttributeEr"),
        ("12-single-object", seen("0\nid\nname\n"), "fail", "there is no header"),
        ("14-list-of-scalars", seen("value\n1\n2\n3\n"), "pass", ""),
        ("14-list-of-scalars", seen("1\n2\n3\n"), "pass", ""),
        ("14-list-of-scalars", seen("x\ny\n1\n2\n3\n"), "fail", "5 lines found"),
        ("14-list-of-scalars", seen("0\n1.0\n2.0\n3.0\n"), "lenient", "row 1 is '1.0'"),
        (
            "14-list-of-scalars",
            seen("1,2,3\n"),
            "fail",
            "3 rows were expected, 1 lines",
        ),
        ("14-list-of-scalars", seen("v\n1\n2\n4\n"), "fail", "row 3 is '4', not '3'"),
        ("14-list-of-scalars", seen(raised=LOST, exit_code=1), "lenient", "refused"),
        ("14-list-of-scalars", seen(raised=ACCIDENT, exit_code=1), "fail", "Attribute"),
        (
            "01-flat",
            seen(FLAT, raised=ACCIDENT, exit_code=1),
            "fail",
            "but the code ended",
        ),
    ],
)
def test_bad_and_odd_input_is_met_in_one_of_three_ways(
    case_id, observation, result, reason
):
    found = judge(case_id, observation)
    assert (found.result, reason in found.reason) == (result, True), found.reason


@pytest.mark.parametrize(
    ("ending", "result", "reason"),
    [
        ("time", "timeout", "it was stopped after 7.5 s"),
        ("memory", "fail", "it needed more than 512 MiB of memory"),
        ("output", "fail", "it printed more than 1 MiB"),
        ("disk", "fail", "it wrote more than 128 MiB"),
        ("files", "fail", "it made more than 200 files"),
        ("signal", "fail", "the interpreter crashed"),
    ],
)
def test_a_run_that_was_stopped_never_passes_whatever_it_left(ending, result, reason):
    stopped = seen(FLAT, ending=ending, exit_code=None)
    found = judge_case(cases("json-to-csv")["01-flat"], stopped, Limits(wall_s=7.5))
    assert (found.result, found.reason) == (result, reason)


def report(products: str, total: str) -> str:
    return f'{{"products": [{products}], "total_sales": {total}}}'


BANANA = '{"product": "banana", "quantity": 10, "sales": 800}'
APPLE = '{"product": "apple", "quantity": 5, "sales": 600}'
TEA = '{"product": "tea", "quantity": 4, "sales": 0.5}'
MILK = '{"product": "milk", "quantity": 7, "sales": 8.049999999999999}'


@pytest.mark.parametrize(
    ("case_id", "observation", "result", "reason"),
    [
        ("01-plain", seen(report(f"{BANANA}, {APPLE}", "1400")), "pass", ""),
        ("01-plain", seen(report(f"{BANANA}, {APPLE}", "1400.0")), "pass", ""),
        (
            "01-plain",
            seen(report(f"{BANANA}, {APPLE}", "1401")),
            "fail",
            "total_sales is 1401, not 1400",
        ),
        (
            "01-plain",
            seen(report(f"{APPLE}, {BANANA}", "1400")),
            "lenient",
            "products has the right entries in another order",
        ),
        (
            "01-plain",
            seen(report(f"{BANANA}, {APPLE}", '"1400"')),
            "lenient",
            "total_sales is text, not a number",
        ),
        (
            "01-plain",
            seen(report(f"{BANANA}, {APPLE.replace('600', '601')}", "1400")),
            "fail",
            "products.2.sales is 601, not 600",
        ),
        ("01-plain", seen(report(BANANA, "1400")), "fail", "has 1 entries, 2 were"),
        (
            "01-plain",
            seen(report(f"{BANANA}, {APPLE}", '1400, "n": 1')),
            "lenient",
            "the report has a key 'n' that was not asked for",
        ),
        ("01-plain", seen(report("", "0")), "fail", "products has 0 entries"),
        (
            "01-plain",
            seen(f"[{BANANA}]"),
            "fail",
            "the report is a list, not an object",
        ),
        ("01-plain", seen("{'products': 1}"), "fail", "the output is not JSON"),
        ("01-plain", seen('{"total_sales": NaN}'), "fail", "NaN is no JSON"),
        (
            "01-plain",
            seen(None, raised=LOST),
            "fail",
            "the code ended with FileNotFoundErr",
        ),
        ("03-decimals", seen(report(f"{MILK}, {TEA}", "8.55")), "pass", ""),
        (
            "03-decimals",
            seen(report(f"{MILK}, {TEA}", "8.6")),
            "fail",
            "total_sales is 8.6, not 8.55",
        ),
        (
            "10-no-sales",
            seen(raised=raised("ValueError"), exit_code=1),
            "lenient",
            "the input was refused",
        ),
        ("13-bad-number", seen(raised=raised("ValueError"), exit_code=1), "pass", ""),
        (
            "13-bad-number",
            seen(report('{"product": "apple", "quantity": 3, "sales": 360}', "360")),
            "lenient",
            "the input was not refused",
        ),
        (
            "14-missing-file",
            seen("{}", output_place="returned"),
            "fail",
            "an output was returned for bad input",
        ),
        ("13-bad-number", seen(report("", "0")), "fail", "products has 0 entries"),
        (
            "13-bad-number",
            seen(raised=ACCIDENT, exit_code=1),
            "fail",
            "the code ended with",
        ),
    ],
)
def test_a_report_is_compared_by_value(case_id, observation, result, reason):
    found = judge(case_id, observation, "sales-report")
    assert (found.result, reason in found.reason) == (result, True), found.reason


@pytest.mark.parametrize(
    ("wanted", "output", "result"),
    [
        ("9007199254740993", "9007199254740993", "pass"),
        ("9007199254740993", "9007199254740992", "fail"),
        ("[1, 1]", "[1, 2]", "fail"),
        ("[1, 2]", "[2, 1]", "lenient"),
        ("true", "1", "fail"),
        ("1", "true", "fail"),
        ('"a"', '"b"', "fail"),
        ("null", "null", "pass"),
    ],
)
def test_without_a_tolerance_values_are_compared_exactly(wanted, output, result):
    found = json_report.prepare({}, wanted.encode())(seen(output))
    assert found.result == result


def test_a_nested_number_may_be_spelled_in_another_way():
    assert find_leaves([Number("30")], pool_of(["30"])) == ("pass", "")
    likeness, why = find_leaves([Number("30")], pool_of(["30.0"]))
    assert (likeness, why) == ("lenient", "'30' is spelled in another way")
