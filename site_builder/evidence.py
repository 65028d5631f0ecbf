"""What running a run's code showed, model by model; nothing is counted twice.

Verdicts are held beside each other only if they were found alike: in the same sandbox,
with the same Python, rules and cases.
"""

import hashlib
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from collector.record import Case, Verdict
from collector.store import LoadedRun
from site_builder.answers import ReadAnswer, TrialKey

UNSAFE_TIER = "none"
"""The tier of code that ran without any sandbox."""

Level = Literal["as_is", "names_adjusted", "fails", "not_executed"]
SharedLevel = Literal["as_is", "names_adjusted", "fails", "not_executed", "mixed"]

LEVELS: tuple[SharedLevel, ...] = (
    "as_is",
    "names_adjusted",
    "fails",
    "not_executed",
    "mixed",
)
RESULTS: tuple[str, ...] = ("pass", "lenient", "fail", "timeout", "flaky", "not_run")


@dataclass(frozen=True, order=True, kw_only=True)
class Setting:
    """How code was judged; results of different settings are never averaged."""

    task_id: str
    sandbox: str
    sandbox_version: str
    guest_python: str
    judge_version: str
    task_sha256: str


@dataclass(frozen=True, kw_only=True)
class Passes:
    """How many cases a model's code passes: medians over its trials.

    Attributes:
        strict: Cases passed strictly.
        lenient: Cases passed with allowance only.
        n_counted: Cases that count.
        n_trials: Trials judged.
    """

    strict: float
    lenient: float
    n_counted: int
    n_trials: int


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Verdicts of one model that may be held beside each other."""

    setting: Setting
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What running one model's code showed.

    Attributes:
        benches: One for each setting in which code was put into a sandbox.
        unplaced: Verdicts without one: no code, no Python, or no sandbox here.
        stale: Verdicts about other code than the run holds; they say nothing of it.
        n_missing: Answers with code and without a verdict.
    """

    benches: tuple[Bench, ...] = ()
    unplaced: tuple[Verdict, ...] = ()
    stale: tuple[Verdict, ...] = ()
    n_missing: int = 0

    @property
    def has_any(self) -> bool:
        """Whether there is a verdict that says something of the run's code."""
        return bool(self.benches or self.unplaced)

    def level(self, task_id: str) -> SharedLevel | None:
        """Return the level all trials of a task share, or ``mixed``; None: none."""
        levels: set[Level] = {
            verdict.level for verdict in self._verdicts() if verdict.task_id == task_id
        }
        if len(levels) > 1:
            return "mixed"
        return levels.pop() if levels else None

    def passes(self, task_id: str) -> Passes | None:
        """Return the medians over a task's trials.

        An answer without code that runs passes no case. Code that was not executed,
        for want of a sandbox or a package, says nothing and is left out.

        Returns:
            None where nothing was executed, or not all of it in one setting.
        """
        benches = [b for b in self.benches if b.setting.task_id == task_id]
        if len(benches) != 1:
            return None
        judged = [
            verdict
            for verdict in (*benches[0].verdicts, *self.unplaced)
            if verdict.task_id == task_id and verdict.level != "not_executed"
        ]
        n_counted = max((len(counted_cases(v)) for v in judged), default=0)
        if n_counted == 0:
            return None
        return Passes(
            strict=statistics.median(count(v, "pass") for v in judged),
            lenient=statistics.median(count(v, "lenient") for v in judged),
            n_counted=n_counted,
            n_trials=len(judged),
        )

    def _verdicts(self) -> Iterable[Verdict]:
        for bench in self.benches:
            yield from bench.verdicts
        yield from self.unplaced


def verifications(
    run: LoadedRun, answers: Mapping[TrialKey, ReadAnswer]
) -> dict[str, Verification]:
    """Return what running the code of each model showed, by model id."""
    return {
        model.model_id: _verification(
            [v for v in run.verdicts if v.model_id == model.model_id],
            {key: a for key, a in answers.items() if key[0] == model.model_id},
        )
        for model in run.run.models
    }


def counted_cases(verdict: Verdict) -> tuple[Case, ...]:
    """Return the cases that count towards the passes."""
    return tuple(case for case in verdict.cases if case.is_counted)


def count(verdict: Verdict, *results: str) -> int:
    """Return how many counted cases have one of these results."""
    return sum(case.result in results for case in counted_cases(verdict))


def settings_of(found: Mapping[str, Verification]) -> tuple[Setting, ...]:
    """Return every setting in which code of a run was executed, in a fixed order."""
    benches = (bench for item in found.values() for bench in item.benches)
    return tuple(sorted({bench.setting for bench in benches}))


def _verification(
    verdicts: list[Verdict], answers: Mapping[TrialKey, ReadAnswer]
) -> Verification:
    stale = [verdict for verdict in verdicts if _is_stale(verdict, answers)]
    current = [verdict for verdict in verdicts if verdict not in stale]
    executed: dict[Setting, list[Verdict]] = {}
    for verdict in current:
        if verdict.sandbox is not None:
            executed.setdefault(_setting(verdict), []).append(verdict)
    judged = {_key(verdict) for verdict in verdicts}
    return Verification(
        benches=tuple(
            Bench(setting=setting, verdicts=tuple(executed[setting]))
            for setting in sorted(executed)
        ),
        unplaced=tuple(verdict for verdict in current if verdict.sandbox is None),
        stale=tuple(stale),
        n_missing=sum(
            answer.code is not None and answer.status != "invalid" and key not in judged
            for key, answer in answers.items()
        ),
    )


def _key(verdict: Verdict) -> TrialKey:
    return verdict.model_id, verdict.task_id, verdict.number


def _is_stale(verdict: Verdict, answers: Mapping[TrialKey, ReadAnswer]) -> bool:
    """Whether a verdict is about other code than the answer holds."""
    answer = answers.get(_key(verdict))
    code = None if answer is None else answer.code
    if code is None:
        return verdict.code_sha256 is not None
    return hashlib.sha256(code.encode("utf-8")).hexdigest() != verdict.code_sha256


def _setting(verdict: Verdict) -> Setting:
    return Setting(
        task_id=verdict.task_id,
        sandbox=verdict.sandbox or UNSAFE_TIER,
        sandbox_version=verdict.sandbox_version or "",
        guest_python=verdict.guest_python or "",
        judge_version=verdict.judge_version,
        task_sha256=verdict.task_sha256 or "",
    )
