"""Carry out a plan: each trial of the schedule, saved when it is finished.

Everything it needs is passed in, so that it runs unchanged beside any server: it knows
no folder but the store's, no clock but the given ones, and no terminal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from collector import store
from collector.backends.protocol import Preflight
from collector.blocks import Block, Stage, blocks, prepare, recover, still_there
from collector.errors import CollectorError, PlanError, ServerError, StorageError
from collector.extract import extract_code
from collector.journal import Journal
from collector.measure import (
    WARMUP_MAX_TOKENS,
    WARMUP_PROMPT,
    LoadedModel,
    chat_request,
    measure,
)
from collector.plan import Plan, Slot, schedule
from collector.progress import Watcher
from collector.record import Interruption, Trial
from collector.settings import nearest

_UNREACHED = frozenset({"connection", "load_failed"})
"""Failures that a server which is gone would give to every trial still to come."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A run on its way.

    Attributes:
        stage: What brings a model to its slots.
        records: Folder that holds all runs.
        done: Positions of the schedule whose trials are finished.
        interruptions: Earlier attempts by position.
    """

    stage: Stage
    records: Path
    run_id: str
    journal: Journal
    watcher: Watcher
    done: frozenset[int] = frozenset()
    interruptions: Mapping[int, tuple[Interruption, ...]] = field(default_factory=dict)


class ServerGoneError(ServerError):
    """The server stopped answering in the middle of a run, which can be resumed."""


def check_models(plan: Plan, preflight: Preflight) -> None:
    """Hold the plan's models against what the server offers; raises ServerError."""
    keys = preflight.model_keys
    if keys is None:
        return
    missing = [
        f"{model.id}: the server has no model {model.key!r}: "
        f"{nearest(model.key, list(keys))} "
        "(download it in LM Studio, or correct key in the plan)"
        for model in plan.models
        if model.key not in keys and model.key.partition("@")[0] not in keys
    ]
    if missing:
        raise ServerError("\n".join(missing))


def check_run_id(records: Path, run_id: str) -> None:
    """Refuse to begin a run that exists; raises PlanError."""
    path = store.run_path(records, run_id)
    if path.exists():
        raise PlanError(
            f"{path}: there is already a run {run_id!r}: go on with it with "
            f"--resume {run_id}, or give another name with --run"
        )


def carry_out(sweep: Sweep) -> int:
    """Measure what is still to do, save each trial, return how many failed.

    A trial that fails is saved as a failure, and the schedule goes on. An interrupt
    leaves everything saved so far, and the journal says which trial it met.

    Raises:
        StorageError: A record cannot be written; the message says where it stopped.
        ServerGoneError: The server does not answer any more.
    """
    slots = schedule(sweep.stage.plan)
    n_failed = 0
    for block in blocks(slots):
        if all(slot.position in sweep.done for slot in block.slots):
            continue
        n_failed += _carry_out_block(sweep, block, total=len(slots))
    return n_failed


def _carry_out_block(sweep: Sweep, block: Block, *, total: int) -> int:
    n_failed = 0
    first = next(slot for slot in block.slots if slot.position not in sweep.done)
    sweep.watcher.on_phase(first, "resting")
    sweep.stage.rest()
    sweep.watcher.on_phase(first, "loading")
    before = tuple(slot for slot in block.slots if slot.position < first.position)
    model = prepare(sweep.stage, block, before=before)
    for slot in block.slots:
        if slot.position in sweep.done:
            continue
        sweep.watcher.on_phase(slot, "warming up" if slot.is_warmup else "measuring")
        trial, model = _carry_out_slot(sweep, block, slot, model)
        n_failed += trial.failure is not None and not trial.is_warmup
        sweep.watcher.on_trial(trial, slot.position, total)
    return n_failed


def _carry_out_slot(
    sweep: Sweep, block: Block, slot: Slot, model: LoadedModel
) -> tuple[Trial, LoadedModel]:
    stage = sweep.stage
    try:
        sweep.journal.begin(slot.position)
        model = still_there(stage, slot, model)
        trial = measure(
            slot,
            chat_request(
                model.name,
                WARMUP_PROMPT if slot.is_warmup else stage.tasks[slot.task_id].prompt,
                sampling=stage.plan.sampling,
                max_tokens=WARMUP_MAX_TOKENS if slot.is_warmup else None,
            ),
            run_id=sweep.run_id,
            model=model,
            bench=stage.bench,
            interruptions=sweep.interruptions.get(slot.position, ()),
        )
        _check_reachable(sweep, slot, trial)
        _save(sweep.records, trial)
    except KeyboardInterrupt:
        sweep.journal.cancel(slot.position)
        raise
    except StorageError as error:
        raise StorageError(f"{_place(slot, sweep)}: {error}") from error
    return trial, recover(stage, block, slot, trial, model)


def _check_reachable(sweep: Sweep, slot: Slot, trial: Trial) -> None:
    """Stop where every trial to come would fail for the server's absence.

    A trial that reached the server is recorded whatever became of it; one that did
    not is left for a resume.
    """
    if trial.failure is None or trial.failure.kind not in _UNREACHED:
        return
    try:
        sweep.stage.bench.backend.preflight()
    except CollectorError as error:
        raise ServerGoneError(
            f"{_place(slot, sweep)}: the server is gone ({trial.failure.message}): "
            f"finished trials are kept; start it again and go on with "
            f"--resume {sweep.run_id}"
        ) from error


def _place(slot: Slot, sweep: Sweep) -> str:
    what = "warm-up" if slot.is_warmup else f"{slot.task_id} #{slot.number}"
    return f"run {sweep.run_id} stopped at {slot.position} ({slot.model.id}, {what})"


def _save(records: Path, trial: Trial) -> None:
    """Save the code first: the trial's record says that the trial is whole."""
    code = None if trial.is_warmup else extract_code(trial.answer_text or "")
    store.save_code(records, trial, code)
    store.save_trial(records, trial)
