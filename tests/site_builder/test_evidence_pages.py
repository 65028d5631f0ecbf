"""From records with code and verdicts to pages: shown, explained, never executed."""

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest

from collector.record import PlannedModel, Verdict
from collector.store import save_code, save_run, save_trial, save_verdict
from site_builder.build import BuildPlan, build
from site_builder.errors import ContentError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MODELS = ("qwen3-vl-4b", "hermes-4-14b", "gemma-3n-e4b", "gpt-oss-20b")
HOSTILE = '</pre><script>alert("x")</script> {{ 7 }} \u202e'
CODE = "import json\n\n\ndef convert(a, b):\n    json.dump(a, b)\n"


@pytest.fixture
def content(tmp_path: Path, run, trial) -> Path:
    """Copy the content, with a measured run of two answers for each model."""
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content", folder)
    records = folder / "records"
    models = tuple(
        PlannedModel(model_id=key, key=key, name=key.upper()) for key in MODELS
    )
    save_run(records, run(models=models))
    for model_id in MODELS:
        for number in (1, 2):
            answer = trial(model_id, number, 10, answer_text=f"```python\n{CODE}```\n")
            save_trial(records, answer)
            save_code(records, answer, CODE)
    return folder


@pytest.fixture
def judge(content, verdict):
    def save(model_id: str, number: int = 1, **changes) -> Verdict:
        found = verdict(CODE, model_id=model_id, number=number, **changes)
        save_verdict(content / "records", found)
        return found

    return save


def built(content: Path, output: Path, run_id: str = "my-rig") -> dict[str, str]:
    build(
        BuildPlan(
            content=content,
            records=content / "records",
            templates=ROOT / "templates",
            output=output,
            run_id=run_id,
            base_url="https://a.example/repo/",
        )
    )
    return {
        path.relative_to(output).as_posix(): path.read_text(encoding="utf-8")
        for path in output.rglob("*.*")
        if path.is_file() and path.suffix not in {".zip", ".png"}
    }


