"""One row for each trial, with everything that one trial tells, for spreadsheets."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from collector.metrics import METRICS
from collector.record import Trial, Verdict
from site_builder.analysis.structure import Structure
from site_builder.analysis.summary import ModelSummary
from site_builder.answers import TrialKey, trial_key
from site_builder.evidence import count, counted_cases
from site_builder.findings import CodeEvidence
from site_builder.listing import count_lines

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula."""

_OF_TRIAL: dict[str, Callable[[Trial], Any]] = {
    "model": lambda trial: trial.model_id,
    "task": lambda trial: trial.task_id,
    "trial": lambda trial: trial.number,
    "is_counted": lambda trial: trial.failure is None,
    "outcome": lambda trial: trial.outcome,
    "failure": lambda trial: None if trial.failure is None else trial.failure.kind,
    "finish_reason": lambda trial: trial.finish_reason,
    "round": lambda trial: trial.round,
    "position": lambda trial: trial.position,
    "cache": lambda trial: trial.cache,
    "started_at": lambda trial: trial.started_at and trial.started_at.isoformat(),
    "load_s": lambda trial: trial.load_s,
    **{key: metric.compute for key, metric in METRICS.items()},
    "thinking_chars": lambda trial: _length(trial.reasoning_text),
    "answer_chars": lambda trial: _length(trial.answer_text),
    "cpu_pressure_ratio": lambda trial: (
        None if trial.conditions is None else trial.conditions.cpu_pressure_ratio
    ),
    "interruptions": lambda trial: len(trial.interruptions),
}

_OF_VERDICT: dict[str, Callable[[Verdict], Any]] = {
    "level": lambda verdict: verdict.level,
    "cases_passed": lambda verdict: _ran(verdict) and count(verdict, "pass"),
    "cases_lenient": lambda verdict: _ran(verdict) and count(verdict, "lenient"),
    "cases_counted": lambda verdict: _ran(verdict) and len(counted_cases(verdict)),
    "sandbox": lambda verdict: verdict.sandbox,
}

COLUMNS: tuple[str, ...] = (
    *_OF_TRIAL,
    "code_lines",
    "structure_index",
    *_OF_VERDICT,
)


def trial_rows(
    summaries: tuple[ModelSummary, ...],
    found: CodeEvidence,
    codes: Mapping[TrialKey, str],
) -> Iterator[dict[str, Any]]:
    """Yield the row of every trial but the warm-ups'; what is not known is None."""
    verdicts = _verdicts(found)
    structures = dict(_structures(found))
    for summary in summaries:
        for trial in summary.trials:
            key = trial_key(trial)
            code, structure = codes.get(key), structures.get(key)
            verdict = verdicts.get(key)
            row = {
                **{name: value(trial) for name, value in _OF_TRIAL.items()},
                "code_lines": None if code is None else count_lines(code),
                "structure_index": None if structure is None else structure.index,
                **{
                    name: None if verdict is None else value(verdict)
                    for name, value in _OF_VERDICT.items()
                },
            }
            yield {name: _safe(row[name]) for name in COLUMNS}


def trial_verdict(found: CodeEvidence, key: TrialKey) -> Verdict | None:
    """Return what running a trial's code showed; None: it was not judged."""
    return _verdicts(found).get(key)


def trial_structure(found: CodeEvidence, key: TrialKey) -> Structure | None:
    """Return how a trial's code is built; None: it could not be read."""
    return dict(_structures(found)).get(key)


def _verdicts(found: CodeEvidence) -> dict[TrialKey, Verdict]:
    """Return the verdicts that say something of the run's code."""
    return {
        (verdict.model_id, verdict.task_id, verdict.number): verdict
        for verification in found.verifications.values()
        for verdict in (
            *(v for bench in verification.benches for v in bench.verdicts),
            *verification.unplaced,
        )
    }


def _structures(found: CodeEvidence) -> Iterator[tuple[TrialKey, Structure]]:
    for portraits in found.portraits.values():
        for portrait in portraits:
            for item in portrait.trials:
                if item.findings is not None and item.findings.structure is not None:
                    yield trial_key(item.answer.trial), item.findings.structure


def _ran(verdict: Verdict) -> bool | None:
    """Whether there is a number of passes; None: the code was not executed."""
    return None if verdict.level == "not_executed" else True


def _length(text: str | None) -> int | None:
    return None if text is None else len(text)


def _safe(value: Any) -> Any:
    """Return a value as a spreadsheet may have it: no text begins a formula."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    if isinstance(value, float):
        return round(value, 6)
    return value
