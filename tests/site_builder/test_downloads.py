"""Every file of a run can be had, is listed and explained, and can be read again."""

import csv
import io
import re
import tomllib
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from collector.metrics import METRICS
from collector.store import load_run
from site_builder.analysis.summary import summarise
from site_builder.citing import citation_files
from site_builder.config import SiteConfig
from site_builder.data_files import data_files, record_files
from site_builder.findings import find_evidence
from site_builder.trial_rows import COLUMNS

from .hostile import built
from .scenarios import (
    GEMMA,
    GPT_OSS,
    HERMES,
    QWEN,
    coding,
    dropped,
    judged,
    measured,
    save,
    truncated,
    worked_codes,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def run():
    """Make two models, two trials each; Hermes' second answer is cut."""
    made = dropped(measured(2, events=40), GEMMA, GPT_OSS)
    codes = {key: worked_codes(2)[key] for key in (QWEN, HERMES)}
    made = coding(made, codes)
    results = {
        QWEN: [{"01-a": "pass", "02-b": "lenient"}],
        HERMES: [{"01-a": "pass", "02-b": "fail"}],
    }
    levels = {HERMES: ["as_is", "not_executed"]}
    return truncated(judged(made, results, levels=levels), HERMES, 2)


@pytest.fixture(scope="module")
def files(run) -> dict[str, bytes]:
    summaries = summarise(run)
    return data_files(run, summaries, find_evidence(run, summaries))


@pytest.fixture(scope="module")
def site(run, tmp_path_factory) -> dict[str, bytes]:
    return built(tmp_path_factory.mktemp("site"), run, base_url="https://a.example/b/")


def rows(files) -> dict[tuple[str, str], dict[str, str]]:
    text = files["data/trials.csv"].decode("utf-8")
    read = csv.DictReader(io.StringIO(text, newline=""))
    return {(row["model"], row["trial"]): row for row in read}


def test_records_are_the_bytes_that_the_collector_saved(run, tmp_path):
    folder = save(run, tmp_path)
    saved = {
        f"data/records/rig-a/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*.*")
        if path.is_file()
    }
    offered = record_files(run)
    assert saved.items() <= offered.items()
    # Beside them lie the answers as they came, none for the two warm-ups.
    texts = {path: data for path, data in offered.items() if path not in saved}
    assert texts == {
        f"data/records/rig-a/{trial.model_id}/json-to-csv-{trial.number:02d}.md": (
            trial.answer_text.encode()
        )
        for trial in run.trials
        if not trial.is_warmup
    }


def test_the_archive_unpacked_is_a_run(files, run, tmp_path):
    save(run, tmp_path / "saved")
    with zipfile.ZipFile(io.BytesIO(files["data/rig-a.zip"])) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "unpacked")
    unpacked = load_run(tmp_path / "unpacked", "rig-a")
    assert unpacked == load_run(tmp_path / "saved", "rig-a")
    assert len(unpacked.trials) == 6


