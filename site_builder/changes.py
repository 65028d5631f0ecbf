"""The run before the one shown, judged anew, and what differs in its conditions."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from collector.store import LoadedRun, list_runs
from site_builder.analysis.changes import Changes, RunView, compare_runs, previous_run
from site_builder.analysis.summary import ModelSummary, summarise
from site_builder.claims.claim import Verdict
from site_builder.claims.judge import judge_claims
from site_builder.claims.quantities import read_samples
from site_builder.claims.registry import Registry
from site_builder.conditions import condition_facts
from site_builder.findings import CodeEvidence, find_evidence
from site_builder.load import load_chosen
from site_builder.words import Words

HASH_DIGITS = 12

COMPARED = (
    "source",
    "gpu",
    "power_limit",
    "driver",
    "cpu",
    "memory",
    "os",
    "server",
    "api",
    "engine",
    "quantization",
    "context_length",
    "load_config",
    "sampling",
    "tool",
)
"""Conditions that may move a figure; dates, seeds and counts differ in any two runs."""


@dataclass(frozen=True, kw_only=True)
class ConditionChange:
    """A condition that the runs do not share, as text; None: not known."""

    key: str
    label: str
    before: str | None
    after: str | None


def changes_since_last(records: Path, shown: RunView) -> Changes | None:
    """Return what the shown run changes; None: there is no run to hold it against.

    The earlier run is judged anew, by the claims as they are now.

    Args:
        records: The folder that holds the runs; a run that cannot be read is none.
        shown: The run shown.

    Raises:
        SiteError: ruff is not installed.
    """
    listed, _ = list_runs(records)
    previous = previous_run((entry.run for entry in listed), shown.run.run)
    if previous is None:
        return None
    before = load_chosen(records, previous.run_id)
    claims = {key: verdict.claim for key, verdict in shown.verdicts.items()}
    registry = Registry(path=records, claims=claims)
    return compare_runs(view_run(before, registry), shown)


def view_run(run: LoadedRun, registry: Registry) -> RunView:
    """Return a run with what follows from it.

    Raises:
        SiteError: ruff is not installed.
    """
    summaries = summarise(run)
    found = find_evidence(run, summaries)
    verdicts = judge_claims(registry, run, summaries, found)
    return run_view(run, summaries, found, verdicts)


def run_view(
    run: LoadedRun,
    summaries: tuple[ModelSummary, ...],
    found: CodeEvidence,
    verdicts: Mapping[str, Verdict],
) -> RunView:
    """Return a run with what is known to follow from it."""
    return RunView(run=run, samples=read_samples(summaries, found), verdicts=verdicts)


def condition_changes(changes: Changes, words: Words) -> tuple[ConditionChange, ...]:
    """Return what differs between the conditions of two runs.

    Facts of single models are compared over the models that both runs have.
    """
    shared = changes.after.names.keys() & changes.before.names.keys()
    before, after = (
        _facts(view, words, shared) for view in (changes.before, changes.after)
    )
    labels = {key: words(f"conditions.{key}") for key in COMPARED}
    return (
        *_list_changes(changes, words),
        *_prompt_changes(changes, words),
        *(
            ConditionChange(
                key=key, label=label, before=before.get(label), after=after.get(label)
            )
            for key, label in labels.items()
            if before.get(label) != after.get(label)
        ),
    )


def _facts(
    view: RunView, words: Words, shared: AbstractSet[str]
) -> Mapping[str, str | None]:
    run = view.run.run
    models = tuple(model for model in run.models if model.model_id in shared)
    return dict(
        condition_facts(
            run.model_copy(update={"models": models}),
            view.run.trials,
            words,
            prompts={},
        )
    )


def _list_changes(changes: Changes, words: Words) -> list[ConditionChange]:
    """Return whether the runs have other models or tasks."""
    joint = words("list_separator")
    before, after = changes.before, changes.after
    lists = {
        "models": [list(view.names.values()) for view in (before, after)],
        "tasks": [
            sorted({trial.task_id for trial in view.run.trials})
            for view in (before, after)
        ],
    }
    return [
        ConditionChange(
            key=key,
            label=words(f"changes.{key}"),
            before=joint.join(old),
            after=joint.join(new),
        )
        for key, (old, new) in lists.items()
        if sorted(old) != sorted(new)
    ]


def _prompt_changes(changes: Changes, words: Words) -> list[ConditionChange]:
    """Return the tasks whose prompt is another one, by the start of its hash."""
    before, after = changes.before.run.run.prompts, changes.after.run.run.prompts
    return [
        ConditionChange(
            key=f"prompt:{task_id}",
            label=words("changes.prompt", task=task_id),
            before=before[task_id][:HASH_DIGITS],
            after=after[task_id][:HASH_DIGITS],
        )
        for task_id in sorted(before.keys() & after.keys())
        if before[task_id] != after[task_id]
    ]
