"""The values a claim is tested on: what each model has for each quantity.

Of code, equal programs are one answer: a model that gives the same one six times has
said it once. What is inferred rests on the different ones, the value shown on all.
"""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from collector.metrics import METRICS
from collector.record import Verdict
from site_builder.analysis.judging import ModelStructure
from site_builder.analysis.summary import ModelSummary
from site_builder.evidence import count
from site_builder.findings import CodeEvidence

CODE_QUANTITIES: tuple[str, ...] = ("structure_index", "cases_passed")
"""What is known of code and no metric of a trial; more is better in both."""

QUANTITIES: frozenset[str] = frozenset((*METRICS, *CODE_QUANTITIES))


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A quantity of one model.

    Attributes:
        median: The value that pages show.
        values: What a test rests on.
        basis: How it was found; samples of another basis cannot be compared.
        is_testable: False: too few of the answers could be read to infer anything.
    """

    median: float
    values: tuple[float, ...]
    basis: str = ""
    is_testable: bool = True


def is_larger_better(metric: str) -> bool:
    """Whether first means largest; where neither is better, it does."""
    return metric not in METRICS or METRICS[metric].better != "lower"


def read_samples(
    summaries: tuple[ModelSummary, ...], found: CodeEvidence
) -> Mapping[str, Mapping[str, Sample]]:
    """Return what is known by quantity and model; a model without a value is absent."""
    samples: dict[str, dict[str, Sample]] = {key: {} for key in sorted(QUANTITIES)}
    for summary in summaries:
        model_id = summary.model.model_id
        for key, estimate in summary.estimates.items():
            if estimate is not None:
                samples[key][model_id] = Sample(
                    median=estimate.median,
                    values=estimate.values,
                    basis=estimate.cache or "",
                )
        structure = _structure_sample(found, model_id)
        if structure is not None:
            samples["structure_index"][model_id] = structure
        passes = _passes_sample(found, model_id)
        if passes is not None:
            samples["cases_passed"][model_id] = passes
    return samples


def _structure_sample(found: CodeEvidence, model_id: str) -> Sample | None:
    structure = found.structure(model_id)
    if structure is None or structure.style is None:
        return None
    return Sample(
        median=structure.style,
        values=_distinct_indices(found, structure),
        is_testable=not structure.is_hollow,
    )


def _distinct_indices(
    found: CodeEvidence, structure: ModelStructure
) -> tuple[float, ...]:
    """Return the index of each different code, the middle one of equal codes."""
    by_code: dict[str, list[float]] = {}
    for portrait in found.portraits.get(structure.model_id, ()):
        if portrait.task_id != found.task_id:
            continue
        for item in portrait.trials:
            if item.findings is not None and item.findings.structure is not None:
                index = item.findings.structure.index
                by_code.setdefault(item.findings.code_sha256, []).append(index)
    return tuple(statistics.median_low(indices) for indices in by_code.values())


def _passes_sample(found: CodeEvidence, model_id: str) -> Sample | None:
    """Return the cases passed strictly, of one setting only."""
    passes = found.passes(model_id)
    if passes is None:
        return None
    verification = found.verifications[model_id]
    (bench,) = (
        bench
        for bench in verification.benches
        if bench.setting.task_id == found.task_id
    )
    judged = [
        verdict
        for verdict in (*bench.verdicts, *verification.unplaced)
        if verdict.task_id == found.task_id and verdict.level != "not_executed"
    ]
    return Sample(
        median=passes.strict,
        values=_distinct_passes(judged),
        basis=repr(bench.setting),
    )


def _distinct_passes(verdicts: list[Verdict]) -> tuple[float, ...]:
    """Return the passes of each different code; answers without code are each one."""
    by_code: dict[str, list[int]] = {}
    for verdict in verdicts:
        code = verdict.code_sha256 or f"trial {verdict.number}"
        by_code.setdefault(code, []).append(count(verdict, "pass"))
    return tuple(float(statistics.median_low(k)) for k in by_code.values())