def rows(page: str, table_id: str) -> list[list[str]]:
    _, after = page.split(f'<table id="table-{table_id}">', maxsplit=1)
    table = after.partition("</table>")[0]
    return [
        [
            re.sub(r"<[^>]*>", "", cell).strip()
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]


def test_the_matrix_can_be_read_without_colour(content, judge, case, tmp_path):
    judge("qwen3-vl-4b", cases=(case(), case("03-late-keys", "lenient")))
    judge("qwen3-vl-4b", 2, cases=(case(), case("03-late-keys", "fail")))
    files = built(content, tmp_path / "site")
    page = files["en/models/qwen3-vl-4b/index.html"]
    assert rows(page, "cases-1") == [
        ["Case", "Trial 1", "Trial 2"],
        ["Flat objects", "✓ pass", "✓ pass"],
        ["Key that appears late", "△ lenient", "✕ fail"],
    ]
    assert rows(files["ja/models/qwen3-vl-4b/index.html"], "cases-1")[2] == [
        "後から現れるキー",
        "△ 許容",
        "× 不合格",
    ]
    # The symbol repeats the word, so it is not read out.
    assert '<span class="symbol" aria-hidden="true">✓</span>' in page
    # What the judge wrote is marked as English where the page is not.
    assert (
        '<dd lang="en">why 03-late-keys is fail</dd>'
        in files["ja/models/qwen3-vl-4b/index.html"]
    )


def test_what_code_and_judge_wrote_is_shown_and_never_run(
    content, judge, case, tmp_path
):
    judge(
        "gpt-oss-20b",
        level="names_adjusted",
        reason=HOSTILE,
        diff=HOSTILE,
        call=HOSTILE,
        tried=(HOSTILE,),
        cases=(case(result="fail", reason=HOSTILE),),
    )
    files = built(content, tmp_path / "site")
    page = files["en/models/gpt-oss-20b/index.html"]
    for path, text in files.items():
        assert "<script>" not in text or not path.endswith(".html")
    assert page.count("&lt;/pre&gt;&lt;script&gt;") == 5
    assert "\u202e" not in page
    assert "{{ 7 }} ⟨U+202E⟩" in page


def test_the_article_compares_passes_and_index_in_both_languages(
    content, judge, case, tmp_path
):
    cases = tuple(case(f"{n:02d}-x") for n in range(1, 4))
    for model_id in MODELS[:2]:
        judge(model_id, cases=cases)
    files = built(content, tmp_path / "site")
    for language in ("en", "ja"):
        page = files[f"{language}/index.html"]
        assert 'id="figure-verification"' in page
        assert 'href="method/index.html"' in page
        table = rows(page, "summary")
        assert len(table[0]) == 1 + 4 + 3 + 1
        # Types, docs, … are all 0; one simple function of three: 12 · ⅔ = 8.
        assert [row[7] for row in table[1:]] == ["(8.0)"] * 4
    english = rows(files["en/index.html"], "summary")
    assert [row[5] for row in english[1:]] == ["as is", "as is", "unknown", "unknown"]
    assert english[1][6] == "3 + 0 of 3"
    assert english[3][6] == "unknown"


def test_the_files_for_programs_have_the_evidence(content, judge, case, tmp_path):
    judge("qwen3-vl-4b", cases=(case(), case("02-x", "lenient"), case("03-x", "fail")))
    files = built(content, tmp_path / "site")
    first, *others = json.loads(files["data/summary.json"])
    evidence = {
        key: first[key]
        for key in ("level", "cases_passed", "cases_counted", "archetype")
    }
    assert evidence == {
        "level": "as_is",
        "cases_passed": 1,
        "cases_counted": 3,
        "archetype": None,
    }
    assert first["structure_index"] == pytest.approx(8)
    for row in others:
        assert (row["level"], row["cases_passed"]) == (None, None)
    lines = list(csv.DictReader(io.StringIO(files["data/summary.csv"])))
    assert [line["cases_passed"] for line in lines] == ["1", "", "", ""]


def test_code_that_ran_without_a_sandbox_is_announced_on_page_and_article(
    content, judge, tmp_path
):
    judge("qwen3-vl-4b", sandbox="none", sandbox_version=None)
    files = built(content, tmp_path / "site")
    said = 'class="warning">This code ran without a sandbox'
    assert said in files["en/models/qwen3-vl-4b/index.html"]
    assert said not in files["en/models/gpt-oss-20b/index.html"]
    assert "Some of this code ran without a sandbox" in files["en/index.html"]
    assert "サンドボックスなしで動かしています" in files["ja/index.html"]


def test_models_judged_in_different_sandboxes_are_not_passed_off_as_alike(
    content, judge, tmp_path
):
    judge("qwen3-vl-4b")
    judge("gpt-oss-20b", sandbox="wasi", guest_python="3.12.0")
    judge("hermes-4-14b")
    judge("hermes-4-14b", 2, sandbox="wasi", guest_python="3.12.0")
    files = built(content, tmp_path / "site")
    article = files["en/index.html"]
    # Below the table and in the chart's caption.
    assert article.count("Their passes are no fair comparison.") == 2
    assert "its page shows each apart" in article
    shown = {row[0]: row[6] for row in rows(article, "summary")[1:]}
    assert shown["HERMES-4-14B"] == "unknown"
    page = files["en/models/hermes-4-14b/index.html"]
    assert "never averaged" in page
    assert rows(page, "levels-1")[1][0] == "Trial 1"
    assert rows(page, "levels-2")[1][0] == "Trial 2"


def test_code_without_verdicts_is_said_not_to_have_been_run(content, tmp_path):
    files = built(content, tmp_path / "site")
    page = files["en/models/qwen3-vl-4b/index.html"]
    assert "Answers with code that have not been run: 2." in page
    assert "figure-verification" not in files["en/index.html"]
    assert "figure-speed-structure" in files["en/index.html"]
    assert "Structure index (points)" in files["en/index.html"]


def test_a_published_run_shows_ranges_and_no_evidence(content, tmp_path):
    files = built(content, tmp_path / "site", "published")
    for language in ("en", "ja"):
        article = files[f"{language}/index.html"]
        assert "figure-verification" not in article
        assert len(rows(article, "summary")[0]) == 7
        page = files[f"{language}/models/gpt-oss-20b/index.html"]
        assert 'id="verified"' not in page
        assert 'id="table-bounds"' in page
        assert 'id="table-traits-1"' not in page
    for row in json.loads(files["data/summary.json"]):
        assert row["structure_index"] is None
        assert row["level"] is None


def test_a_figure_without_data_cannot_be_placed(content, tmp_path):
    for language in ("ja", "en"):
        article = content / language / "article.md"
        text = article.read_text(encoding="utf-8")
        placed = '\n\n{{ figure("verification") }}\n'
        article.write_text(text + placed, encoding="utf-8")
    with pytest.raises(ContentError, match="there is no figure 'verification'"):
        built(content, tmp_path / "site", "published")


def test_the_method_page_is_linked_and_known_to_search_engines(content, tmp_path):
    files = built(content, tmp_path / "site", "published")
    base = "https://a.example/repo/"
    for language in ("en", "ja"):
        page = files[f"{language}/method/index.html"]
        assert f'rel="canonical" href="{base}{language}/method/"' in page
        for other in ("en", "ja"):
            link = f'hreflang="{other}" href="{base}{other}/method/"'
            assert link in page
        assert f'hreflang="x-default" href="{base}ja/method/"' in page
        assert f"<loc>{base}{language}/method/</loc>" in files["sitemap.xml"]
        footer = files[f"{language}/models/gpt-oss-20b/index.html"].split("<footer")[1]
        assert 'href="../../method/index.html"' in footer
