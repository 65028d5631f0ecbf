"""What is added to a page on its way to the browser, and that nothing else is."""

import pytest

from site_builder.preview.dress import (
    SCRIPT,
    digest_of,
    dressed,
    page_of,
    state_of,
    styles_of,
)
from site_builder.preview.result import Fault
from site_builder.preview.shown import Answer, Shown

PAGE = (
    b'<html><head><link rel="icon" href="i.1.svg"><link rel="stylesheet" '
    b'href="../a/s.1.css"></head><body></head> x</body></html>'
)
BOTH = "script-src 'self'; connect-src 'self'"
HOSTILE = "<img src=x onerror=alert(1)>&\"'"


def policy_of(policy: str) -> str:
    head = (
        f'<head><meta http-equiv="Content-Security-Policy" content="{policy}"></head>'
    )
    page = dressed(head.encode()).decode()
    return page.partition('content="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        (
            "default-src 'none'; style-src 'self'",
            f"default-src 'none'; style-src 'self'; {BOTH}",
        ),
        (
            "default-src 'none'; script-src 'none'; connect-src 'self'",
            f"default-src 'none'; {BOTH}",
        ),
        (
            "default-src b:",
            "default-src b:; script-src b: 'self'; connect-src b: 'self'",
        ),
        (
            "default-src 'none'; script-src-elem 'sha256-x='",
            f"default-src 'none'; script-src-elem 'sha256-x=' 'self'; {BOTH}",
        ),
        ("img-src 'self'", "img-src 'self'"),
        (
            "Default-Src &#39;none&#39;",
            f"default-src 'none'; {BOTH}",
        ),
    ],
)
def test_a_policy_is_widened_by_what_the_script_needs_only(policy, allowed):
    assert policy_of(policy) == allowed


def test_the_script_ends_the_head_and_nothing_else_changes():
    tag = f'<script src="{SCRIPT}" data-page="{digest_of(PAGE)}" defer></script>\n'
    assert dressed(PAGE).count(tag.encode()) == 1
    assert dressed(PAGE).replace(tag.encode(), b"") == PAGE
    assert dressed(PAGE).index(b"<script") < dressed(PAGE).index(b"</head>")


def test_a_page_without_a_head_gets_the_script_at_its_end():
    assert dressed(b"<p>x").startswith(b"<p>x<script src=")


def test_other_styles_are_no_other_page_but_everything_else_is():
    restyled = PAGE.replace(b"s.1.css", b"s.2.css")
    assert digest_of(restyled) == digest_of(PAGE)
    assert styles_of(restyled) == ["../a/s.2.css"]
    for old, new in ((b"i.1.svg", b"i.2.svg"), (b" x<", b" y<")):
        assert digest_of(PAGE.replace(old, new)) != digest_of(PAGE)


def test_the_address_of_a_style_is_unescaped():
    assert styles_of(b'<link rel="stylesheet" href="a?b&amp;c">') == ["a?b&c"]


def test_links_to_the_published_site_lead_to_the_preview():
    page = (
        b'<a href="https://u.example/repo/ja/"></a><img src="https://u.example/repo/i">'
        b"<p>https://u.example/repo/</p><a href='#'></a>"
        b'<a href="https://u.example/other/">'
    )
    shown = Shown(
        number=1, files={"404.html": page}, base_url="https://u.example/repo/"
    )
    assert page_of(Answer(status=404, path="404.html"), shown) == (
        b'<a href="/repo/ja/"></a><img src="/repo/i">'
        b"<p>https://u.example/repo/</p><a href='#'></a>"
        b'<a href="https://u.example/other/">'
    )


def test_before_there_is_a_site_its_faults_are_a_page_and_all_escaped():
    fault = Fault(file=HOSTILE, line=7, what=HOSTILE, remedy=HOSTILE)
    shown = Shown(number=1, files=None, problems=(fault, fault), is_current=False)
    page = page_of(Answer(status=404), shown).decode()
    escaped = "&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#x27;"
    assert page.count(f"<code>{escaped}:7</code><br>{escaped}<br>{escaped}</p>") == 2
    assert "<img" not in page


def test_a_page_of_faults_has_no_overlay_that_repeats_them():
    fault = Fault(file="a", line=1, what="b")
    shown = Shown(number=1, files=None, problems=(fault,), is_current=False)
    state = state_of(Answer(status=404), shown)
    assert (state["problems"], state["isCurrent"]) == ([], True)


def test_an_address_outside_the_base_is_told_where_the_site_lies():
    shown = Shown(number=1, files={}, base_url="https://u.example/repo/")
    assert b"<code>/repo/</code>" in page_of(Answer(status=404), shown)


def test_a_state_holds_what_a_browser_compares():
    fault = Fault(file="a", line=None, what="b", remedy="c")
    shown = Shown(number=4, files={"x.html": PAGE}, problems=(fault,), is_current=False)
    assert state_of(Answer(status=200, path="x.html"), shown) == {
        "page": digest_of(PAGE),
        "styles": ["../a/s.1.css"],
        "problems": [{"file": "a", "line": None, "what": "b", "remedy": "c"}],
        "isCurrent": False,
    }
