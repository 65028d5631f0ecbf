"""The built pages in a real browser, opened from the folder as a reader may."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from site_builder.build import BuildPlan, build

pytestmark = pytest.mark.browser

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
    "en/models/gpt-oss-20b/index.html",
    "ja/method/index.html",
    "en/method/index.html",
    "data/schema/index.html",
)


@pytest.fixture(scope="module")
def browser():
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


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_load_their_style_and_say_nothing_to_the_console(
    browser: Browser, site: Path, width: int, scheme
):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        page.goto((site / path).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        background = page.evaluate(
            "getComputedStyle(document.documentElement).backgroundColor"
        )
        assert background == (
            "rgb(250, 248, 243)" if scheme == "light" else "rgb(21, 23, 26)"
        )
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids)), path
    assert said == []
    assert all(url.startswith("file:") for url in asked)
    context.close()


def test_one_drawing_of_each_chart_is_shown_at_any_width(browser: Browser, site: Path):
    for width, kind in ((1280, "chart-wide"), (360, "chart-narrow")):
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto((site / "ja/index.html").as_uri())
        shown = page.evaluate(
            "[...document.querySelectorAll('svg.chart')]"
            ".filter(e => e.getBoundingClientRect().width > 0)"
            ".map(e => e.getAttribute('class'))"
        )
        assert shown == [f"chart {kind}"] * 4
        smallest = page.evaluate(
            "Math.min(...[...document.querySelectorAll('svg.chart text')]"
            ".filter(e => e.getBoundingClientRect().width > 0).map(e => "
            "parseFloat(getComputedStyle(e).fontSize)"
            " * e.getScreenCTM().a))"
        )
        assert smallest >= 11.5
        page.close()


def test_the_language_switch_leads_to_the_same_page(browser: Browser, site: Path):
    page = browser.new_page()
    page.goto((site / "ja/models/gpt-oss-20b/index.html").as_uri())
    page.get_by_role("link", name="English").click()
    assert page.url.endswith("/en/models/gpt-oss-20b/index.html")
    assert page.evaluate("document.documentElement.lang") == "en"
