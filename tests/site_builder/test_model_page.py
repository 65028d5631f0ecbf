"""A model's page shows all that it wrote, here or one link away, and stays light."""

import html
import re
from dataclasses import replace

import pytest

from .hostile import ANSWER, CODE, LONG_ANSWER, LONG_CODE, NAME, built, hostile_run
from .scenarios import (
    GEMMA,
    GPT_OSS,
    HERMES,
    QWEN,
    all_failed,
    answering,
    coding,
    dropped,
    judged,
    measured,
    worked_codes,
)

MAX_BYTES = 300_000
MAX_ELEMENTS = 4_000
FOLD = re.compile(r"<details[^>]*>\n<summary>(.*?)</summary>")


def shown_in(page: str, element_id: str) -> str:
    """Return what follows an element's opening tag, up to the next listing or reply."""
    _, after = page.split(f' id="{element_id}"', maxsplit=1)
    return re.split(r'<div class="(?:listing|reply)"', after)[0]


def code_in(page: str, anchor: str) -> str:
    block = r"<pre[^>]*><code>(.*?)</code></pre>"
    found = re.search(block, shown_in(page, anchor), re.DOTALL)
    assert found is not None
    return html.unescape(re.sub("<[^>]*>", "", found[1]))


def section(page: str, section_id: str) -> str:
    _, _, after = page.partition(f'aria-labelledby="{section_id}"')
    return after.partition("</section>")[0]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> dict[str, str]:
    files = built(tmp_path_factory.mktemp("hostile"), hostile_run())
    return {path: data.decode() for path, data in files.items() if ".html" in path}


@pytest.fixture(scope="module")
def worked(tmp_path_factory) -> dict[str, str]:
    run = coding(measured(6, events=40), worked_codes(2))
    cases = {f"{n:02d}-x": "fail" if n == 3 else "pass" for n in range(1, 19)}
    run = judged(run, {model_id: [cases] for model_id in worked_codes(1)})
    files = built(tmp_path_factory.mktemp("worked"), run)
    return {path: data.decode() for path, data in files.items() if ".html" in path}


def test_equal_code_stands_once_and_names_its_trials(worked):
    page = worked[f"en/models/{QWEN}/index.html"]
    assert FOLD.findall(section(page, "code")) == [
        "json-to-csv, code of trials 1, 3, 5 (the same)",
        "json-to-csv, code of trials 2, 4, 6 (the same)",
    ]


def test_answers_are_equal_if_their_thinking_is_too(tmp_path):
    run = answering(measured(3, events=40), {HERMES: ["Prose."]})
    trials = tuple(
        trial.model_copy(update={"reasoning_text": "a" if trial.number < 3 else "b"})
        for trial in run.trials
    )
    files = built(tmp_path, replace(run, trials=trials))
    page = files[f"ja/models/{HERMES}/index.html"].decode()
    assert FOLD.findall(section(page, "answers")) == [
        "json-to-csv 試行1、2の回答（同一）",
        "回答の前に考えた内容",
        "原文",
        "json-to-csv 試行3の回答",
        "回答の前に考えた内容",
        "原文",
    ]


def test_figures_have_the_interval_of_their_median(worked):
    page = worked[f"en/models/{QWEN}/index.html"]
    table = page.split('id="table-figures"')[1].split("</table>")[0]
    rates = re.findall(r">([^<>]*)<", table.split("Speed (tok/s)")[1])
    cells = [cell for cell in rates if cell.strip()][:4]
    # The interval of six values is all of them: 1 - 2 / 2**6 = 96.9 %.
    assert cells[1] == f"{cells[2]} (96.9%)"
    assert cells[3] == "6"


def test_code_of_trials_is_linked_line_by_line(worked):
    page = worked[f"en/models/{GPT_OSS}/index.html"]
    assert '<span id="json-to-csv-02-L7"><a href="#json-to-csv-02-L7"' in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_every_trial_has_its_files(worked):
    page = worked[f"ja/models/{HERMES}/index.html"]
    table = page.split('id="table-files"')[1].split("</table>")[0]
    base = f"../../../data/records/rig-a/{HERMES}/json-to-csv-06"
    for suffix in (".json", ".py", ".md", ".verdict.json"):
        assert f'href="{base}{suffix}"' in table


def test_hostile_output_adds_no_element_of_its_own(hostile):
    for path, page in hostile.items():
        scripts = re.findall(r"<script[^>]*>", page)
        assert all('src="' in tag and "assets/" in tag for tag in scripts), path
        assert not re.search(r"<(img|iframe|object|style|base|form)\b", page), path
        assert not re.search(r"<[^>]* on[a-z]+=", re.sub("<meta[^>]*>", "", page)), path
        assert not re.search(r'(href|src)="(javascript|data):', page), path
        assert not re.search(r'href="https://evil', page), path
        assert not re.search(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", page
        )
        assert page.count("<main") == page.count("</main>") <= 1, path
        assert page.count("<details") == page.count("</details>"), path


