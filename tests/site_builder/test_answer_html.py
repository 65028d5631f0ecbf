"""An answer's Markdown becomes HTML that does nothing and hides nothing."""

import re
import time

import pytest

from site_builder.answer_html import MAX_RENDERED_CHARS, Answers, part_thinking

from .hostile import ANSWER, CONTROLS, FENCE

TAG = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>")


def html(text: str) -> str:
    found = Answers().html(text)
    assert found is not None
    return str(found)


def test_markdown_is_laid_out():
    assert html("A **b** `c`\n\n- d\n- e\n") == (
        "<p>A <strong>b</strong> <code>c</code></p>\n"
        "<ul>\n<li>d</li>\n<li>e</li>\n</ul>\n"
    )


def test_headings_do_not_enter_the_outline_of_the_page():
    assert html("# One\n\nTwo\n---\n") == (
        '<p class="heading"><strong>One</strong></p>\n'
        '<p class="heading"><strong>Two</strong></p>\n'
    )


def test_html_is_shown_as_text():
    assert html('<b onclick="x()">b</b>') == (
        '<p>&lt;b onclick="x()"&gt;b&lt;/b&gt;</p>\n'
    )
    assert html("<!-- gone? -->\n<div>\n\n</div>") == (
        "<p>&lt;!-- gone? --&gt;\n&lt;div&gt;</p>\n<p>&lt;/div&gt;</p>\n"
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[a](https://b.example/c)", "a <code>https://b.example/c</code>"),
        ("<https://b.example>", "https://b.example"),
        ("![a](https://b.example/c.png)", "![a](https://b.example/c.png)"),
    ],
)
def test_an_address_is_shown_and_leads_nowhere(written, shown):
    assert html(written) == f'<p><span class="address">{shown}</span></p>\n'


def test_addresses_that_run_something_stay_as_they_were_written():
    assert html("[a](javascript:b) ![c](data:text/html,d)") == (
        "<p>[a](javascript:b) ![c](data:text/html,d)</p>\n"
    )


def test_a_fence_inside_a_longer_fence_is_part_of_it():
    inner = f"{FENCE}python\n</code></pre>\n{FENCE}\n"
    assert html(f"````md\n{inner}````\n") == (
        '<pre tabindex="0"><code>```python\n&lt;/code&gt;&lt;/pre&gt;\n```\n'
        "</code></pre>\n"
    )


def test_a_table_has_scopes_and_no_style_of_its_own():
    found = html("| | B |\n|--|--:|\n| 1 | 2 |\n")
    assert '<td></td><th scope="col">B</th>' in found
    assert "style" not in found
    assert found.startswith('<div class="wide" tabindex="0"><table aria-label="B">')


def test_hidden_characters_are_written_out_even_where_an_entity_stood_for_them():
    found = html(CONTROLS)
    assert found == (
        "<p>⟨U+001B⟩[31mred⟨U+001B⟩[0m ⟨U+202E⟩override⟨U+202C⟩ nul⟨U+0000⟩ "
        "zero⟨U+200B⟩width ⟨U+202E⟩</p>\n"
    )


def test_of_a_hostile_answer_only_harmless_tags_are_left():
    found = html(ANSWER)
    tags = TAG.findall(found)
    assert {name for _, name, _ in tags} <= {
        *("p", "strong", "span", "code", "pre", "div", "table", "thead", "tbody"),
        *("tr", "th", "td"),
    }
    attributes = {rest for _, _, rest in tags}
    assert attributes <= {
        *("", ' class="heading"', ' class="address"', ' tabindex="0"'),
        *(' aria-label="b"', ' scope="col"', ' class="wide" tabindex="0"'),
    }
    for piece in ("&lt;script&gt;window.taken=1", "onerror=", "{{ 7 * 7 }}", "]]&gt;"):
        assert piece in found


def test_a_text_is_rendered_once():
    answers = Answers()
    assert answers.html(ANSWER) is answers.html(ANSWER)


def test_a_very_long_answer_is_not_laid_out():
    assert Answers().html("a" * MAX_RENDERED_CHARS) is not None
    assert Answers().html("a" * (MAX_RENDERED_CHARS + 1)) is None


@pytest.mark.parametrize(
    "piece", ["[", "![", "[a](", "> ", "- ", "*a _a ", "`a``", "<!--", "&#x202e;"]
)
def test_no_answer_keeps_the_renderer_busy(piece):
    started = time.process_time()
    html((piece * MAX_RENDERED_CHARS)[:MAX_RENDERED_CHARS])
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("answer", "thinking", "rest"),
    [
        ("<think>\na\n</think>\nb", "a", "\nb"),
        ("\n<thinking>a</thinking>b", "a", "b"),
        ("[THINK]a[/THINK]b", "a", "b"),
        ("a\n</think>\nb", "a", "\nb"),
        ("<think>a", "a", ""),
        ("b", "", "b"),
        # Inside code, and where a second end follows, the mark is a word as any other.
        (f"{FENCE}\n</think>\n{FENCE}", "", f"{FENCE}\n</think>\n{FENCE}"),
        ("a </think> b </think>", "", "a </think> b </think>"),
        ("Use <think>a</think>", "", "Use <think>a</think>"),
    ],
)
def test_thinking_is_taken_from_the_beginning(answer, thinking, rest):
    parted = part_thinking(answer)
    assert (parted.thinking, parted.rest) == (thinking, rest)
