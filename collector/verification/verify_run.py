"""All answers of a run judged, each verdict saved as it is found; it can be resumed.

A verdict's file is written whole or not at all, and judging anew gives the same, so
that an interrupted call just starts again and passes over what is up to date.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector import store
from collector.errors import PlanError, RecordError, SandboxError
from collector.record import Run, Trial, Verdict
from collector.store import BadRecord
from collector.task import find_task, prompt_sha256, read_task
from collector.verification.sandbox.protocol import Sandbox
from collector.verification.suite import Suite, read_suite
from collector.verification.verdict import (
    Item,
    is_current,
    is_judged,
    make_item,
    make_verdict,
)
from collector.verification.verify import nothing_run, verify_code

OnVerdict = Callable[[Verdict, bool], None]
"""Told of each verdict in order, and whether it was there already."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What there is to judge of a run.

    Attributes:
        items: Trials that get a verdict, in the run's order.
        bad: Records that cannot be read. A verdict among them is not written over.
    """

    items: tuple[Item, ...]
    bad: tuple[BadRecord, ...]


def newest_measured(records: Path) -> str:
    """Return the name of the newest measured run; raises RecordError: there is none."""
    runs, _ = store.list_runs(records)
    measured = [entry.run for entry in runs if entry.run.source == "measured"]
    if not measured:
        raise RecordError(
            f"{records}: there is no measured run: "
            "run `seikaku collect` first, or name a run with --run"
        )
    return max(measured, key=_age).run_id


def read_work(records: Path, run_id: str, tasks: list[Path]) -> Work:
    """Return what there is to judge of a run.

    Args:
        records: Folder that holds all runs.
        run_id: The run.
        tasks: Folders that hold tasks, nearest first.

    Raises:
        PlanError: A task is missing, wrong, or its prompt is not the one measured.
        RecordError: The run cannot be read.
    """
    loaded = store.load_run(records, run_id)
    old = {(v.model_id, v.task_id, v.number): v for v in loaded.verdicts}
    unreadable = {bad.path for bad in loaded.bad}
    suites: dict[str, Suite] = {}
    items = []
    for trial in loaded.trials:
        place = (trial.model_id, trial.task_id, trial.number)
        saved = loaded.codes.get(place)
        if not is_judged(trial, saved):
            continue
        if _verdict_path(records, trial) in unreadable:
            continue
        if trial.task_id not in suites:
            suites[trial.task_id] = _suite_of(loaded.run, trial, tasks)
        suite = suites[trial.task_id]
        items.append(make_item(trial, saved, suite, old.get(place)))
    return Work(items=tuple(items), bad=loaded.bad)


def judge_all(
    work: Work,
    records: Path,
    open_sandbox: Callable[[], Sandbox],
    *,
    jobs: int,
    on_verdict: OnVerdict,
) -> None:
    """Judge what is not up to date, and save each verdict.

    Args:
        work: What there is to judge.
        records: Folder that holds all runs.
        open_sandbox: Called once, and only if some code must be run.
        jobs: Cases run at the same time.
        on_verdict: Told of each verdict when it is saved.

    Raises:
        SandboxError: There is no sandbox: what needs one is saved as not executed
            before. Or it broke: what was found before is saved.
        StorageError: A verdict cannot be written.
    """
    sandbox, broken = _open(work.items, open_sandbox)
    for item in work.items:
        tier = None if sandbox is None else sandbox.tier
        if item.old is not None and is_current(item, tier):
            on_verdict(item.old, True)  # noqa: FBT003 - the callback has two parameters
            continue
        if item.settled is not None:
            findings = item.settled
        elif sandbox is None or item.code is None:
            findings = nothing_run(item.suite, "not_executed", str(broken))
        else:
            findings = verify_code(item.code, item.suite, sandbox, jobs=jobs)
        verdict = make_verdict(item, findings, tier)
        if verdict != item.old:
            store.save_verdict(records, verdict)
        on_verdict(verdict, False)  # noqa: FBT003 - likewise
    if broken is not None:
        raise broken


def _open(
    items: Sequence[Item], open_sandbox: Callable[[], Sandbox]
) -> tuple[Sandbox | None, SandboxError | None]:
    if all(item.settled is not None for item in items):
        return None, None
    try:
        return open_sandbox(), None
    except SandboxError as error:
        return None, error


def _verdict_path(records: Path, trial: Trial) -> Path:
    return store.trial_path(records, trial).with_suffix(".verdict.json")


def _suite_of(run: Run, trial: Trial, tasks: list[Path]) -> Suite:
    """Return the cases of a trial's task; raises PlanError for another prompt."""
    folder = find_task(tasks, trial.task_id)
    measured = run.prompts.get(trial.task_id)
    prompt = read_task(tasks, trial.task_id).prompt
    if measured is not None and measured != prompt_sha256(prompt):
        raise PlanError(
            f"{folder / 'prompt.md'}: is not the prompt that run {run.run_id} asked: "
            "restore it, or give the new one a task of its own"
        )
    return read_suite(folder)


def _age(run: Run) -> tuple[float, str]:
    started = run.started_at
    return (0.0 if started is None else started.timestamp(), run.run_id)
