"""Code is shown line by line, whole, with nothing live and nothing hidden in it."""

import html
import re

import pytest

from site_builder.listing import (
    MAX_COLOURED_CHARS,
    Listings,
    Weight,
    count_lines,
    has_hidden,
    make_visible,
    preformatted,
    weight,
)

from .hostile import CODE

ROOM = Weight(n_elements=10**6, n_chars=10**7)


def text_of(shown: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", shown))


@pytest.mark.parametrize(
    "code",
    [
        "a = 1\n",
        "\n\na = 1",
        "",
        "\n",
        "s = '''a\n\n  b'''\n\n\n",
        CODE,
        "def f(:\n  ´\n",
        "\tx\r\n\ry\n",
        "x\f = 1\x0b\x85\u2028y",
    ],
)
@pytest.mark.parametrize("room", [ROOM, Weight(n_elements=60, n_chars=10**7)])
def test_every_character_is_there_with_or_without_colours(code, room):
    shown, _ = Listings().html(code, "a", within=room)
    assert text_of(shown) == make_visible(code)


def test_lines_are_numbered_and_colours_are_classes():
    shown, style = Listings().html("def f():\n    pass\n", "t-01", within=ROOM)
    number = (
        '<span id="t-01-L{0}"><a href="#t-01-L{0}" tabindex="-1" aria-hidden="true" '
        'aria-label="{0}">'
    )
    assert style == "coloured"
    assert shown == (
        number.format(1)
        + '</a><span class="k">def</span> <span class="nf">f</span>():</span>\n'
        + number.format(2)
        + '</a>    <span class="k">pass</span></span>\n'
    )


def test_a_text_over_several_lines_is_coloured_in_each():
    lines = Listings().lines('"""a\nb"""\n')
    assert lines == (
        '<span class="sd">&#34;&#34;&#34;a</span>\n',
        '<span class="sd">b&#34;&#34;&#34;</span>\n',
    )


def test_colours_go_first_then_numbers_where_there_is_no_room():
    code, listings = "a = 1\nb = 2\n", Listings()
    # Two lines of a span, a link and a coloured number each: 6 elements.
    assert weight(listings.html(code, "x", within=ROOM)[0]).n_elements == 6
    styles = [
        listings.html(code, "x", within=Weight(n_elements=n, n_chars=10**4))[1]
        for n in (6, 5, 4, 3)
    ]
    assert styles == ["coloured", "numbered", "numbered", "plain"]
    shown, _ = listings.html(code, "x", within=Weight(n_elements=9, n_chars=20))
    assert shown == code


def test_code_too_long_for_the_highlighter_is_numbered_only():
    code = "#" * (MAX_COLOURED_CHARS + 1)
    assert Listings().html(code, "a", within=ROOM)[1] == "numbered"


def test_a_code_is_highlighted_once(monkeypatch):
    from site_builder import listing

    asked = []
    monkeypatch.setattr(listing, "_highlight", lambda text: asked.append(text) or [])
    listings = Listings()
    listings.html("a", "x", within=ROOM)
    listings.html("a", "y", within=ROOM)
    assert asked == ["a"]


@pytest.mark.parametrize(
    "hidden",
    [
        *("\x00", "\x1b", "\x7f", "\x9b", "\xad", "\u061c", "\u200b", "\u200d"),
        *("\u2028", "\u202e", "\u2060", "\u2066", "\ufeff", "\U000e0041", "\U000e0100"),
    ],
)
def test_hidden_characters_are_written_by_number(hidden):
    assert make_visible(f"a{hidden}b") == f"a⟨U+{ord(hidden):04X}⟩b"
    assert has_hidden(hidden)


def test_visible_text_stays_as_it_is():
    text = "\tひらがな ｶﾅ é ⚠️ 😀 ⟨ x\n"
    assert make_visible(text) == text
    assert not has_hidden(text + "\r\n")


@pytest.mark.parametrize(
    ("text", "n"),
    [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n\n", 2), ("a\r\n", 1)],
)
def test_lines_are_counted_with_one_that_has_no_end(text, n):
    assert count_lines(text) == n


def test_spaces_at_the_end_of_a_line_are_references_that_mean_the_same():
    shown = preformatted("a \n\t\n  \n<b> ")
    assert shown == "a&#32;\n&#9;\n &#32;\n&lt;b&gt; "
    assert html.unescape(shown) == "a \n\t\n  \n<b> "
