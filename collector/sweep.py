"""Carry out a plan: preflight, then load, warm up, trials, each saved when finished.

Everything it needs is passed in, so that it runs unchanged beside any server: it knows
no folder but the store's, no clock but the given ones, and no terminal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from collector import store
from collector.backends.protocol import Backend, Preflight
from collector.errors import PlanError, ServerError
from collector.extract import extract_code
from collector.measure import WARMUP_PROMPT, Clocks, LoadedModel, measure
from collector.plan import Plan, Slot, schedule
from collector.record import Failure, Rig, Run, Source, Trial
from collector.settings import nearest
from collector.task import Task


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A finished request and how far the schedule is.

    Attributes:
        done: Requests finished, this one included, of ``total``.
    """

    trial: Trial
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What it takes to carry out a plan.

    Attributes:
        tasks: The plan's tasks by id.
        records: Folder that holds all runs.
        source: Who produces the figures.
        rig: This machine; kept only if the server runs on it.
        tool_version: Our version; None: not installed.
    """

    plan: Plan
    backend: Backend
    tasks: Mapping[str, Task]
    records: Path
    run_id: str
    source: Source
    rig: Rig
    tool_version: str | None
    clocks: Clocks = field(default_factory=Clocks)


def check_server(sweep: Sweep) -> Preflight:
    """Ask the server what it offers and hold the plan against it.

    Raises:
        ServerError: It cannot be reached, or lacks a model of the plan.
    """
    preflight = sweep.backend.preflight()
    keys = preflight.model_keys
    if keys is not None:
        missing = [
            f"{model.id}: the server has no model {model.key!r}: "
            f"{nearest(model.key, list(keys))} "
            "(download it in LM Studio, or correct key in the plan)"
            for model in sweep.plan.models
            if model.key not in keys and model.key.partition("@")[0] not in keys
        ]
        if missing:
            raise ServerError("\n".join(missing))
    return preflight


def check_run_id(sweep: Sweep) -> None:
    """Refuse to write into a run that exists; raises PlanError."""
    path = store.run_path(sweep.records, sweep.run_id)
    if path.exists():
        raise PlanError(
            f"{path}: there is already a run {sweep.run_id!r}: "
            "give another name with --run, or move that folder away"
        )


def carry_out(
    sweep: Sweep, preflight: Preflight, *, on_trial: Callable[[Progress], None]
) -> None:
    """Measure every slot of the plan's schedule and save each trial as it finishes.

    A trial that fails is saved as a failure, and the schedule goes on. An interrupt
    leaves everything saved so far.

    Raises:
        StorageError: A record cannot be written.
    """
    slots = schedule(sweep.plan)
    store.save_run(sweep.records, _describe_run(sweep, preflight))
    model = LoadedModel()
    for slot in slots:
        if slot.is_first_of_block:
            model = _load(sweep, slot, preflight=preflight)
        trial = measure(
            slot,
            WARMUP_PROMPT if slot.is_warmup else sweep.tasks[slot.task_id].prompt,
            plan=sweep.plan,
            run_id=sweep.run_id,
            backend=sweep.backend,
            model=model,
            clocks=sweep.clocks,
        )
        model = model.after(slot.task_id)
        _save(sweep.records, trial)
        on_trial(Progress(trial=trial, done=slot.position, total=len(slots)))


def _describe_run(sweep: Sweep, preflight: Preflight) -> Run:
    return Run(
        run_id=sweep.run_id,
        source=sweep.source,
        started_at=sweep.clocks.now(),
        tool_version=sweep.tool_version,
        models=sweep.plan.planned_models(),
        plan=sweep.plan.snapshot(),
        rig=sweep.rig if preflight.server.is_local is True else Rig(),
        server=preflight.server,
        notes=preflight.notes,
    )


def _load(sweep: Sweep, slot: Slot, *, preflight: Preflight) -> LoadedModel:
    if not (sweep.plan.design.reload and preflight.can_load):
        return LoadedModel()
    try:
        load_s = sweep.backend.reload(slot.model.key, clock=sweep.clocks.monotonic_ns)
    except ServerError as error:
        return LoadedModel(failure=Failure(kind="load_failed", message=str(error)))
    return LoadedModel(load_s=load_s, is_fresh=True)


def _save(records: Path, trial: Trial) -> None:
    """Save the code first: the trial's record says that the trial is whole."""
    code = None if trial.is_warmup else extract_code(trial.answer_text or "")
    if code is not None:
        store.save_code(records, trial, code)
    store.save_trial(records, trial)