def test_hostile_output_is_shown_whole(hostile):
    page = hostile[f"en/models/{QWEN}/index.html"]
    assert code_in(page, "json-to-csv-01") == CODE.replace("\x00", "⟨U+0000⟩").replace(
        "\u202e\x1b", "⟨U+202E⟩⟨U+001B⟩"
    )
    reply = shown_in(page, "json-to-csv-01-answer")
    assert "&lt;i&gt;hm&lt;/i&gt;" in reply.split("Its Markdown, laid out")[0]
    assert "written out by number" in reply
    raw = html.unescape(reply.rsplit("<pre", 1)[1])
    assert all(line in raw for line in ANSWER.split("\n")[2:5])
    assert "L" * 10_000 in raw


def test_model_pages_stay_light_whatever_the_answers(hostile, worked):
    for pages in (hostile, worked):
        for path, page in pages.items():
            if re.fullmatch(r"../models/[^/]+/index.html", path):
                assert len(page.encode()) < MAX_BYTES, path
                assert page.count("</") < MAX_ELEMENTS, path


def test_what_has_no_room_is_cut_with_a_word_and_whole_on_its_own_page(hostile):
    page = hostile[f"en/models/{QWEN}/index.html"]
    cut = shown_in(page, "json-to-csv-03")
    n_code = f"{len(LONG_CODE):,}"
    assert re.search(rf"Only the first \d+ of {n_code} characters are shown", cut)
    assert 'href="json-to-csv-03/index.html#json-to-csv-03"' in cut
    assert "data-copy" not in cut.split("<pre")[0]
    assert code_in(page, "json-to-csv-03") == "".join(
        LONG_CODE.splitlines(keepends=True)[:12]
    ).removesuffix("\n")
    whole = hostile[f"en/models/{QWEN}/json-to-csv-03/index.html"]
    assert code_in(whole, "json-to-csv-03") == LONG_CODE
    assert '<meta name="robots" content="noindex">' in whole

    reply = shown_in(page, "json-to-csv-02-answer")
    assert f"Only the first 362 of {len(LONG_ANSWER):,} characters" in reply
    assert 'href="json-to-csv-02/index.html#json-to-csv-02-answer"' in reply
    whole = hostile[f"en/models/{QWEN}/json-to-csv-02/index.html"]
    assert "shown as it came only" in whole
    assert LONG_ANSWER in whole


def test_thinking_that_is_cut_is_announced(hostile):
    page = hostile[f"en/models/{QWEN}/index.html"]
    # Recorded thinking fills what the short answer lacks in tokens.
    assert "What it thought first" in shown_in(page, "json-to-csv-01-answer")


def test_pages_of_models_without_code_say_so(hostile, worked):
    page = hostile[f"en/models/{HERMES}/index.html"]
    assert "No answer held any code." in section(page, "code")
    assert "No answer held any code." not in worked[f"en/models/{HERMES}/index.html"]


def test_failed_trials_are_shown_and_marked(tmp_path):
    run = coding(measured(2, events=40), worked_codes(2))
    files = built(tmp_path, all_failed(run))
    page = files[f"en/models/{GEMMA}/index.html"].decode()
    assert "Trial 1 does not count:" in section(page, "code")
    assert "Trial 2 does not count:" in section(page, "answers")
    assert "compare/index.html" in page


def test_one_model_and_names_with_markup_leave_the_page_whole(tmp_path):
    run = dropped(measured(2, events=40), HERMES, GEMMA, GPT_OSS)
    model = run.run.models[0].model_copy(update={"name": NAME})
    named = replace(run, run=run.run.model_copy(update={"models": (model,)}))
    files = built(tmp_path, named)
    page = files[f"ja/models/{QWEN}/index.html"].decode()
    assert html.escape(NAME, quote=False) in page
    assert "<b>ひ" not in page
    assert "ja/compare/index.html" not in files
    assert "compare" not in page


def test_room_is_shared_by_all_that_a_model_wrote(tmp_path):
    run = coding(measured(6, events=40), worked_codes(6))
    answers = [f"{ANSWER}\n{number}" for number in range(6)]
    files = built(tmp_path, answering(run, {GEMMA: answers}))
    for model_id, kind in ((GPT_OSS, "code"), (GEMMA, "answers")):
        part = section(files[f"en/models/{model_id}/index.html"].decode(), kind)
        whole = [f"json-to-csv-{n:02d}/index.html" not in part for n in range(1, 7)]
        # The first are whole, the last are not.
        assert whole == sorted(whole, reverse=True)
        assert whole[0]
        assert not whole[-1]
