"""Findings into the site's charts, in one language."""

from markupsafe import Markup

from site_builder.analysis.statistics import centre
from site_builder.analysis.summary import ModelSummary
from site_builder.analysis.traits import TRAITS
from site_builder.charts import CHART_IDS, render_svg
from site_builder.charts.data import ChartInput, ModelPoint
from site_builder.code_columns import setting_notes
from site_builder.errors import ContentError
from site_builder.figure_findings import finding
from site_builder.figure_points import chart_points
from site_builder.figure_tables import (
    chart_csv,
    chart_csv_path,
    figure_items,
    figure_table,
)
from site_builder.findings import CodeEvidence
from site_builder.model import N_HUES, Chart
from site_builder.words import Words

__all__ = [
    "chart_csv",
    "chart_csv_path",
    "chart_points",
    "draw_charts",
    "figure_names",
]

STRUCTURE_CHART = "speed-structure"
VERIFICATION_CHART = "verification"
TRAITS_CHART = "traits"

Summaries = tuple[ModelSummary, ...]
Points = tuple[ModelPoint, ...]


def figure_names(found: CodeEvidence) -> frozenset[str]:
    """Return the charts there are: one that shows code needs some."""
    absent = set()
    if not found.is_verified:
        absent.add(VERIFICATION_CHART)
    if not found.has_structure:
        absent.add(TRAITS_CHART)
    return frozenset(CHART_IDS) - absent


def draw_charts(
    summaries: Summaries,
    found: CodeEvidence,
    words: Words,
    *,
    points: Points | None = None,
) -> dict[str, Chart]:
    """Return every chart by its id.

    Args:
        summaries: The models' figures.
        found: What the code shows.
        words: The language.
        points: What ``chart_points`` found, to be found once for all languages; None:
            find it, without the warm-ups.

    Raises:
        ContentError: There are more than twelve models, or words are missing.
    """
    if len(summaries) > N_HUES:
        raise ContentError(
            f"the run has {len(summaries)} models, charts tell {N_HUES} apart: "
            "split the plan into runs of at most that many"
        )
    chart_input = ChartInput(
        points=chart_points(summaries, found) if points is None else points,
        words=words.section("chart"),
        format_number=words.number,
        results=words.section("result"),
        trait_names=tuple(words(f"trait.{key}") for key in TRAITS),
    )
    names = figure_names(found)
    return {
        chart_id: _draw(chart_id, chart_input, summaries, found, words)
        for chart_id in CHART_IDS
        if chart_id in names
    }


def _draw(
    chart_id: str,
    chart_input: ChartInput,
    summaries: Summaries,
    found: CodeEvidence,
    words: Words,
) -> Chart:
    points = chart_input.points
    table = figure_table(chart_id, summaries, points, found, words)
    shown = finding(chart_id, summaries, points, found, words)
    listed = words("list_separator").join(
        words("figure.item", name=name, values=" / ".join(values))
        for name, values in figure_items(chart_id, table, summaries, found, words)
    )
    title = words(f"figure.{chart_id}.title")
    description = words(f"figure.{chart_id}.description", items=listed)
    wide, narrow = (
        # Every text in the drawing is escaped where it is written.
        Markup(  # noqa: S704
            render_svg(
                chart_id,
                chart_input,
                title=title,
                description=_joined(words, shown, description),
                narrow=is_narrow,
            )
        )
        for is_narrow in (False, True)
    )
    return Chart(
        chart_id=chart_id,
        title=title,
        caption=_joined(
            words, shown, *_explanations(chart_id, chart_input, found, words)
        ),
        wide_svg=wide,
        narrow_svg=narrow,
        table=table,
        csv_path=chart_csv_path(chart_id, words.language),
    )


def _joined(words: Words, *sentences: str) -> str:
    return words("sentence_separator").join(sentences)


def _explanations(
    chart_id: str, chart: ChartInput, found: CodeEvidence, words: Words
) -> list[str]:
    """Return how a chart is read: what its marks mean, as far as it has them."""
    points, start = chart.points, f"figure.{chart_id}.caption"
    if chart_id == STRUCTURE_CHART:
        return [words(start + _axis_kind(points, found))]
    said = [words(start)]
    if chart_id == VERIFICATION_CHART:
        said += setting_notes(found, words)
    elif chart_id == "time-to-answer" and any(p.load_s is not None for p in points):
        said.append(words(f"{start}_load"))
    elif chart_id == "rates":
        said += _trials_said(points, words)
    elif chart_id == "tokens-over-time":
        kinds = (
            ("characters", any(p.course and p.course.is_in_characters for p in points)),
            ("recorded", any(p.course and not p.course.is_rebuilt for p in points)),
            ("rebuilt", any(p.course and p.course.is_rebuilt for p in points)),
        )
        said += [words(f"{start}_{kind}") for kind, is_so in kinds if is_so]
    return said


def _axis_kind(points: Points, found: CodeEvidence) -> str:
    if found.has_structure:
        return "_measured"
    return "" if any(point.structure_position for point in points) else "_unknown"


def _trials_said(points: Points, words: Words) -> list[str]:
    """Explain dots and intervals, with the coverage of the least certain one."""
    coverages = [
        known.coverage
        for point in points
        if len(point.rates) > 1 and (known := centre(point.rates))
    ]
    if not coverages:
        return []
    # Rounded down: a reader may rely on it.
    percent = int(100 * min(coverages))
    coverage = words.quantity(percent, "percent", 0)
    return [words("figure.rates.caption_trials", coverage=coverage)]
