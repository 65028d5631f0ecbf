"""From records to pages: what a reader sees follows the records, and nothing else."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seikaku import cli
from site_builder.build import BuildPlan
from site_builder.build import build as build_site
from site_builder.errors import TemplateFault

ROOT = Path(__file__).parents[2]
OUR_SCRIPT = re.compile(rb'<script [^<>]*src="[^"]*assets/[^"]+\.js"[^<>]*></script>')
FIGURES = {
    "qwen3-vl-4b": (76.02, 0.20, 786, 10.3),
    "hermes-4-14b": (32.68, 0.55, 502, 15.4),
    "gemma-3n-e4b": (13.55, 0.34, 1280, 94.5),
    "gpt-oss-20b": (14.33, 0.82, 1307, 91.2),
}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content", folder)
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def build(content: Path, output: Path, *more: str) -> dict[str, bytes]:
    result = run("build", "--content", content, "--output", output, *more)
    assert result.exit_code == 0, result.output
    return files_of(output)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def trial_of(content: Path, model: str) -> Path:
    return content / "records" / "published" / model / "json-to-csv-01.json"


class Rows(HTMLParser):
    """Collects the cells of the table with an id."""

    def __init__(self, table_id: str) -> None:
        super().__init__()
        self.table_id, self.rows, self.inside, self.cell = table_id, [], False, None

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.inside = dict(attrs).get("id") == self.table_id
        elif self.inside and tag == "tr":
            self.rows.append([])
        elif self.inside and tag in {"td", "th"}:
            self.cell = ""

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data

    def handle_endtag(self, tag):
        if self.inside and tag in {"td", "th"} and self.cell is not None:
            self.rows[-1].append(self.cell.strip())
            self.cell = None
        elif tag == "table":
            self.inside = False


def table(page: bytes, table_id: str) -> list[list[str]]:
    parser = Rows(table_id)
    parser.feed(page.decode("utf-8"))
    return parser.rows


def test_the_summary_has_the_published_figures_and_derived_times(content, tmp_path):
    files = build(content, tmp_path / "site")
    rows = {row["model"]: row for row in json.loads(files["data/summary.json"])}

    assert list(rows) == list(FIGURES)
    for model, (rate, ttft, tokens, generation) in FIGURES.items():
        row = rows[model]
        assert (row["decode_tok_s"], row["ttft_s"]) == (rate, ttft)
        assert row["completion_tokens"] == tokens
        assert round(row["generation_s"], 1) == generation
        assert row["finish_reason"] is None
        assert (row["n_trials"], row["source"]) == (1, "published")
        assert str(generation) not in trial_of(content, model).read_text("utf-8")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_rendered_table_shows_them_in_each_language(content, tmp_path, language):
    files = build(content, tmp_path / "site")
    rows = table(files[f"{language}/index.html"], "table-summary")[1:]

    shown = {row[0]: row[1:5] for row in rows}
    assert shown == {
        "Qwen 3-VL-4B": ["76.02", "0.20", "786", "10.3"],
        "Hermes 4-14B": ["32.68", "0.55", "502", "15.4"],
        "Gemma 3n-E4B": ["13.55", "0.34", "1,280", "94.5"],
        "GPT-OSS 20B": ["14.33", "0.82", "1,307", "91.2"],
    }


def test_two_builds_are_byte_identical(content, tmp_path):
    first = build(content, tmp_path / "one", "--base-url", "https://a.example/repo")
    second = build(content, tmp_path / "two", "--base-url", "https://a.example/repo/")
    assert first == second


def test_a_changed_number_changes_every_place_and_nothing_else(content, tmp_path):
    before = build(content, tmp_path / "before")
    edit(trial_of(content, "hermes-4-14b"), '"ttft_s": 0.55', '"ttft_s": 0.66')
    after = build(content, tmp_path / "after")

    changed = {path for path in after if after[path] != before[path]}
    assert after.keys() == before.keys()
    # Drawn from it, or packed: the number itself does not stand in them.
    derived = {path for path in changed if "tokens-over-time" in path or ".zip" in path}
    assert (
        changed - derived
        == {
            path
            for path, data in before.items()
            if path.startswith(("data/", "ja/", "en/"))
            and re.search(rb"\b0\.55\b", data)
        }
        - derived
    )
    assert changed >= {
        "data/summary.json",
        "data/summary.csv",
        "data/claims.json",
        "ja/index.html",
        "en/index.html",
        "ja/models/hermes-4-14b/index.html",
        "en/models/hermes-4-14b/index.html",
    }
    for path in changed - derived:
        new = after[path].decode()
        assert "0.66" in new
        assert not re.search(r"\b0\.55\b", new)


def test_every_link_inside_the_site_leads_to_a_file(content, tmp_path):
    output = tmp_path / "site"
    files = build(content, output)
    links = 0
    for path, data in files.items():
        if not path.endswith(".html"):
            continue
        page = output / path
        for target in re.findall(r'(?:href|src)="([^"]+)"', data.decode("utf-8")):
            address, _, anchor = target.partition("#")
            if address.startswith("https://"):
                continue
            file = (page.parent / address).resolve() if address else page
            assert file.is_file(), f"{path}: {target}"
            if anchor:
                assert f'id="{anchor}"' in file.read_text(encoding="utf-8"), target
            links += 1
    assert links > 100


def test_the_base_url_gives_canonical_alternates_feed_and_404(content, tmp_path):
    base = "https://user.github.io/repo/"
    files = build(content, tmp_path / "site", "--base-url", base)
    page = files["en/models/gpt-oss-20b/index.html"].decode()

    assert f'rel="canonical" href="{base}en/models/gpt-oss-20b/"' in page
    assert f'hreflang="ja" href="{base}ja/models/gpt-oss-20b/"' in page
    assert f'hreflang="en" href="{base}en/models/gpt-oss-20b/"' in page
    assert f'hreflang="x-default" href="{base}ja/models/gpt-oss-20b/"' in page
    assert f"<id>{base}ja/</id>" in files["ja/feed.xml"].decode()
    assert f"{base}assets/style." in files["404.html"].decode()
    assert f"<loc>{base}</loc>" in files["sitemap.xml"].decode()


def test_without_a_base_url_no_page_claims_an_address(content, tmp_path):
    files = build(content, tmp_path / "site")
    assert "sitemap.xml" not in files
    for path, data in files.items():
        if path.endswith(".html"):
            assert b"canonical" not in data
            assert b'rel="alternate"' not in data


def test_every_page_says_that_its_figures_are_published(content, tmp_path):
    files = build(content, tmp_path / "site")
    notice = {"ja": "公開された比較から", "en": "taken from a published comparison"}
    for path, data in files.items():
        if path.endswith("index.html") and path[:2] in notice:
            assert notice[path[:2]] in data.decode()


def test_names_and_words_from_data_are_shown_and_never_run(content, tmp_path):
    hostile = '<script>alert(1)</script> *b* [x](javascript:alert(2)) {{ 7 }} "q"'
    path = content / "records" / "published" / "run.json"
    run_record = json.loads(path.read_text(encoding="utf-8"))
    run_record["models"][0]["name"] = hostile
    path.write_text(json.dumps(run_record), encoding="utf-8")

    files = build(content, tmp_path / "site")

    for name, data in files.items():
        if name.endswith((".html", ".svg")):
            scripts = re.findall(rb"<script\b.*?</script>", data, re.DOTALL)
            assert len(scripts) == len(re.findall(rb"<script\b", data))
            assert all(OUR_SCRIPT.fullmatch(script) for script in scripts)
            assert b'href="javascript:' not in data
    prose = files["en/index.html"].decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; *b* [x]" in prose


def test_bad_records_are_named_and_counted_and_cost_nothing_else(content, tmp_path):
    folder = content / "records" / "published"
    newer = folder / "hermes-4-14b" / "json-to-csv-02.json"
    newer.write_text('{"schema_version": 999, "kind": "trial"}', encoding="utf-8")
    torn = folder / "gemma-3n-e4b" / "json-to-csv-02.json"
    torn.write_text('{"schema_version": 1, "ki', encoding="utf-8")
    arguments = ("build", "--content", content, "--output", tmp_path / "site")

    result = run(*arguments)
    strict = run(*arguments, "--strict")

    assert result.exit_code == 0
    assert f"left out: {newer}: schema_version 999 is newer" in result.output
    assert f"left out: {torn}: is not complete JSON" in result.output
    assert "records left out: 2" in result.output
    assert strict.exit_code == 1
    assert str(newer) in strict.output


def mistakes():
    """A fault in a file, and what the message must say of it."""
    yield "site.toml", "primary_language", "primary_langage", "did you mean"
    yield "site.toml", '"latest"', '"2099"', "there is no run '2099'"
    yield "site.toml", "run = ", "run ", "is not TOML"
    yield "en/strings.toml", 'driver = "Driver"\n', "", "'conditions.driver' is missing"
    yield "ja/strings.toml", "{name}：数値", "{nome}：数値", "model.title"
    yield "en/article.md", 'v("ttft_s"', 'v("tfft_s"', "did you mean 'ttft_s'"
    yield "en/article.md", '"qwen3-vl-4b"', '"qwen3-vl-4"', "did you mean 'qwen3-vl-4b'"
    yield "ja/article.md", "| u }}", "| uu }}", "uu"
    yield "ja/article.md", "{% endif %}", "", "article.md"
    yield "en/article.md", '{{ figure("rates") }}', '{{ figure("rate") }}', "'rates'"
    yield "en/article.md", '{{ figure("rates") }}', 'x {{ figure("rates") }}', "own"
    yield "en/article.md", "title = ", "titel = ", "'title' is missing"


@pytest.mark.parametrize(("name", "old", "new", "said"), list(mistakes()))
def test_a_mistake_is_named_with_its_place_and_leaves_the_old_site(
    content, tmp_path, name, old, new, said
):
    before = build(content, tmp_path / "site")
    edit(content / name, old, new)

    result = run("build", "--content", content, "--output", tmp_path / "site")

    assert result.exit_code == 1
    assert result.output.startswith("error: ")
    assert said in result.output
    assert "Traceback" not in result.output
    assert files_of(tmp_path / "site") == before


def test_a_wrong_reference_names_its_line(content, tmp_path):
    path = content / "en" / "article.md"
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, 1) if "{{ table(" in text)
    edit(path, "{{ table(", "{{ tabel(")
    result = run("build", "--content", content, "--output", tmp_path / "site")
    assert f"article.md:{line}: there is no function 'tabel'" in result.output
    assert "did you mean 'table'?" in result.output


def test_a_missing_translation_of_a_note_is_an_error(content, tmp_path):
    (content / "en" / "models" / "gpt-oss-20b.md").unlink()
    result = run("build", "--content", content, "--output", tmp_path / "site")
    assert result.exit_code == 1
    assert "en/models/gpt-oss-20b.md" in result.output.replace("\\", "/")
    assert "ja has one" in result.output


def test_the_newest_measured_run_replaces_the_published_one(content, tmp_path):
    published = content / "records" / "published"
    newer = content / "records" / "my-rig"
    shutil.copytree(published, newer)
    for path in newer.rglob("*.json"):
        edit(path, '"run_id": "published"', '"run_id": "my-rig"')
    edit(newer / "run.json", '"source": "published"', '"source": "measured"')

    result = run("build", "--content", content, "--output", tmp_path / "site")
    pinned = run(
        "build", "--content", content, "--output", tmp_path / "p", "--run", "published"
    )

    assert "run my-rig" in result.output
    assert "run published" in pinned.output


def test_the_report_is_the_summary_with_what_became_of_the_trials(content):
    result = run("report", "--content", content, "--run", "published", "--json")
    rows = json.loads(result.stdout)
    assert [row["decode_tok_s"] for row in rows] == [76.02, 32.68, 13.55, 14.33]
    assert rows[0]["n_complete"] == 1
    assert rows[0]["n_failed"] == 0
    assert rows[0]["failures"] == {}


def test_help_does_not_import_what_only_commands_need():
    code = (
        "import sys; from click.testing import CliRunner; from seikaku import cli;"
        "CliRunner().invoke(cli, ['--help']);"
        "print([m for m in ('openai','matplotlib','pygments','rich') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{{ page.title }}", "{{ page.titel }}", "has no attribute 'titel'"),
        ("{{ page.title }}", "{{ page.title }", "unexpected '}'"),
        ('t("site.contents")', 't("site.kontents")', "site.kontents"),
        ('"_macros.html"', '"_makros.html"', "there is no such template"),
    ],
)
def test_a_wrong_template_is_named_and_leaves_the_old_site(tmp_path, old, new, said):
    templates = tmp_path / "templates"
    shutil.copytree(ROOT / "templates", templates)
    plan = BuildPlan(
        content=ROOT / "content",
        records=ROOT / "content" / "records",
        templates=templates,
        output=tmp_path / "site",
        run_id="published",
    )
    build_site(plan)
    before = files_of(tmp_path / "site")
    edit(templates / "article.html", old, new)

    with pytest.raises(TemplateFault) as caught:
        build_site(plan)

    assert said in str(caught.value)
    assert str(templates) in str(caught.value)
    assert files_of(tmp_path / "site") == before
