"""Findings into what charts draw of each model: the same in every language."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

from collector.metrics import answer_s, completion_tokens, decode_tok_s, ttft_s
from collector.record import Chunk, Trial, Verdict
from site_builder.analysis.statistics import centre
from site_builder.analysis.summary import ModelSummary
from site_builder.analysis.traits import TRAITS
from site_builder.charts.data import (
    CaseMark,
    Course,
    ModelPoint,
    Spread,
    StructureSpan,
)
from site_builder.evidence import Verification, counted_cases
from site_builder.findings import CodeEvidence
from site_builder.model import hue_of
from site_builder.race_data import choose_trial

Summaries = tuple[ModelSummary, ...]

ARRIVALS_MAX = 400
"""Arrivals kept of a stream; no drawing could show more."""
_PAUSE_RATIO = 5
_PAUSE_SHARE = 1 / 60
"""Of an answer's time: shorter pauses are not told from the usual ones."""

_SEVERITY = ("pass", "lenient", "flaky", "timeout", "fail", "not_run")
"""Results from the best to the worst, where as many trials gave both."""


def chart_points(
    summaries: Summaries, found: CodeEvidence, trials: Sequence[Trial] = ()
) -> tuple[ModelPoint, ...]:
    """Return what the charts show of each model, in the models' order.

    Args:
        summaries: The models' figures.
        found: What the code shows.
        trials: All of the run, as warm-ups know how long loading took.
    """
    chosen = [_chosen(summary, found) for summary in summaries]
    by_tokens = any(_tokens(trial) for trial in chosen if trial)
    loads = _loads(trials or [t for s in summaries for t in s.trials])
    ids = case_ids(summaries, found)
    return tuple(
        _point(
            summary,
            hue_of(index),
            found,
            load_s=loads.get(summary.model.model_id),
            course=None if trial is None else _course(trial, by_tokens=by_tokens),
            ids=ids,
        )
        for index, (summary, trial) in enumerate(zip(summaries, chosen, strict=True))
    )


def judged_verdicts(found: CodeEvidence, model_id: str) -> tuple[Verdict, ...]:
    """Return the verdicts behind a model's passes; none where those are not known."""
    if found.task_id is None or found.passes(model_id) is None:
        return ()
    known: Verification = found.verifications[model_id]
    benched = (
        verdict
        for bench in known.benches
        if bench.setting.task_id == found.task_id
        for verdict in bench.verdicts
    )
    return tuple(
        verdict
        for verdict in (*benched, *known.unplaced)
        if verdict.task_id == found.task_id and verdict.level != "not_executed"
    )


def case_ids(summaries: Summaries, found: CodeEvidence) -> tuple[str, ...]:
    """Return the counted cases of all models, in the order of their ids."""
    return tuple(
        sorted(
            {
                case.case_id
                for summary in summaries
                for verdict in judged_verdicts(found, summary.model.model_id)
                for case in counted_cases(verdict)
            }
        )
    )


def case_results(
    verdicts: Sequence[Verdict], ids: Sequence[str]
) -> dict[str, Counter[str]]:
    """Return how often each case came out how; one a verdict lacks was not run."""
    counts: dict[str, Counter[str]] = {case_id: Counter() for case_id in ids}
    for verdict in verdicts:
        results = {case.case_id: case.result for case in counted_cases(verdict)}
        for case_id in ids:
            counts[case_id][results.get(case_id, "not_run")] += 1
    return counts


def most_common(counts: Counter[str]) -> str:
    """Return the most frequent result; of as frequent ones the worst."""
    return max(counts, key=lambda result: (counts[result], _SEVERITY.index(result)))


def _point(
    summary: ModelSummary,
    hue: int,
    found: CodeEvidence,
    *,
    load_s: float | None,
    course: Course | None,
    ids: tuple[str, ...],
) -> ModelPoint:
    model_id = summary.model.model_id
    passes = found.passes(model_id)
    rates = summary.estimates["decode_tok_s"]
    return ModelPoint(
        name=summary.model.name,
        hue=hue,
        decode_tok_s=summary.value("decode_tok_s"),
        load_s=load_s,
        ttft_s=summary.value("ttft_s"),
        thinking_s=_thinking(summary),
        generation_s=summary.value("generation_s"),
        answer_s=summary.value("answer_s"),
        rates=() if rates is None else rates.values,
        rate_interval=None if rates is None else _interval(rates.values),
        course=course,
        structure_position=summary.structure_position,
        structure=_span(found, model_id),
        traits=_traits(found, model_id),
        cases_passed=None if passes is None else passes.strict,
        cases_lenient=None if passes is None else passes.lenient,
        cases_counted=None if passes is None else passes.n_counted,
        cases=_cases(judged_verdicts(found, model_id), ids),
    )


def _interval(values: Sequence[float]) -> Spread | None:
    """Return the exact interval of a median; None for a single value."""
    found = centre(values)
    if found is None or found.n < 2:
        return None
    return Spread(median=found.median, low=found.low, high=found.high)


