"""The answers of a run into their code and prose, by the collector's own rules."""

from collections.abc import Mapping
from dataclasses import dataclass

from collector.extract import extract
from collector.record import Trial
from collector.store import LoadedRun
from site_builder.analysis.judging import Status

TrialKey = tuple[str, str, int]
"""Model, task and number of a trial."""


@dataclass(frozen=True, kw_only=True)
class ReadAnswer:
    """What an answer holds.

    Attributes:
        status: What became of it; ``invalid``: it did not come as it should.
        code: As saved, or as the answer holds it; None: there is none.
        prose: The words outside the code.
        notes: What the reading noticed, as keys.
    """

    trial: Trial
    status: Status
    code: str | None
    prose: str
    notes: tuple[str, ...]


def trial_key(trial: Trial) -> TrialKey:
    """Return what a trial and its verdict have in common."""
    return trial.model_id, trial.task_id, trial.number


def read_answers(run: LoadedRun) -> Mapping[TrialKey, ReadAnswer]:
    """Return every recorded answer but the warm-ups', in the run's order."""
    return {
        trial_key(trial): _read(trial, trial.answer_text, run.codes)
        for trial in run.trials
        if not trial.is_warmup and trial.answer_text is not None
    }


def _read(trial: Trial, answer: str, codes: Mapping[TrialKey, str]) -> ReadAnswer:
    found = extract(answer, trial.finish_reason)
    is_whole = trial.failure is None or trial.failure.kind == "limit"
    return ReadAnswer(
        trial=trial,
        status=found.status if is_whole else "invalid",
        code=codes.get(trial_key(trial), found.code),
        prose=found.prose,
        notes=found.notes,
    )
