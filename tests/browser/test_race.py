"""The race in a real browser, on a page around its partial, by a clock we turn."""

import functools
import os
import shutil
import threading
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page, sync_playwright

from collector.record import Chunk, PlannedModel, PublishedFigures, Rig, Run, Trial
from collector.record import Server as ServerFacts
from collector.store import LoadedRun
from site_builder.race import make_race
from site_builder.race_data import race_data
from site_builder.render import relative_path
from site_builder.words import read_words

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
PAGE = """{% import "_race.html" as r %}<!DOCTYPE html>
<html lang="{{ lang }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<title>Race</title><link rel="icon" href="../icon.svg">
<link rel="stylesheet" href="../style.css"><script src="../race.js" defer></script>
</head><body><main><article class="article"><div class="text">
{{ r.race(race, url, t) }}</div></article></main></body></html>
"""
CODE = "def convert(rows):\n    return [row for row in rows]\n"
ANSWER = f"Of course.\n\n```python\n{CODE}```\nDone. It is short too."
HOSTILE = (
    "<script>document.title='taken'</script><img src=x onerror=\"document.title='t'\">"
    "\u202eevil\u202c\x1b[31m </pre></li>" + "long" * 2500 + " data:text/html,x END"
)
MODELS = tuple(
    PlannedModel(model_id=model_id, key=model_id, name=name)
    for model_id, name in (
        ("quick", "Quick 4B"),
        ("thinker", "Thinker <b>20B</b>"),
        ("hostile", "Hostile \u202e" + "very-long-name-" * 12),
        ("absent", "Absent 7B"),
    )
)


