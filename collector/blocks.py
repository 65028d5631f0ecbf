"""A model's block of the schedule: what comes before its trials, and between them.

    rest → load → warm up → trials

After a resume, or after a stream that was given up, the model is loaded anew in the
middle of a block. It is then brought to where it was: warmed up, and shown the prompts
that it had read, so that each trial finds the prompt cache that the schedule means.
None of these requests is a trial, and none is recorded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from collector.backends.protocol import Wish
from collector.backends.quantization import quantization_warning
from collector.errors import ServerError
from collector.measure import (
    WARMUP_MAX_TOKENS,
    WARMUP_PROMPT,
    Bench,
    LoadedModel,
    ask,
    chat_request,
)
from collector.plan import ModelPlan, Plan, Slot
from collector.record import Failure, Trial
from collector.task import Task

PRIMING_MAX_TOKENS = 1

_GIVEN_UP = frozenset({"timeout", "stalled", "overlong", "malformed_stream"})
"""Failures after which the server may still be generating."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """The slots of one model in one round, in order."""

    slots: tuple[Slot, ...]

    @property
    def model(self) -> ModelPlan:
        """The model that answers."""
        return self.slots[0].model


def blocks(slots: tuple[Slot, ...]) -> tuple[Block, ...]:
    """Cut a schedule into its blocks."""
    return tuple(
        Block(slots=tuple(group))
        for _, group in groupby(slots, key=lambda slot: (slot.round, slot.model.id))
    )


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What it takes to bring a model to a slot.

    Attributes:
        loads: Whether models are loaded by us.
        tasks: The plan's tasks by id.
        rest: Rests before a block.
        on_warning: Hears what a person should know of what was loaded.
    """

    plan: Plan
    bench: Bench
    tasks: Mapping[str, Task]
    loads: bool
    rest: Callable[[], float]
    on_warning: Callable[[str], None]


def wish_of(model: ModelPlan) -> Wish:
    """Return what a backend is asked for."""
    return Wish(
        key=model.key,
        quantization=model.quantization,
        context_length=model.context_length,
    )


def prepare(stage: Stage, block: Block, *, before: tuple[Slot, ...]) -> LoadedModel:
    """Return the model as it must be for the block's next slot.

    Args:
        stage: With what.
        block: The block.
        before: Slots of the block that are done already; empty at its beginning.
    """
    model = _load(stage, wish_of(block.model))
    if model.failure is not None:
        return model
    for slot in before:
        model = _prime(stage, slot, model)
    return model


def still_there(stage: Stage, slot: Slot, model: LoadedModel) -> LoadedModel:
    """Return the model with the instance that will answer now, proved just before.

    A first request to a model that we did not load may load it: that is what the
    warm-up is for, so it alone is sent without a proof.
    """
    if model.failure is not None or (slot.is_warmup and not stage.loads):
        return model
    try:
        instance = stage.bench.backend.confirm(model.wish, model.instance)
    except ServerError as error:
        return replace(model, failure=Failure(kind="load_failed", message=str(error)))
    return model if model.instance is not None else replace(model, instance=instance)


def recover(
    stage: Stage, block: Block, slot: Slot, trial: Trial, model: LoadedModel
) -> LoadedModel:
    """Return the model for the slot after this one, once the server is free again."""
    model = model.after(slot.task_id)
    if trial.failure is None or trial.failure.kind not in _GIVEN_UP:
        return model
    try:
        stage.bench.backend.settle(
            model.wish,
            clock=stage.bench.clocks.monotonic_ns,
            timeout_s=stage.bench.limits.trial_s,
        )
    except ServerError as error:
        return replace(model, failure=Failure(kind="load_failed", message=str(error)))
    if stage.loads and slot is not block.slots[-1]:
        done = block.slots[: block.slots.index(slot) + 1]
        return prepare(stage, block, before=done)
    return replace(model, is_fresh=False)


def _load(stage: Stage, wish: Wish) -> LoadedModel:
    if not stage.loads:
        return LoadedModel(wish=wish)
    try:
        load = stage.bench.backend.load(wish, clock=stage.bench.clocks.monotonic_ns)
    except ServerError as error:
        failure = Failure(kind="load_failed", message=str(error))
        return LoadedModel(wish=wish, failure=failure)
    warning = quantization_warning(wish, load.instance)
    if warning is not None:
        stage.on_warning(warning)
    return LoadedModel(
        wish=wish, instance=load.instance, load_s=load.load_s, is_fresh=True
    )


def _prime(stage: Stage, slot: Slot, model: LoadedModel) -> LoadedModel:
    """Let the model read the prompt of a slot that is done, without recording it."""
    prompt, max_tokens = WARMUP_PROMPT, WARMUP_MAX_TOKENS
    if not slot.is_warmup:
        if slot.task_id in model.seen:
            return model
        prompt, max_tokens = stage.tasks[slot.task_id].prompt, PRIMING_MAX_TOKENS
    request = chat_request(
        model.name, prompt, sampling=stage.plan.sampling, max_tokens=max_tokens
    )
    ask(request, names=model.served_names, bench=stage.bench)
    load_s = model.load_s
    return replace(model.after(slot.task_id), load_s=load_s)
