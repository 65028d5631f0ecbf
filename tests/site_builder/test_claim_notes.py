"""Claims on pages: each mark opens its evidence, without a script and in print too."""

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from site_builder.assemble import assemble
from site_builder.changes import changes_since_last, run_view
from site_builder.check import read_content
from site_builder.claim_notes import CLAIM_FIELDS, LanguageClaims, claim_notes
from site_builder.config import SiteConfig
from site_builder.load import load
from site_builder.render import render

from .scenarios import HERMES, QWEN, dropped, save, slowed
from .small_site import small_site, two_models
from .test_changes import dated

ROOT = Path(__file__).parents[2]
IDS = ["fastest", "margin", "long-silence", "all-whole", "never-cut"]


def content_of(folder: Path):
    sources = load(
        folder,
        records=folder / "records",
        config=SiteConfig(primary_language="ja"),
        run_id=None,
    )
    return read_content(sources)


def site_of(folder: Path) -> dict[str, bytes]:
    content = content_of(folder)
    assert not content.problems
    view = run_view(
        content.sources.run, content.summaries, content.found, content.verdicts
    )
    site = assemble(
        content.sources,
        content.summaries,
        content.found,
        content.texts,
        content.verdicts,
        changes=changes_since_last(folder / "records", view),
    )
    return render(site, ROOT / "templates")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A small site whose article shows one claim twice and the table of all."""
    folder = small_site(tmp_path_factory.mktemp("notes") / "content")
    for language in ("en", "ja"):
        article = folder / language / "article.md"
        text = article.read_text(encoding="utf-8")
        twice = re.search(r'(?s)\{% claim "fastest" %\}.*?\{% endclaim %\}', text)[0]
        text += f'\n## Again {{#again}}\n\n{twice}\n\n{{{{ table("claims") }}}}\n'
        article.write_text(text, encoding="utf-8", newline="\n")
    return folder


@pytest.fixture(scope="module")
def files(folder) -> dict[str, bytes]:
    return site_of(folder)


class Page(HTMLParser):
    """Collects ids, marks, notes, and what a paragraph may not hold."""

    BLOCKS = frozenset({"aside", "div", "p", "ul", "section", "table", "h2"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.marks: list[dict[str, str]] = []
        self.notes: dict[str, dict[str, str]] = {}
        self.misplaced: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = {key: value or "" for key, value in attrs}
        if "id" in found:
            self.ids[found["id"]] += 1
        if tag in self.BLOCKS and "p" in self.open:
            self.misplaced.append(tag)
        if tag == "button" and "claim-mark" in found.get("class", ""):
            self.marks.append(found)
        if tag == "aside":
            self.notes[found["id"]] = found
        if tag in {"p", "a", "button"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            self.open.remove(tag)


def note_of(files: dict[str, bytes], claim_id: str) -> str:
    text = files["en/index.html"].decode()
    pattern = rf'(?s)<aside[^>]*id="evidence-{claim_id}".*?</aside>'
    return re.search(pattern, text)[0]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_mark_opens_a_note_and_every_claim_has_one(files, language):
    page = Page(files[f"{language}/index.html"].decode())

    assert [mark["popovertarget"] for mark in page.marks] == [
        *(f"evidence-{claim_id}" for claim_id in IDS),
        "evidence-fastest",
    ]
    assert list(page.notes) == [f"evidence-{claim_id}" for claim_id in IDS]
    assert page.ids["claim-fastest-1"] == page.ids["claim-fastest-2"] == 1
    assert max(page.ids.values()) == 1
    assert page.misplaced == []
    for mark in page.marks:
        assert mark["type"] == "button"
        assert mark["aria-label"]
    for note in page.notes.values():
        assert "popover" in note
        assert page.ids[note["aria-labelledby"]] == 1


def test_a_note_holds_verdict_assertion_facts_and_ways_to_the_data(files):
    note = note_of(files, "fastest")

    assert 'popovertargetaction="hide">Close</button>' in note
    assert "Verdict on the claim: holds" in note
    assert "“Speed: Qwen 3-VL-4B has the highest median of all models.”" in note
    # Six against six that do not overlap: 1 of 924; three claims are tested together.
    assert "whether the first is higher: p\N{NO-BREAK SPACE}=" in note
    assert "tested together (3)" in note
    assert "Trials on the smaller side: n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}6" in note
    for path in (
        f"models/{QWEN}/index.html",
        f"models/{HERMES}/index.html",
        "../data/claims.json",
        "../data/summary.json",
    ):
        assert f'href="{path}"' in note
    assert "script" not in note


def test_what_happened_infers_nothing(files):
    note = note_of(files, "never-cut")
    assert "Nothing is inferred" in note
    assert "smaller side" not in note


def test_pages_without_claims_have_no_notes(files):
    assert b"<aside" not in files["en/method/index.html"]
    assert b"<aside" not in files[f"en/models/{QWEN}/index.html"]


def test_the_data_file_has_every_claim_without_words(files):
    rows = json.loads(files["data/claims.json"])
    assert [row["id"] for row in rows] == IDS
    assert all(tuple(row) == CLAIM_FIELDS for row in rows)
    fastest = rows[0]
    assert fastest["assertion"] == "first(decode_tok_s, qwen3-vl-4b)"
    assert (fastest["verdict"], fastest["is_missing"]) == ("holds", False)
    assert fastest["p"] == pytest.approx(1 / 924)
    assert fastest["p_adjusted"] == pytest.approx(3 / 924)
    assert [fact["key"] for fact in fastest["facts"]] == ["rank_test", "family"]
    assert rows[4]["p"] is None
    for page in ("en/index.html", "ja/method/index.html"):
        assert b'data/claims.json">' in files[page]


def test_a_model_without_a_page_is_named_without_a_link(english, tmp_path):
    content = content_of(small_site(tmp_path / "c", dropped(two_models(), HERMES)))
    claims = LanguageClaims(
        verdicts=content.verdicts,
        words=english,
        names=content.sources.languages[0].names,
        paged=frozenset({QWEN}),
    )
    (note,) = claim_notes(["long-silence", "long-silence"], claims)
    assert note.standing == "missing"
    assert note.title == "Verdict on the claim: not known in this run"
    assert "hermes-4-14b" in note.facts[0].lower().replace(" ", "-")
    assert [link.path for link in note.links] == [
        "data/claims.json",
        "data/summary.json",
    ]


def test_without_an_earlier_run_there_is_no_page_of_changes(files):
    assert "en/changes/index.html" not in files
    assert b"changes/index.html" not in files["en/index.html"]


def test_with_an_earlier_run_it_is_linked_from_every_page(tmp_path):
    folder = small_site(tmp_path / "content", dated(two_models(), "rig-1", 3))
    save(slowed(dated(two_models(), "rig-2", 20), QWEN, 0.3), folder / "records")
    files = site_of(folder)

    for language, back in (("en", "fell"), ("ja", "下がった")):
        page = files[f"{language}/changes/index.html"].decode()
        assert Page(page).misplaced == []
        assert max(Page(page).ids.values()) == 1
        assert back in page
        assert f'hreflang="{"ja" if language == "en" else "en"}"' in page
        for path, way in (
            ("index.html", "changes/index.html"),
            ("method/index.html", "../changes/index.html"),
            (f"models/{QWEN}/index.html", "../../changes/index.html"),
        ):
            assert f'href="{way}"' in files[f"{language}/{path}"].decode()


def test_old_browsers_and_print_show_the_notes_as_a_list():
    css = (ROOT / "templates" / "css" / "45-claims.css").read_text(encoding="utf-8")
    before, supported = css.split("@supports selector(:popover-open) {", 1)
    printed = css.split("@media print {", 1)[1]
    assert "position: fixed" not in before
    assert re.search(r"\.claim-mark \{ display: none;", before)
    assert re.search(r"\.claim-mark \{ display: inline-block; \}", supported)
    assert re.search(r"\.evidence \{ display: block; position: static;", printed)
