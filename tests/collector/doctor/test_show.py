"""Findings on a screen, in an old console and as JSON."""

import io
import json

from rich.console import Console

from collector.doctor.finding import Finding, exit_code
from collector.doctor.show import findings_json, print_findings

FINDINGS = (
    Finding(check="server", status="ok", message="LM Studio answers"),
    Finding(check="gpu", status="warning", message="none", remedy="install it"),
    Finding(check="model a", status="problem", message="速い [red]x", remedy="load it"),
    Finding(check="fonts", status="unknown", message="two\nlines \x1b[2J"),
)


def shown(encoding: str, *, width: int = 60, findings=FINDINGS) -> list[str]:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, newline="\n")
    print_findings(findings, Console(file=stream, width=width, _environ={}))
    stream.flush()
    return [line.rstrip() for line in buffer.getvalue().decode(encoding).split("\n")]


def test_findings_are_a_list_with_marks_and_remedies():
    assert shown("utf-8") == [
        "✓ server: LM Studio answers",
        "! gpu: none",
        "  → install it",
        "✗ model a: 速い [red]x",
        "  → load it",
        "? fonts: two lines \ufffd[2J",
        "1 problem, 1 warning",
        "",
    ]


def test_an_old_console_gets_ascii():
    assert shown("cp1252") == [
        "ok server: LM Studio answers",
        "!  gpu: none",
        "   -> install it",
        "x  model a: ?? [red]x",
        "   -> load it",
        "?  fonts: two lines ?[2J",
        "1 problem, 1 warning",
        "",
    ]


def test_long_messages_are_wrapped_under_themselves():
    long = Finding(check="c", status="ok", message="word " * 12 + "y" * 50)
    lines = shown("utf-8", width=30, findings=(long, long))
    assert lines[-2] == "0 problems, 0 warnings"
    assert all(line[:2] in {"✓ ", "  "} for line in lines[:-2])
    assert all(len(line) <= 30 for line in lines)
    assert "".join(lines).count("y") == 100


def test_a_servers_words_never_command_the_terminal():
    evil = Finding(check="\x1b]0;x\x07", status="problem", message="a", remedy="\x9b2J")
    assert not {"\x1b", "\x07", "\x9b"} & set("".join(shown("utf-8", findings=[evil])))


def test_json_holds_every_finding_in_order_with_null_for_no_remedy():
    content = json.loads(findings_json(FINDINGS))
    assert [entry["check"] for entry in content["findings"]] == [
        "server",
        "gpu",
        "model a",
        "fonts",
    ]
    assert content["findings"][0] == {
        "check": "server",
        "status": "ok",
        "message": "LM Studio answers",
        "remedy": None,
    }
    assert content["findings"][2]["message"] == "速い [red]x"


def test_only_a_problem_makes_the_exit_code_1():
    assert exit_code(FINDINGS) == 1
    assert exit_code(FINDINGS[:2] + FINDINGS[3:]) == 0
    assert exit_code(()) == 0
