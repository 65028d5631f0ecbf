"""The look of the built pages in a real browser: tables, switch, colours, targets."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

from site_builder.build import BuildPlan, build

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = (
    "index.html",
    "404.html",
    "ja/index.html",
    "en/index.html",
    "ja/models/gemma-3n-e4b/index.html",
    "en/method/index.html",
    "data/schema/index.html",
)
TEXT = ("--ink", "--muted", "--link", "--accent", "--good", "--fair", "--poor")
HUES = tuple(f"h{number}" for number in range(1, 13))

# Colours as the browser paints them: through a canvas, whatever the notation.
PAINTED = """names => {
  const at = document.body.appendChild(document.createElement('span'));
  const pen = document.createElement('canvas').getContext('2d');
  const painted = {};
  for (const name of names) {
    at.className = name.startsWith('--') ? '' : 'swatch ' + name;
    at.style.color = name.startsWith('--') ? `var(${name})` : '';
    pen.fillStyle = getComputedStyle(at).color;
    pen.fillRect(0, 0, 1, 1);
    painted[name] = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }
  at.remove();
  return painted;
}"""
# A link inside a sentence or a cell of text is as high as its line, as it may be.
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, summary, select')]
  .filter(e => e.checkVisibility({ contentVisibilityAuto: true }))
  .filter(e => e.matches('button, summary, select, nav a, footer a, .button, .brand'))
  .filter(e => !e.closest('.skip') && !e.closest('.models'))
  .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing: .ci/run must install it")
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("site") / "site"
    build(
        BuildPlan(
            content=ROOT / "content",
            records=ROOT / "content" / "records",
            templates=ROOT / "templates",
            output=output,
            run_id="published",
        )
    )
    return output


def _column(page: Page, number: int) -> list[str]:
    return page.locator(
        f"#table-summary tbody tr > :nth-child({number})"
    ).all_text_contents()


def _box(page: Page, selector: str) -> FloatRect:
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return box


def _luminance(colour: list[int]) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: list[int], other: list[int]) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_a_click_sorts_by_value_up_down_and_back(browser: Browser, site: Path):
    page = browser.new_page()
    page.goto((site / "en/index.html").as_uri())
    total = page.locator("#table-summary thead th").nth(3)
    as_it_was = ["786", "502", "1,280", "1,307"]
    assert _column(page, 4) == as_it_was
    total.get_by_role("button").click()
    assert total.get_attribute("aria-sort") == "ascending"
    assert _column(page, 4) == ["502", "786", "1,280", "1,307"]
    total.get_by_role("button").click()
    assert total.get_attribute("aria-sort") == "descending"
    assert _column(page, 4) == ["1,307", "1,280", "786", "502"]
    total.get_by_role("button").click()
    assert total.get_attribute("aria-sort") is None
    assert _column(page, 4) == as_it_was
    page.close()


def test_the_keyboard_sorts_too_and_one_column_at_a_time(browser: Browser, site: Path):
    page = browser.new_page()
    page.goto((site / "ja/index.html").as_uri())
    heads = page.locator("#table-summary thead th")
    heads.nth(1).get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert _column(page, 2) == ["13.55", "14.33", "32.68", "76.02"]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert _column(page, 3) == ["0.20", "0.34", "0.55", "0.82"]
    assert page.locator("#table-summary [aria-sort]").count() == 1
    assert heads.nth(2).evaluate("e => document.activeElement === e.firstElementChild")
    page.close()


def test_what_is_unknown_stands_last_both_ways(browser: Browser, site: Path):
    page = browser.new_page()
    path = site / "en/index.html"
    text = path.read_text(encoding="utf-8")
    for figure, other in (
        ("76.02", "unknown"),
        ("32.68", "(32.68)"),
        ("13.55", "−1.5"),
    ):
        cell = f'<td class="number">{figure}</td>'
        assert cell in text
        text = text.replace(cell, f'<td class="number">{other}</td>')
    changed = path.with_name("changed.html")
    changed.write_text(text, encoding="utf-8")
    page.goto(changed.as_uri())
    button = page.locator("#table-summary thead th").nth(1).get_by_role("button")
    button.click()
    assert _column(page, 2) == ["−1.5", "14.33", "(32.68)", "unknown"]
    button.click()
    assert _column(page, 2) == ["(32.68)", "14.33", "−1.5", "unknown"]
    changed.unlink()
    page.close()


def test_sort_buttons_move_nothing(browser: Browser, site: Path):
    boxes = []
    for script in (True, False):
        context = browser.new_context(java_script_enabled=script)
        page = context.new_page()
        page.goto((site / "ja/index.html").as_uri())
        table = page.locator("#table-summary")
        boxes.append(table.bounding_box())
        assert (table.get_by_role("button").count() > 0) is script
        context.close()
    assert boxes[0] == boxes[1]


def test_the_switch_keeps_the_place(browser: Browser, site: Path):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((site / "ja/index.html").as_uri())
    page.evaluate("document.getElementById('why-speed').scrollIntoView()")
    page.get_by_role("link", name="English").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/index.html#why-speed")
    top = page.evaluate(
        "document.getElementById('why-speed').getBoundingClientRect().top"
    )
    assert 0 <= top < 100
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("link", name="日本語").click()
    page.wait_for_url("**/ja/index.html")
    page.close()


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_pages_fit_and_their_targets_can_be_hit(
    browser: Browser, site: Path, width: int
):
    context = browser.new_context(viewport={"width": width, "height": 740})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        page.goto((site / path).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(SMALL_TARGETS) == [], path
    assert said == []
    assert [url for url in asked if not url.startswith("file:")] == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_aaa_contrast_and_every_hue_can_be_seen(
    browser: Browser, site: Path, scheme
):
    page = browser.new_page(color_scheme=scheme)
    page.goto((site / "ja/index.html").as_uri())
    painted = page.evaluate(PAINTED, [*TEXT, *HUES, "--bg", "--panel"])
    for ground in ("--bg", "--panel"):
        for name in TEXT:
            assert _contrast(painted[name], painted[ground]) >= 7, (name, ground)
        for name in HUES:
            assert _contrast(painted[name], painted[ground]) >= 3, (name, ground)
    assert len({tuple(painted[name]) for name in HUES}) == len(HUES)
    page.close()


def test_a_model_keeps_its_hue_in_table_and_chart(browser: Browser, site: Path):
    page = browser.new_page()
    page.goto((site / "en/index.html").as_uri())
    spines = page.evaluate(
        "[...document.querySelectorAll('#table-summary .swatch')]"
        ".map(e => getComputedStyle(e).backgroundColor)"
    )
    bars = page.evaluate(
        "[...document.querySelectorAll('#figure-rates .chart-wide [class*=\"f-s\"]')]"
        ".map(e => getComputedStyle(e).fill)"
    )
    assert len(set(spines)) == 4
    assert spines == bars
    page.close()


def test_the_model_stays_in_sight_while_the_table_scrolls(browser: Browser, site: Path):
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto((site / "ja/index.html").as_uri())
    region = page.locator(".table:has(> #table-summary)")
    assert region.evaluate("e => e.scrollWidth - e.clientWidth") > 100
    assert "gradient" in region.evaluate("e => getComputedStyle(e).backgroundImage")
    before = _box(page, "#table-summary tbody th")
    region.evaluate("e => e.scrollLeft = e.scrollWidth")
    after = _box(page, "#table-summary tbody th")
    assert after["x"] == before["x"]
    # What is left beside the name is the greater part of the screen.
    assert after["width"] <= 160
    page.close()


def test_the_conclusion_begins_on_the_first_screen(browser: Browser, site: Path):
    for language in ("ja", "en"):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto((site / language / "index.html").as_uri())
        for part in ("h1", "body > .notice", ".text > p", "#conclusion + p"):
            assert _box(page, part)["y"] + 30 <= 800, (language, part)
        assert _box(page, "h1")["height"] <= 110
        page.close()


def test_without_script_every_word_is_there(browser: Browser, site: Path):
    texts = []
    for script in (True, False):
        context = browser.new_context(java_script_enabled=script)
        page = context.new_page()
        page.goto((site / "en/index.html").as_uri())
        shown = page.locator(".text > p, h1, h2, .table th, .table td, figcaption")
        texts.append([re.sub(r"\s+", " ", text) for text in shown.all_inner_texts()])
        context.close()
    assert len(texts[0]) > 100
    assert texts[0] == texts[1]


def test_headings_have_a_voice_of_their_own_and_code_keeps_its_letters(
    browser: Browser, site: Path
):
    for language in ("ja", "en"):
        page = browser.new_page()
        page.goto((site / language / "index.html").as_uri())
        family = "e => getComputedStyle(e).fontFamily"
        title = page.locator("h1").evaluate(family)
        assert title.endswith(" serif")
        assert page.locator("h2").first.evaluate(family) == title
        assert "monospace" in page.locator("code").first.evaluate(family)
        assert page.locator(".text > p").first.evaluate(family) != title
        page.close()


def test_a_dark_screen_prints_on_white_with_every_number(browser: Browser, site: Path):
    page = browser.new_page(color_scheme="dark", viewport={"width": 660, "height": 900})
    page.goto((site / "ja/index.html").as_uri())
    page.emulate_media(media="print")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 660
    assert _box(page, "#figure-rates table")["height"] > 100
    assert page.locator("nav.contents").is_hidden()
    assert page.locator("#figure-rates .chart-wide").is_visible()
    page.close()