def _loads(trials: Sequence[Trial]) -> dict[str, float]:
    """Return the median of each model's load times, where there are any."""
    known: dict[str, list[float]] = {}
    for trial in trials:
        if trial.load_s is not None:
            known.setdefault(trial.model_id, []).append(trial.load_s)
    return {model_id: statistics.median(loads) for model_id, loads in known.items()}


def _thinking(summary: ModelSummary) -> float | None:
    """Return the median of the seconds until the answer begins; None: no timeline."""
    spans = [
        _thinking_span(trial.timeline)
        for trial in summary.trials
        if trial.failure is None and trial.timeline
    ]
    return statistics.median(spans) if spans else None


def _thinking_span(timeline: Sequence[Chunk]) -> float:
    """Return the seconds from the first thought to the first text of the answer."""
    first = timeline[0]
    if first.channel != "reasoning":
        return 0.0
    turn = next((chunk for chunk in timeline if chunk.channel == "answer"), None)
    return ((turn or timeline[-1]).t_us - first.t_us) / 1e6


def _chosen(summary: ModelSummary, found: CodeEvidence) -> Trial | None:
    """Return the trial that stands for a model: the one that races."""
    task_id = found.task_id or next((t.task_id for t in summary.trials), None)
    return choose_trial(t for t in summary.trials if t.task_id == task_id)


def _tokens(trial: Trial) -> int | None:
    """Return the tokens of the text that came; None: nobody counted them."""
    return None if decode_tok_s(trial) is None else completion_tokens(trial)


def _course(trial: Trial, *, by_tokens: bool) -> Course | None:
    tokens = _tokens(trial)
    if by_tokens and not tokens:
        return None
    if trial.published is not None:
        first, last = ttft_s(trial), answer_s(trial)
        if first is None or last is None or not tokens:
            return None
        return Course(points=((first, 0.0), (last, float(tokens))), is_rebuilt=True)
    timeline = trial.timeline
    if not timeline:
        return None
    counts = list(accumulate(chunk.chars for chunk in timeline))
    scale = (tokens or 0) / counts[-1] if by_tokens else 1.0
    came = [(c.t_us / 1e6, n * scale) for c, n in zip(timeline, counts, strict=True)]
    return Course(
        points=((came[0][0], 0.0), *_followed(came)),
        answer_at=_turn(timeline, came),
        is_in_characters=not by_tokens,
    )


def _turn(
    timeline: Sequence[Chunk], came: Sequence[tuple[float, float]]
) -> tuple[float, float] | None:
    """Return where the answer begins; None: nothing was thought before it."""
    if timeline[0].channel != "reasoning":
        return None
    channels = [chunk.channel for chunk in timeline]
    if "answer" not in channels:
        return None
    index = channels.index("answer")
    return came[index][0], came[index - 1][1]


def _followed(came: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return enough of the arrivals to draw them; pauses stay level."""
    last = len(came) - 1
    pauses = _pauses([t_s for t_s, _ in came])
    count = min(len(came), ARRIVALS_MAX)
    kept = {round(step * last / max(1, count - 1)) for step in range(count)}
    kept |= pauses | {index - 1 for index in pauses}
    points = []
    for index in sorted(kept):
        if index in pauses:
            points.append((came[index][0], came[index - 1][1]))
        points.append(came[index])
    return points


def _pauses(times: Sequence[float]) -> set[int]:
    """Return the arrivals that a pause precedes: much longer than usual."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if not gaps:
        return set()
    span = times[-1] - times[0]
    limit = max(_PAUSE_RATIO * statistics.median(gaps), span * _PAUSE_SHARE)
    return {index for index, gap in enumerate(gaps, 1) if gap > limit}


def _span(found: CodeEvidence, model_id: str) -> StructureSpan | None:
    structure = found.structure(model_id)
    if structure is None or structure.style is None:
        return None
    low, high = found.index_extremes(model_id)
    return StructureSpan(
        median=structure.style,
        low=low,
        high=high,
        is_settled=not structure.is_hollow,
    )


def _traits(found: CodeEvidence, model_id: str) -> tuple[Spread, ...] | None:
    read: list[Mapping[str, float]] = [
        item.findings.structure.traits
        for portrait in found.portraits.get(model_id, ())
        if portrait.task_id == found.task_id
        for item in portrait.trials
        if item.findings is not None and item.findings.structure is not None
    ]
    if not read:
        return None
    values = [[traits[key] for traits in read] for key in TRAITS]
    return tuple(
        Spread(median=statistics.median(own), low=min(own), high=max(own))
        for own in values
    )


def _cases(
    verdicts: Sequence[Verdict], ids: tuple[str, ...]
) -> tuple[CaseMark, ...] | None:
    if not verdicts:
        return None
    return tuple(
        CaseMark(result=most_common(counts), is_mixed=len(counts) > 1)
        for counts in case_results(verdicts, ids).values()
    )
