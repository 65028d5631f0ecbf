"""Two models' code beside each other: whose, which, and what is known of it."""

import re

import pytest

from .hostile import LONG_CODE, built, hostile_run, with_codes
from .scenarios import (
    GEMMA,
    GPT_OSS,
    HERMES,
    QWEN,
    Figures,
    all_failed,
    coding,
    judged,
    measured,
    truncated,
    worked_codes,
)

pytestmark = pytest.mark.slow


def panels(page: str) -> dict[str, str]:
    """Return the page's panels by the id of the first link's model."""
    parts = page.split('<section class="p')[1:]
    return {re.findall(r"models/([^/]+)/index.html", part)[0]: part for part in parts}


def facts(panel: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", panel))


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> dict[str, bytes]:
    run = truncated(coding(measured(2, events=40), worked_codes(2)), HERMES, 1)
    cases = {"01-a": "pass", "02-b": "lenient", "03-c": "fail"}
    run = judged(run, {QWEN: [cases], GEMMA: [cases]}, levels={GEMMA: ["fails"]})
    return built(tmp_path_factory.mktemp("compare"), run)


def test_each_model_stands_there_with_its_first_counted_code(site):
    found = panels(site["en/compare/index.html"].decode())
    assert list(found) == [QWEN, HERMES, GEMMA, GPT_OSS]
    trials = [facts(panel)["Trial"] for panel in found.values()]
    # The first of Hermes was cut at the limit.
    assert trials == ["json-to-csv-01", "json-to-csv-02", *["json-to-csv-01"] * 2]
    assert "VERSION" in found[HERMES]


def test_facts_are_those_of_the_code_shown(site):
    found = panels(site["en/compare/index.html"].decode())
    code = worked_codes(1)[QWEN][0]
    shown = facts(found[QWEN])
    assert shown["Lines"] == str(code.count("\n"))
    assert shown["Does it run"] == "as is"
    assert shown["Cases passed (strict + lenient)"] == "1 + 1 of 3"
    assert float(shown["Structure index (points)"]) < float(
        facts(found[GPT_OSS])["Structure index (points)"]
    )
    assert facts(found[GEMMA])["Does it run"] == "fails"
    assert facts(found[GPT_OSS])["Cases passed (strict + lenient)"] == "unknown"


def test_two_are_chosen_at_first_and_every_model_can_be(site):
    page = site["ja/compare/index.html"].decode()
    for side, place in (("left", 1), ("right", 2)):
        radio = f'<input type="radio" name="{side}" class="c(.)"(.*?)>'
        radios = re.findall(radio, page)
        assert radios == [
            (str(n), " checked" if n == place else "") for n in range(1, 5)
        ]


def test_the_style_can_show_every_place(site):
    style = next(data for path, data in site.items() if path.endswith(".css")).decode()
    for n in range(1, 13):
        assert f".compare:has(.left .c{n}:checked) .p{n}" in style
        assert f".compare:has(.right .c{n}:checked) .p{n}" in style


def test_ids_of_lines_differ_from_model_to_model(site):
    page = site["en/compare/index.html"].decode()
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert f"{GEMMA}-L1" in ids


def test_there_is_no_page_without_two_models_with_code(tmp_path):
    run = with_codes(measured(2, events=40), {QWEN: ["a = 1\n"]})
    files = built(tmp_path, run)
    assert "en/compare/index.html" not in files
    assert b"compare/" not in files[f"en/models/{QWEN}/index.html"]


def test_where_no_trial_counts_the_first_stands_and_says_so(tmp_path):
    run = all_failed(coding(measured(2, events=40), worked_codes(1)))
    found = panels(built(tmp_path, run)["en/compare/index.html"].decode())
    assert facts(found[QWEN])["Trial"] == "json-to-csv-01"
    assert facts(found[QWEN])["Treatment"] == "cut off"


def test_twelve_models_with_long_code_stay_light(tmp_path):
    figures = {
        f"model-{n}": Figures(name=f"モデル{n}", tok_s=10.0 + n, ttft_s=0.5, tokens=50)
        for n in range(1, 13)
    }
    run = measured(1, figures=figures, events=20)
    both = (worked_codes(1)[GPT_OSS][0], LONG_CODE)
    codes = {key: [both[n % 2]] for n, key in enumerate(figures)}
    page = built(tmp_path, with_codes(run, codes))["ja/compare/index.html"]
    assert len(page) < 300_000
    assert page.count(b"</") < 4_000
    found = panels(page.decode())
    assert len(found) == 12
    assert "色分けを省いて" in found["model-1"]
    assert 'href="../models/model-2/index.html#code"' in found["model-2"]


def test_hostile_code_is_inert_here_too(tmp_path):
    page = built(tmp_path, hostile_run())["ja/compare/index.html"].decode()
    assert "<script>window" not in page
    assert "&lt;script&gt;window.taken=7" in page
    assert "\u202e" not in page
