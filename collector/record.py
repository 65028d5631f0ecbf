"""The contract between measuring and reporting: what one JSON record holds.

It imports nothing of the project but ``facts.py``, its other half. Changing a field
means a new ``SCHEMA_VERSION``, a step in ``upgrade.py`` and a golden file in the tests.

History of ``SCHEMA_VERSION``:
    1 - first version
    2 - the loaded instance, the machine's condition, earlier attempts and the number
        of requests in each trial; calibration, prompts and our commit in each run;
        how the code was called, and why it was not, in each verdict
"""

import json
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, TypeAdapter
from pydantic import model_validator as validator

from collector.facts import (
    Calibration,
    Conditions,
    Count,
    Frozen,
    GpuReading,
    Instance,
    Interruption,
    MeasuringError,
    PlannedModel,
    PlanSnapshot,
    Rig,
    Seconds,
    Server,
    Sha256,
    Slug,
)

__all__ = [
    "KINDS",
    "SCHEMA_VERSION",
    "CacheState",
    "Calibration",
    "Case",
    "Channel",
    "Chunk",
    "Conditions",
    "Count",
    "Failure",
    "FailureKind",
    "GpuReading",
    "Instance",
    "Interruption",
    "MeasuringError",
    "Outcome",
    "PlanSnapshot",
    "PlannedModel",
    "PublishedFigures",
    "Record",
    "Request",
    "Rig",
    "Run",
    "Seconds",
    "Server",
    "Sha256",
    "Slug",
    "Source",
    "StructurePosition",
    "Trial",
    "Verdict",
    "record_schema",
]

SCHEMA_VERSION = 2

Source = Literal["measured", "demo", "published"]
Channel = Literal["reasoning", "answer"]
CacheState = Literal["cold", "warm", "unknown"]
Outcome = Literal["complete", "truncated", "failed"]
StructurePosition = Literal["speed_end", "middle", "towards_structure", "structure_end"]

FailureKind = Literal[
    "load_failed",  # not loaded, or not as the plan asks: nothing was sent
    "connection",  # no connection could be made, or its certificate is bad
    "unauthorized",  # the server wants a token, or another one
    "wrong_endpoint",  # a redirect, or an answer that is no event stream
    "server_error",  # an HTTP status of 400 or more
    "error_event",  # the stream itself carried an error
    "context_overflow",  # the prompt does not fit the loaded context
    "model_mismatch",  # another model or instance answered
    "several_requests",  # more than the one request left
    "malformed_stream",  # bytes that are not what the protocol promises
    "disconnected",  # the connection broke or ended before the end mark
    "timeout",  # nothing at all arrived for longer than the plan waits
    "stalled",  # bytes arrived, but no text for longer than the plan waits
    "overlong",  # the answer took longer than the plan lets one take
    "unexpected_finish",  # a finish reason that is neither stop nor length
    "limit",  # the answer was cut at the token limit
]


class Chunk(NamedTuple):
    """One arrival of text; a chunk may hold several tokens or a part of one.

    A triple, not an object, because a record may hold thousands of them.
    """

    t_us: Annotated[int, Field(ge=0, description="Microseconds since the request left")]
    channel: Annotated[Channel, Field(description="Whether it is thinking or answer")]
    chars: Annotated[int, Field(ge=1, description="Unicode code points that arrived")]


class Failure(Frozen):
    """Why a trial does not count."""

    kind: FailureKind
    """What went wrong, from a closed list."""
    message: str
    """The server's or the library's own words."""


class Request(Frozen):
    """What was sent."""

    path: str
    """Path of the endpoint, for example ``/v1/chat/completions``."""
    body: dict[str, JsonValue]
    """The JSON body, whole."""
    prompt_sha256: Sha256
    """SHA-256 of the prompt text in UTF-8."""
    nonce: str | None = None
    """Random text put before the prompt to defeat prompt caches; None: none."""


