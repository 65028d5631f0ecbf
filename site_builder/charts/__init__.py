"""Charts as themed, deterministic, inline SVG whose text stays text.

To add a chart: a module with ``draw(chart, *, narrow) -> Sheet``, its id in
``CHART_IDS`` and in ``drawing.DRAW``, its words in ``CHART_WORDS``.
"""

from difflib import get_close_matches

from site_builder.charts.data import ChartDataError, ChartInput, ModelPoint
from site_builder.charts.drawing import DRAW
from site_builder.charts.svg import write_svg

__all__ = [
    "CHART_IDS",
    "CHART_WORDS",
    "ChartDataError",
    "ChartInput",
    "ModelPoint",
    "UnknownChartError",
    "render_svg",
]

CHART_IDS: tuple[str, ...] = (
    "speed-structure",
    "time-to-answer",
    "tokens-over-time",
    "rates",
    "traits",
    "verification",
)
"""Every chart."""

CHART_WORDS: frozenset[str] = frozenset(
    {
        "axis_characters",
        "axis_rate",
        "axis_seconds",
        "axis_since_request",
        "axis_structure_measured",
        "axis_structure_reported",
        "axis_structure_unknown",
        "axis_tokens",
        "cases_pattern",
        "load_pattern",
        "mark_answer_begins",
        "mark_interval",
        "mark_mixed",
        "mark_rebuilt",
        "mark_trial",
        "not_measured",
        "part_answer",
        "part_first_token",
        "part_generation",
        "part_load",
        "part_thinking",
        "position_middle",
        "position_speed_end",
        "position_structure_end",
        "position_towards_structure",
        "seconds_pattern",
        "unit_rate",
    }
)
"""Every key the charts read from ``ChartInput.words``."""


def render_svg(
    chart_id: str, chart: ChartInput, *, title: str, description: str, narrow: bool
) -> str:
    """Draw a chart as one ``<svg>`` element, to be placed in a page.

    The narrow drawing is 340 units wide and the wide one 720; one unit is
    meant to be shown as about one CSS pixel.

    Raises:
        UnknownChartError: There is no chart of this id.
        ChartDataError: A word of ``CHART_WORDS`` is missing.
    """
    if chart_id not in CHART_IDS:
        raise UnknownChartError(chart_id)
    if missing := CHART_WORDS - chart.words.keys():
        raise ChartDataError(f"chart words are missing: {', '.join(sorted(missing))}")
    form = "narrow" if narrow else "wide"
    sheet = DRAW[chart_id](chart, narrow=narrow)
    return write_svg(
        sheet.marks,
        (sheet.sizes.width, sheet.height),
        f"c-{chart_id}-{form[0]}",
        title=title,
        description=description,
        classes=f"chart chart-{form}",
    )


class UnknownChartError(LookupError):
    """There is no chart of this id; the message names the nearest ones."""

    def __init__(self, chart_id: str) -> None:
        near = get_close_matches(chart_id, CHART_IDS, n=2, cutoff=0.4) or CHART_IDS
        super().__init__(
            f"there is no chart {chart_id!r}; did you mean {' or '.join(near)}?"
        )
