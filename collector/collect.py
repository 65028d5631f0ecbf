"""A run from its plan to its records, begun or gone on with."""

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from collector import store
from collector.backends.protocol import Backend, Limits, Preflight
from collector.backends.registry import make_backend
from collector.blocks import Stage
from collector.choices import LATEST, Choices, planned, tasks_of
from collector.cooldown import rest
from collector.errors import CollectorError, PlanError
from collector.journal import JOURNAL_NAME, Journal, run_lock
from collector.measure import Bench, Clocks
from collector.metrics import decode_tok_s
from collector.pilot import assess, describe
from collector.plan import Plan
from collector.progress import Watcher
from collector.record import Run, Source
from collector.resume import done_positions, find_unfinished, read_unfinished
from collector.selftest import selftest
from collector.sensors import Sensors, open_sensors
from collector.sweep import Sweep, carry_out, check_models, check_run_id
from collector.task import Task, prompt_sha256
from collector.version import tool_commit, tool_version

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, kw_only=True)
class Result:
    """A finished run.

    Attributes:
        n_failed: Counted trials of this session that failed.
    """

    run_id: str
    folder: Path
    n_failed: int


@dataclass(frozen=True, kw_only=True)
class _Job:
    """A run about to go on.

    Attributes:
        run: Its record as it was saved; None: it is yet to begin.
    """

    run: Run | None
    run_id: str
    plan: Plan
    tasks: Mapping[str, Task]
    records: Path
    source: Source

    @property
    def folder(self) -> Path:
        return store.run_path(self.records, self.run_id).parent


def collect_run(
    choices: Choices,
    *,
    watch: Callable[[Plan], Watcher],
    tell: Callable[[str], None],
    clocks: Clocks | None = None,
) -> Result:
    """Measure what the choices say, or what is left of it.

    Args:
        choices: The command line's.
        watch: Makes what shows the run on its way.
        tell: Hears what a person should know, a line each.
        clocks: For tests.

    Raises:
        CollectorError: Before anything is measured: a wrong plan, task, run name or
            server. Later only if a record cannot be written or the server is gone.
    """
    clocks = Clocks() if clocks is None else clocks
    job = _find_job(choices, tell=tell)
    backend = make_backend(job.plan.server.backend, job.plan.server.base_url)
    preflight = backend.preflight()
    check_models(job.plan, preflight)
    for note in preflight.notes:
        tell(f"note: {note}")
    try:
        n_failed = _measure(
            job, backend, preflight, watch=watch, tell=tell, clocks=clocks
        )
    except KeyboardInterrupt:
        if store.run_path(job.records, job.run_id).exists():
            tell(
                f"\nfinished trials are kept in {job.folder}: "
                f"go on with --resume {job.run_id}"
            )
        raise
    return Result(run_id=job.run_id, folder=job.folder, n_failed=n_failed)


def _measure(
    job: _Job,
    backend: Backend,
    preflight: Preflight,
    *,
    watch: Callable[[Plan], Watcher],
    tell: Callable[[str], None],
    clocks: Clocks,
) -> int:
    """Hold the run, save its record, carry it out, return how many trials failed."""
    with ExitStack() as stack:
        stack.enter_context(run_lock(job.folder))
        sensors = stack.enter_context(open_sensors(is_local=preflight.server.is_local))
        if job.run is None:
            check_run_id(job.records, job.run_id)
        _save_run(job, preflight, sensors, clocks=clocks, tell=tell)
        watcher = stack.enter_context(watch(job.plan))
        bench = Bench(
            backend=backend,
            sensors=sensors,
            limits=Limits(
                silence_s=job.plan.limits.silence_s, trial_s=job.plan.limits.trial_s
            ),
            clocks=clocks,
            on_text=watcher.on_text,
        )
        stage = Stage(
            plan=job.plan,
            bench=bench,
            tasks=job.tasks,
            loads=job.plan.design.reload and preflight.can_load,
            rest=_rests(job.plan, sensors, clocks),
            on_warning=lambda warning: watcher.tell(f"warning: {warning}"),
        )
        return carry_out(_sweep(job, stage, watcher))


