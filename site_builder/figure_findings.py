"""What a chart shows, in a sentence that says no more than the trials do.

A model is said to have the highest median only where its interval overlaps no other.
Otherwise its figure is said to be the highest: that is so whatever the noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from site_builder.analysis.statistics import CONFIDENCE, Centre, centre
from site_builder.analysis.summary import ModelSummary
from site_builder.analysis.traits import TRAITS
from site_builder.charts.data import STRUCTURE_POSITIONS, ModelPoint
from site_builder.constants import score
from site_builder.evidence import Passes
from site_builder.findings import CodeEvidence
from site_builder.words import Words

Summaries = tuple[ModelSummary, ...]
Points = tuple[ModelPoint, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A model's figure, to be held against those of others.

    Attributes:
        value: None: not known.
        text: The value as readers see it; equal texts are equal figures.
        interval: Where the true median lies; None: not to be inferred.
        basis: How it was found; figures of another basis are not compared.
    """

    name: str
    value: float | None
    text: str = ""
    interval: Centre | None = None
    basis: str = ""


def finding(
    chart_id: str,
    summaries: Summaries,
    points: Points,
    found: CodeEvidence,
    words: Words,
) -> str:
    """Return what a chart shows."""
    if chart_id == "rates":
        return _speeds(summaries, words)
    if chart_id == "time-to-answer":
        standings = _metric(summaries, words, "answer_s", unit="s", decimals=1)
        return leader(chart_id, standings, words, is_higher=False)
    if chart_id == "tokens-over-time":
        return _ends(points, words)
    if chart_id == "verification":
        return leader(chart_id, _passes(summaries, found, words), words)
    if chart_id == "traits":
        return _traits(points, words)
    return _axes(summaries, points, found, words)


def leader(
    chart_id: str,
    standings: Sequence[Standing],
    words: Words,
    *,
    is_higher: bool = True,
) -> str:
    """Return who has the highest figure, or the lowest, and whether that is settled."""
    known = [item for item in standings if item.value is not None]
    if not known:
        return words("figure.finding.none")
    if len(known) == 1 and len(standings) > 1:
        (only,) = known
        return words("figure.finding.one", name=only.name, value=only.text)
    sign = 1 if is_higher else -1
    best = max(known, key=lambda item: sign * (item.value or 0))
    tied = [item.name for item in known if item.text == best.text]
    if len(tied) > 1:
        names = words("list_separator").join(tied)
        said = words(f"figure.{chart_id}.tied", names=names, value=best.text)
    else:
        others = [item for item in known if item is not best]
        key = "leads" if _is_apart(best, others, is_higher=is_higher) else "highest"
        said = words(f"figure.{chart_id}.{key}", name=best.name, value=best.text)
    return _with_unknown(said, [i.name for i in standings if i.value is None], words)


def _is_apart(best: Standing, others: list[Standing], *, is_higher: bool) -> bool:
    """Whether the intervals of all are wide enough to be trusted, and apart."""
    own = best.interval
    if own is None or not others or own.coverage < CONFIDENCE:
        return False
    for item in others:
        other = item.interval
        if other is None or other.coverage < CONFIDENCE or item.basis != best.basis:
            return False
        if own.low <= other.high if is_higher else own.high >= other.low:
            return False
    return True


def _with_unknown(said: str, names: list[str], words: Words) -> str:
    if not names:
        return said
    listed = words("list_separator").join(names)
    unknown = words("figure.finding.unknown", names=listed)
    return words("sentence_separator").join((said, unknown))


def _speeds(summaries: Summaries, words: Words) -> str:
    standings = _metric(summaries, words, "decode_tok_s", unit="tok/s", decimals=2)
    return leader("rates", standings, words)


def _metric(
    summaries: Summaries, words: Words, key: str, *, unit: str, decimals: int
) -> list[Standing]:
    standings = []
    for summary in summaries:
        estimate = summary.estimates[key]
        if estimate is None:
            standings.append(Standing(name=summary.model.name, value=None))
            continue
        standings.append(
            Standing(
                name=summary.model.name,
                value=estimate.median,
                text=words.quantity(estimate.median, unit, decimals),
                interval=centre(estimate.values),
                basis=estimate.cache or "",
            )
        )
    return standings


