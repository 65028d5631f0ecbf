"""Two runs held against each other: what moved, what flipped, what differs."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.store import LoadedRun
from site_builder.analysis.changes import (
    MIN_COVERAGE,
    MOVEMENTS,
    Changes,
    RunView,
    chance_apart,
    compare_runs,
    previous_run,
)
from site_builder.analysis.statistics import centre
from site_builder.changes import changes_since_last, condition_changes, view_run
from site_builder.changes_page import changes_page
from site_builder.claims.quantities import QUANTITIES, Sample
from site_builder.claims.registry import read_registry
from site_builder.cli import Command
from site_builder.compare_command import compare_command
from site_builder.config import SiteConfig
from site_builder.load import load

from .scenarios import HERMES, QWEN, cut, slowed
from .small_site import small_site, two_models

MODELS = frozenset({QWEN, HERMES})
IDS = ["fastest", "margin", "long-silence", "all-whole", "never-cut"]


def dated(run: LoadedRun, run_id: str, day: int, **changes) -> LoadedRun:
    fields = {"run_id": run_id, "started_at": datetime(2026, 11, day, tzinfo=UTC)}
    return replace(
        run,
        run=run.run.model_copy(update={**fields, **changes}),
        trials=tuple(t.model_copy(update={"run_id": run_id}) for t in run.trials),
    )


def view(model: str, **samples: Sample) -> RunView:
    """Make a view of a run of two models in which one has these samples."""
    known = {key: {} for key in QUANTITIES}
    known.update({key: {model: sample} for key, sample in samples.items()})
    return RunView(run=two_models(2), samples=known, verdicts={})


def movement(before: Sample | None, after: Sample | None) -> str:
    sides = [{} if s is None else {"decode_tok_s": s} for s in (before, after)]
    (change,) = compare_runs(view(QWEN, **sides[0]), view(QWEN, **sides[1])).metrics
    assert change.movement in MOVEMENTS
    return change.movement


def sample(*values: float, **more) -> Sample:
    return Sample(median=sorted(values)[len(values) // 2], values=values, **more)


FIVE = sample(10, 11, 12, 13, 14)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (sample(14.1, 15, 16, 17, 18), "rose"),
        (sample(14, 15, 16, 17, 18), "steady"),
        (sample(5, 6, 7, 8, 9.9), "fell"),
        (sample(15, 16, 17, 18), "undecidable"),
        (sample(15, 16, 17, 18, 19, is_testable=False), "undecidable"),
        (sample(15, 16, 17, 18, 19, basis="warm"), "incomparable"),
        (None, "before_only"),
    ],
)
def test_a_median_moves_only_where_wide_enough_intervals_lie_apart(after, expected):
    assert movement(FIVE, after) == expected


def test_a_metric_of_the_later_run_only_says_so():
    assert movement(None, FIVE) == "after_only"


def test_what_neither_run_tells_is_left_out():
    assert compare_runs(view(QWEN), view(QWEN)).metrics == ()


def test_the_chance_of_lying_apart_is_that_of_all_interleavings():
    # Five against five: two of the 252 ways put all of one side below the other.
    assert chance_apart(5, 1, 5, 1) == pytest.approx(2 / 252)
    for n, order, m, other in ((8, 2, 6, 1), (9, 2, 8, 2), (5, 1, 9, 2)):
        apart = 0
        places = range(n + m)
        for own in itertools.combinations(places, n):
            others = [place for place in places if place not in own]
            first = (own[order - 1], own[n - order])
            second = (others[other - 1], others[m - other])
            apart += first[1] < second[0] or second[1] < first[0]
        total = sum(1 for _ in itertools.combinations(places, n))
        assert chance_apart(n, order, m, other) == pytest.approx(apart / total)


def test_moves_to_expect_by_chance_are_added_over_what_was_decided():
    few = sample(1, 2, 3)
    before = view(QWEN, decode_tok_s=FIVE, chars_s=FIVE, ttft_s=few)
    changes = compare_runs(before, before)
    assert changes.n_decided == 2
    assert changes.expected_by_chance == pytest.approx(4 / 252)
    assert centre(FIVE.values, MIN_COVERAGE).coverage >= MIN_COVERAGE


@pytest.fixture(scope="module")
def runs() -> tuple[LoadedRun, LoadedRun]:
    """Two runs of six trials; in the second, Qwen is as slow as Hermes and more."""
    first = dated(two_models(), "rig-1", 3)
    second = slowed(dated(two_models(), "rig-2", 20), QWEN, 0.3)
    server = second.run.server.model_copy(update={"version": "0.5.0"})
    models = tuple(
        model.model_copy(update={"quantization": "Q8_0"})
        if model.model_id == HERMES
        else model
        for model in second.run.models
    )
    changed = second.run.model_copy(update={"server": server, "models": models})
    return first, replace(second, run=changed)


@pytest.fixture(scope="module")
def content(tmp_path_factory, runs) -> Path:
    from .scenarios import save

    folder = small_site(tmp_path_factory.mktemp("changes") / "content", runs[1])
    save(runs[0], folder / "records")
    return folder


@pytest.fixture(scope="module")
def changes(content, runs) -> Changes:
    registry, problems = read_registry(content / "claims.toml", models=MODELS)
    assert not problems
    return changes_since_last(content / "records", view_run(runs[1], registry))


def test_the_run_before_the_shown_one_is_judged_by_the_claims_as_they_are(changes):
    assert changes.before.run.run.run_id == "rig-1"
    assert [change.after.claim.claim_id for change in changes.claims] == IDS
    flipped = {
        c.after.claim.claim_id: (c.before.standing, c.after.standing)
        for c in changes.flipped
    }
    # 76 tok/s times 0.3 is 22.8, below the 32.7 of Hermes.
    assert flipped == {"fastest": ("holds", "broken"), "margin": ("holds", "broken")}


def test_all_that_slowing_touches_moves_and_nothing_else(changes):
    moved = {(c.model_id, c.metric): c.movement for c in changes.metrics}
    assert moved[QWEN, "decode_tok_s"] == "fell"
    assert moved[QWEN, "generation_s"] == "rose"
    assert moved[QWEN, "completion_tokens"] == "steady"
    assert moved[HERMES, "decode_tok_s"] == "steady"
    # Of six trials three have a cold prompt cache: too few for an interval.
    assert moved[QWEN, "ttft_s"] == "undecidable"


def test_conditions_that_differ_are_named_and_no_others(changes, english):
    found = {c.key: (c.before, c.after) for c in condition_changes(changes, english)}
    assert found["server"] == ("LM Studio 0.4.22", "LM Studio 0.5.0")
    assert found.keys() == {"server", "quantization"}
    assert "Q8_0" in found["quantization"][1]


def test_models_tasks_and_prompts_are_conditions_too(runs, english):
    registry, _ = read_registry(Path("none.toml"), models=MODELS)
    # What only the earlier run's other model has is no change of conditions.
    qwen, hermes = runs[0].run.models
    models = (qwen, hermes.model_copy(update={"quantization": "Q8_0"}))
    first = replace(runs[0], run=runs[0].run.model_copy(update={"models": models}))
    other = replace(
        first,
        run=first.run.model_copy(
            update={
                "models": first.run.models[:1],
                "prompts": {"json-to-csv": "c" * 64},
            }
        ),
        trials=tuple(t for t in first.trials if t.model_id == QWEN),
    )
    changes = compare_runs(view_run(first, registry), view_run(other, registry))
    found = {c.key: (c.before, c.after) for c in condition_changes(changes, english)}
    assert found == {
        "models": ("Qwen 3-VL-4B, Hermes 4-14B", "Qwen 3-VL-4B"),
        "prompt:json-to-csv": ("b" * 12, "c" * 12),
    }
    assert changes.before_only == ("Hermes 4-14B",)
    assert {change.model_id for change in changes.metrics} == {QWEN}


def page(content: Path, changes: Changes, words):
    sources = load(
        content,
        records=content / "records",
        config=SiteConfig(primary_language="ja"),
        run_id="rig-2",
    )
    return changes_page(sources, words, changes, names=sources.languages[0].names)


def test_the_page_tells_it_in_words(content, changes, english):
    shown = page(content, changes, english)
    assert shown.head.path == "en/changes/index.html"
    assert shown.warnings == ()
    assert "rig-2 (measured by this project, November 20, 2026)" in shown.texts[0]
    claims, figures, conditions = (section.table for section in shown.sections)
    assert [cell.text for cell in claims.rows[0]] == [
        "Speed: Qwen 3-VL-4B has the highest median of all models",
        "holds",
        "does not hold",
    ]
    name, metric, finding, before, after, difference = (
        cell.text for cell in figures.rows[0]
    )
    assert (name, metric, finding) == ("Qwen 3-VL-4B", "Speed (tok/s)", "fell")
    assert before.endswith("(n = 6)")
    assert before.startswith("7")
    assert after.startswith("22.")
    assert difference == "\N{MINUS SIGN}70.0%"
    assert conditions.rows[0][0].text == "Server"


def test_the_page_warns_of_sources_that_differ(content, changes, japanese):
    published = changes.before.run.run.model_copy(
        update={"source": "published", "started_at": None}
    )
    before = replace(changes.before, run=replace(changes.before.run, run=published))
    shown = page(content, replace(changes, before=before), japanese)
    assert shown.warnings == (japanese("changes.sources_differ"),)
    assert "公開された比較からの引用、日付なし" in shown.texts[0]


def test_without_any_difference_the_page_says_so(content, changes, english):
    same = compare_runs(changes.before, changes.before)
    claims, figures, conditions = page(content, same, english).sections
    assert claims.table is None
    assert claims.texts == (
        "No statement changed its verdict. Statements judged on both runs: 5.",
    )
    assert conditions.table is None
    assert {row[5].text for row in figures.table.rows} == {"0.0%"}


def sourced(run_id: str, source: str, day: int | None):
    at = None if day is None else datetime(2026, 11, day, tzinfo=UTC)
    fields = {"run_id": run_id, "source": source, "started_at": at}
    return two_models(1).run.model_copy(update=fields)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [("m3", "m2"), ("m2", "m1"), ("m1", "p"), ("p", None), ("d2", "d1"), ("d1", None)],
)
def test_a_run_is_held_against_the_last_of_its_own_kind(shown, expected):
    runs = {
        run.run_id: run
        for run in (
            sourced("m1", "measured", 1),
            sourced("m3", "measured", 9),
            sourced("m2", "measured", 5),
            sourced("d1", "demo", 2),
            sourced("d2", "demo", 8),
            sourced("p", "published", None),
        )
    }
    found = previous_run(runs.values(), runs[shown])
    assert (None if found is None else found.run_id) == expected


def compare(content: Path, *arguments: str):
    from click.testing import CliRunner

    named = []
    command = compare_command(Command, lambda given: given or content, named.extend)
    return CliRunner().invoke(command, list(arguments))


def test_the_command_prints_what_moved_and_flipped(content):
    result = compare(content, "rig-1", "rig-2")
    assert result.exit_code == 0, result.output
    assert "first: rig-1 (measured, 2026-11-03)" in result.output
    assert "  fastest: holds → broken (first(decode_tok_s, qwen3-vl-4b))" in (
        result.output
    )
    assert "  Server: LM Studio 0.4.22 → LM Studio 0.5.0" in result.output
    assert "sources differ" not in result.output


def test_the_command_gives_programs_the_same(content):
    found = json.loads(compare(content, "rig-2", "rig-1", "--json").stdout)
    assert found["before"]["run"] == "rig-2"
    assert found["is_same_source"] is True
    flipped = {
        c["id"]: (c["before"], c["after"]) for c in found["claims"] if c["is_flipped"]
    }
    assert flipped == {"fastest": ("broken", "holds"), "margin": ("broken", "holds")}
    speed = found["metrics"][0]
    assert (speed["model"], speed["metric"]) == (QWEN, "decode_tok_s")
    assert speed["movement"] == "rose"
    assert speed["before"]["high"] < speed["after"]["low"]
    assert speed["chance"] == pytest.approx(2 / 924)


def test_a_run_that_is_not_there_is_named_with_the_others(content):
    result = compare(content, "rig-1", "rig-9")
    assert result.exit_code == 1
    assert "there is no run 'rig-9': choose one of rig-1, rig-2" in result.output


def test_too_few_trials_are_undecided_not_steady(runs):
    registry, _ = read_registry(Path("none.toml"), models=MODELS)
    few = view_run(cut(runs[0], 4, QWEN, HERMES), registry)
    changes = compare_runs(few, view_run(runs[1], registry))
    assert {change.movement for change in changes.metrics} == {"undecidable"}
    assert changes.n_decided == 0
