"""Findings into the site's charts, in one language."""

from markupsafe import Markup

from site_builder.analysis.judging import ModelStructure
from site_builder.analysis.summary import ModelSummary
from site_builder.charts import CHART_IDS, render_svg
from site_builder.charts.data import ChartInput, ModelPoint, StructureSpan
from site_builder.code_columns import CodeColumns, code_columns, setting_notes
from site_builder.errors import ContentError
from site_builder.findings import CodeEvidence
from site_builder.model import N_HUES, Chart, Table, hue_of
from site_builder.tables import chart_table, position_column
from site_builder.words import Words

STRUCTURE_CHART = "speed-structure"
VERIFICATION_CHART = "verification"

Summaries = tuple[ModelSummary, ...]

_METRICS = {
    STRUCTURE_CHART: ("decode_tok_s",),
    "time-to-answer": ("ttft_s", "generation_s", "answer_s"),
    "rates": ("decode_tok_s",),
    VERIFICATION_CHART: (),
}
"""What a chart's description and table list, besides its own columns."""


def figure_names(found: CodeEvidence) -> frozenset[str]:
    """Return the charts there are: one without any data is not drawn."""
    names = frozenset(CHART_IDS)
    return names if found.is_verified else names - {VERIFICATION_CHART}


def draw_charts(
    summaries: Summaries, found: CodeEvidence, words: Words
) -> dict[str, Chart]:
    """Return every chart by its id; raises ContentError past twelve models."""
    if len(summaries) > N_HUES:
        raise ContentError(
            f"the run has {len(summaries)} models, charts tell {N_HUES} apart: "
            "split the plan into runs of at most that many"
        )
    chart_input = ChartInput(
        points=tuple(
            _point(summary, hue_of(index), found)
            for index, summary in enumerate(summaries)
        ),
        words=words.section("chart"),
        format_number=words.number,
    )
    names = figure_names(found)
    return {
        chart_id: _draw(
            chart_id,
            chart_input,
            chart_table(
                chart_id,
                summaries,
                words,
                metrics=_METRICS[chart_id],
                more=_columns(chart_id, summaries, found, words),
            ),
            caption=_caption(chart_id, summaries, found, words),
            words=words,
        )
        for chart_id in CHART_IDS
        if chart_id in names
    }


def _point(summary: ModelSummary, hue: int, found: CodeEvidence) -> ModelPoint:
    model_id = summary.model.model_id
    passes = found.passes(model_id)
    return ModelPoint(
        name=summary.model.name,
        hue=hue,
        decode_tok_s=summary.value("decode_tok_s"),
        ttft_s=summary.value("ttft_s"),
        generation_s=summary.value("generation_s"),
        structure_position=summary.structure_position,
        structure=_span(found, model_id),
        cases_passed=None if passes is None else passes.strict,
        cases_lenient=None if passes is None else passes.lenient,
        cases_counted=None if passes is None else passes.n_counted,
    )


def _span(found: CodeEvidence, model_id: str) -> StructureSpan | None:
    structure: ModelStructure | None = found.structure(model_id)
    if structure is None or structure.style is None:
        return None
    low, high = found.index_extremes(model_id)
    return StructureSpan(
        median=structure.style,
        low=low,
        high=high,
        is_settled=not structure.is_hollow,
    )


def _columns(
    chart_id: str, summaries: Summaries, found: CodeEvidence, words: Words
) -> CodeColumns:
    """Return a chart's own columns; of the code's, those it draws."""
    none = CodeColumns(head=(), rows=((),) * len(summaries), notes=())
    if chart_id == VERIFICATION_CHART:
        return code_columns(summaries, found, words, kinds=("works", "cases"))
    if chart_id != STRUCTURE_CHART:
        return none
    if found.has_structure:
        return code_columns(summaries, found, words, kinds=("structure",))
    return position_column(summaries, words)


def _caption(
    chart_id: str, summaries: Summaries, found: CodeEvidence, words: Words
) -> str:
    caption = words(f"figure.{chart_id}.caption")
    if chart_id == STRUCTURE_CHART:
        is_reported = any(summary.structure_position for summary in summaries)
        if found.has_structure:
            return words(f"figure.{chart_id}.caption_measured")
        if not is_reported:
            return words(f"figure.{chart_id}.caption_unknown")
    if chart_id == VERIFICATION_CHART:
        return words("sentence_separator").join((caption, *setting_notes(found, words)))
    return caption


def _draw(
    chart_id: str, chart_input: ChartInput, table: Table, *, caption: str, words: Words
) -> Chart:
    listed = words("list_separator").join(
        words(
            "figure.item", name=row[0].text, values=" / ".join(c.text for c in row[1:])
        )
        for row in table.rows
    )
    title = words(f"figure.{chart_id}.title")
    description = words(f"figure.{chart_id}.description", items=listed)
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
        caption=caption,
        wide_svg=drawings[0],
        narrow_svg=drawings[1],
        table=table,
    )
