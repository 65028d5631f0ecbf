"""What each counted trial shows for the field of a condition.

A trial counts if it is no warm-up and its answer came, whole or cut at the limit. An
answer without usable code shows nothing of its code: no condition about code is met.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Literal, get_args

from collector.record import Trial, Verdict
from collector.store import LoadedRun
from site_builder.analysis.archetypes import Archetype
from site_builder.analysis.judging import Status
from site_builder.analysis.structure import Structure
from site_builder.analysis.traits import TRAITS, reading_s
from site_builder.answers import TrialKey, trial_key
from site_builder.claims.claim import Condition
from site_builder.claims.code_names import dotted_names
from site_builder.evidence import LEVELS, RESULTS
from site_builder.findings import CodeEvidence, TrialCode

Kind = Literal["text", "number", "yes_no"]


class Nothing(Enum):
    """What an answer without code shows of its code."""

    NOTHING = "nothing"


NONE = Nothing.NOTHING
Shown = str | float | bool | Nothing
"""What a trial shows: a text, a number, yes or no, or nothing."""

UNKNOWN_LEVELS = frozenset({"mixed", "not_executed"})
"""Levels no trial has, and code that was never run: it might have had any."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field conditions may name.

    Attributes:
        has_name: Whether a name follows after a colon, as in ``case:01-flat``.
        values: The texts it can show; empty: any.
        names: The names it has; empty: any.
        show: What a trial shows; None: it is not known.
    """

    key: str
    kind: Kind
    show: Callable[["CountedTrial", str], Shown | None]
    has_name: bool = False
    values: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class CountedTrial:
    """A counted trial with all that is known of it.

    Attributes:
        code: Its answer as read; None: no answer is recorded.
        verdict: What running its code showed; None: it was not judged.
        names_of: Every dotted name that code imports or uses; None: not readable.
    """

    trial: Trial
    code: TrialCode | None
    verdict: Verdict | None
    names_of: Callable[[str], frozenset[str] | None]

    @property
    def has_code(self) -> bool:
        """Whether the answer holds a program that can be read."""
        return self.code is not None and self.code.answer.status == "ok"

    @property
    def structure(self) -> Structure | None:
        """How its code is built; None: not known."""
        findings = None if self.code is None else self.code.findings
        return None if findings is None else findings.structure


def counted_trials(
    run: LoadedRun, found: CodeEvidence
) -> Mapping[str, tuple[CountedTrial, ...]]:
    """Return the counted trials of each model, of the task models are compared on."""
    codes = {
        trial_key(item.answer.trial): item
        for portraits in found.portraits.values()
        for portrait in portraits
        for item in portrait.trials
    }
    verdicts = _verdicts(found)
    # Models repeat themselves: each code is parsed once.
    names_of = cache(dotted_names)
    return {
        model.model_id: tuple(
            CountedTrial(
                trial=trial,
                code=codes.get(trial_key(trial)),
                verdict=verdicts.get(trial_key(trial)),
                names_of=names_of,
            )
            for trial in run.trials
            if trial.model_id == model.model_id
            and is_counted(trial)
            and found.task_id in (None, trial.task_id)
        )
        for model in run.run.models
    }


def _verdicts(found: CodeEvidence) -> dict[TrialKey, Verdict]:
    """Return the verdicts that say something of the run's code, by trial."""
    return {
        (verdict.model_id, verdict.task_id, verdict.number): verdict
        for checked in found.verifications.values()
        for verdicts in (
            *(bench.verdicts for bench in checked.benches),
            checked.unplaced,
        )
        for verdict in verdicts
    }


def is_counted(trial: Trial) -> bool:
    """Whether an answer came, whole or cut at the limit, and is no warm-up's."""
    is_whole = trial.failure is None or trial.failure.kind == "limit"
    return is_whole and not trial.is_warmup


def meets(trial: CountedTrial, condition: Condition) -> bool | None:
    """Whether a trial meets a condition; None: its field is not known."""
    field, name = field_of(condition.field)
    shown = field.show(trial, name)
    if shown is None:
        return None
    if shown is NONE:
        return False
    if isinstance(shown, bool):
        wanted = condition.value in (None, "yes")
        return (shown == wanted) == (condition.comparison != "!=")
    if isinstance(shown, str):
        return (shown == condition.value) == (condition.comparison != "!=")
    return isinstance(condition.value, float) and compare(
        shown, condition.comparison or "=", condition.value
    )


