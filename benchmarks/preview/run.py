"""Time the preview: from a save to the page in a browser, and what it costs at rest.

    python benchmarks/preview/run.py [--saves 10] [--idle 30] [--content FOLDER]

Two builders in one run: the site's own, and one that only reads the article, which
shows the share of the preview itself: waiting for the save to end, telling the browser,
loading the page anew. It works on a copy of the content, and ends with 1 if a limit is
passed. Needs playwright and chromium.
"""

import argparse
import cProfile
import pstats
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from site_builder.build import BuildPlan  # noqa: E402 - found by the line above
from site_builder.preview.building import build_in_memory  # noqa: E402 - likewise
from site_builder.preview.result import Result  # noqa: E402 - likewise
from site_builder.preview.session import Preview, Settings  # noqa: E402 - likewise
from site_builder.preview.worker import Built  # noqa: E402 - likewise

LIMIT_MS = 200.0
LIMIT_IDLE = 1.0
PROFILED = 15
"""Functions of ours that the profile of a build names."""


def main() -> int:
    """Print the figures and return 1 if a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=10)
    parser.add_argument("--idle", type=float, default=30.0, help="seconds")
    parser.add_argument("--content", type=Path, default=ROOT / "content")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder) / "content"
        shutil.copytree(arguments.content, content)
        plan = BuildPlan(
            content=content,
            records=content / "records",
            templates=ROOT / "templates",
            output=Path(folder) / "site",
            on_problems="report",
        )
        print("save to browser, ms     median      max   build median   rest median")
        slowest = _measure(
            "the site", lambda: build_in_memory(plan), plan, arguments.saves
        )
        _measure("an article only", _bare_build(content), plan, arguments.saves)
        idle = _idle_percent(plan, arguments.idle)
        print(f"idle: {idle:.2f} % of a processor over {arguments.idle:.0f} s")
        _profile(plan)
    print(f"limits: {LIMIT_MS:.0f} ms, {LIMIT_IDLE:.0f} %")
    return int(slowest > LIMIT_MS or idle > LIMIT_IDLE)


def _bare_build(content: Path) -> Callable[[], Result]:
    def build() -> Result:
        text = (content / "ja" / "article.md").read_bytes()
        page = b"<html><head><title>x</title></head><body>" + text + b"</body></html>"
        return Result(files={"ja/index.html": page}, home="ja/index.html")

    return build


@contextmanager
def _running(
    build: Callable[[], Result], plan: BuildPlan
) -> Iterator[tuple[Preview, list[Built]]]:
    builds: list[Built] = []
    first = threading.Event()

    def report(built: Built) -> None:
        builds.append(built)
        first.set()

    preview = Preview(
        build,
        Settings(
            content=plan.content,
            records=plan.records,
            watched=(plan.content, plan.templates),
            port=0,
        ),
        report=report,
    )
    thread = threading.Thread(target=preview.run)
    thread.start()
    first.wait()
    try:
        yield preview, builds
    finally:
        preview.stop()
        thread.join()


def _measure(
    name: str, build: Callable[[], Result], plan: BuildPlan, saves: int
) -> float:
    """Print a row and return the median of a save, in milliseconds."""
    article = plan.content / "ja" / "article.md"
    before = article.read_text(encoding="utf-8")
    with _running(build, plan) as (preview, builds), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        with page.expect_request("**/__seikaku/events?*"):
            page.goto(preview.origin + "/ja/")
        times = [
            # Without a digit: the build would ask for its source.
            _save(page, article, before, f"sav{'e' * number}d")
            for number in range(1, saves + 1)
        ]
        browser.close()
    article.write_text(before, encoding="utf-8")
    took = [built.took_s * 1000 for built in builds[1:]]
    rest = [whole - build for whole, build in zip(times, took, strict=False)]
    median = statistics.median(times)
    print(
        f"{name:<20} {median:>9.0f} {max(times):>8.0f} {statistics.median(took):>14.0f}"
        f" {statistics.median(rest):>13.0f}"
    )
    return median


def _save(page: Page, article: Path, before: str, mark: str) -> float:
    """Save once and return the milliseconds until the browser shows it."""
    began = time.perf_counter()
    article.write_text(f"{before}\n{mark}\n", encoding="utf-8")
    page.get_by_text(mark).wait_for()
    took = (time.perf_counter() - began) * 1000
    # Saves a little apart, as those of a person are.
    page.wait_for_timeout(300)
    return took


def _idle_percent(plan: BuildPlan, seconds: float) -> float:
    with _running(_bare_build(plan.content), plan):
        time.sleep(1.0)
        began, cpu = time.perf_counter(), time.process_time()
        time.sleep(seconds)
        spent = time.process_time() - cpu
        return 100 * spent / (time.perf_counter() - began)


def _profile(plan: BuildPlan) -> None:
    """Print where a second build in the same process spends its time."""
    build_in_memory(plan)
    profile = cProfile.Profile()
    profile.runcall(build_in_memory, plan)
    statistic = pstats.Stats(profile)
    rows = [
        (cumulative, calls, f"{Path(file).name}:{name}")
        for (file, _, name), (calls, _, _, cumulative, _) in statistic.stats.items()  # type: ignore[attr-defined]
        if "site_builder" in file and not name.startswith("<")
    ]
    print("a build by function, ms with what it calls (profiled: slower)")
    for cumulative, calls, name in sorted(rows, reverse=True)[:PROFILED]:
        print(f"{cumulative * 1000:>8.0f} {calls:>6} {name}")


if __name__ == "__main__":
    sys.exit(main())
