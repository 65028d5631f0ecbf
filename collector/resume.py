"""What is left of a run that was interrupted: its plan, and what of it is done."""

from collections.abc import Mapping
from pathlib import Path

from collector import store
from collector.errors import PlanError
from collector.plan import (
    Design,
    LimitsPlan,
    ModelPlan,
    Plan,
    Slot,
    schedule,
)
from collector.record import PlannedModel, Run, Trial
from collector.store import RunRecords
from collector.task import Task, prompt_sha256


def find_unfinished(records: Path, today: Plan) -> str:
    """Return the name of the newest run that is not finished.

    Raises:
        PlanError: There is none.
    """
    runs, _ = store.list_runs(records)
    left = [entry for entry in runs if _is_unfinished(records, entry, today)]
    if not left:
        raise PlanError(
            f"{records}: no run is unfinished: leave --resume out to begin one"
        )
    return max(left, key=_age).run.run_id


def read_unfinished(
    records: Path, run_id: str, today: Plan, tasks: Mapping[str, Task]
) -> tuple[Run, Plan]:
    """Return a run's record and its plan as it was, on the server of today's.

    Args:
        records: Folder that holds all runs.
        run_id: The run.
        today: The plan file, which says where the server is now.
        tasks: The tasks as they are now.

    Raises:
        PlanError: The run was not measured by a plan, or a prompt has changed since.
        RecordError: A record of the run cannot be read.
    """
    path = store.run_path(records, run_id)
    run = store.read_record(path)
    if not isinstance(run, Run) or run.plan is None:
        raise PlanError(f"{path}: was not measured by a plan: begin a run of your own")
    if run.plan.backend != today.server.backend:
        raise PlanError(
            f"{path}: was measured with the backend {run.plan.backend!r}, the plan "
            f"says {today.server.backend!r}: correct server.backend"
        )
    for task_id, sha256 in run.prompts.items():
        if task_id in tasks and prompt_sha256(tasks[task_id].prompt) != sha256:
            raise PlanError(
                f"{path}: the prompt of {task_id} has changed since: "
                "restore it, or begin another run"
            )
    return run, plan_of(run, today)


def done_positions(records: Path, run_id: str, plan: Plan) -> frozenset[int]:
    """Return the positions of the schedule whose trials are finished.

    Raises:
        RecordError: A record cannot be read; it is not written over.
    """
    return frozenset(
        slot.position for slot in schedule(plan) if _is_done(records, run_id, slot)
    )


def plan_of(run: Run, today: Plan) -> Plan:
    """Return the plan a run was begun with, on the server of today's plan."""
    snapshot = run.plan
    if snapshot is None:
        raise PlanError(f"run {run.run_id}: was not measured by a plan")
    limits: dict[str, float] = {}
    if snapshot.silence_s is not None:
        limits["silence_s"] = snapshot.silence_s
    if snapshot.trial_s is not None:
        limits["trial_s"] = snapshot.trial_s
    return Plan(
        server=today.server,
        design=Design(
            rounds=snapshot.rounds,
            trials=snapshot.trials,
            seed=snapshot.seed,
            reload=snapshot.reload,
            cooldown_s=snapshot.cooldown_s,
            cooldown_band_c=snapshot.cooldown_band_c,
            cooldown_limit_s=today.design.cooldown_limit_s,
            calibrate=today.design.calibrate,
        ),
        limits=LimitsPlan(**limits),
        sampling=snapshot.sampling,
        tasks=list(snapshot.tasks),
        models=[_model(model) for model in run.models],
    )


def trial_of(slot: Slot, run_id: str) -> Trial:
    """Return a slot's trial as far as its place in the store goes."""
    return Trial(
        run_id=run_id,
        model_id=slot.model.id,
        task_id=slot.task_id,
        number=slot.number,
        outcome=None,
    )


def _model(model: PlannedModel) -> ModelPlan:
    if model.key is None:
        raise PlanError(f"model {model.model_id}: its key is not in the run's record")
    return ModelPlan(
        id=model.model_id,
        key=model.key,
        name=model.name,
        quantization=model.quantization,
        context_length=model.context_length,
    )


def _is_done(records: Path, run_id: str, slot: Slot) -> bool:
    """Whether a slot's trial is there and whole; raises RecordError if it is not whole.

    A finished measurement is never written over, not even a damaged one.
    """
    path = store.trial_path(records, trial_of(slot, run_id))
    if not path.exists():
        return False
    store.read_record(path)
    return True


def _is_unfinished(records: Path, entry: RunRecords, today: Plan) -> bool:
    run = entry.run
    if run.plan is None or any(model.key is None for model in run.models):
        return False
    return not all(
        store.trial_path(records, trial_of(slot, run.run_id)).exists()
        for slot in schedule(plan_of(run, today))
    )


def _age(entry: RunRecords) -> tuple[float, str]:
    started_at = entry.run.started_at
    return (0.0 if started_at is None else started_at.timestamp(), entry.run.run_id)
