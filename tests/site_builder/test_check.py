"""Checking a small content folder from end to end, as a writer does at the terminal."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seikaku import cli

from .scenarios import HERMES, QWEN, slowed, truncated
from .small_site import edit, replace_run, small_site, two_models, write

IDS = ["fastest", "margin", "long-silence", "all-whole", "never-cut"]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def check(content: Path, *more: str) -> Result:
    return run("check", "--content", content, *more)


def found(content: Path, *more: str) -> dict:
    return json.loads(check(content, "--json", *more).stdout)


def verdicts(content: Path) -> dict[str, str]:
    return {claim["id"]: claim["verdict"] for claim in found(content)["claims"]}


def places(content: Path) -> list[tuple[str, int | None]]:
    return [
        (Path(problem["file"]).relative_to(content).as_posix(), problem["line"])
        for problem in found(content)["problems"]
    ]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A folder whose texts were confirmed."""
    folder = small_site(tmp_path / "content")
    assert check(folder, "--confirm", "all").exit_code == 0
    return folder


def test_clean_content_ends_with_0_and_shows_each_claim_with_its_sentences(content):
    result = check(content)

    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    # Two tests of six against six that do not overlap: 1 of 924; three are tested
    # together, so the smallest counts three times, and the next takes it over.
    assert ["fastest", "holds", "–", "new", "6", "0.0032"] in lines
    assert ["margin", "holds", "–", "new", "6", "0.0032"] in lines
    # Three cold trials on one side: a half to the third; it is the last of the three.
    assert ["long-silence", "not", "decidable", "–", "new", "3", "0.1250"] in lines
    assert ["all-whole", "holds", "–", "new", "–", "–"] in lines
    assert ["ja", "最速はQwenです。"] in lines
    assert ["en", "It", "gains", "2", "times."] in lines
    assert lines[-1][-3:] == ["to", "mend:", "nothing"]


def test_the_table_fits_into_80_columns_whatever_the_sentences(content):
    long = "Qwen leads by far, whatever is asked of it, and however often. " * 3
    edit(content / "en" / "article.md", "Qwen is the fastest.", long)
    edit(content / "ja" / "article.md", "最速はQwenです。", "先頭はQwenです。" * 20)
    result = check(content)
    table = result.stdout.split(str(content))[0]
    widths = [sum(1 + (ord(c) > 0x2E80) for c in line) for line in table.splitlines()]
    assert max(widths) <= 80
    assert " ".join(table.split()).count("however often.") == 3


def test_a_broken_claim_ends_with_1_and_says_what_no_longer_holds(content):
    replace_run(content, slowed(two_models(), QWEN, 0.3))

    result = check(content)

    assert result.exit_code == 1
    assert verdicts(content) == {
        "fastest": "broken",
        "margin": "broken",
        "long-silence": "undecided",
        "all-whole": "holds",
        "never-cut": "holds",
    }
    assert "fastest no longer holds: first(decode_tok_s, qwen3-vl-4b)" in result.output
    assert "Qwenは先頭ではありません。 / Qwen does not lead." in result.output
    assert "no longer holds: 2" in result.output
    assert "to mend: 2" in result.output


def test_a_broken_claim_can_be_accepted_for_this_run_only(content):
    slow = slowed(two_models(), QWEN, 0.3)
    replace_run(content, slow)

    first = check(content, "--accept", "fastest")
    both = check(content, "--accept", "margin")

    assert first.exit_code == 1
    assert both.exit_code == 0, both.output
    assert "(accepted)" in both.output
    accepted = {claim["id"]: claim["accepted"] for claim in found(content)["claims"]}
    assert accepted == {claim_id: claim_id in {"fastest", "margin"} for claim_id in IDS}
    renamed = {"run_id": "rig-b"}
    trials = tuple(t.model_copy(update=renamed) for t in slow.trials)
    other = slow.run.model_copy(update=renamed)
    replace_run(content, replace(slow, run=other, trials=trials))
    assert check(content).exit_code == 1


def test_what_is_not_broken_or_not_there_cannot_be_accepted(content):
    holding = check(content, "--accept", "fastest")
    unknown = check(content, "--accept", "fastst")
    assert (holding.exit_code, unknown.exit_code) == (1, 1)
    assert "--accept fastest: it is holds" not in holding.output
    assert "--accept fastest: it holds" in holding.output
    assert "did you mean 'fastest'?" in unknown.output


def test_a_verdict_without_a_wording_names_claim_line_and_language(content):
    for language, wording in (
        ("en", "Hermes was cut."),
        ("ja", "Hermesは途切れました。"),
    ):
        path = content / language / "article.md"
        edit(path, f"{{% broken %}}{wording}", "")
    assert check(content, "--confirm", "all").exit_code == 0
    replace_run(content, truncated(two_models(), HERMES, 2))

    problems = found(content)["problems"]

    lacking = [p for p in problems if "'never-cut'" in p["message"]]
    assert [(Path(p["file"]).parent.name, p["line"]) for p in lacking] == [
        ("en", 31),
        ("ja", 31),
    ]
    assert "broken" in lacking[0]["message"]


