"""Tables that ``task.toml`` and ``case.toml`` may have, as checked values."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from collector.verification.observation import Shape
from collector.verification.sandbox.protocol import Limits

Need = Literal["native"]
"""``native``: threads, subprocesses or compiled packages, which not every tier has."""

Positive = Annotated[float, Field(gt=0)]
Mebibytes = Annotated[int, Field(ge=1)]

_MIB = 2**20


class Table(BaseModel):
    """A table that knows its keys and no others."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


class ShapeTable(Table):
    """What a task's programs take and give; ``observation.Shape`` says more."""

    input_suffix: Annotated[str, Field(pattern=r"^\.[a-z0-9]+$")]
    output_suffix: Annotated[str, Field(pattern=r"^\.[a-z0-9]+$")]
    parses: Literal["json", "csv", "lines", "text"]
    input_words: list[str]
    output_words: list[str]
    text_words: list[str]
    object_words: list[str]
    entry_words: dict[str, int]

    def shape(self) -> Shape:
        """Return the table as the adapter reads it."""
        return Shape(
            input_suffix=self.input_suffix,
            output_suffix=self.output_suffix,
            entry_words=self.entry_words,
            input_words=tuple(self.input_words),
            output_words=tuple(self.output_words),
            text_words=tuple(self.text_words),
            object_words=tuple(self.object_words),
            parses=self.parses,
        )


class LimitsTable(Table):
    """How much a run may take; an absent key leaves what holds without the table."""

    wall_s: Positive | None = None
    """Seconds; the processor may be busy for as many."""
    memory_mib: Mebibytes | None = None
    output_mib: Mebibytes | None = None
    """Of standard output and standard error, each."""

    def over(self, base: Limits) -> Limits:
        """Return the limits with this table's in place of the base's."""
        limits = base
        if self.wall_s is not None:
            limits = replace(limits, wall_s=self.wall_s, cpu_s=self.wall_s)
        if self.memory_mib is not None:
            limits = replace(limits, memory_bytes=self.memory_mib * _MIB)
        if self.output_mib is not None:
            limits = replace(limits, output_bytes=self.output_mib * _MIB)
        return limits


class TaskFile(Table):
    """The whole of ``task.toml``; the tables are for verification only."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    prompt_language: str
    code_language: str
    needs: list[Need] = []
    """What every answer to the task needs of a sandbox."""
    shape: ShapeTable | None = None
    """None: answers can be measured, but not verified."""
    limits: LimitsTable = LimitsTable()
    """Of every case that has none of its own."""


class GenerateTable(Table):
    """A large input made from a template, without code.

    ``row`` is written so many times; ``${n}`` in it is the row's number from 1, and
    ``${name}`` the next entry of ``cycle.name``, which begins anew at its end.
    """

    rows: Annotated[int, Field(ge=1, le=1_000_000)]
    before: str = ""
    row: str
    between: str = "\n"
    after: str = ""
    cycle: dict[str, Annotated[list[str], Field(min_length=1)]] = {}


class CaseFile(Table):
    """The whole of ``case.toml``."""

    group: str
    """Cases of a kind are shown together."""
    rule: str
    """Name of the rule that judges what was seen."""
    is_counted: bool = True
    """Whether it counts towards the passes."""
    is_japanese_windows: bool = False
    """Whether files open as on a Japanese Windows."""
    missing: bool = False
    """Whether the input file does not exist."""
    check: Literal["order"] | None = None
    """``order``: run it with another hash seed, too, and compare the columns."""
    needs: list[Need] = []
    generate: GenerateTable | None = None
    limits: LimitsTable = LimitsTable()
    expect: dict[str, str | int | float | bool] = {}
    """The rule's own parameters."""