def compare(value: float, comparison: str, limit: float) -> bool:
    """Hold a number against a limit; what is equal on paper is equal here."""
    is_equal = math.isclose(value, limit, rel_tol=1e-9, abs_tol=1e-12)
    match comparison:
        case ">=":
            return is_equal or value > limit
        case "<=":
            return is_equal or value < limit
        case ">":
            return value > limit and not is_equal
        case "<":
            return value < limit and not is_equal
        case "!=":
            return not is_equal
        case _:
            return is_equal


def field_of(written: str) -> tuple[Field, str]:
    """Return a field and the name after its colon; raises KeyError if unknown."""
    key, _, name = written.partition(":")
    return FIELDS[key], name


def _outcome(trial: CountedTrial, _: str) -> Shown | None:
    return trial.trial.outcome


def _finish_reason(trial: CountedTrial, _: str) -> Shown | None:
    return trial.trial.finish_reason


def _answer(trial: CountedTrial, _: str) -> Shown | None:
    return None if trial.code is None else trial.code.answer.status


def _level(trial: CountedTrial, _: str) -> Shown | None:
    if trial.verdict is None or trial.verdict.level in UNKNOWN_LEVELS:
        return None
    return trial.verdict.level


def _case(trial: CountedTrial, name: str) -> Shown | None:
    if trial.verdict is None or trial.verdict.level in UNKNOWN_LEVELS:
        return None
    cases = trial.verdict.cases
    return next((case.result for case in cases if case.case_id == name), None)


def _of_structure(
    show: Callable[[Structure, str], Shown],
) -> Callable[[CountedTrial, str], Shown | None]:
    """Return what code shows; nothing without code, None where it was not read."""

    def shown(trial: CountedTrial, name: str) -> Shown | None:
        if trial.code is not None and not trial.has_code:
            return NONE
        return None if trial.structure is None else show(trial.structure, name)

    return shown


def _type(structure: Structure, _: str) -> Shown:
    return structure.vote.archetype


def _option(structure: Structure, name: str) -> Shown:
    """Look for an option of that name, or with it among the words of its own."""
    wanted = _SYNONYMS.get(name, (name,))
    return any(
        option in wanted or set(option.split("_")) & set(wanted)
        for option in structure.facts.options
    )


def _trait(structure: Structure, name: str) -> Shown:
    return structure.traits[name]


def _code_lines(structure: Structure, _: str) -> Shown:
    return float(structure.facts.sloc)


def _prose_s(structure: Structure, _: str) -> Shown:
    return reading_s(structure.counts.talk)


def _uses(trial: CountedTrial, name: str) -> Shown | None:
    if trial.code is not None and not trial.has_code:
        return NONE
    code = None if trial.code is None else trial.code.answer.code
    names = None if code is None else trial.names_of(code)
    if names is None:
        return None
    return any(used == name or used.startswith(f"{name}.") for used in names)


_SYNONYMS: dict[str, tuple[str, ...]] = {
    "bom": ("bom", "sig", "utf8sig", "utf8bom", "usebom", "withbom"),
}
"""A BOM is also offered as the encoding ``utf-8-sig``."""

FIELDS: dict[str, Field] = {
    field.key: field
    for field in (
        Field(
            key="outcome",
            kind="text",
            show=_outcome,
            values=frozenset({"complete", "truncated"}),
        ),
        Field(key="finish_reason", kind="text", show=_finish_reason),
        Field(
            key="level",
            kind="text",
            show=_level,
            values=frozenset(LEVELS) - UNKNOWN_LEVELS,
        ),
        Field(
            key="answer",
            kind="text",
            show=_answer,
            values=frozenset(get_args(Status)) - {"invalid"},
        ),
        Field(
            key="type",
            kind="text",
            show=_of_structure(_type),
            values=frozenset(get_args(Archetype)) - {"speed_sketcher"},
        ),
        Field(
            key="case",
            kind="text",
            show=_case,
            has_name=True,
            values=frozenset(RESULTS),
        ),
        Field(key="option", kind="yes_no", show=_of_structure(_option), has_name=True),
        Field(key="uses", kind="yes_no", show=_uses, has_name=True),
        Field(
            key="trait",
            kind="number",
            show=_of_structure(_trait),
            has_name=True,
            names=frozenset(TRAITS),
        ),
        Field(key="code_lines", kind="number", show=_of_structure(_code_lines)),
        Field(key="prose_s", kind="number", show=_of_structure(_prose_s)),
    )
}
"""Every field by its key; adding one is adding it here."""