def test_the_archive_has_the_same_bytes_whenever_and_wherever_it_is_made(files, run):
    again = replace(run, codes=dict(reversed(run.codes.items())))
    summaries = summarise(again)
    made = data_files(again, summaries, find_evidence(again, summaries))
    assert made["data/rig-a.zip"] == files["data/rig-a.zip"]
    with zipfile.ZipFile(io.BytesIO(files["data/rig-a.zip"])) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(e.filename for e in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {(entry.compress_type, entry.create_system) for entry in entries} == {(0, 3)}


def test_the_trials_have_a_row_each_with_all_that_is_known(files):
    found = rows(files)
    assert list(found) == [(m, n) for m in (QWEN, HERMES) for n in ("1", "2")]
    first, last = found[QWEN, "1"], found[HERMES, "2"]
    assert tuple(first) == COLUMNS
    assert (first["is_counted"], first["outcome"], first["failure"]) == (
        *("true", "complete"),
        "",
    )
    assert (first["level"], first["cases_passed"], first["cases_lenient"]) == (
        *("as_is", "1"),
        "1",
    )
    assert (first["cases_counted"], first["cache"], first["round"]) == (
        "2",
        "cold",
        "1",
    )
    assert first["code_lines"] == str(worked_codes(1)[QWEN][0].count("\n"))
    assert 70 < float(first["decode_tok_s"]) < 82
    assert (last["is_counted"], last["failure"]) == ("false", "limit")
    # Code that was not executed passed no case, and failed none.
    assert (last["level"], last["cases_passed"]) == ("not_executed", "")
    assert last["load_s"] == ""


def test_no_cell_begins_a_formula(run):
    trials = tuple(
        trial.model_copy(update={"finish_reason": "=1+1"}) for trial in run.trials
    )
    changed = replace(run, trials=trials)
    summaries = summarise(changed)
    made = data_files(changed, summaries, find_evidence(changed, summaries))
    assert {row["finish_reason"] for row in rows(made).values()} == {"'=1+1"}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_column_is_explained(language):
    path = ROOT / "content" / language / "strings.toml"
    code = tomllib.loads(path.read_text(encoding="utf-8"))["code"]
    assert set(code["column"]) == set(COLUMNS) - set(METRICS)
    assert set(code["unit"]) <= set(code["column"])


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_list_has_every_file_once_with_its_size(site, language):
    page = site[f"{language}/data/index.html"].decode()
    main = page.split("<main")[1].split("</main>")[0]
    links = re.findall(r'href="\.\./\.\./(data/[^"#]+)"', main)
    listed = [link for link in links if not link.endswith("index.html")]
    assert len(listed) == len(set(listed))
    other = {"ja": ".en.csv", "en": ".ja.csv"}[language]
    data = {
        p for p in site if p.startswith("data/") and not p.endswith((".html", other))
    }
    assert set(listed) == data
    n_bytes = len(site[f"data/records/rig-a/{QWEN}/json-to-csv-01.py"])
    shown = {"en": f" ({n_bytes} bytes)", "ja": f"（{n_bytes}バイト）"}[language]
    assert f"json-to-csv-01.py{shown}" in main
    n_kilobytes = len(site["data/rig-a.zip"]) / 1000
    assert f">{n_kilobytes:,.1f}<" in main


def test_the_list_explains_columns_citation_and_licence(site):
    page = site["en/data/index.html"].decode()
    table = page.split('id="table-columns-trials"')[1].split("</table>")[0]
    assert re.findall(r"<code[^>]*>([a-z_]+)</code>", table) == list(COLUMNS)
    assert "@online{seikaku-en," in page
    assert "url = {https://a.example/b/en/}" in page


def test_the_citation_names_author_day_and_licence():
    config = SiteConfig(
        primary_language="ja",
        base_url="https://a.example/b/",
        author='A "B" C',
        licence="MIT",
        licence_url="https://l.example/",
        updated_on=date(2026, 11, 24),
    )
    files = citation_files(config, {"ja": "題: 名", "en": "Title"})
    assert set(files) == {
        *("data/CITATION.cff", "data/LICENSE.txt"),
        *("data/citation-ja.bib", "data/citation-en.bib"),
    }
    lines = files["data/CITATION.cff"].decode().splitlines()
    assert 'title: "題: 名"' in lines
    assert lines[-1] == '  - name: "A \\"B\\" C"'
    assert 'date-released: "2026-11-24"' in lines
    assert 'license: "MIT"' in lines
    assert "https://l.example/" in files["data/LICENSE.txt"].decode()
    assert "year = {2026}" in files["data/citation-en.bib"].decode()


def test_without_address_or_licence_nothing_is_made_up():
    files = citation_files(SiteConfig(primary_language="ja"), {"ja": "T"})
    assert list(files) == ["data/CITATION.cff"]
    assert "license" not in files["data/CITATION.cff"].decode()
    assert "url" not in files["data/CITATION.cff"].decode()


def test_published_figures_have_their_records_and_no_code(tmp_path):
    published = load_run(ROOT / "content" / "records", "published")
    offered = record_files(published)
    assert {path.rpartition(".")[2] for path in offered} == {"json"}
    assert len(offered) == 5
    for path, data in offered.items():
        file = tmp_path / path.removeprefix("data/records/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    assert load_run(tmp_path, "published") == published