class PublishedFigures(Frozen):
    """What somebody else printed about a trial; nothing of it is our measurement."""

    tok_s: Annotated[float, Field(gt=0)] | None
    """Tokens per second as printed."""
    ttft_s: Seconds | None
    """Seconds to the first token as printed."""
    total_tokens: Count | None
    """Tokens of the answer as printed."""
    observations: tuple[Slug, ...] = ()
    """What the author saw in the code, as keys of the languages' word lists."""
    verdict: Slug | None = None
    """The author's verdict in a phrase, as a key of the languages' word lists."""
    structure_position: StructurePosition | None = None
    """Where the author placed the model between speed and structure, in order."""


class Trial(Frozen):
    """One request to one model and all that came back."""

    schema_version: Literal[2] = 2
    kind: Literal["trial"] = "trial"
    run_id: Slug
    """The run this trial belongs to."""
    model_id: Slug
    """The model, as the plan names it."""
    task_id: Slug
    """The task, as the plan names it; ``warmup`` for warm-ups."""
    number: Annotated[int, Field(ge=1)]
    """Number of the trial among those of its model and task, from 1."""
    is_warmup: bool = False
    """A warm-up is kept and never counted."""
    round: Annotated[int, Field(ge=1)] | None = None
    """Round of the schedule, from 1; None: there was no schedule."""
    position: Annotated[int, Field(ge=1)] | None = None
    """Place in the run's schedule, from 1; None: there was no schedule."""
    interruptions: tuple[Interruption, ...] = ()
    """Earlier attempts at this very trial, which left nothing to count."""
    cache: CacheState = "unknown"
    """Whether the server had this prompt in its cache."""
    started_at: AwareDatetime | None = None
    """When the request left, UTC; for display, never for arithmetic."""
    load_s: Seconds | None = None
    """Seconds the server took to load the model for this trial; None: no load."""
    instance: Instance | None = None
    """The model as it was loaded; None: the server does not tell."""
    outcome: Outcome | None
    """Whether the trial counts; None: the source does not say."""
    failure: Failure | None = None
    """Why the trial does not count; None if it does."""
    request: Request | None = None
    """What was sent; None: not known."""
    requests_sent: Count | None = None
    """Requests that left for this trial; None: not known. Only 1 counts."""
    status_code: int | None = None
    """HTTP status of the answer; None: there was none, or it is not known."""
    headers_us: Count | None = None
    """Microseconds from the request leaving to the response's headers."""
    end_us: Count | None = None
    """Microseconds from the request leaving to the end of the stream."""
    timeline: tuple[Chunk, ...] | None = None
    """Every arrival of text, in order; None: not recorded."""
    reasoning_text: str | None = None
    """All thinking text; empty: none came; None: not recorded."""
    answer_text: str | None = None
    """All answer text; empty: none came; None: not recorded."""
    served_model: str | None = None
    """The model that answered, in the server's words."""
    finish_reason: str | None = None
    """Why the server stopped, in its words."""
    has_end_mark: bool | None = None
    """Whether ``[DONE]`` arrived; None: not known."""
    usage: dict[str, JsonValue] | None = None
    """The server's last token counts, verbatim; None: it sent none."""
    server_stats: dict[str, JsonValue] | None = None
    """The server's own figures (stats, timings, runtime, …), verbatim."""
    conditions: Conditions | None = None
    """The measuring machine meanwhile; None: not recorded."""
    published: PublishedFigures | None = None
    """Figures taken from a publication; None: this trial was measured."""

    @validator(mode="after")
    def _outcome_and_failure_agree(self) -> Self:
        if (self.outcome in ("truncated", "failed")) != (self.failure is not None):
            raise ValueError("a failure is given exactly when the trial does not count")
        return self

    @validator(mode="after")
    def _times_do_not_run_backwards(self) -> Self:
        times = [chunk.t_us for chunk in self.timeline or ()]
        if any(later < earlier for earlier, later in pairwise(times)):
            raise ValueError("the timeline's t_us run backwards")
        return self


