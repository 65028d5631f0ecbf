"""All that a run's code shows: what running it found, and how it is built.

Tasks are never mixed: what the article compares is of one task, the plan's first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collector.metrics import decode_tok_s
from collector.record import Run
from collector.store import LoadedRun
from site_builder.analysis.judging import (
    Answer,
    Judgement,
    ModelStructure,
    judge_models,
)
from site_builder.analysis.published import IndexRange, index_range
from site_builder.analysis.structure import CodeFindings, analyse_code
from site_builder.analysis.summary import ModelSummary
from site_builder.answers import ReadAnswer, TrialKey, read_answers
from site_builder.evidence import Passes, SharedLevel, Verification, verifications


@dataclass(frozen=True, kw_only=True)
class TrialCode:
    """One answer as it was read.

    Attributes:
        findings: None: it has no usable code.
    """

    answer: ReadAnswer
    findings: CodeFindings | None


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """How one model builds code for one task, answer by answer and on the whole."""

    task_id: str
    trials: tuple[TrialCode, ...]
    structure: ModelStructure


@dataclass(frozen=True, kw_only=True)
class CodeEvidence:
    """What the code of all models shows.

    Attributes:
        task_id: The task that models are compared on; None: no answer is recorded.
        verifications: By model.
        portraits: By model, one for each task.
        judgements: By task.
        ranges: By model, where the index may lie by a publication's words.
    """

    task_id: str | None
    verifications: Mapping[str, Verification]
    portraits: Mapping[str, tuple[Portrait, ...]]
    judgements: Mapping[str, Judgement]
    ranges: Mapping[str, IndexRange]

    @property
    def is_verified(self) -> bool:
        """Whether the passes of some model are known."""
        return any(self.passes(model_id) for model_id in self.verifications)

    @property
    def has_structure(self) -> bool:
        """Whether the structure index of some model is known."""
        return any(self.style(model_id) is not None for model_id in self.portraits)

    def passes(self, model_id: str) -> Passes | None:
        """Return a model's passes; None: not known, or not in one setting."""
        if self.task_id is None:
            return None
        return self.verifications[model_id].passes(self.task_id)

    def level(self, model_id: str) -> SharedLevel | None:
        """Return a model's level; None: nothing was judged."""
        if self.task_id is None:
            return None
        return self.verifications[model_id].level(self.task_id)

    def structure(self, model_id: str) -> ModelStructure | None:
        """Return what a model's answers show of its structure; None: no answer."""
        return next(
            (
                portrait.structure
                for portrait in self.portraits.get(model_id, ())
                if portrait.task_id == self.task_id
            ),
            None,
        )

    def style(self, model_id: str) -> float | None:
        """Return a model's structure index; None: no answer could be read."""
        found = self.structure(model_id)
        return None if found is None else found.style

    def index_extremes(self, model_id: str) -> tuple[float, float]:
        """Return the lowest and the highest index of a model's readable answers."""
        indices = [
            item.findings.structure.index
            for portrait in self.portraits.get(model_id, ())
            if portrait.task_id == self.task_id
            for item in portrait.trials
            if item.findings is not None and item.findings.structure is not None
        ]
        return min(indices), max(indices)

    def archetype(self, model_id: str) -> str | None:
        """Return a model's type; None: it is not settled."""
        found = self.structure(model_id)
        settled = None if found is None else found.archetype
        return None if settled is None else settled.archetype


def find_evidence(run: LoadedRun, summaries: tuple[ModelSummary, ...]) -> CodeEvidence:
    """Return what the code of a run shows; published runs have none.

    Raises:
        SiteError: ruff is not installed.
    """
    answers = read_answers(run)
    tasks = _tasks(run.run, answers)
    codes = _analyse(answers)
    judgements = {
        task_id: judge_models(
            [model.model_id for model in run.run.models],
            [_answer(item) for key, item in codes.items() if key[1] == task_id],
        )
        for task_id in tasks
    }
    return CodeEvidence(
        task_id=tasks[0] if tasks else None,
        verifications=verifications(run, answers),
        portraits=_portraits(codes, judgements),
        judgements=judgements,
        ranges={
            summary.model.model_id: found
            for summary in summaries
            if (found := index_range(summary.observations)) is not None
        },
    )


def evidence_row(found: CodeEvidence, model_id: str) -> dict[str, Any]:
    """Return a model's part of ``summary.json``; what is not known is None."""
    passes = found.passes(model_id)
    return {
        "level": found.level(model_id),
        "cases_passed": None if passes is None else _plain(passes.strict),
        "cases_counted": None if passes is None else passes.n_counted,
        "structure_index": found.style(model_id),
        "archetype": found.archetype(model_id),
    }


def _plain(value: float) -> float:
    """Return a whole median as an integer, so that 17 is not written as 17.0."""
    return int(value) if value == int(value) else value


def _tasks(run: Run, answers: Mapping[TrialKey, ReadAnswer]) -> tuple[str, ...]:
    """Return the tasks that were answered, in the plan's order."""
    answered = dict.fromkeys(task_id for _, task_id, _ in answers)
    planned = () if run.plan is None else run.plan.tasks
    return tuple(dict.fromkeys(t for t in (*planned, *answered) if t in answered))


def _analyse(answers: Mapping[TrialKey, ReadAnswer]) -> dict[TrialKey, TrialCode]:
    """Read the code of every usable answer; the same answer is read once."""
    known: dict[tuple[str, str], CodeFindings] = {}
    found = {}
    for key, answer in answers.items():
        findings = None
        if answer.status == "ok" and answer.code is not None:
            content = (answer.code, answer.prose)
            if content not in known:
                known[content] = analyse_code(*content)
            findings = known[content]
        found[key] = TrialCode(answer=answer, findings=findings)
    return found


def _answer(item: TrialCode) -> Answer:
    trial = item.answer.trial
    return Answer(
        model_id=trial.model_id,
        status=item.answer.status,
        findings=item.findings,
        tok_s=decode_tok_s(trial) if trial.failure is None else None,
    )


def _portraits(
    codes: Mapping[TrialKey, TrialCode], judgements: Mapping[str, Judgement]
) -> dict[str, tuple[Portrait, ...]]:
    found: dict[str, list[Portrait]] = {}
    for task_id, judgement in judgements.items():
        for structure in judgement.models:
            trials = tuple(
                item
                for key, item in codes.items()
                if key[:2] == (structure.model_id, task_id)
            )
            if trials:
                found.setdefault(structure.model_id, []).append(
                    Portrait(task_id=task_id, trials=trials, structure=structure)
                )
    return {model_id: tuple(items) for model_id, items in found.items()}
