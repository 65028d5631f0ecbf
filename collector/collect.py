"""The ``collect`` command: choices into a sweep, its progress into lines."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from collector.backends.registry import make_backend
from collector.errors import PlanError
from collector.metrics import METRICS
from collector.plan import Plan, override, read_plan, schedule
from collector.record import Source, Trial
from collector.resources import packaged_tasks
from collector.rig import describe_rig, tool_version
from collector.sweep import Progress, Sweep, carry_out, check_run_id, check_server
from collector.task import Task, read_task

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the command line says; None leaves it to the plan.

    Attributes:
        content: Folder with the plan and the tasks, where records are put.
        plan_path: The plan; None: ``plan.toml`` in the content folder.
        models: Ids of the models to measure; empty: all of the plan.
        records: Where runs are put; None: ``records`` in the content folder.
    """

    content: Path
    plan_path: Path | None
    server: str | None
    models: tuple[str, ...]
    rounds: int | None
    trials: int | None
    run_id: str
    dry_run: bool
    records: Path | None = None
    source: Source = "measured"


def show_schedule(choices: Choices, *, out: TextIO) -> None:
    """Print every request of the schedule in order; nothing is sent."""
    plan = _plan(choices)
    tasks = _tasks(plan, choices)
    for slot in schedule(plan):
        kind = "warm-up" if slot.is_warmup else f"{slot.task_id} #{slot.number}"
        print(
            f"{slot.position:4d}  round {slot.round}  {slot.model.id}  {kind}", file=out
        )
    for task in tasks.values():
        print(f"task {task.task_id}: {task.prompt}", file=out)
    print(f"server {plan.server.base_url} ({plan.server.backend})", file=out)


def collect_run(choices: Choices, *, err: TextIO) -> int:
    """Measure what the choices say and return how many counted trials failed.

    Raises:
        CollectorError: Before anything is measured: a wrong plan, task, run name or
            server. Later only if a record cannot be written.
    """
    plan = _plan(choices)
    if not _RUN_ID.fullmatch(choices.run_id):
        raise PlanError(
            f"--run {choices.run_id!r}: use letters, digits, '.', '_' and '-' only"
        )
    sweep = Sweep(
        plan=plan,
        backend=make_backend(plan.server.backend, plan.server.base_url),
        tasks=_tasks(plan, choices),
        records=choices.records or choices.content / "records",
        run_id=choices.run_id,
        source=choices.source,
        rig=describe_rig(),
        tool_version=tool_version(),
    )
    check_run_id(sweep)
    preflight = check_server(sweep)
    for note in preflight.notes:
        print(f"note: {note}", file=err)
    n_failed = 0

    def on_trial(progress: Progress) -> None:
        nonlocal n_failed
        trial = progress.trial
        n_failed += trial.failure is not None and not trial.is_warmup
        print(_line(progress), file=err, flush=True)

    folder = sweep.records / sweep.run_id
    try:
        carry_out(sweep, preflight, on_trial=on_trial)
    except KeyboardInterrupt:
        print(f"\nfinished trials are kept in {folder}", file=err)
        raise
    print(f"saved in {folder}; trials that do not count: {n_failed}", file=err)
    return n_failed


def _plan(choices: Choices) -> Plan:
    return override(
        read_plan(choices.plan_path or choices.content / "plan.toml"),
        server=choices.server,
        models=choices.models,
        rounds=choices.rounds,
        trials=choices.trials,
    )


def _tasks(plan: Plan, choices: Choices) -> dict[str, Task]:
    folders = [choices.content / "tasks", packaged_tasks()]
    return {task_id: read_task(folders, task_id) for task_id in plan.tasks}


def _line(progress: Progress) -> str:
    trial = progress.trial
    kind = "warm-up" if trial.is_warmup else f"{trial.task_id} #{trial.number}"
    head = f"[{progress.done}/{progress.total}] {trial.model_id}  {kind}"
    if trial.failure is not None and not trial.is_warmup:
        return f"{head}  {trial.outcome}: {trial.failure.kind}: {trial.failure.message}"
    return f"{head}  {_figures(trial)}"


def _figures(trial: Trial) -> str:
    shown = []
    for key, unit in (
        ("ttft_s", "s to first token"),
        ("decode_tok_s", "tok/s"),
        ("completion_tokens", "tokens"),
    ):
        metric = METRICS[key]
        value = metric.compute(trial)
        if value is not None:
            shown.append(f"{value:.{metric.decimals}f} {unit}")
    return ", ".join(shown) or "no figures"