def _sweep(job: _Job, stage: Stage, watcher: Watcher) -> Sweep:
    journal = Journal(path=job.folder / JOURNAL_NAME, now=stage.bench.clocks.now)
    return Sweep(
        stage=stage,
        records=job.records,
        run_id=job.run_id,
        journal=journal,
        watcher=watcher,
        done=done_positions(job.records, job.run_id, job.plan),
        interruptions=journal.interruptions(),
    )


def _find_job(choices: Choices, *, tell: Callable[[str], None]) -> _Job:
    plan = planned(choices)
    tasks = tasks_of(plan, choices)
    records = choices.records_folder
    run_id, run = choices.run_id, None
    if choices.resume is not None:
        run_id = choices.resume
        if run_id == LATEST:
            run_id = find_unfinished(records, plan)
    if not _RUN_ID.fullmatch(run_id):
        raise PlanError(
            f"the run name {run_id!r}: use letters, digits, '.', '_' and '-' only"
        )
    if choices.resume is None:
        check_run_id(records, run_id)
    elif store.run_path(records, run_id).exists():
        run, plan = read_unfinished(records, run_id, plan, tasks)
        tasks = tasks_of(plan, choices)
        tell(f"going on with the run {run_id}")
    else:
        tell(f"note: there is no run {run_id} yet: it begins now")
    return _Job(
        run=run,
        run_id=run_id,
        plan=plan,
        tasks=tasks,
        records=records,
        source=choices.source,
    )


def _save_run(
    job: _Job,
    preflight: Preflight,
    sensors: Sensors,
    *,
    clocks: Clocks,
    tell: Callable[[str], None],
) -> None:
    """Save the run's record, and again with our own error once it is known."""
    run = job.run
    if run is None:
        run = _describe(job, preflight, sensors, clocks)
        store.save_run(job.records, run)
    if not job.plan.design.calibrate or run.calibration is not None:
        return
    tell("measuring our own error on this machine, about 3 s")
    changes: dict[str, object]
    try:
        changes = {"calibration": selftest(clocks)}
    except CollectorError as error:
        note = f"Our own measuring error could not be determined: {error}"
        tell(f"note: {note}")
        changes = {"notes": tuple(dict.fromkeys((*run.notes, note)))}
    store.save_run(job.records, run.model_copy(update=changes))


def _describe(job: _Job, preflight: Preflight, sensors: Sensors, clocks: Clocks) -> Run:
    return Run(
        run_id=job.run_id,
        source=job.source,
        started_at=clocks.now(),
        tool_version=tool_version(),
        tool_commit=tool_commit(),
        models=job.plan.planned_models(),
        plan=job.plan.snapshot(),
        prompts={
            task_id: prompt_sha256(task.prompt) for task_id, task in job.tasks.items()
        },
        rig=sensors.rig(),
        server=preflight.server,
        notes=preflight.notes,
    )


def _rests(plan: Plan, sensors: Sensors, clocks: Clocks) -> Callable[[], float]:
    """Return a rest for before each block but the first, which nothing has warmed."""
    first_c = (
        sensors.temperature_c() if plan.design.cooldown_band_c is not None else None
    )
    is_first = True

    def before_block() -> float:
        nonlocal is_first
        if is_first:
            is_first = False
            return 0.0
        return rest(
            plan.design,
            first_c=first_c,
            temperature_c=sensors.temperature_c,
            clock=clocks.monotonic_ns,
            sleep=clocks.sleep,
        )

    return before_block


def pilot_lines(choices: Choices, result: Result) -> list[str]:
    """Return what a pilot says of the plan that it was made for, as sentences.

    Args:
        choices: What was chosen for the plan itself.
        result: The pilot's run.

    Raises:
        ServerError: Too few of its trials gave a rate.
    """
    trials = store.load_run(result.folder.parent, result.run_id).trials
    rates = [
        rate
        for trial in trials
        if trial.outcome == "complete" and not trial.is_warmup
        if (rate := decode_tok_s(trial)) is not None
    ]
    plan = planned(replace(choices, models=()))
    found = assess(rates, n_models=len(plan.models))
    return describe(found, rounds=plan.design.rounds, trials=plan.design.trials)
