"""Each link is followed as GitHub Pages answers it, under the path of the site."""

import pytest

from site_builder.publishing.links import check_links

BASE = "https://user.github.io/repo/"


def site(**more: str) -> dict[str, bytes]:
    pages = {
        "index.html": '<p id="top-line">home</p>',
        "ja/index.html": '<h2 id="速さ">x</h2>',
        "a b.html": "x",
        "404.html": "lost",
        "assets/style.css": "a{}",
        "feed.xml": "<feed/>",
    }
    return {path: text.encode() for path, text in {**pages, **more}.items()}


def faults(html: str, *, base: str = BASE, page: str = "ja/p.html") -> list[str]:
    found = check_links(site(**{page: html}), base)
    assert all(problem.file.as_posix() == page for problem in found)
    return [problem.message for problem in found]


@pytest.mark.parametrize(
    "target",
    [
        "",
        "#",
        "#top",
        "index.html",
        "./",
        "../",
        "../index.html#top-line",
        "index.html#速さ",
        "index.html#%E9%80%9F%E3%81%95",
        "index.html?from=feed#:~:text=x",
        "/repo/",
        "/repo/ja/",
        "../a%20b.html",
        "../a%20b",
        f"{BASE}ja/#速さ",
        "//user.github.io/repo/ja/",
        "https://user.github.io/neighbour/",
        "https://elsewhere.example/ja/none",
        "mailto:a@b.example",
    ],
)
def test_links_that_lead_somewhere_are_right(target):
    assert faults(f'<a href="{target}">x</a>') == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("none.html", "leads to nothing under /repo/"),
        ("Index.html", "leads to nothing"),
        ("../../index.html", "leads to nothing"),
        ("../..", "is answered by a redirect to /repo/"),
        ("../../../ja/index.html", "leads to nothing"),
        ("/ja/", "leads to nothing under /repo/"),
        ("/", "is answered by a redirect to /repo/"),
        ("../ja", "is answered by a redirect to /repo/ja/"),
        ("#gone", "names an anchor that ja/p.html does not have"),
        ("index.html#速", "names an anchor that ja/index.html does not have"),
        (f"{BASE}none/", "leads to nothing"),
        ("https://[user.github.io/", "is no address"),
        ("%zz", "leads to nothing"),
    ],
)
def test_links_that_lead_nowhere_are_told(target, said):
    (message,) = faults(f'<a href="{target}">x</a>')
    assert message.startswith(f"{target!r} ")
    assert said in message


@pytest.mark.parametrize(
    "html",
    [
        '<img src="x.png">',
        '<img srcset="../index.html 1x, x.png 2x" src="../index.html">',
        '<link rel="stylesheet" href="../assets/style.old.css">',
        '<script src="x.js"></script>',
        '<video poster="x.png"></video>',
        '<object data="x.svg"></object>',
        '<svg><use xlink:href="#x"/></svg>',
        '<svg><path clip-path="url(#x)"/></svg>',
        '<div data-file="race.json"></div>',
        f'<meta property="og:url" content="{BASE}x/">',
        '<meta http-equiv="refresh" content="0; url=x/">',
        '<link rel="canonical" href="https://user.github.io/other/ja/">',
    ],
)
def test_all_that_a_page_loads_or_names_is_followed(html):
    assert len(faults(html)) == 1


def test_styles_feeds_and_sitemaps_are_followed_too():
    found = check_links(
        site(
            **{
                "assets/style.css": "/* url(a) */\n@import 'b.css';\na{b:url( c.png )}",
                "feed.xml": f"<feed><id>{BASE}d/</id><id>urn:x</id></feed>",
                "sitemap.xml": f"<u><loc>\n{BASE}ja/</loc><loc>{BASE}e</loc></u>",
            }
        ),
        BASE,
    )
    told = {(p.file.as_posix(), p.line, p.message.split("'")[1]) for p in found}
    assert told == {
        ("assets/style.css", 2, "b.css"),
        ("assets/style.css", 3, "c.png"),
        ("feed.xml", 1, f"{BASE}d/"),
        ("sitemap.xml", 2, f"{BASE}e"),
    }


def test_a_page_served_at_any_depth_must_not_link_relatively():
    (message,) = faults('<a href="ja/index.html">x</a>', page="404.html")
    assert "any depth" in message
    good = f'<a id="a" href="/repo/ja/">x</a><a href="{BASE}">y</a><a href="#a">z</a>'
    assert faults(good, page="404.html") == []
    assert (
        len(faults('<a href="https://user.github.io/x/">y</a>', page="404.html")) == 1
    )


def test_at_the_root_of_a_host_its_owners_other_sites_are_neighbours():
    root = "https://user.github.io/"
    assert faults(f'<a href="{root}project/x">x</a>', base=root) == []
    assert len(faults(f'<a href="{root}ja/none">x</a>', base=root)) == 1
    assert len(faults('<a href="/project/x">x</a>', base=root)) == 1


def test_the_line_of_a_link_is_told():
    (problem,) = check_links(site(**{"x.html": '<p>\n<a\nhref="y">'}), BASE)
    assert str(problem).startswith("x.html:2: 'y' leads to nothing")
