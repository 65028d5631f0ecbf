"""The plan: ``plan.toml`` into a frozen value, and its shuffled schedule."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator
from pydantic import model_validator as validator

from collector.backends.address import complete_base_url
from collector.errors import PlanError
from collector.record import PlannedModel, PlanSnapshot, Slug
from collector.settings import nearest, read_settings

RESERVED_SAMPLING = frozenset({"messages", "model", "stream", "stream_options"})
"""Request fields the collector itself sets."""


class _Table(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


class ServerPlan(_Table):
    """Where to measure."""

    base_url: str = "http://127.0.0.1:1234/v1"
    """Address of the OpenAI-compatible routes, with or without ``/v1``."""
    backend: str = "lmstudio"
    """Which family of servers answers there."""

    @field_validator("base_url")
    @classmethod
    def _complete_address(cls, value: str) -> str:
        return complete_base_url(value)


class Design(_Table):
    """How often, and in which order."""

    rounds: Annotated[int, Field(ge=1, le=1000)] = 3
    trials: Annotated[int, Field(ge=1, le=1000)] = 2
    """Trials per model, task and round."""
    seed: int = 1
    """Seed of the order of models in each round."""
    reload: bool = True
    """Load each model anew in each round, where the server can be told to."""
    cooldown_s: Annotated[float, Field(ge=0)] = 0.0
    """Seconds of rest before each model's block."""
    cooldown_band_c: Annotated[float, Field(gt=0)] | None = None
    """Rest until the GPU is at most so many degrees above its first temperature."""
    cooldown_limit_s: Annotated[float, Field(gt=0)] = 60.0
    """The longest such rest."""
    calibrate: bool = True
    """Measure our own error against a known schedule before the run."""


class LimitsPlan(_Table):
    """When a trial is given up."""

    silence_s: Annotated[float, Field(gt=0)] = 600.0
    """Seconds without any new text; a long prompt is read without a word."""
    trial_s: Annotated[float, Field(gt=0)] = 3600.0
    """Seconds from sending to the end."""


class ModelPlan(_Table):
    """One model to measure."""

    id: Slug
    """Our name for it: a folder and an address."""
    key: Annotated[str, Field(min_length=1)]
    """The server's name for it."""
    name: Annotated[str, Field(min_length=1)]
    """The name readers see."""
    quantization: str | None = None
    """What the plan expects to be loaded; another one is a warning."""
    context_length: Annotated[int, Field(ge=1)] | None = None
    """Tokens to load it for; None: the server's choice."""


class Plan(_Table):
    """Everything a run needs to know beforehand."""

    server: ServerPlan = ServerPlan()
    design: Design = Design()
    limits: LimitsPlan = LimitsPlan()
    sampling: dict[str, JsonValue] = {}
    """Sent as given; a key that is absent is left to the server."""
    tasks: Annotated[list[Slug], Field(min_length=1)]
    models: Annotated[list[ModelPlan], Field(min_length=1)]

    @validator(mode="after")
    def _names_are_unique_and_free(self) -> Self:
        ids = [model.id for model in self.models]
        for doubled in {name for name in ids if ids.count(name) > 1}:
            raise ValueError(f"the model id {doubled!r} occurs twice")
        if len(set(self.tasks)) != len(self.tasks):
            raise ValueError("a task occurs twice in tasks")
        if WARMUP_TASK_ID in self.tasks:
            raise ValueError(f"{WARMUP_TASK_ID!r} is kept for warm-ups")
        if taken := RESERVED_SAMPLING & set(self.sampling):
            raise ValueError(f"sampling may not set {', '.join(sorted(taken))}")
        return self

    def snapshot(self) -> PlanSnapshot:
        """Return what of the plan a run's record keeps."""
        return PlanSnapshot(
            backend=self.server.backend,
            rounds=self.design.rounds,
            trials=self.design.trials,
            seed=self.design.seed,
            reload=self.design.reload,
            cooldown_s=self.design.cooldown_s,
            cooldown_band_c=self.design.cooldown_band_c,
            silence_s=self.limits.silence_s,
            trial_s=self.limits.trial_s,
            sampling=self.sampling,
            tasks=tuple(self.tasks),
        )

    def planned_models(self) -> tuple[PlannedModel, ...]:
        """Return the models as a run's record lists them."""
        return tuple(
            PlannedModel(
                model_id=model.id,
                key=model.key,
                name=model.name,
                quantization=model.quantization,
                context_length=model.context_length,
            )
            for model in self.models
        )


WARMUP_TASK_ID = "warmup"


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One request of the schedule.

    Attributes:
        number: Number of the trial among those of its model and task, from 1.
        round: Round, from 1.
        position: Place in the whole schedule, from 1.
        is_first_of_block: Whether the model's block in this round starts here.
    """

    model: ModelPlan
    task_id: str
    number: int
    round: int
    position: int
    is_warmup: bool
    is_first_of_block: bool


def read_plan(path: Path) -> Plan:
    """Read ``plan.toml``; raises PlanError naming the file, the key and the mend."""
    return read_settings(path, Plan)


def override(
    plan: Plan,
    *,
    server: str | None = None,
    models: tuple[str, ...] = (),
    rounds: int | None = None,
    trials: int | None = None,
) -> Plan:
    """Return the plan with the command line's choices in place of its own.

    Raises:
        PlanError: A model is not in the plan, or the server is no address.
    """
    known = [model.id for model in plan.models]
    for model_id in models:
        if model_id not in known:
            raise PlanError(
                f"--model {model_id}: not in the plan: {nearest(model_id, known)}"
            )
    changes: dict[str, object] = {}
    if server is not None:
        try:
            url = complete_base_url(server)
        except ValueError as error:
            raise PlanError(f"--server {server}: {error}") from error
        changes["server"] = plan.server.model_copy(update={"base_url": url})
    design = {
        key: value
        for key, value in (("rounds", rounds), ("trials", trials))
        if value is not None
    }
    if design:
        changes["design"] = plan.design.model_copy(update=design)
    if models:
        changes["models"] = [model for model in plan.models if model.id in models]
    return plan.model_copy(update=changes)


def schedule(plan: Plan) -> tuple[Slot, ...]:
    """Lay out every request: rounds of blocks, a block per model, order by the seed.

    A block is one warm-up, then ``trials`` trials of each task. The order of blocks is
    shuffled anew in each round, so that drift of the machine meets all models alike.
    """
    shuffler = random.Random(plan.design.seed)  # noqa: S311 - an order, not a secret
    slots: list[Slot] = []
    for round_number in range(1, plan.design.rounds + 1):
        order = list(plan.models)
        shuffler.shuffle(order)
        for model in order:
            slots.extend(
                _block(plan, model, round_number=round_number, offset=len(slots))
            )
    return tuple(slots)


def _block(
    plan: Plan, model: ModelPlan, *, round_number: int, offset: int
) -> list[Slot]:
    first = (round_number - 1) * plan.design.trials
    requests = [(WARMUP_TASK_ID, round_number)] + [
        (task_id, first + trial)
        for task_id in plan.tasks
        for trial in range(1, plan.design.trials + 1)
    ]
    return [
        Slot(
            model=model,
            task_id=task_id,
            number=number,
            round=round_number,
            position=offset + index,
            is_warmup=task_id == WARMUP_TASK_ID,
            is_first_of_block=index == 1,
        )
        for index, (task_id, number) in enumerate(requests, start=1)
    ]
