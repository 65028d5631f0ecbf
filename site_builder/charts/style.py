"""The look all charts share: a sheet measured in units, its axes and its text.

One unit of the drawing is a typographic point to matplotlib.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from site_builder.charts.geometry import CAP_MIDDLE_EM, Box, Layout
from site_builder.charts.svg import STAND_INS
from site_builder.charts.text import plain, width_units

Anchor = Literal["start", "middle", "end"]
_ALIGNED: dict[Anchor, Literal["left", "center", "right"]] = {
    "start": "left",
    "middle": "center",
    "end": "right",
}
_SHARE_BEFORE: dict[Anchor, float] = {"start": 0.0, "middle": 0.5, "end": 1.0}
_UNITS_PER_INCH = 72
_BACKING_PAD = 2.0
_BACKING_SHARE = 0.88
"""The estimate leans to the wide side; a gap in the grid beside a text shows."""
_BACKING_ZORDER = 2.5


def new_sheet(sizes: Layout, height: float) -> "Sheet":
    """Open an empty sheet of so many units' height."""
    figure = Figure(
        figsize=(sizes.width / _UNITS_PER_INCH, height / _UNITS_PER_INCH),
        dpi=_UNITS_PER_INCH,
    )
    figure.patch.set_visible(False)
    surface = figure.add_axes((0, 0, 1, 1), zorder=1)
    surface.set_axis_off()
    surface.set(xlim=(0, sizes.width), ylim=(height, 0))
    return Sheet(figure=figure, surface=surface, sizes=sizes, height=height)


def new_axes(sheet: "Sheet", box: Box) -> Axes:
    """Open axes without frame, ticks and background in a box of the sheet."""
    width, height = sheet.sizes.width, sheet.height
    axes = sheet.figure.add_axes(
        (
            box.left / width,
            1 - box.bottom / height,
            (box.right - box.left) / width,
            (box.bottom - box.top) / height,
        ),
        zorder=0,
    )
    axes.patch.set_visible(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(
        which="both", bottom=False, left=False, labelbottom=False, labelleft=False
    )
    axes.set_axisbelow(True)
    return axes


def draw_grid(axes: Axes, axis: Literal["x", "y"], ticks: tuple[float, ...]) -> None:
    """Draw thin lines at the ticks above 0."""
    ticker = axes.xaxis if axis == "x" else axes.yaxis
    ticker.set_ticks([tick for tick in ticks if tick > 0])
    ticker.grid(
        visible=True, color=STAND_INS["grid"], linewidth=1, solid_capstyle="butt"
    )


def draw_base(axes: Axes, side: Literal["left", "bottom"]) -> None:
    """Draw a dark line where the values begin."""
    axes.spines[side].set(
        visible=True, color=STAND_INS["ink"], linewidth=1, capstyle="butt"
    )


def put_text(
    sheet: "Sheet",
    text: str,
    *,
    at: tuple[float, float],
    size: float,
    role: str = "ink",
    anchor: Anchor = "start",
    is_backed: bool = False,
) -> None:
    """Write one line of plain text, its anchor and baseline at (x, y).

    Behind a backed text the background is painted, so that no line of the grid
    runs through it.
    """
    if is_backed:
        _put_backing(sheet, text, at=at, size=size, anchor=anchor)
    sheet.surface.text(
        *at,
        plain(text),
        color=STAND_INS[role],
        fontproperties=_layout_font(size),
        horizontalalignment=_ALIGNED[anchor],
        # Any other alignment would depend on the font matplotlib measures.
        verticalalignment="baseline",
        parse_math=False,
    )


def put_lines(
    sheet: "Sheet",
    lines: tuple[str, ...],
    *,
    at: tuple[float, float],
    role: str = "muted",
    anchor: Anchor = "start",
) -> None:
    """Write lines of the size of notes below each other, the first one's at (x, y)."""
    x, baseline = at
    for number, line in enumerate(lines):
        put_text(
            sheet,
            line,
            at=(x, baseline + number * sheet.sizes.line),
            size=sheet.sizes.note,
            role=role,
            anchor=anchor,
        )


def _put_backing(
    sheet: "Sheet", text: str, *, at: tuple[float, float], size: float, anchor: Anchor
) -> None:
    width = width_units(text, size) * _BACKING_SHARE
    left = at[0] - width * _SHARE_BEFORE[anchor] - _BACKING_PAD
    middle = at[1] - CAP_MIDDLE_EM * size
    backing = Rectangle(
        (left, middle - size / 2),
        width + 2 * _BACKING_PAD,
        size,
        color=STAND_INS["bg"],
        linewidth=0,
        # Above the marks, below the text.
        zorder=_BACKING_ZORDER,
    )
    sheet.surface.add_patch(backing)


def _layout_font(size: float) -> FontProperties:
    """Give the font matplotlib ships, named by its file so that no other is found."""
    shipped = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return FontProperties(fname=str(shipped), size=size)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A figure and the axes that span it, which are measured in units."""

    figure: Figure
    surface: Axes
    sizes: Layout
    height: float
