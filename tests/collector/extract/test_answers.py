"""Answers of many shapes: which code is taken, what is said of it, what is left."""

from dataclasses import dataclass, field

import pytest

from collector.extract import extract, extract_code

CODE = "import csv\n\n\ndef convert(path):\n    return list(csv.reader(open(path)))\n"
FENCED = f"```python\n{CODE}```\n"
SECOND = "def convert(path):\n    return path\n"
THIRD = "def convert(file):\n    return file\n"
BROKEN = "import csv\n\n\ndef convert(path:\n    return path\n"
HELPER = "def read(path):\n    return csv.reader(open(path))\n"
MAIN = (
    "def convert(path, out):\n    for row in read(path):\n"
    "        print(row, file=out)\n"
)
MARGIN_FENCE = f'"""Convert.\n\n```\nconvert("a")\n```\n"""\n\n{CODE}'
SET_IN_FENCE = (
    'def convert(path):\n    """Convert.\n\n    ```\n'
    '    convert("a")\n    ```\n    """\n'
)
SCRIPT = "import csv\nfor row in csv.reader(open('a.csv')):\n    print(row)\n"
USE = "from converter import convert\n\nconvert('a.csv')\n"


def indented(text, by="    "):
    return "".join(f"{by}{line}\n" if line else "\n" for line in text.splitlines())


@dataclass(frozen=True, kw_only=True)
class Expected:
    answer: str
    code: str | None = CODE
    status: str = "ok"
    finish: str | None = "stop"
    notes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    prose: str | None = field(default=None)