def test_everything_that_is_wrong_is_told_at_once_by_file_and_line(content):
    english, japanese = (content / lang / "article.md" for lang in ("en", "ja"))
    edit(english, "get one request", "get 3 requests")  # line 6: a typed number
    edit(english, 'v("generation_s"', 'v("generation"')  # line 24: no such metric
    edit(japanese, "に、ある依頼をしました", "が最速です")  # line 6: compared outside
    edit(content / "claims.toml", "qwen3-vl-4b)", "qwen3-vl-4)")  # line 2
    edit(
        content / "claims.toml",
        "[never-cut]\n",
        '[lonely]\nassert = "every(outcome = complete, qwen3-vl-4b)"\n\n[never-cut]\n',
    )  # line 13: no text states it

    result = check(content)
    at = places(content)

    assert result.exit_code == 1
    assert at == sorted(at, key=lambda place: (place[0], place[1] or 0))
    assert {
        ("claims.toml", 2),
        ("claims.toml", 13),
        ("en/article.md", 6),
        ("en/article.md", 24),
        ("ja/article.md", 6),
    } <= set(at)
    for said in ("'3'", "did you mean 'generation_s'?", "'最速'", "'qwen3-vl-4b'"):
        assert said in result.output
    assert "lonely" in result.output


def test_a_claim_that_one_language_does_not_make_is_named_where_the_other_does(
    content,
):
    path = content / "en" / "article.md"
    text = path.read_text(encoding="utf-8")
    write(path, text.split('{% claim "never-cut" %}')[0])
    assert check(content, "--confirm", "all").exit_code == 1
    assert places(content) == [("ja/article.md", 31)]


def test_a_claim_about_a_case_that_no_task_has_names_the_nearest(content):
    (content / "tasks" / "json-to-csv" / "cases" / "01-flat").mkdir(parents=True)
    edit(
        content / "claims.toml",
        "none(finish_reason = length, hermes-4-14b)",
        "none(case:01-flta = pass, hermes-4-14b)",
    )
    assert places(content)[0] == ("claims.toml", 14)
    assert "did you mean '01-flat'?" in check(content).output


def test_texts_that_changed_in_one_language_only_must_be_confirmed(content):
    edit(content / "en" / "article.md", "It takes", "Hermes takes")

    outdated, at = check(content), places(content)
    confirmed = check(content, "--confirm", "article#waiting")

    assert outdated.exit_code == 1
    assert at == [("ja/article.md", 18)]
    assert "--confirm article#waiting" in outdated.output
    assert confirmed.exit_code == 0, confirmed.output
    assert check(content).exit_code == 0


def test_a_section_that_is_not_there_cannot_be_confirmed(content):
    before = (content / "reviews.lock").read_bytes()
    result = check(content, "--confirm", "article#wating")
    assert result.exit_code == 1
    assert "did you mean 'article#waiting'?" in result.output
    assert (content / "reviews.lock").read_bytes() == before


def test_a_damaged_list_of_confirmed_sections_is_named_and_kept(content):
    path = content / "reviews.lock"
    write(path, "{")
    result = check(content)
    assert result.exit_code == 1
    assert f"{path}: is no list of confirmed sections" in result.output
    assert check(content, "--confirm", "all").exit_code == 1
    assert path.read_text(encoding="utf-8") == "{"


def test_json_is_all_of_standard_output_and_has_the_agreed_shape(content):
    result = check(content, "--json")
    data = json.loads(result.stdout)

    assert list(data) == ["run", "claims", "problems"]
    assert data["run"] == "rig-a"
    assert [claim["id"] for claim in data["claims"]] == IDS
    fastest = data["claims"][0]
    assert list(fastest) == [
        "id",
        "verdict",
        "was",
        "changed",
        "assertion",
        "is_missing",
        "p",
        "p_adjusted",
        "n",
        "facts",
        "sentences",
        "accepted",
    ]
    assert fastest["p"] == pytest.approx(1 / 924)
    assert fastest["p_adjusted"] == pytest.approx(3 / 924)
    assert (fastest["n"], fastest["was"], fastest["changed"]) == (6, None, [])
    assert fastest["sentences"] == {
        "ja": "最速はQwenです。",
        "en": "Qwen is the fastest.",
    }
    assert data["claims"][3]["p"] is None
    assert {"key", "metric", "models", "numbers", "texts"} == set(fastest["facts"][0])


def test_json_names_the_line_of_each_problem(content):
    edit(content / "en" / "article.md", "one request", "99 requests")
    problem = next(p for p in found(content)["problems"] if "'99'" in p["message"])
    assert list(problem) == ["file", "line", "message"]
    assert problem["line"] == 6


