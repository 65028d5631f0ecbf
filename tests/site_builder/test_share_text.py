"""A short post per language says what holds, and nothing that is not decided."""

from pathlib import Path

import pytest

from collector.store import load_run, save_run
from site_builder.check import read_content
from site_builder.config import read_config
from site_builder.errors import ContentError, OutputError
from site_builder.load import load
from site_builder.share_text import share_texts, weight, write_share_texts

from .scenarios import QWEN, slowed
from .shipped import SCENARIOS, save
from .small_site import ENGLISH, JAPANESE, edit, replace_run, small_site, two_models

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BASE = "https://user.github.io/repo/"


@pytest.fixture
def content(tmp_path) -> Path:
    return small_site(tmp_path / "content")


def posts(content: Path, *, base_url: str = BASE, records=None, run_id=None):
    sources = load(
        content,
        records=records or content / "records",
        config=read_config(content / "site.toml"),
        run_id=run_id,
    )
    return share_texts(read_content(sources), base_url=base_url)


def test_it_is_title_findings_and_address_in_each_language(content):
    # Qwen at 76 tok/s against 33, six trials each: p = 1/924, it holds.
    assert posts(content) == {
        "ja": (
            "モデルの比較\n"
            "Qwen 3-VL-4B：最速はQwenです。\n"
            "https://user.github.io/repo/ja/\n"
        ),
        "en": (
            "A pair of models\n"
            "Qwen 3-VL-4B: Qwen is the fastest.\n"
            "https://user.github.io/repo/en/\n"
        ),
    }


def test_without_an_address_it_has_none(content):
    assert posts(content, base_url="")["en"].endswith("Qwen is the fastest.\n")


def test_what_does_not_hold_is_not_said_whatever_its_wording(content):
    # A quarter of the speed, 19 tok/s against 33: not the fastest.
    replace_run(content, slowed(two_models(), QWEN, 0.25))
    recorded = "2 local LLMs, one request: their speed, the wait, the code."
    assert posts(content)["en"].splitlines()[1:2] == [recorded]


def test_what_three_trials_cannot_decide_is_not_said(content):
    replace_run(content, two_models(3))
    found = posts(content)
    assert "Qwen leads" not in found["en"]
    assert "Qwenが先頭" not in found["ja"]
    assert "2種類のローカルLLM" in found["ja"]


def test_a_sentence_that_names_its_models_stands_as_it_is(content):
    names = '{{ name("qwen3-vl-4b") }} beats {{ name("hermes-4-14b") }}'
    edit(content / "en" / "article.md", "It gains {{", f"{names} {{{{")
    english = posts(content)["en"]
    # Both names are there; the Japanese one names neither, and is left out.
    assert "\nQwen 3-VL-4B beats Hermes 4-14B 2 times.\n" in english
    assert "2倍" not in posts(content)["ja"]


def test_later_sections_are_not_asked(content):
    found = posts(content)
    assert "Every answer is whole." not in found["en"]  # it holds, further below


def test_what_does_not_fit_is_left_out_and_what_fits_after_it_is_said(content):
    path = content / "en" / "article.md"
    edit(path, "Qwen is the fastest.", "Qwen is the fastest" + " by far" * 40 + ".")
    edit(
        path, "It gains {{", '{{ name("qwen3-vl-4b") }}, {{ name("hermes-4-14b") }} {{'
    )
    english = posts(content)["en"]
    assert "by far" not in english
    assert "Qwen 3-VL-4B, Hermes 4-14B 2 times." in english


@pytest.mark.parametrize("title", ["見" * 110, "x" * 240, "見" * 400])
def test_a_post_never_has_more_than_280(content, title):
    for language, text in (("en", ENGLISH), ("ja", JAPANESE)):
        old = text.splitlines()[1]
        edit(content / language / "article.md", old, f'title = "{title}"')
    for post in posts(content).values():
        assert weight(post.removesuffix("\n")) <= 280
        assert BASE in post


@pytest.mark.parametrize("scenario", ["as measured", "three trials", "demo"])
def test_posts_of_the_shipped_article_fit_and_say_where_figures_come_from(
    tmp_path, scenario
):
    save(SCENARIOS[scenario](), tmp_path)
    found = posts(ROOT / "content", records=tmp_path, run_id="rig-a")
    assert set(found) == {"ja", "en"}
    for post in found.values():
        assert weight(post.removesuffix("\n")) <= 280
    assert ("Demo data." in found["en"]) == (scenario == "demo")
    assert ("fastest" in found["en"]) == (scenario == "as measured")


def test_published_figures_are_never_shown_as_measured():
    found = posts(ROOT / "content", run_id="published")
    assert "This project did not measure them." in found["en"]
    assert "公開された比較から" in found["ja"]
    for post in found.values():
        assert weight(post.removesuffix("\n")) <= 280


def test_the_notice_outlives_a_title_that_leaves_no_room(content):
    run = load_run(content / "records", "rig-a").run
    save_run(content / "records", run.model_copy(update={"source": "demo"}))
    edit(content / "en" / "article.md", "A pair of models", "x" * 250)
    english = posts(content, run_id="rig-a")["en"]
    assert "Demo data." in english
    assert "xxx" not in english
    assert "fastest" not in english


def test_a_notice_that_cannot_fit_is_named(content):
    path = content / "en" / "strings.toml"
    run = load_run(content / "records", "rig-a").run
    save_run(content / "records", run.model_copy(update={"source": "demo"}))
    edit(path, "Demo data. A scripted", "Demo data. " + "A" * 250 + " scripted")
    with pytest.raises(ContentError, match=r"strings\.toml: notice\.demo"):
        posts(content, run_id="rig-a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("abc", 3), ("é", 1), ("e\u0301", 1), ("見る。", 6), ("–’", 2), ("…", 2)],
)
def test_japanese_characters_count_twice(text, expected):
    assert weight(text) == expected


def test_posts_lie_beside_the_site_a_file_each(tmp_path):
    output = tmp_path / "site"
    folder = write_share_texts({"ja": "一\n", "en": "1\n"}, output)
    assert folder == tmp_path / "site-share"
    assert (folder / "ja.txt").read_text("utf-8") == "一\n"
    write_share_texts({"en": "2\n"}, output)
    assert [path.name for path in folder.glob("*.txt")] == ["en.txt"]
    assert not output.exists()


def test_a_folder_that_is_somebody_elses_is_not_overwritten(tmp_path):
    mine = tmp_path / "site-share" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError):
        write_share_texts({"en": "1\n"}, tmp_path / "site")
    assert mine.read_text("utf-8") == "mine"