def _ends(points: Points, words: Words) -> str:
    """Return the least and the most time of the answers shown."""
    ends = [
        Standing(name=p.name, value=t_s, text=words.quantity(t_s, "s", 1))
        for p in points
        if p.course
        for t_s in (p.course.points[-1][0],)
    ]
    missing = [point.name for point in points if not point.course]
    if not ends:
        return words("figure.finding.none")
    low, high = (choose(ends, key=lambda e: e.value or 0) for choose in (min, max))
    if len(ends) == 1 and missing:
        return words("figure.finding.one", name=low.name, value=low.text)
    if low.text == high.text:
        said = words("figure.tokens-over-time.same", value=low.text)
    else:
        said = words(
            "figure.tokens-over-time.range",
            low=low.text,
            low_names=_named(ends, low, words),
            high=high.text,
            high_names=_named(ends, high, words),
        )
    return _with_unknown(said, missing, words)


def _named(standings: Sequence[Standing], one: Standing, words: Words) -> str:
    names = (item.name for item in standings if item.text == one.text)
    return words("list_separator").join(names)


def _passes(summaries: Summaries, found: CodeEvidence, words: Words) -> list[Standing]:
    """Return strict passes; without intervals, as equal programs are one answer."""
    standings = []
    for summary in summaries:
        passes: Passes | None = found.passes(summary.model.model_id)
        name = summary.model.name
        if passes is None:
            standings.append(Standing(name=name, value=None))
            continue
        strict = passes.strict
        text = words(
            "figure.verification.value",
            k=words.number(strict, 0 if strict == int(strict) else 1),
            total=words.number(passes.n_counted, 0),
        )
        standings.append(Standing(name=name, value=strict, text=text))
    return standings


def _axes(
    summaries: Summaries, points: Points, found: CodeEvidence, words: Words
) -> str:
    """Return who stands out on the axis of structure; without one, of speed."""
    if found.has_structure:
        return leader("speed-structure", _indices(summaries, found, words), words)
    placed = [
        (position, [p.name for p in points if p.structure_position == position])
        for position in (STRUCTURE_POSITIONS[0], STRUCTURE_POSITIONS[-1])
    ]
    said = [
        words(
            "figure.speed-structure.reported",
            position=words(f"chart.position_{position}"),
            names=words("list_separator").join(names),
        )
        for position, names in placed
        if names
    ]
    return words("sentence_separator").join(said) or _speeds(summaries, words)


def _indices(summaries: Summaries, found: CodeEvidence, words: Words) -> list[Standing]:
    standings = []
    for summary in summaries:
        structure = found.structure(summary.model.model_id)
        name = summary.model.name
        if structure is None or structure.style is None:
            standings.append(Standing(name=name, value=None))
            continue
        number = words.number(structure.style, 1)
        standings.append(
            Standing(
                name=name,
                value=structure.style,
                text=words("figure.speed-structure.value", n=number),
                interval=None if structure.is_hollow else structure.interval,
            )
        )
    return standings


def _traits(points: Points, words: Words) -> str:
    """Return the trait in which the models' medians lie furthest apart."""
    known = [(p.name, [s.median for s in p.traits]) for p in points if p.traits]
    missing = [point.name for point in points if not point.traits]
    if not known:
        return words("figure.finding.none")
    names = [words(f"trait.{key}") for key in TRAITS]
    columns = list(zip(*(medians for _, medians in known), strict=True))
    if len(known) == 1:
        ((name, medians),) = known
        most = max(range(len(names)), key=lambda number: medians[number])
        value = score(medians[most], words)
        said = words("figure.traits.one", name=name, trait=names[most], value=value)
        return _with_unknown(said, missing, words)
    gaps = [max(column) - min(column) for column in columns]
    most = gaps.index(max(gaps))
    standings = [
        Standing(name=name, value=medians[most], text=score(medians[most], words))
        for name, medians in known
    ]
    low, high = (choose(standings, key=lambda s: s.value or 0) for choose in (min, max))
    if low.text == high.text:
        said = words("figure.traits.same")
    else:
        said = words(
            "figure.traits.differ",
            trait=names[most],
            low=low.text,
            low_names=_named(standings, low, words),
            high=high.text,
            high_names=_named(standings, high, words),
        )
    return _with_unknown(said, missing, words)
