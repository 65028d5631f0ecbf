"""Text from servers and plans on its way to a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from collector.terminal import can_show, cut, fill, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [bold]text[/bold]", "plain [bold]text[/bold]"),
        ("two\nlines\tand\r\nmore", "two lines and  more"),
        ("\x1b[31mred\x07", "\ufffd[31mred\ufffd"),
        ("\x9b31m", "\ufffd31m"),
        ("abc\u202egnp.exe", "abc\ufffdgnp.exe"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("日本語　全角", "日本語 全角"),
    ],
)
def test_what_a_terminal_would_obey_is_taken_out(text, shown):
    assert printable(text) == shown


def test_what_an_encoding_lacks_becomes_a_question_mark():
    assert printable("速さ ≥ 5 é", "cp932") == "速さ ? 5 ?"
    assert printable("é \x1b", "ascii") == "? ?"


@given(st.text(), st.sampled_from(["utf-8", "ascii", "cp932", "cp1252"]))
def test_printable_text_is_one_printable_line_of_the_encoding(text, encoding):
    shown = printable(text, encoding)
    assert len(shown.splitlines()) <= 1
    assert all(c.isprintable() or c == "\ufffd" for c in shown)
    shown.encode(encoding)


def test_whether_an_encoding_has_characters_is_told_also_for_none_and_unknown_ones():
    assert can_show("日本語", "utf-8")
    assert can_show("日本語", "cp932")
    assert not can_show("日本語", "cp1252")
    assert not can_show("日本語", None)
    assert can_show("plain", None)
    assert not can_show("plain", "no-such-encoding")


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abc", 5, "abc"),
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日 …"),
        ("abc", 1, "a"),
        ("abc", 0, ""),
        ("abc", -3, ""),
    ],
)
def test_a_text_that_is_too_wide_is_cut_and_says_so(text, width, shown):
    assert cut(text, width) == shown


@given(st.text(), st.integers(-2, 30), st.sampled_from(["…", "..", ""]))
def test_a_filled_text_has_exactly_its_width(text, width, more):
    assert cell_len(fill(printable(text), width, more=more)) == max(0, width)
