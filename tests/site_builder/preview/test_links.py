"""The page that an edited file belongs to."""

from pathlib import Path

import pytest

from site_builder.preview.links import Folders, page_to_open
from site_builder.preview.shown import Shown

FOLDERS = Folders(content=Path("/c"), records=Path("/c/records"))
PAGES = (
    "index.html",
    "ja/index.html",
    "ja/method/index.html",
    "ja/models/a-1/index.html",
    "en/index.html",
    "en/models/a-1/index.html",
)


def opened(*edited: str, seen: str = "ja/index.html") -> str | None:
    shown = Shown(
        number=2,
        files=dict.fromkeys(PAGES, b""),
        edited=frozenset(Path(path) for path in edited),
    )
    return page_to_open(shown, FOLDERS, seen=seen)


@pytest.mark.parametrize(
    ("edited", "page"),
    [
        ("/c/ja/article.md", "ja/index.html"),
        ("/c/ja/strings.toml", "ja/index.html"),
        ("/c/ja/method.md", "ja/method/index.html"),
        ("/c/ja/models/a-1.md", "ja/models/a-1/index.html"),
        ("/c/records/run/a-1/task-01.json", "ja/models/a-1/index.html"),
        ("/c/records/run/run.json", None),
        ("/c/records/run/unknown/task-01.json", None),
        ("/c/ja/models/unknown.md", None),
        ("/c/site.toml", None),
        ("/templates/css/10-base.css", None),
        ("/c/en/article.md", None),
        ("/c/en/models/a-1.md", None),
    ],
)
def test_a_file_leads_to_its_page_in_the_language_that_is_read(edited, page):
    assert opened(edited) == page


def test_a_record_leads_to_the_page_in_the_language_that_is_read():
    edited = "/c/records/run/a-1/task-01.json"
    assert opened(edited, seen="en/index.html") == "en/models/a-1/index.html"


def test_edits_of_two_pages_lead_nowhere():
    assert opened("/c/ja/article.md", "/c/ja/method.md") is None
    assert opened("/c/ja/article.md", "/c/ja/strings.toml") == "ja/index.html"
