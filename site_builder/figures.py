"""Findings into the site's charts, in one language."""

from dataclasses import dataclass

from markupsafe import Markup

from site_builder.analysis.summary import ModelSummary
from site_builder.charts import CHART_IDS, render_svg
from site_builder.charts.data import ChartInput, ModelPoint
from site_builder.errors import ContentError
from site_builder.model import N_HUES, Chart, hue_of
from site_builder.tables import chart_table
from site_builder.words import Words


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What a chart's description and table list."""

    metrics: tuple[str, ...]
    has_position: bool = False


_SHOWN = {
    "speed-structure": _Shown(metrics=("decode_tok_s",), has_position=True),
    "time-to-answer": _Shown(metrics=("ttft_s", "generation_s", "answer_s")),
    "rates": _Shown(metrics=("decode_tok_s",)),
}


def draw_charts(summaries: tuple[ModelSummary, ...], words: Words) -> dict[str, Chart]:
    """Return every chart by its id; raises ContentError past twelve models."""
    if len(summaries) > N_HUES:
        raise ContentError(
            f"the run has {len(summaries)} models, charts tell {N_HUES} apart: "
            "split the plan into runs of at most that many"
        )
    chart_input = ChartInput(
        points=tuple(
            ModelPoint(
                name=summary.model.name,
                hue=hue_of(index),
                decode_tok_s=summary.value("decode_tok_s"),
                ttft_s=summary.value("ttft_s"),
                generation_s=summary.value("generation_s"),
                structure_position=summary.structure_position,
            )
            for index, summary in enumerate(summaries)
        ),
        words=words.section("chart"),
        format_number=words.number,
    )
    return {
        chart_id: _draw(chart_id, chart_input, summaries, words)
        for chart_id in CHART_IDS
    }


def _draw(
    chart_id: str,
    chart_input: ChartInput,
    summaries: tuple[ModelSummary, ...],
    words: Words,
) -> Chart:
    shown = _SHOWN[chart_id]
    table = chart_table(
        chart_id,
        summaries,
        words,
        metrics=shown.metrics,
        has_position=shown.has_position,
    )
    listed = words("list_separator").join(
        words(
            "figure.item", name=row[0].text, values=" / ".join(c.text for c in row[1:])
        )
        for row in table.rows
    )
    title = words(f"figure.{chart_id}.title")
    description = words(f"figure.{chart_id}.description", items=listed)
    is_reported = any(summary.structure_position for summary in summaries)
    caption = f"figure.{chart_id}.caption"
    if shown.has_position and not is_reported:
        caption = f"figure.{chart_id}.caption_unknown"
    drawings = [
        # Every text in the drawing is escaped where it is drawn.
        Markup(  # noqa: S704
            render_svg(
                chart_id,
                chart_input,
                title=title,
                description=description,
                narrow=is_narrow,
            )
        )
        for is_narrow in (False, True)
    ]
    return Chart(
        chart_id=chart_id,
        title=title,
        caption=words(caption),
        wide_svg=drawings[0],
        narrow_svg=drawings[1],
        table=table,
    )
