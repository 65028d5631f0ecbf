"""From a chart's id to its SVG: the one door to matplotlib."""

import io
import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from site_builder.charts import (
    rates,
    speed_structure,
    time_to_answer,
    verification,
)
from site_builder.charts.data import ChartInput


def svg_document(chart_id: str, chart: ChartInput, *, narrow: bool) -> str:
    """Draw a chart as matplotlib writes it: a document in stand-in colours."""
    document = io.StringIO()
    with mpl.rc_context(_settings()), warnings.catch_warnings():
        # The browser draws the glyphs; matplotlib only reserves no room for them.
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from", UserWarning)
        figure = DRAW[chart_id](chart, narrow=narrow)
        FigureCanvasSVG(figure)
        figure.savefig(document, format="svg", metadata={"Date": None, "Creator": None})
    return document.getvalue()


def _settings() -> dict[Any, Any]:
    """Give matplotlib's own defaults, so that nobody's matplotlibrc shows."""
    own = {
        name: value
        for name, value in mpl.rcParamsDefault.items()
        if not name.startswith("backend")
    }
    return own | {"svg.fonttype": "none", "svg.hashsalt": "seikaku"}


class _Draw(Protocol):
    def __call__(self, chart: ChartInput, *, narrow: bool) -> Figure: ...


DRAW: Mapping[str, _Draw] = MappingProxyType(
    {
        "speed-structure": speed_structure.draw,
        "time-to-answer": time_to_answer.draw,
        "rates": rates.draw,
        "verification": verification.draw,
    }
)
