"""What a build refuses or only warns of, and what a preview shows all the same."""

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import site_builder.check
import site_builder.texts
from seikaku import cli
from site_builder.build import BuildPlan, build, make
from site_builder.errors import ContentError
from site_builder.resources import packaged_templates

from .scenarios import HERMES, QWEN, all_failed, slowed
from .small_site import edit, replace_run, small_site, two_models

pytestmark = pytest.mark.slow


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def plan(content: Path, **changes) -> BuildPlan:
    fields = {
        "content": content,
        "records": content / "records",
        "templates": packaged_templates(),
        "output": content.with_name("site"),
    }
    return BuildPlan(**{**fields, **changes})


def page(files, path: str = "en/index.html") -> str:
    return files[path].decode("utf-8")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = small_site(tmp_path / "content")
    assert run("check", "--content", folder, "--confirm", "all").exit_code == 0
    return folder


def test_problems_refuse_the_build_with_all_of_them_and_the_old_site_stays(content):
    output = content.with_name("site")
    before = dict(build(plan(content)).files)
    edit(content / "en" / "article.md", "get one request", "get 3 requests")
    edit(content / "ja" / "article.md", 'v("generation_s"', 'v("generation"')
    edit(content / "claims.toml", "hermes-4-14b, 0.4)", "hermes, 0.4)")

    result = run("build", "--content", content, "--output", output)

    assert result.exit_code == 1
    assert result.output.startswith("error: ")
    assert "things to mend" in result.output
    for place in ("en/article.md:6:", "ja/article.md:24:", "claims.toml:8:"):
        assert str(content / place) in result.output
    kept = {path: (output / path).read_bytes() for path in before}
    assert kept == before


def test_a_single_problem_is_the_whole_message(content):
    edit(content / "en" / "article.md", "get one request", "get 3 requests")
    with pytest.raises(ContentError, match=r"\A\S*article\.md:6: .*\Z"):
        make(plan(content))


def test_a_preview_shows_what_it_can_and_lists_the_problems(content):
    path = content / "en" / "article.md"
    edit(path, "get one request", "get 3 requests")
    edit(path, 'v("generation_s"', 'v("generation"')

    result = make(plan(content, on_problems="report"))

    lines = {p.line for p in result.problems if p.file == path}
    assert lines == {6, 24}
    assert "Qwen is the fastest." in page(result.files)
    assert "get 3 requests" in page(result.files)
    assert "It takes …." in page(result.files)


def test_a_preview_of_a_text_that_cannot_be_read_shows_the_other_pages(content):
    edit(content / "en" / "article.md", "lead.{% endclaim %}", "lead.")

    result = make(plan(content, on_problems="report"))

    assert result.problems
    assert "Qwen is the fastest." not in page(result.files)
    assert "最速はQwenです。" in page(result.files, "ja/index.html")


def test_a_build_without_problems_has_none_to_list(content):
    result = make(plan(content, on_problems="report"))
    assert (result.problems, result.report.warnings) == ((), ())
    assert result.home == "ja/index.html"
    assert result.n_files == len(result.files)


def test_a_broken_claim_is_a_warning_and_refuses_only_a_strict_build(content):
    output = content.with_name("site")
    replace_run(content, slowed(two_models(), QWEN, 0.3))
    arguments = ("build", "--content", content, "--output", output)

    result = run(*arguments)
    strict = run(*arguments, "--strict")
    for claim_id in ("fastest", "margin"):
        run("check", "--content", content, "--accept", claim_id)
    accepted = run(*arguments, "--strict")

    assert result.exit_code == 0, result.output
    warned = [line for line in result.stderr.splitlines() if "warning: " in line]
    assert [line.split()[1] for line in warned] == ["fastest", "margin"]
    assert "Qwen does not lead." in (output / "en/index.html").read_text("utf-8")
    assert strict.exit_code == 1
    assert "fastest no longer holds" in strict.output
    assert "margin no longer holds" in strict.output
    assert accepted.exit_code == 0, accepted.output
    assert "warning" not in accepted.output


def test_a_text_changed_in_one_language_is_a_warning_and_refuses_a_strict_build(
    content,
):
    edit(content / "en" / "article.md", "It takes", "Hermes takes")
    arguments = ("build", "--content", content, "--output", content.with_name("site"))

    result = run(*arguments)
    strict = run(*arguments, "--strict")

    assert result.exit_code == 0, result.output
    warned = [line for line in result.stderr.splitlines() if "warning: " in line]
    assert len(warned) == 1
    assert "article#waiting" in warned[0]
    assert strict.exit_code == 1
    assert "article#waiting" in strict.output


def test_an_unknown_value_is_named_with_its_line_where_it_is_shown(content):
    replace_run(content, all_failed(two_models(), HERMES))
    with pytest.raises(ContentError) as caught:
        make(plan(content))
    for language in ("en", "ja"):
        assert f"{content / language / 'article.md'}:24: " in str(caught.value)
    assert 'v("generation_s", "hermes-4-14b") is not known' in str(caught.value)


def test_an_unknown_value_in_a_wording_that_is_not_shown_is_none_of_its_business(
    content,
):
    for language, shown in (("en", "Hermes speaks."), ("ja", "Hermesはすぐ話します。")):
        value = '{{ interval("completion_tokens", "gone") | range }}'
        edit(content / language / "article.md", shown, f"{shown}{value}")
        note = content / language / "models" / "gone.md"
        note.write_text("A model.\n" if language == "en" else "略。\n", "utf-8")
    assert make(plan(content)).problems == ()


def test_a_damaged_lock_stops_a_build_and_is_named(content):
    (content / "claims.lock").write_text("[]", encoding="utf-8")
    with pytest.raises(ContentError, match=r"claims\.lock: is no list of published"):
        make(plan(content))


def test_nothing_is_read_judged_or_rendered_twice(content, monkeypatch):
    calls: Counter[str] = Counter()

    def counted(module, name):
        function = getattr(module, name)

        def call(*arguments, **named):
            calls[name] += 1
            return function(*arguments, **named)

        monkeypatch.setattr(module, name, call)

    counted(site_builder.check, "summarise")
    counted(site_builder.check, "find_evidence")
    counted(site_builder.check, "judge_claims")
    counted(site_builder.check, "lint")
    counted(site_builder.texts, "read_prose")
    counted(site_builder.texts, "render_document_with_problems")

    make(plan(content))

    once = {"summarise": 1, "find_evidence": 1, "judge_claims": 1}
    texts = 8  # an article, a page about the method and two notes, in two languages
    assert calls == {
        **once,
        "lint": texts,
        "read_prose": texts,
        "render_document_with_problems": texts,
    }