def trial(model: str, text: str, *, first_ms: int, last_ms: int, thought="") -> Trial:
    """Make a trial whose text comes evenly in 20 pieces, thinking in one before."""
    size = max(1, -(-len(text) // 20))
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    thinking = [Chunk(1000 * first_ms, "reasoning", len(thought))] if thought else []
    start_ms = first_ms + (1000 if thought else 0)
    step = (last_ms - start_ms) / (len(pieces) - 1)
    answer = [
        Chunk(round(1000 * (start_ms + n * step)), "answer", len(piece))
        for n, piece in enumerate(pieces)
    ]
    return Trial(
        run_id="r",
        model_id=model,
        task_id="task",
        number=1,
        cache="cold",
        outcome="complete",
        timeline=(*thinking, *answer),
        reasoning_text=thought,
        answer_text=text,
        usage={"completion_tokens": 40},
    )


def measured_run() -> LoadedRun:
    trials = (
        trial("quick", ANSWER, first_ms=500, last_ms=4000),
        trial("thinker", ANSWER, first_ms=1000, last_ms=9000, thought="Let me see."),
        trial("hostile", HOSTILE, first_ms=2000, last_ms=10_000),
    )
    run = Run(
        run_id="r", source="measured", models=MODELS, rig=Rig(), server=ServerFacts()
    )
    return LoadedRun(run=run, trials=trials, verdicts=(), codes={}, bad=())


def published_run() -> LoadedRun:
    figures = PublishedFigures(tok_s=10.0, ttft_s=1.0, total_tokens=50)
    trials = tuple(
        Trial(
            run_id="p",
            model_id=model.model_id,
            task_id="task",
            number=1,
            outcome=None,
            published=figures,
        )
        for model in MODELS[:1]
    )
    run = Run(
        run_id="p",
        source="published",
        models=MODELS[:1],
        rig=Rig(),
        server=ServerFacts(),
    )
    return LoadedRun(run=run, trials=trials, verdicts=(), codes={}, bad=())


def write_site(folder: Path, run: LoadedRun) -> Path:
    """Write the race's pages in both languages, with what they load."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
    )
    styles = sorted((ROOT / "templates" / "css").glob("*.css"))
    data = race_data(run, None)
    files = {
        **data.files,
        "style.css": b"\n".join(path.read_bytes() for path in styles),
        "race.js": (ROOT / "templates" / "js" / "race.js").read_bytes(),
        "icon.svg": (ROOT / "templates" / "favicon.svg").read_bytes(),
    }
    for lang in ("ja", "en"):
        words = read_words(ROOT / "content" / lang / "strings.toml")
        files[f"{lang}/index.html"] = (
            environment.from_string(PAGE)
            .render(
                lang=lang,
                policy=POLICY,
                race=make_race(data, words, source=run.run.source),
                t=words.entries.__getitem__,
                url=functools.partial(relative_path, start=f"{lang}/index.html"),
            )
            .encode()
        )
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("race")
    write_site(folder / "measured", measured_run())
    write_site(folder / "published", published_run())
    return folder


@pytest.fixture(scope="module")
def address(folder: Path):
    handler = functools.partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


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
def visit(browser: Browser, address: str):
    """Open a page whose clock stands still until the test turns it."""
    contexts = []

    def open_page(path="measured/en", *, is_clocked=True, **options) -> Page:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        if is_clocked:
            page.clock.install(time=datetime(2026, 1, 1, tzinfo=UTC))
            page.clock.pause_at(datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC))
        page.goto(f"{address}/{path}/index.html")
        return page

    yield open_page
    for context in contexts:
        context.close()


def start(page: Page) -> None:
    page.locator("[data-race=go]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".race.is-shown")


def figures(page: Page, lane: str) -> list[str]:
    texts = page.locator(f"[data-lane={lane}] [data-race=figures] span")
    return [text.strip() for text in texts.all_text_contents()]


def said(page: Page) -> str:
    return page.locator("[data-race=said]").text_content() or ""


def seconds(page: Page) -> float:
    return float((page.locator("[data-race=clock]").text_content() or "").split()[0])


def test_first_tokens_and_finishes_come_when_they_were_recorded(visit):
    page = visit()
    start(page)
    page.clock.run_for(460)
    assert figures(page, "quick")[0] == "waiting"
    assert figures(page, "quick")[2] == ""
    page.clock.run_for(80)
    assert figures(page, "quick")[0] == "writing"
    assert said(page) == "Quick 4B begins after 0.50 s."
    page.clock.run_for(960)
    assert figures(page, "thinker")[0] == "thinking"
    assert page.locator("[data-lane=thinker] [data-race=thoughts]").is_visible()
    page.clock.run_for(1000)
    assert figures(page, "thinker")[0] == "writing"
    page.clock.run_for(1460)
    assert figures(page, "quick")[0] == "writing"
    page.clock.run_for(80)
    # 40 tokens, two in each of 20 pieces; 38 of them in the 3.5 s after the first.
    assert figures(page, "quick") == ["finished", "4.00 s", "40 tokens", "10.86 tok/s"]
    assert said(page) == "Quick 4B has finished, in place 1, after 4.00 s."
    page.clock.run_for(6000)
    assert figures(page, "thinker")[:2] == ["finished", "9.00 s"]
    assert figures(page, "hostile")[:2] == ["finished", "10.0 s"]
    assert "Order of finishing: 1. Quick 4B (4.00 s), 2. Thinker <b>" in said(page)
    assert page.said == []


def test_counts_on_the_way_follow_what_came(visit):
    page = visit()
    start(page)
    page.clock.run_for(2320)
    # After 2.32 s ten of the 20 pieces are there, of five characters and two tokens.
    assert figures(page, "quick")[2] == "≈ 20 tokens"
    shown = page.locator("[data-lane=quick] pre").text_content()
    assert shown == ANSWER[:50]


def test_the_keyboard_starts_pauses_speeds_up_skips_and_restarts(visit):
    page = visit()
    page.keyboard.press("Tab")
    focused = "document.activeElement.dataset.race"
    assert page.evaluate(focused) == "go"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector(".race.is-shown")
    page.clock.run_for(1000)
    assert page.evaluate("document.activeElement.textContent") == "Pause"
    page.keyboard.press("Space")
    before = page.locator("[data-race=lanes]").inner_html()
    page.clock.run_for(3000)
    assert page.locator("[data-race=lanes]").inner_html() == before
    for expected in ("skip", "restart", "speed"):
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == expected
    page.keyboard.press("4")
    assert page.locator("[data-race=speed]").input_value() == "4"
    start(page)
    page.clock.run_for(500)
    assert 2.7 <= seconds(page) <= 3.1
    page.locator("[data-race=skip]").press("Enter")
    assert said(page).startswith("Order of finishing: 1. Quick 4B (4.00 s)")
    assert [figures(page, lane)[1] for lane in ("quick", "thinker", "hostile")] == [
        "4.00 s",
        "9.00 s",
        "10.0 s",
    ]
    page.locator("[data-race=restart]").press("Enter")
    assert seconds(page) == 0
    assert figures(page, "quick") == ["waiting", "0.0 s", "", ""]
    page.clock.run_for(2000)
    assert seconds(page) == 0
    start(page)
    page.clock.run_for(1000)
    assert seconds(page) > 3


def test_a_race_that_is_over_can_be_run_again(visit):
    page = visit()
    page.locator("[data-race=skip]").click()
    page.wait_for_selector("[data-lane=quick] .is-whole")
    assert page.locator("[data-race=go]").text_content() == "Race again"
    start(page)
    page.clock.run_for(1000)
    assert figures(page, "quick")[0] == "writing"
    assert page.locator(".is-whole").count() == 0


def test_a_tab_that_sleeps_does_not_race_on(visit):
    page = visit()
    start(page)
    page.clock.run_for(1000)
    page.clock.fast_forward(60_000)
    page.clock.run_for(500)
    assert 1.3 <= seconds(page) <= 1.7
    assert figures(page, "quick")[0] == "writing"


def test_pausing_and_going_on_at_once_does_not_double_the_pace(visit):
    page = visit()
    start(page)
    for _ in range(4):
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
    page.wait_for_selector(".race.is-shown")
    page.clock.run_for(2000)
    assert 1.7 <= seconds(page) <= 2.1


def test_the_finished_answer_is_whole_with_its_code_coloured(visit):
    page = visit()
    page.locator("[data-race=skip]").click()
    page.wait_for_selector("[data-lane=quick] .is-whole")
    lane = page.locator("[data-lane=quick] pre")
    assert lane.text_content().split() == ANSWER.split()
    assert lane.locator("code").text_content() == CODE
    assert lane.locator("code .k").first.text_content() == "def"
    assert lane.locator("code .nf").text_content() == "convert"


def test_what_models_wrote_is_text_and_a_running_lane_keeps_little(visit):
    page = visit()
    start(page)
    page.clock.run_for(9900)
    running = page.locator("[data-lane=hostile] pre")
    assert len(running.text_content()) <= 4000
    assert running.locator("*").count() == 0
    page.clock.run_for(300)
    shown = running.text_content()
    assert shown.startswith("<script>document.title='taken'</script><img src=x")
    assert "⟨U+202E⟩evil⟨U+202C⟩⟨U+001B⟩[31m </pre></li>longlong" in shown
    assert shown.endswith("data:text/html,x END")
    assert running.locator("*").count() == 0
    assert page.title() == "Race"
    assert page.locator(".race-lanes > li").count() == 4
    assert page.said == []


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_overflows_at_any_moment(visit, lang, width):
    page = visit(f"measured/{lang}", viewport={"width": width, "height": 800})
    span = "document.documentElement.scrollWidth"
    assert page.evaluate(span) == width
    start(page)
    page.clock.run_for(5000)
    assert page.evaluate(span) == width
    page.clock.run_for(6000)
    assert page.evaluate(span) == width
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.race :is(text, p, li, pre)')]"
        ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 12
    heights = page.evaluate(
        "[...document.querySelectorAll('.race-controls :is(button, select)')]"
        ".map(e => e.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44
    assert page.said == []


def test_under_reduced_motion_nothing_moves_by_itself_and_then_in_steps(visit):
    page = visit(reduced_motion="reduce")
    assert page.locator(".race-still").is_visible()
    page.clock.run_for(5000)
    assert not page.locator("[data-race=lanes]").is_visible()
    start(page)
    page.clock.run_for(1200)
    after_a_second = page.locator("[data-race=lanes]").inner_html()
    page.clock.run_for(700)
    assert page.locator("[data-race=lanes]").inner_html() == after_a_second
    page.clock.run_for(700)
    assert page.locator("[data-race=lanes]").inner_html() != after_a_second
    page.locator("[data-race=skip]").press("Enter")
    assert figures(page, "hostile")[:2] == ["finished", "10.0 s"]


def test_without_script_there_is_the_picture_the_table_and_no_control(visit):
    page = visit(java_script_enabled=False, is_clocked=False)
    assert page.locator(".race-track").count() == 3
    assert page.locator(".race-values").first.is_visible()
    assert page.locator("noscript p").is_visible()
    assert not page.locator(".race-controls").is_visible()
    assert page.locator("#table-race tbody tr").count() == 4
    assert page.get_by_text("No trial of this model counts").first.is_visible()


def test_in_print_there_is_the_whole_picture_even_in_mid_race(visit):
    page = visit()
    start(page)
    page.clock.run_for(1000)
    veiled = "getComputedStyle(document.querySelector('.race-veil')).visibility"
    assert page.evaluate(veiled) == "visible"
    page.emulate_media(media="print")
    for hidden in (".race-veil", ".race-controls", ".race-lanes", ".race-said"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".race-track").first.is_visible()


def test_the_controls_take_no_place_they_did_not_have(visit):
    page = visit()
    top = "document.querySelector('.race-picture').getBoundingClientRect().top"
    with_script = page.evaluate(top)
    page.evaluate("document.querySelector('[data-race=controls]').hidden = true")
    assert page.evaluate(top) == with_script
    assert not page.locator("[data-race=go]").is_visible()


def test_only_one_polite_region_speaks_and_no_lane_is_in_it(visit):
    page = visit()
    speaking = page.locator("[aria-live], [role=status], [role=log], [role=alert]")
    assert speaking.count() == 1
    assert page.locator("[role=status] [data-lane]").count() == 0
    assert page.get_by_role("group", name="The race:").count() == 1


def test_the_race_loads_nothing_until_it_is_started(visit, address):
    page = visit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(3000)
    recordings = [url for url in asked if "/data/" in url]
    assert recordings == []
    start(page)
    recordings = [url for url in asked if "/data/" in url]
    assert len(recordings) == 1
    assert recordings[0].startswith(f"{address}/measured/data/race/task.")


def test_a_recording_that_does_not_come_can_be_asked_for_again(visit):
    page = visit()
    page.route("**/data/race/*", lambda route: route.abort())
    page.locator("[data-race=go]").click()
    page.get_by_text("The recording could not be loaded").wait_for()
    assert not page.locator("[data-race=lanes]").is_visible()
    page.unroute("**/data/race/*")
    start(page)
    page.clock.run_for(1000)
    assert figures(page, "quick")[0] == "writing"


def test_from_a_folder_a_recording_needs_a_server_and_published_values_do_not(
    browser: Browser, folder: Path
):
    page = browser.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto((folder / "measured" / "en" / "index.html").as_uri())
    page.locator("[data-race=go]").click()
    page.get_by_text("open it through a web server").wait_for()
    page.goto((folder / "published" / "en" / "index.html").as_uri())
    page.locator("[data-race=skip]").click()
    page.get_by_text("Order of finishing: 1. Quick 4B (6.00 s).").wait_for()
    assert figures(page, "quick") == ["finished", "6.00 s", "50 tokens", "10.00 tok/s"]
    assert messages == []
    page.close()


def test_reconstructed_tokens_come_evenly_as_blocks(visit):
    page = visit("published/en")
    start(page)
    page.clock.run_for(900)
    assert figures(page, "quick")[0] == "waiting"
    page.clock.run_for(2620)
    # 1 token at 1 s, 49 more in the 5 s until 6 s: at 3.5 s there are 1 + 24.
    assert figures(page, "quick")[2] == "≈ 25 tokens"
    lane = page.locator("[data-lane=quick]")
    assert "reconstructed" in lane.text_content()
    # 25 blocks of 7 px, in the first of the rows.
    assert lane.locator(".race-done").get_attribute("d").endswith("V0H175V7H0Z")


def test_the_script_leaves_nothing_behind_in_the_page(visit):
    page = visit(is_clocked=False)
    for name in ("setUp", "part", "laneOf", "TAIL_CHARS"):
        assert page.evaluate(f"typeof {name}") == "undefined"