ANSWERS = {
    # Where the code stands.
    "one block": Expected(answer=FENCED, prose=""),
    "japanese prose around it": Expected(
        answer=f"以下が関数です。\n\n{FENCED}\nポイント\n",
        prose="以下が関数です。\n\n\n\n\n\n\n\n\n\nポイント",
    ),
    "tildes": Expected(answer=f"~~~python\n{CODE}~~~\n"),
    "four backticks": Expected(answer=f"````python\n{CODE}````\n"),
    "capital tag": Expected(answer=f"```Python\n{CODE}```\n"),
    "versioned tag": Expected(answer=f"```python3\n{CODE}```\n"),
    "tag with a file name": Expected(answer=f"```python:convert.py\n{CODE}```\n"),
    "tag in braces": Expected(answer=f"```{{.python .numberLines}}\n{CODE}```\n"),
    "tag in the next line": Expected(answer=f"```\npython\n{CODE}```\n"),
    "code in the tag's line": Expected(answer=f"```{CODE}```\n"),
    "code after the tag": Expected(answer=f"```python {CODE}```\n"),
    "no tag": Expected(answer=f"関数です。\n\n```\n{CODE}```\n"),
    "in a list": Expected(answer=f"1. まず\n\n{indented(FENCED, '   ')}\n2. 次に\n"),
    "in a quotation": Expected(answer="> " + FENCED.strip().replace("\n", "\n> ")),
    "below a tag of HTML": Expected(answer=f"<details>\n{FENCED}</details>\n"),
    "windows line ends": Expected(answer=FENCED.replace("\n", "\r\n")),
    "byte order mark": Expected(answer=f"\ufeff{FENCED}"),
    "terminal colours": Expected(
        answer=f"\x1b[1mはい\x1b[0m\n\n{FENCED}", prose="はい"
    ),
    "wrapped as markdown": Expected(
        answer=f"```markdown\n説明\n\n{FENCED}\n以上\n```\n",
        notes=("unwrapped",),
        prose="説明\n\n\n\n\n\n\n\n\n\n以上",
    ),
    "wrapped in four backticks": Expected(
        answer=f"````md\n説明\n\n{FENCED}````\n後書き\n",
        notes=("unwrapped",),
        prose="説明\n\n\n\n\n\n\n\n\n\n後書き",
    ),
    "set off by spaces": Expected(
        answer=f"関数です。\n\n{indented(CODE)}", notes=("indented_block",)
    ),
    "a fence set off by spaces": Expected(
        answer=f"関数です。\n\n{indented(FENCED)}", notes=("indented_block",)
    ),
    # Fences inside and at odd places.
    "backticks in a docstring": Expected(
        answer=f"```python\n{SET_IN_FENCE}```\n", code=SET_IN_FENCE
    ),
    "backticks at the margin": Expected(
        answer=f"```python\n{MARGIN_FENCE}```\n以上\n",
        code=MARGIN_FENCE,
        notes=("fence_mended",),
        prose="以上",
    ),
    "inner fences in four": Expected(
        answer=f"````python\n{MARGIN_FENCE}````\n", code=MARGIN_FENCE
    ),
    "an end glued to the code": Expected(
        answer=f"```python\n{CODE.rstrip()}```\n使い方:\n\n```bash\npython a.py\n```\n",
        notes=("fence_mended",),
        prose="使い方:",
    ),
    "an end set in too far": Expected(
        answer=f"```python\n{CODE}     ```\n", notes=("fence_mended",)
    ),
    # Thinking.
    "thinking": Expected(
        answer=f"<think>\n```python\n{SECOND}```\n</think>\n{FENCED}", prose=""
    ),
    "other thinking": Expected(answer=f"[THINK]import os\n[/THINK]\n{FENCED}"),
    "thinking that the template opened": Expected(
        answer=f"まず import os から。\n</think>\n\n{FENCED}", prose=""
    ),
    "unclosed thinking": Expected(
        answer=f"<think>\n{FENCED}", code=None, status="empty", prose=""
    ),
    "a tag inside the code": Expected(
        answer=(
            "```python\ndef strip(text):\n    return text.split('</think>')[1]\n```\n"
        ),
        code="def strip(text):\n    return text.split('</think>')[1]\n",
    ),
    # Several blocks.
    "use after it": Expected(answer=f"{FENCED}\n```python\nconvert('a')\n```\n"),
    "shell after it": Expected(answer=f"{FENCED}\n```bash\npython convert.py\n```\n"),
    "untagged shell after it": Expected(
        answer=f"```\n{CODE}```\n\n```\npython convert.py\n```\n"
    ),
    "shell before it": Expected(answer=f"```sh\npip install pandas\n```\n\n{FENCED}"),
    "samples beside it": Expected(
        answer=f'```json\n[{{"id": 1}}]\n```\n\n{FENCED}\n```csv\nid\n1\n```\n'
    ),
    "untagged sample": Expected(answer=f'```\n[{{"id": 1}}]\n```\n\n{FENCED}'),
    "two whole versions": Expected(
        answer=f"```python\n{SECOND}```\n改良版:\n\n{FENCED}", dropped=(SECOND,)
    ),
    "two equal versions": Expected(
        answer=f"```python\n{SECOND}```\n\n```python\n{THIRD}```\n",
        code=SECOND,
        dropped=(THIRD,),
    ),
    "a long script beside a function": Expected(
        answer=f"```python\n{SCRIPT * 3}```\n\n```python\n{SECOND}```\n",
        code=SECOND,
        dropped=(SCRIPT * 3,),
    ),
    "a name that is only local": Expected(
        answer=f"```python\n{CODE}```\n\n```python\nimport os\npath = os.sep\n```\n",
        dropped=("import os\npath = os.sep\n",),
    ),
    "imports apart": Expected(
        answer=f"```python\nimport csv\n```\n次に:\n\n```python\n{HELPER}```\n",
        code=f"import csv\n\n\n{HELPER}",
        notes=("joined_blocks",),
    ),
    "three parts": Expected(
        answer=(
            f"```python\nimport csv\n```\n\n```python\n{MAIN}```\n\n"
            f"```python\n{HELPER}```\n\n```python\nimport os\nos.listdir()\n```\n"
        ),
        code=f"import csv\n\n\n{MAIN}\n\n{HELPER}",
        notes=("joined_blocks",),
        dropped=("import os\nos.listdir()\n",),
    ),
    "a name that nobody binds": Expected(
        answer=(
            f"```python\n{HELPER}```\n\n```python\nimport json\njson.loads('1')\n```"
        ),
        code=HELPER,
        dropped=("import json\njson.loads('1')\n",),
    ),
    "a session": Expected(
        answer=(
            "```pycon\n>>> import csv\n>>> def f():\n"
            "...     return 1\n...\n>>> f()\n1\n```"
        ),
        code="import csv\ndef f():\n    return 1\n\nf()\n",
        notes=("prompts_removed",),
    ),
    "a mere script": Expected(answer=f"```python\n{SCRIPT}```", code=SCRIPT),
    "a mere call": Expected(
        answer="```python\nprint(open('a').read())\n```",
        code="print(open('a').read())\n",
    ),
    # No fence.
    "nothing but code": Expected(answer=CODE, notes=("unfenced",), prose=""),
    "prose before and after": Expected(
        answer=(
            f"以下が関数です\n\n{CODE}\nポイント\n\n1. 読み込みます。\n   - csv: 標準\n"
        ),
        notes=("unfenced",),
        prose=(
            "以下が関数です\n\n\n\n\n\n\n\nポイント\n\n"
            "1. 読み込みます。\n   - csv: 標準"
        ),
    ),
    "prose that begins like code": Expected(
        answer=f"{CODE}\njson.dumps(data) でも書けます。\n\nprint(x) は不要です。\n",
        notes=("unfenced",),
    ),
    "english prose after": Expected(
        answer=f"Here you are.\n\n{CODE}\nThis doesn't need pandas. Enjoy!\n",
        notes=("unfenced",),
        prose="Here you are.\n\n\n\n\n\n\n\nThis doesn't need pandas. Enjoy!",
    ),
    "prose between two functions": Expected(
        answer=(
            f"{CODE}\n\n次に、書き出す関数です。\n\ndef write(rows):\n    print(rows)\n"
        ),
        code=f"{CODE}\n\n\n\ndef write(rows):\n    print(rows)\n",
        notes=("unfenced",),
        prose="次に、書き出す関数です。",
    ),
    "words that parse": Expected(
        answer=f"{CODE}\nポイント\n補足: 標準ライブラリ\n", notes=("unfenced",)
    ),
    "an unfenced fault": Expected(
        answer=f"{BROKEN}\n以上です。\n",
        code=BROKEN,
        status="syntax_error",
        notes=("unfenced",),
    ),
    # Ends.
    "never closed, stopped": Expected(
        answer=f"```python\n{CODE}", notes=("unclosed_fence",)
    ),
    "never closed, cut": Expected(
        answer=f"```python\n{CODE}",
        status="truncated",
        finish="length",
        notes=("unclosed_fence",),
    ),
    "cut inside a line": Expected(
        answer="```python\nimport csv\ndef convert(pa",
        code="import csv\ndef convert(pa",
        status="truncated",
        finish="length",
        notes=("unclosed_fence",),
    ),
    "cut after imports apart": Expected(
        answer="```python\nimport csv\n```\n\n```python\ndef convert(pa",
        code="def convert(pa",
        status="truncated",
        finish="length",
        notes=("unclosed_fence",),
    ),
    "cut in LM Studio's words": Expected(
        answer="```python\ndef f(",
        code="def f(",
        status="truncated",
        finish="maxPredictedTokensReached",
        notes=("unclosed_fence",),
    ),
    "cut in the words after it": Expected(
        answer=f"{FENCED}\nこの関数は",
        finish="length",
        notes=("prose_length_is_lower_bound",),
    ),
    "cut in a second version": Expected(
        answer=f"{FENCED}\n改良版:\n\n```python\ndef better(",
        finish="length",
        notes=("prose_length_is_lower_bound",),
    ),
    "cut at the end of a line": Expected(
        answer=CODE, status="truncated", finish="length", notes=("unfenced",)
    ),
    "cut without a fence, in the words": Expected(
        answer=f"{CODE}\nこの関数は、",
        finish="length",
        notes=("prose_length_is_lower_bound", "unfenced"),
    ),
    "cut without a fence": Expected(
        answer="import csv\n\ndef convert(path):\n    rows = [",
        code="import csv\n\ndef convert(path):\n    rows = [\n",
        status="truncated",
        finish="length",
        notes=("unfenced",),
    ),
    "a fault": Expected(
        answer=f"```python\n{BROKEN}```", code=BROKEN, status="syntax_error"
    ),
    "a fault and its use": Expected(
        answer=f"```python\n{BROKEN}```\n\n```python\n{USE}```\n",
        code=BROKEN,
        status="syntax_error",
    ),
    "a script before a fault": Expected(
        answer=f"```python\n{SCRIPT}```\n\n```python\n{BROKEN}```\n", code=SCRIPT
    ),
    "a return outside": Expected(
        answer="```python\nimport csv\nreturn csv\n```",
        code="import csv\nreturn csv\n",
        status="syntax_error",
    ),
    "nothing": Expected(answer=" \n\n", code=None, status="empty", prose=""),
    "only words": Expected(
        answer="以下が関数です", code=None, status="no_code", prose="以下が関数です"
    ),
    "english words": Expected(
        answer="import data from the file\nclass is over.", code=None, status="no_code"
    ),
    "only a sample": Expected(
        answer='```json\n{"import": 1}\n```', code=None, status="no_code", prose=""
    ),
    "only shell": Expected(
        answer="```bash\nimport os\n```", code=None, status="no_code"
    ),
    "cut before any code": Expected(
        answer="まず、",
        code=None,
        status="no_code",
        finish="length",
        notes=("cut_at_limit",),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_gives_its_program_and_what_is_to_be_said_of_it(name):
    expected = ANSWERS[name]

    found = extract(expected.answer, expected.finish)

    assert found.code == expected.code
    assert found.status == expected.status
    assert found.notes == expected.notes
    assert found.dropped == expected.dropped
    if expected.prose is not None:
        assert found.prose == expected.prose


@pytest.mark.parametrize("name", ANSWERS)
def test_the_short_form_gives_the_same_code(name):
    assert extract_code(ANSWERS[name].answer) == ANSWERS[name].code
