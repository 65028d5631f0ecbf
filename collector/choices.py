"""What the command line of ``collect`` says, and the plan that comes of it."""

from dataclasses import dataclass, replace
from pathlib import Path

from collector.pilot import PILOT_TRIALS
from collector.plan import Plan, override, read_plan, schedule
from collector.record import Source
from collector.resources import packaged_tasks
from collector.task import Task, read_task

LATEST = ""
"""``--resume`` without a name: the newest run that is not finished."""

PILOT_ROUNDS = 3
"""Rounds of a pilot, so that it meets the noise between loads, too."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the command line says; None leaves it to the plan.

    Attributes:
        content: Folder with the plan and the tasks, where records are put.
        plan_path: The plan; None: ``plan.toml`` in the content folder.
        models: Ids of the models to measure; empty: all of the plan.
        run_id: Name of a new run.
        resume: Run to go on with; ``LATEST``: the newest; None: begin a new one.
        calibrate: Whether our own error is determined; None: as the plan says.
        records: Where runs are put; None: ``records`` in the content folder.
    """

    content: Path
    plan_path: Path | None = None
    server: str | None = None
    models: tuple[str, ...] = ()
    rounds: int | None = None
    trials: int | None = None
    run_id: str
    resume: str | None = None
    calibrate: bool | None = None
    records: Path | None = None
    source: Source = "measured"

    @property
    def records_folder(self) -> Path:
        """Folder that holds all runs."""
        return self.content / "records" if self.records is None else self.records


def planned(choices: Choices) -> Plan:
    """Return the plan with the command line's choices; raises PlanError."""
    plan = override(
        read_plan(choices.plan_path or choices.content / "plan.toml"),
        server=choices.server,
        models=choices.models,
        rounds=choices.rounds,
        trials=choices.trials,
    )
    if choices.calibrate is None:
        return plan
    design = plan.design.model_copy(update={"calibrate": choices.calibrate})
    return plan.model_copy(update={"design": design})


def tasks_of(plan: Plan, choices: Choices) -> dict[str, Task]:
    """Return the plan's tasks, those of the content folder first; raises PlanError."""
    folders = [choices.content / "tasks", packaged_tasks()]
    return {task_id: read_task(folders, task_id) for task_id in plan.tasks}


def schedule_lines(choices: Choices) -> list[str]:
    """Return a line for every request of the schedule; nothing is sent."""
    plan = planned(choices)
    lines = []
    for slot in schedule(plan):
        kind = "warm-up" if slot.is_warmup else f"{slot.task_id} #{slot.number}"
        lines.append(f"{slot.position:4d}  round {slot.round}  {slot.model.id}  {kind}")
    lines += [f"task {t.task_id}: {t.prompt}" for t in tasks_of(plan, choices).values()]
    return [*lines, f"server {plan.server.base_url} ({plan.server.backend})"]


def for_pilot(choices: Choices) -> Choices:
    """Return the choices of a pilot: six trials of one model, kept apart from the runs.

    The model is the one chosen, or the plan's first.
    """
    plan = planned(choices)
    return replace(
        choices,
        models=(plan.models[0].id,),
        rounds=PILOT_ROUNDS,
        trials=PILOT_TRIALS // PILOT_ROUNDS,
        records=choices.content / "pilots",
    )
