"""The answers of a run into what may be said of each model's code."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from site_builder.analysis.archetypes import Settled, settle, speed_among
from site_builder.analysis.ranks import Place, Ranking, rank
from site_builder.analysis.statistics import Centre, centre
from site_builder.analysis.structure import CodeFindings, Structure
from site_builder.analysis.weights import STABLE_SHARE, order_shares

Status = Literal["ok", "truncated", "syntax_error", "no_code", "empty", "invalid"]
"""What became of an answer; ``invalid`` ones, which failed to come, are left out."""

MIN_OK = 3
MIN_OK_SHARE = 0.6


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One counted trial, as far as structure is concerned.

    Attributes:
        findings: None: the answer has no usable code.
        tok_s: Decode rate of the trial; None: it has none.
    """

    model_id: str
    status: Status
    findings: CodeFindings | None = None
    tok_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class ModelStructure:
    """What the answers of one model show of its structure.

    Attributes:
        n: Answers that came.
        n_ok: Those with code that could be read: k of k/n.
        n_distinct: Different codes among them; what is inferred rests on these.
        statuses: Answers by what became of them.
        style: Median index over the readable answers, 0 to 100 points; None: none.
        delivered: Median index with 0 for each answer without usable code; None: no
            answer came.
        interval: Exact interval of the style over the different codes; None: none.
        groups: Median of each group score over the readable answers; None: none.
        is_hollow: Whether too few answers were readable to speak of a style.
        place: Rank by style; None: hollow.
        archetype: None: hollow.
    """

    model_id: str
    n: int
    n_ok: int
    n_distinct: int
    statuses: dict[Status, int]
    style: float | None
    delivered: float | None
    interval: Centre | None
    groups: dict[str, float] | None
    is_hollow: bool
    place: Place | None
    archetype: Settled | None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """All models of a run.

    Attributes:
        models: In the order given.
        ranking: By style, of the models that are not hollow.
        order_shares: By pair, the share of drawn weights that put the first above.
    """

    models: tuple[ModelStructure, ...]
    ranking: Ranking
    order_shares: dict[tuple[str, str], float]

    def may_rank(self, first: str, second: str) -> bool:
        """Whether the first may be called better structured than the second.

        The trials must show it, and hardly any weights may say otherwise.
        """
        share = self.order_shares.get((first, second), 0.0)
        return share >= STABLE_SHARE and self.ranking.is_above(first, second)


def judge_models(model_ids: Sequence[str], answers: Sequence[Answer]) -> Judgement:
    """Return what the answers of a run show of each model's structure.

    Args:
        model_ids: The models, in the order readers see them.
        answers: Of one task, warm-ups left out.
    """
    by_model: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.status != "invalid":
            by_model[answer.model_id].append(answer)
    distinct = {
        key: distinct_structures(by_model[key])
        for key in model_ids
        if not _is_hollow(by_model[key])
    }
    ranking = rank({key: [s.index for s in found] for key, found in distinct.items()})
    rates = {
        key: [a.tok_s for a in by_model[key] if a.tok_s is not None]
        for key in model_ids
    }
    return Judgement(
        models=tuple(
            _judge(key, by_model[key], places=ranking.places, rates=rates)
            for key in model_ids
        ),
        ranking=ranking,
        order_shares=order_shares(
            {key: [s.traits for s in found] for key, found in distinct.items()}
        ),
    )


def distinct_structures(answers: Sequence[Answer]) -> list[Structure]:
    """Return the structure of each different code once.

    Equal code with other prose may differ in the talk; the middle one stands for all.
    """
    by_code: dict[str, list[Structure]] = defaultdict(list)
    for answer in answers:
        structure = _structure(answer)
        if answer.findings is not None and structure is not None:
            by_code[answer.findings.code_sha256].append(structure)
    return [
        sorted(group, key=lambda structure: structure.index)[(len(group) - 1) // 2]
        for group in by_code.values()
    ]


def _judge(
    model_id: str,
    answers: Sequence[Answer],
    *,
    places: Mapping[str, Place],
    rates: Mapping[str, Sequence[float]],
) -> ModelStructure:
    readable = [s for answer in answers if (s := _structure(answer)) is not None]
    distinct = distinct_structures(answers)
    is_hollow = _is_hollow(answers)
    delivered = [v for a in answers if (v := _delivered(a)) is not None]
    votes = [structure.vote.archetype for structure in distinct]
    speed = speed_among(model_id, rates)
    return ModelStructure(
        model_id=model_id,
        n=len(answers),
        n_ok=len(readable),
        n_distinct=len(distinct),
        statuses=dict(sorted(Counter(a.status for a in answers).items())),
        style=median(s.index for s in readable) if readable else None,
        delivered=median(delivered) if delivered else None,
        interval=centre([structure.index for structure in distinct]),
        groups=_median_groups(readable),
        is_hollow=is_hollow,
        place=places.get(model_id),
        archetype=None if is_hollow else settle(votes, speed=speed),
    )


def _structure(answer: Answer) -> Structure | None:
    if answer.status != "ok" or answer.findings is None:
        return None
    return answer.findings.structure


def _delivered(answer: Answer) -> float | None:
    """Return the index delivered; None: there is code, but no reading of it."""
    if answer.status != "ok":
        return 0.0
    structure = _structure(answer)
    return None if structure is None else structure.index


def _is_hollow(answers: Sequence[Answer]) -> bool:
    n_ok = sum(_structure(answer) is not None for answer in answers)
    return n_ok < MIN_OK or n_ok / len(answers) < MIN_OK_SHARE


def _median_groups(readable: Sequence[Structure]) -> dict[str, float] | None:
    if not readable:
        return None
    return {
        key: median(structure.groups[key] for structure in readable)
        for key in readable[0].groups
    }