def test_the_lock_makes_later_changes_visible(content):
    assert check(content, "--lock").exit_code == 0
    same = {claim["id"]: claim["changed"] for claim in found(content)["claims"]}
    replace_run(content, slowed(two_models(), QWEN, 0.9))
    data = {claim["id"]: claim["changed"] for claim in found(content)["claims"]}
    replace_run(content, slowed(two_models(), QWEN, 0.3))
    broken = {claim["id"]: claim for claim in found(content)["claims"]}

    assert same == {claim_id: [] for claim_id in IDS}
    assert data == {
        "fastest": ["data"],
        "margin": ["data"],
        "long-silence": [],
        "all-whole": [],
        "never-cut": [],
    }
    assert broken["fastest"]["was"] == "holds"
    assert broken["fastest"]["changed"] == ["verdict", "sentence", "data"]
    lines = [line.split() for line in check(content).stdout.splitlines()]
    assert ["fastest", "no", "longer", "holds", "holds", "verdict,"] in [
        line[:6] for line in lines
    ]


def test_a_reworded_sentence_is_a_change_since_publication(content):
    assert check(content, "--lock").exit_code == 0
    edit(content / "en" / "article.md", "Qwen is the fastest.", "Qwen wins.")
    changed = {claim["id"]: claim["changed"] for claim in found(content)["claims"]}
    assert changed["fastest"] == ["sentence"]
    assert changed["margin"] == []


def test_a_claim_that_asserts_something_else_is_a_change_since_publication(content):
    assert check(content, "--lock").exit_code == 0
    edit(content / "claims.toml", "hermes-4-14b) >= 2", "hermes-4-14b) >= 1.5")
    changed = {claim["id"]: claim["changed"] for claim in found(content)["claims"]}
    assert changed["margin"] == ["sentence", "assertion", "data"]
    assert changed["fastest"] == []


def test_nothing_is_locked_while_something_is_to_be_mended(content):
    replace_run(content, slowed(two_models(), QWEN, 0.3))
    result = check(content, "--lock")
    assert result.exit_code == 1
    assert "claims.lock: is not written" in result.output
    assert not (content / "claims.lock").exists()


def test_a_damaged_lock_is_a_problem_that_locking_mends(content):
    path = content / "claims.lock"
    write(path, '{"version": 1')
    damaged = check(content)
    assert damaged.exit_code == 1
    assert f"{path}: is no list of published claims" in damaged.output
    mended = check(content, "--lock")
    assert mended.exit_code == 0, mended.output
    assert check(content).exit_code == 0


def test_explain_goes_down_to_the_trials_and_the_test(content):
    result = check(content, "--explain", "long-silence")
    text = " ".join(result.stdout.split())

    assert result.exit_code == 0
    assert "asserted: above(ttft_s, hermes-4-14b, 0.4)" in text
    assert "Hermes may keep silent." in text
    assert "exact one-sided sign test" in text
    # The two others have the smaller p: 0.05 is left for the third of three.
    assert "p 0.1250, rank 3 of 3 claims tested together (Holm): at most 0.0500" in text
    rows = [
        line.replace("│", " ").split()
        for line in result.stdout.splitlines()
        if "│" in line
    ]
    assert [row[:4] for row in rows] == [
        [HERMES, "1", "1", "cold"],
        [HERMES, "3", "2", "cold"],
        [HERMES, "5", "3", "cold"],
    ]


def test_explain_gives_programs_the_values_themselves(content):
    data = json.loads(check(content, "--explain", "fastest", "--json").stdout)
    rates = data["values"]["decode_tok_s"]
    assert [(v["model_id"], v["number"]) for v in rates] == [
        (model, number) for model in (QWEN, HERMES) for number in range(1, 7)
    ]
    median = data["claim"]["facts"][0]["numbers"]["median_first"]
    ours = sorted(value["shown"] for value in rates[:6])
    assert (ours[2] + ours[3]) / 2 == pytest.approx(median)
    assert data["holm"]["threshold"] == pytest.approx(0.05 / 3)


def test_explain_shows_what_trials_say_of_a_condition(content):
    replace_run(content, truncated(two_models(), HERMES, 4))
    data = json.loads(check(content, "--explain", "all-whole", "--json").stdout)
    shown = {
        (v["model_id"], v["number"]): v["shown"] for v in data["values"]["outcome"]
    }
    assert len(shown) == 12
    assert [key for key, value in shown.items() if value != "complete"] == [(HERMES, 4)]
    assert data["holm"] is None


def test_an_unknown_claim_to_explain_names_the_nearest(content):
    result = check(content, "--explain", "fastes")
    assert result.exit_code == 1
    assert "did you mean 'fastest'?" in result.output


def test_content_without_a_registry_has_no_claims_and_can_be_clean(content):
    (content / "claims.toml").unlink()
    for language in ("en", "ja"):
        path = content / language / "article.md"
        head = path.read_text(encoding="utf-8").split("## ")[0]
        write(path, head)
    assert check(content, "--confirm", "article").exit_code == 0
    assert "no claims; to mend: nothing" in check(content).output


def test_a_note_of_a_model_that_is_not_in_the_run_is_read_and_may_be_named(content):
    for language in ("en", "ja"):
        write(
            content / language / "models" / "gone.md",
            '+++\nname = "Gone 7B"\n+++\n\n99\n',
        )
        edit(
            content / language / "article.md",
            '{{ name("qwen3-vl-4b") }}',
            '{{ name("gone") }}',
        )
    at = places(content)
    assert ("en/models/gone.md", 5) in at
    assert not any(
        "there is no model" in p["message"] for p in found(content)["problems"]
    )
