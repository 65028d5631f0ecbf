"""Addresses are answered as GitHub Pages answers them; nothing else is reachable."""

from pathlib import Path

import pytest

from site_builder.preview.result import Fault, Result
from site_builder.preview.shown import Answer, Shown, address, advance, find

PAGES = (
    "index.html",
    "404.html",
    "ja/index.html",
    "ja/models/a b/index.html",
    "plain.html",
    "assets/style.css",
    "data/日本.json",
)
FILES = dict.fromkeys(PAGES, b"x")
ROOT = Shown(number=1, files=FILES)
BELOW = Shown(number=1, files=FILES, base_url="https://user.github.io/repo/")
LOST = Answer(status=404, path="404.html")


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (b"/", Answer(status=200, path="index.html")),
        (b"/?a=b", Answer(status=200, path="index.html")),
        (b"/ja/", Answer(status=200, path="ja/index.html")),
        (b"/ja/index.html", Answer(status=200, path="ja/index.html")),
        (b"/ja/index", Answer(status=200, path="ja/index.html")),
        (b"/ja", Answer(status=301, location="/ja/")),
        (b"/ja?a=%20", Answer(status=301, location="/ja/?a=%20")),
        (b"/ja/models/a%20b", Answer(status=301, location="/ja/models/a%20b/")),
        (b"/plain", Answer(status=200, path="plain.html")),
        (b"/plain.html", Answer(status=200, path="plain.html")),
        (b"/data/%E6%97%A5%E6%9C%AC.json", Answer(status=200, path="data/日本.json")),
        (b"/plain/", LOST),
        (b"/JA/", LOST),
        (b"/assets/", LOST),
        (b"/assets", LOST),
        (b"/ja//", LOST),
        (b"//ja", LOST),
        (b"//evil.example/", LOST),
        (b"/nothing", LOST),
    ],
)
def test_a_site_at_the_root(target, answer):
    assert find(target, ROOT) == answer


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (b"/", Answer(status=302, location="/repo/")),
        (b"/repo", Answer(status=301, location="/repo/")),
        (b"/repo/", Answer(status=200, path="index.html")),
        (b"/repo/ja", Answer(status=301, location="/repo/ja/")),
        (b"/repo/nothing", LOST),
        (b"/ja/", Answer(status=404)),
        (b"/repository/", Answer(status=404)),
    ],
)
def test_a_site_below_a_base_path(target, answer):
    assert find(target, BELOW) == answer


@pytest.mark.parametrize(
    "target",
    [
        b"/../etc/passwd",
        b"/ja/../../etc/passwd",
        b"/%2e%2e/etc/passwd",
        b"/ja/%2E./x",
        b"/..%2fetc",
        b"/..%5cetc",
        b"/ja\\..\\x",
        b"/ja/%5c",
        b"/ja/%00",
        b"/ja/%0d%0aset-cookie:a",
        b"/./",
        b"/%",
        b"/%zz",
        b"/%ff",
        b"/%c0%ae%c0%ae/",
        b"http://evil.example/",
        b"*",
        b"",
    ],
)
@pytest.mark.parametrize("shown", [ROOT, BELOW])
def test_what_no_browser_asks_is_refused(target, shown):
    assert find(target, shown) == Answer(status=400)


def test_an_address_escaped_twice_is_a_name_like_any_other():
    assert find(b"/%252e%252e/etc/passwd", ROOT) == LOST


def test_a_site_without_its_own_404_page_still_answers():
    assert find(b"/x", Shown(number=1, files={})) == Answer(status=404)


def test_addresses_end_in_a_slash_and_are_escaped():
    assert address("ja/models/a b/index.html", BELOW) == "/repo/ja/models/a%20b/"
    assert address("index.html", ROOT) == "/"
    assert address("plain.html", ROOT) == "/plain.html"


def test_a_failed_build_leaves_the_last_good_site_with_its_address():
    fault = Fault(file="a.md", line=1, what="x")
    edited = frozenset({Path("a.md")})
    failed = advance(BELOW, Result(files=None, problems=(fault,)), edited)
    assert (failed.number, failed.is_current, failed.problems) == (2, False, (fault,))
    assert (failed.files, failed.base) == (FILES, "/repo/")
    mended = advance(failed, Result(files={"index.html": b""}), edited)
    assert (mended.number, mended.is_current, mended.problems) == (3, True, ())
    assert mended.base == "/"


def test_a_first_build_that_fails_shows_no_site():
    first = advance(None, Result(files=None), frozenset())
    assert (first.number, first.files, first.is_current) == (1, None, False)
