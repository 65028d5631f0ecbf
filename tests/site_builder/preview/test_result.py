"""An error's message becomes places, faults and remedies that a page can set apart."""

import pytest

from site_builder.errors import ContentError
from site_builder.preview.result import (
    Fault,
    Result,
    attempt,
    fault_at,
    faults_of,
)


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (
            "content/ja/article.md:12: 'x' is undefined: mend the reference",
            Fault(
                file="content/ja/article.md",
                line=12,
                what="'x' is undefined",
                remedy="mend the reference",
            ),
        ),
        (
            "content/site.toml: is not TOML (Expected '=' (at line 3, column 5)): mend",
            Fault(
                file="content/site.toml",
                line=3,
                what="is not TOML (Expected '=' (at line 3, column 5))",
                remedy="mend",
            ),
        ),
        (
            r"C:\my site\ja\article.md:7: a: b: c",
            Fault(file=r"C:\my site\ja\article.md", line=7, what="a: b", remedy="c"),
        ),
        (
            "article.html:None: nothing",
            Fault(file="article.html", line=None, what="nothing"),
        ),
        (
            "--base-url = 'ftp://x/y': is no address: write it like https://u/r/",
            Fault(
                file="",
                line=None,
                what="--base-url = 'ftp://x/y': is no address",
                remedy="write it like https://u/r/",
            ),
        ),
        ("it broke", Fault(file="", line=None, what="it broke")),
    ],
)
def test_a_message_is_taken_apart(message, fault):
    assert faults_of(message) == (fault,)


def test_each_line_of_a_message_is_a_fault():
    found = faults_of("2 records cannot be used:\n  a/b.json: no JSON: mend it\n")
    assert [fault.file for fault in found] == ["", "a/b.json"]
    assert found[0].what == "2 records cannot be used"


@pytest.mark.parametrize(
    "message", ["content/ja/article.md:12: what: do this", "it broke", "a.md: x"]
)
def test_a_fault_is_written_as_the_message_was(message):
    assert str(faults_of(message)[0]) == message


def test_an_error_of_the_builder_is_shown_as_its_faults():
    def fail():
        raise ContentError("a/b.md:1: x: y")

    assert attempt(fail) == Result(files=None, problems=faults_of("a/b.md:1: x: y"))


def test_a_bug_is_shown_with_its_place_and_traceback():
    def fail():
        raise ZeroDivisionError("<b>")

    result = attempt(fail)
    assert result.files is None
    assert result.problems[0].file == __file__
    assert result.problems[0].what == "ZeroDivisionError: <b>"
    assert "Traceback" in result.trace


def test_a_fault_at_a_known_place_ends_in_its_remedy():
    assert fault_at("a.json", None, "is no JSON: x: delete it") == Fault(
        file="a.json", line=None, what="is no JSON: x", remedy="delete it"
    )
    assert fault_at("a.json", 3, "is no JSON").remedy == ""