class Run(Frozen):
    """What all trials of one run share."""

    schema_version: Literal[2] = 2
    kind: Literal["run"] = "run"
    run_id: Slug
    source: Source
    """Who produced the figures: our clock, the demo server, or a publication."""
    started_at: AwareDatetime | None = None
    """When the run began, UTC; None: not published."""
    tool_version: str | None = None
    """Version of Seikaku that measured; None: another tool did."""
    tool_commit: Annotated[str, Field(pattern=r"^[0-9a-f]{7,64}(-dirty)?$")] | None = (
        None
    )
    """Git commit of that Seikaku; None: it did not run from a checkout."""
    models: Annotated[tuple[PlannedModel, ...], Field(min_length=1)]
    """The models, in the order readers see them."""
    plan: PlanSnapshot | None = None
    """How it was measured; None: not published."""
    prompts: dict[Slug, Sha256] = Field(default_factory=dict)
    """SHA-256 of each task's prompt; empty: not published."""
    calibration: Calibration | None = None
    """Our own measuring error on this machine; None: not determined."""
    rig: Rig
    server: Server
    notes: tuple[str, ...] = ()
    """What the measuring program noticed and a reader should know."""

    @validator(mode="after")
    def _model_ids_are_unique(self) -> Self:
        ids = [model.model_id for model in self.models]
        if len(set(ids)) != len(ids):
            raise ValueError("a model_id occurs twice in models")
        return self


class Case(Frozen):
    """What one verification case found."""

    case_id: Slug
    result: Literal["pass", "lenient", "fail", "timeout", "flaky", "not_run"]
    reason: str
    """Why, in a sentence; empty for a plain pass."""
    is_counted: bool = True
    """Whether it counts towards the passes; a portability run does not."""
    wall_s: Seconds | None = None
    """Seconds the case ran; None: it did not."""


class Verdict(Frozen):
    """What running a trial's code showed."""

    schema_version: Literal[2] = 2
    kind: Literal["verdict"] = "verdict"
    run_id: Slug
    model_id: Slug
    task_id: Slug
    number: Annotated[int, Field(ge=1)]
    code_sha256: Sha256 | None
    """SHA-256 of the code judged; None: the answer held none."""
    task_sha256: Sha256 | None = None
    """SHA-256 over the task's files; None: not recorded."""
    judge_version: str
    """Version of the judging rules."""
    level: Literal["as_is", "names_adjusted", "fails", "not_executed"]
    """How much had to be changed for the code to run."""
    reason: str = ""
    """Why it fails or was not executed, in a sentence; empty otherwise."""
    call: str | None = None
    """How the code is called, such as ``convert(in, out)``; None: no way was found."""
    tried: tuple[str, ...] = ()
    """The ways of calling that were tried, in order, with what became of each."""
    diff: str | None = None
    """What was changed, as a unified diff; None: nothing."""
    sandbox: Slug | None = None
    """Tier that executed the code; ``none``: it ran without one, as its user said."""
    sandbox_version: str | None = None
    """Version of that tier's mechanism; None: not known, or nothing was executed."""
    guest_python: str | None = None
    """Python version inside the sandbox; None: nothing was executed."""
    notes: tuple[Slug, ...] = ()
    """What else was seen, as keys, such as ``column_order_varies``."""
    cases: tuple[Case, ...] = ()


Record = Annotated[Run | Trial | Verdict, Field(discriminator="kind")]

KINDS: dict[str, type[BaseModel]] = {"run": Run, "trial": Trial, "verdict": Verdict}


def record_schema(kind: str | None = None) -> str:
    """Return the JSON Schema of a kind of record as text; None: of any record."""
    schema = TypeAdapter(Record if kind is None else KINDS[kind]).json_schema()
    dialect = "https://json-schema.org/draft/2020-12/schema"
    document = {
        "$schema": dialect,
        **schema,
        "title": f"A Seikaku {kind or 'record'}, schema_version {SCHEMA_VERSION}",
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
