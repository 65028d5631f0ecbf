"""What records say of plan, machine, server and loaded model; part of the contract.

A leaf: it imports nothing of the project. ``record.py`` holds the records themselves
and the history of the schema.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
"""A name that is also a file name on every system and a part of an address."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Seconds = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Ratio = Annotated[float, Field(ge=0, le=1)]


class Frozen(BaseModel):
    """What every part of a record is: frozen, strict, without unknown fields or NaN."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class PlannedModel(Frozen):
    """A model of the plan."""

    model_id: Slug
    """Our name for it."""
    key: str | None
    """The server's name for it; None: not known."""
    name: str
    """The name shown to readers."""
    quantization: str | None = None
    """Quantisation as planned or published; None: not known."""
    context_length: Count | None = None
    """Tokens it was to be loaded for; None: the server's choice, or not known."""


class PlanSnapshot(Frozen):
    """The plan as it was when the run began, without the server's address."""

    backend: Slug
    rounds: Annotated[int, Field(ge=1)]
    trials: Annotated[int, Field(ge=1)]
    seed: int
    """Seed of the schedule's order."""
    reload: bool
    """Whether each model was to be loaded anew in each round."""
    cooldown_s: Seconds = 0.0
    """Seconds of rest before each model's block."""
    cooldown_band_c: Annotated[float, Field(gt=0)] | None = None
    """Degrees above the GPU's first temperature to cool down to; None: not asked."""
    silence_s: Annotated[float, Field(gt=0)] | None = None
    """Seconds without text after which a trial was given up; None: not known."""
    trial_s: Annotated[float, Field(gt=0)] | None = None
    """Seconds after which a trial was given up all the same; None: not known."""
    sampling: dict[str, JsonValue]
    """Passed to the server as given; an absent key is the server's choice."""
    tasks: tuple[Slug, ...]


class Rig(Frozen):
    """The machine the server ran on; None wherever it is not known."""

    gpu: str | None = None
    """Name of the GPU, as its driver gives it."""
    gpu_count: Count | None = None
    """GPUs of the machine; the other fields describe the first."""
    gpu_memory_bytes: Count | None = None
    """Memory of the GPU; a card sold as 12 GB has 12 x 2**30."""
    gpu_power_limit_w: Annotated[float, Field(ge=0)] | None = None
    """The power limit in force, in watts."""
    driver: str | None = None
    """Version of the GPU's driver."""
    cpu: str | None = None
    cpu_count: Count | None = None
    """Logical processors."""
    memory_bytes: Count | None = None
    os: str | None = None
    python: str | None = None


class Server(Frozen):
    """The server that answered; None wherever it is not known."""

    name: str | None = None
    version: str | None = None
    api: str | None = None
    """The routes used to list and load, such as ``/api/v1``; None: OpenAI's only."""
    engine: str | None = None
    engine_version: str | None = None
    is_local: bool | None = None
    """Whether it ran on the measuring machine."""


class Instance(Frozen):
    """A model in the server's memory, as the server describes it."""

    instance_id: str
    """The name that requests give."""
    key: str | None = None
    """The server's name for the model."""
    variant: str | None = None
    """The file chosen among the model's, such as ``maker/model@q4_k_m``."""
    quantization: str | None = None
    context_length: Count | None = None
    """Tokens the model was loaded for."""
    size_bytes: Count | None = None
    engine: str | None = None
    """Name of the inference engine that runs it."""
    engine_version: str | None = None
    reported_load_s: Seconds | None = None
    """Seconds the load took in the server's own words; ours are ``load_s``."""
    config: dict[str, JsonValue] | None = None
    """The server's whole description of the instance, verbatim."""


class GpuReading(Frozen):
    """A GPU at one moment; None wherever the driver does not tell."""

    temperature_c: float | None = None
    clock_mhz: Count | None = None
    memory_clock_mhz: Count | None = None
    power_w: Annotated[float, Field(ge=0)] | None = None
    utilization_ratio: Ratio | None = None


class Conditions(Frozen):
    """The measuring machine during one trial; None wherever it does not tell."""

    cpu_pressure_ratio: Ratio | None = None
    """Share of the trial in which some task waited for a processor (Linux)."""
    cpu_busy_ratio: Ratio | None = None
    """Share of all processors' time that was not idle."""
    collector_cpu_s: Seconds | None = None
    """Processor seconds the collector itself used from sending to the end."""
    gpu_before: GpuReading | None = None
    """Just before the request left; None: no GPU that can be read on this machine."""
    gpu_after: GpuReading | None = None


class MeasuringError(Frozen):
    """What our own measuring got wrong on a schedule that is known."""

    tok_s: Annotated[float, Field(gt=0)]
    """Rate of the schedule."""
    n: Annotated[int, Field(ge=1)]
    """Streams measured."""
    chunks: Annotated[int, Field(ge=1)]
    """Events with text in each stream."""
    ttft_error_median_s: float
    """Median of measured less true seconds to the first token."""
    ttft_error_max_s: float
    """The one farthest from zero."""
    rate_error_median_ratio: float
    """Median of measured over true rate, less 1."""
    rate_error_max_ratio: float
    """The one farthest from zero."""
    cpu_per_chunk_s: Seconds | None = None
    """Processor seconds of the collector for each chunk; None: not measurable."""


class Calibration(Frozen):
    """The collector measured on this machine against a server with known schedules."""

    at: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    """When, UTC."""
    errors: tuple[MeasuringError, ...]
    """One for each schedule."""
    cpu_pressure_ratio: Ratio | None = None
    """Share of that time in which some task waited for a processor (Linux)."""


class Interruption(Frozen):
    """An earlier attempt at a trial that did not come to its end."""

    started_at: Annotated[str, Field(min_length=1)]
    """When that attempt began, UTC, ISO 8601."""
    kind: Literal["cancelled", "lost"]
    """Whether someone pressed Ctrl-C, or the collector died without a word."""
