"""What models wrote, in a real browser: copied exactly, linked by line, never run."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QWEN, GEMMA = "qwen3-vl-4b", "gemma-3n-e4b"
FIRST = "json-to-csv-01"


def hostile_module() -> ModuleType:
    """Import the hostile answers of the site's tests; tests are no packages."""
    folder = ROOT / "tests" / "site_builder"
    package = ModuleType("hostile_site")
    package.__path__ = [str(folder)]
    sys.modules["hostile_site"] = package
    return importlib.import_module("hostile_site.hostile")


@pytest.fixture(scope="module")
def hostile() -> ModuleType:
    return hostile_module()


@pytest.fixture(scope="module")
def site(hostile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("code")
    hostile.built(folder, hostile.hostile_run())
    return folder / "site"


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


@pytest.fixture
def context(browser: Browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


def model_page(
    context: BrowserContext, site: Path, model: str, anchor: str = ""
) -> Page:
    page = context.new_page()
    page.goto((site / "en" / "models" / model / "index.html").as_uri() + anchor)
    return page


def clipboard(page: Page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


def test_the_button_copies_exactly_the_code(context, site, hostile):
    page = model_page(context, site, QWEN)
    listing = page.locator(f"#{FIRST}")
    listing.get_by_role("button", name="Copy the code").click()
    listing.get_by_text("Copied").wait_for()
    shown = hostile.CODE.replace("\u202e\x1b", "⟨U+202E⟩⟨U+001B⟩")
    assert clipboard(page) == shown.replace("\x00", "⟨U+0000⟩")


def test_the_button_copies_without_the_clipboard_s_interface(context, site):
    page = context.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: null})")
    page.goto((site / "en" / "compare" / "index.html").as_uri())
    button = page.get_by_role("button", name="Copy the code").first
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Copied").first.wait_for()
    other = model_page(context, site, QWEN)
    lines = clipboard(other).split("\n")
    assert lines[-2:] == ["\tpass", ""]
    assert "1" not in lines[0]


def test_selected_lines_hold_no_numbers(context, site, hostile):
    page = model_page(context, site, GEMMA)
    selected = page.evaluate(
        "id => { getSelection().selectAllChildren(document.getElementById(id));"
        " return getSelection().toString() }",
        f"{FIRST}-L5",
    )
    assert selected == hostile.CODE.split("\n")[4]


@pytest.mark.parametrize("has_script", [True, False])
def test_an_address_of_a_line_shows_and_marks_it(browser, site, has_script):
    context = browser.new_context(
        viewport={"width": 1000, "height": 400}, java_script_enabled=has_script
    )
    # The second listing is folded until an address names a line of it.
    page = model_page(context, site, GEMMA, "#json-to-csv-02-L6")
    line = page.locator("#json-to-csv-02-L6")
    line.wait_for()
    box = line.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 400
    plain = page.locator("#json-to-csv-02-L5")
    marks = [
        node.locator("a").first.bounding_box() is not None for node in (line, plain)
    ]
    assert marks == [True, True]
    if has_script:
        shadow = "node => getComputedStyle(node.querySelector('a')).boxShadow"
        assert line.evaluate(shadow) != "none"
        assert plain.evaluate(shadow) == "none"
    context.close()


def test_a_click_on_a_number_gives_the_line_an_address(context, site):
    page = model_page(context, site, GEMMA)
    page.locator(f"#{FIRST}-L2 > a").click()
    assert page.url.endswith(f"#{FIRST}-L2")


def test_without_a_script_there_is_no_button(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = model_page(context, site, QWEN)
    assert page.locator("button").count() == 0
    assert page.locator(f"#{FIRST} pre").inner_text().count("\n") >= 5
    context.close()


def test_two_models_are_chosen_without_a_script(browser, site):
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto((site / "en" / "compare" / "index.html").as_uri())
    left, right = page.locator(".p1"), page.locator(".p2")

    def places() -> list[float | None]:
        boxes = [panel.bounding_box() for panel in (left, right)]
        return [box and box["x"] for box in boxes]

    first = places()
    assert None not in first
    assert first[0] < first[1]
    page.locator(".left .c2").check()
    assert places()[0] is None
    page.locator(".right .c1").check()
    assert places() == first[::-1]
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_hostile_answers_neither_run_nor_load_nor_widen_a_page(browser, site, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    paths = [
        path
        for path in sorted(site.rglob("index.html"))
        if {"models", "compare", "data"} & set(path.parts[len(site.parts) :])
    ]
    assert len(paths) > 10
    for path in paths:
        page.goto(path.as_uri())
        opening = "document.querySelectorAll('details').forEach(d => { d.open = true })"
        page.evaluate(opening)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("window.taken ?? null") is None, path
        assert page.locator("main ~ footer").count() <= 1
    assert said == []
    assert all(url.startswith("file:") for url in asked)
    context.close()
