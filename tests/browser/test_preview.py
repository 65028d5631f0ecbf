"""The preview in a real browser: what is saved is seen, and nothing else moves."""

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from site_builder.preview.result import Fault, Result
from site_builder.preview.session import Preview, Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
HOSTILE = "<img src=x onerror=\"document.title='taken over'\"> </script>"
PAGE = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; {policy}">
<link rel="stylesheet" href="/{style}"></head>
<body><p id="text">{text}</p><details><summary>s</summary><p>d</p></details>
<div class="tall"></div><p>end</p></body></html>
"""
RED, BLUE = "rgb(255, 0, 0)", "rgb(0, 0, 255)"


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing: .ci/run must install it")
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    content = tmp_path.resolve() / "content"
    (content / "ja" / "models").mkdir(parents=True)
    save(content / "ja" / "article.md", "one")
    save(content / "ja" / "models" / "a.md", "note")
    save(content / "style.css", ".tall { height: 5000px } #text { color: red }")
    return content


def save(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def build(content: Path) -> Callable[[], Result]:
    def build_site() -> Result:
        css = (content / "style.css").read_bytes()
        style = f"assets/style.{hashlib.sha256(css).hexdigest()[:10]}.css"
        files = {style: css}
        for name, source in (("", "article"), ("models/a/", "models/a")):
            text = (content / "ja" / f"{source}.md").read_text(encoding="utf-8")
            if text.startswith("!"):
                fault = Fault(file=HOSTILE, line=7, what=HOSTILE, remedy=HOSTILE)
                return Result(files=None, problems=(fault, fault))
            page = PAGE.format(text=text, style=style, policy="style-src 'self'")
            files[f"ja/{name}index.html"] = page.encode()
        note = Fault(file="ja/article.md", line=None, what="claim", remedy="mend")
        problems = (note,) if text.startswith("?") else ()
        return Result(files=files, problems=problems, home="ja/index.html")

    return build_site


class Running:
    """A preview in a thread, to be stopped and started again at its port."""

    def __init__(self, build: Callable[[], Result], content: Path, **more) -> None:
        self.preview = Preview(
            build,
            Settings(
                content=content,
                records=content / "records",
                watched=(content,),
                **{"port": 0, **more},
            ),
            report=lambda built: None,
        )
        self._thread = threading.Thread(target=self.preview.run)
        self._thread.start()

    def stop(self) -> None:
        self.preview.stop()
        self._thread.join(10)


@pytest.fixture
def run(content, build) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(build=build, content=content, **more) -> Running:
        started.append(Running(build, content, **more))
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, said: list[str]) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(10_000)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    page.close()


def opened(page: Page, running: Running, path: str = "/ja/") -> Page:
    with page.expect_request("**/__seikaku/events?*"):
        page.goto(running.preview.origin + path)
    # Lost when the page is loaded anew.
    page.evaluate("window.mark = true")
    return page


def is_the_same_load(page: Page) -> bool:
    return page.evaluate("window.mark === true")


def test_a_save_is_seen_where_the_page_was_scrolled_and_opened(
    run, page, said, content
):
    opened(page, run())
    page.get_by_text("s", exact=True).click()
    page.evaluate("scrollTo(0, 2345)")
    save(content / "ja" / "article.md", "two")
    expect(page.locator("#text")).to_have_text("two")
    assert not is_the_same_load(page)
    page.wait_for_function("scrollY === 2345")
    assert page.evaluate("document.querySelector('details').open")
    assert page.evaluate("history.scrollRestoration") == "auto"
    assert said == []


def test_a_new_style_comes_without_loading_the_page_anew(run, page, said, content):
    """Nor does the edit of another page load this one anew."""
    opened(page, run())
    page.evaluate("scrollTo(0, 2345)")
    save(content / "ja" / "models" / "a.md", "other")
    for colour, shown in (("blue", BLUE), ("red", RED)):
        save(
            content / "style.css", f".tall {{height: 5000px}} #text {{color: {colour}}}"
        )
        expect(page.locator("#text")).to_have_css("color", shown)
    expect(page.locator("link")).to_have_count(1)
    assert page.evaluate("scrollY") == 2345
    assert is_the_same_load(page)
    assert said == []


def test_faults_lie_over_the_last_good_page_until_they_are_mended(
    run, page, said, content
):
    opened(page, run())
    save(content / "ja" / "article.md", "!")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("could not be built")
    expect(alert.locator("code").first).to_have_text(f"{HOSTILE}:7")
    expect(alert.locator("li")).to_have_count(2)
    expect(alert.locator(".remedy").first).to_have_text(HOSTILE)
    assert alert.locator("img").count() == 0
    expect(page.locator("#text")).to_have_text("one")
    save(content / "ja" / "article.md", "one")
    expect(alert).to_have_count(0)
    save(content / "ja" / "article.md", "!")
    alert.get_by_role("button").click()
    expect(alert).to_have_count(0)
    assert page.title() == ""
    assert is_the_same_load(page)
    assert said == []


def test_what_is_to_be_mended_of_a_site_that_was_built_is_a_note(run, page, content):
    opened(page, run())
    save(content / "ja" / "models" / "a.md", "? hm")
    note = page.get_by_role("status")
    expect(note).to_contain_text("To mend before it is published: 1")
    note.locator("summary").click()
    expect(note.locator("code")).to_have_text("ja/article.md")
    save(content / "ja" / "models" / "a.md", "ah")
    expect(note).to_have_count(0)


def test_a_page_of_faults_becomes_the_site_when_they_are_mended(run, page, content):
    save(content / "ja" / "article.md", "!")
    opened(page, run())
    expect(page.locator("li")).to_have_count(2)
    assert page.title() == "The site could not be built"
    assert page.get_by_role("alert").count() == 0
    save(content / "ja" / "article.md", "two")
    expect(page.locator("#text")).to_have_text("two")


def test_a_server_that_was_away_finds_its_browser_again(run, page, content):
    first = run()
    opened(page, first)
    first.stop()
    with page.expect_response("**/__seikaku/events?*"):
        second = run(port=first.preview.port)
    assert is_the_same_load(page)
    second.stop()
    note = page.get_by_role("status")
    expect(note).to_contain_text("has stopped")
    save(content / "ja" / "article.md", "two")
    run(port=first.preview.port)
    expect(page.locator("#text")).to_have_text("two")
    expect(note).to_have_count(0)


def test_a_browser_follows_the_edits_if_asked(run, page, content):
    running = run(is_following=True)
    opened(page, running)
    save(content / "ja" / "models" / "a.md", "two")
    page.wait_for_url(running.preview.origin + "/ja/models/a/")
    expect(page.locator("#text")).to_have_text("two")


def test_the_shipped_site_lets_the_preview_in_and_is_none_of_it_itself(
    run, page, said, tmp_path
):
    from site_builder.build import BuildPlan
    from site_builder.preview.building import build_in_memory

    content = tmp_path / "shipped"
    shutil.copytree(ROOT / "content", content)
    plan = BuildPlan(
        content=content,
        records=content / "records",
        templates=ROOT / "templates",
        output=tmp_path / "unused",
        run_id="published",
        base_url="https://user.github.io/repo/",
        on_problems="report",
    )
    built: list[Result] = []

    def build() -> Result:
        built.append(build_in_memory(plan))
        return built[-1]

    running = run(build, content)
    opened(page, running, "/repo/ja/")
    article = content / "ja" / "article.md"
    text = article.read_text(encoding="utf-8")
    page.evaluate("scrollTo(0, 1000)")
    save(article, f"{text}\nここで見ています。\n")
    seen = page.locator("p", has_text="ここで見ています。")
    expect(seen).to_have_count(1, timeout=30_000)
    page.wait_for_function("scrollY === 1000")
    page.goto(running.preview.origin + "/repo/nothing/")
    page.get_by_role("link").first.click()
    page.wait_for_url(running.preview.origin + "/repo/ja/**")
    assert [line for line in said if "404" not in line] == []
    for path, data in built[-1].files.items():
        assert b"__seikaku" not in data, path
