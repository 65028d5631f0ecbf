"""The picture that stands for a page where its address is shared: 1200 × 630 pixels.

It is drawn with the font that comes with matplotlib-fontja (IPAexGothic, a font under
the IPA Font License), found as a file, so that no installed font is needed and no
setting of matplotlib is touched.
"""

import io
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from matplotlib import rc_context, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.patches import Rectangle

from site_builder.charts.data import ChartDataError

WIDTH_PX, HEIGHT_PX = 1200, 630
_DPI = 100
_POINTS_PER_INCH = 72
_SUBPIXELS = 64
"""FreeType counts in 64ths of a pixel."""
_FONT_PACKAGE = "matplotlib-fontja"
_FONT_FILE = "ipaexg.ttf"
_MISSING = "〓"
"""What printers of Japanese put in the place of a character they lack."""

_MARGIN = 72.0
_TITLE_PX, _TITLE_LINE, _TITLE_LINES = 50.0, 68.0, 3
_ROW_PX, _ROW_TOP, _ROW_STEP, _ROWS = 27.0, 330.0, 47.0, 5
_NAME_WIDTH, _BAR_LEFT, _BAR_RIGHT = 260.0, 350.0, 870.0
_SMALL_PX = 25.0
_CLOSING = (
    "、。，．・：；！？）」』】〕〉》ー…％”’ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
    ",.:;!?)]}%"
)

_PAPER, _INK, _MUTED, _ACCENT = "#faf8f3", "#1b2128", "#4a4f55", "#7d2a14"
_HUES = (
    *("#0f6b57", "#8a4b08", "#8a2f6b", "#2a4f9e", "#7d7a00", "#a3262e"),
    *("#0d7fa5", "#6a3fc4", "#3f8012", "#553122", "#5b6f7a", "#d0357f"),
)
"""The models' colours on light paper, as in the stylesheet."""


@dataclass(frozen=True, kw_only=True)
class CardRow:
    """A model on the card.

    Attributes:
        value_text: The value as shown, or the word for unknown.
        share: Length of its bar, 0 to 1; None: it has none.
        hue: Number of its colour, from 1.
    """

    name: str
    value_text: str
    share: float | None
    hue: int


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the picture says.

    Attributes:
        brand: Name of the site, above the title.
        label: What the bars are, above them.
        note: What must be said of the data, at the foot.
        rows: Models; those past the fifth are left out.
    """

    brand: str
    title: str
    label: str
    note: str
    rows: tuple[CardRow, ...]


def draw_card(card: Card) -> bytes:
    """Return the picture as PNG; the same card gives the same bytes.

    Raises:
        ChartDataError: The font that comes with matplotlib-fontja is not installed.
    """
    font = _font_path()
    card = _with_known_characters(card, FT2Font(font))
    out = io.BytesIO()
    with rc_context(
        {k: v for k, v in rcParamsDefault.items() if not k.startswith("backend")}
    ):
        figure = Figure(figsize=(WIDTH_PX / _DPI, HEIGHT_PX / _DPI), dpi=_DPI)
        figure.patch.set_facecolor(_PAPER)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH_PX), ylim=(HEIGHT_PX, 0))
        axes.set_axis_off()
        _rectangle(axes, (0, 0), (18, HEIGHT_PX), _ACCENT)
        _draw_texts(axes, card, font)
        for index, row in enumerate(card.rows[:_ROWS]):
            _draw_row(axes, row, _ROW_TOP + 20 + index * _ROW_STEP, font)
        FigureCanvasAgg(figure)
        figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _with_known_characters(card: Card, face: FT2Font) -> Card:
    def known(text: str) -> str:
        return "".join(c if face.get_char_index(ord(c)) else _MISSING for c in text)

    return Card(
        brand=known(card.brand),
        title=known(card.title),
        label=known(card.label),
        note=known(card.note),
        rows=tuple(
            replace(row, name=known(row.name), value_text=known(row.value_text))
            for row in card.rows
        ),
    )


def _draw_texts(axes: Axes, card: Card, font: Path) -> None:
    write = partial(_write, axes, font=font)
    write((_MARGIN, 78), card.brand, size=_SMALL_PX, colour=_ACCENT)
    lines = _wrap(card.title, WIDTH_PX - 2 * _MARGIN, _TITLE_PX, font)
    for index, line in enumerate(lines):
        write((_MARGIN, 148 + index * _TITLE_LINE), line, size=_TITLE_PX)
    write((_MARGIN, _ROW_TOP - 25), card.label, size=_SMALL_PX, colour=_MUTED)
    write((_MARGIN, 600), card.note, size=_SMALL_PX, colour=_MUTED)


def _draw_row(axes: Axes, row: CardRow, base: float, font: Path) -> None:
    write = partial(_write, axes, font=font, size=_ROW_PX)
    write((_MARGIN, base), _shorten(row.name, _NAME_WIDTH, _ROW_PX, font))
    length = 0.0 if row.share is None else row.share * (_BAR_RIGHT - _BAR_LEFT)
    colour = _HUES[(row.hue - 1) % len(_HUES)]
    _rectangle(axes, (_BAR_LEFT, base - 23), (length, 26), colour)
    write((_BAR_LEFT + length + 14, base), row.value_text)


def _rectangle(
    axes: Axes, corner: tuple[float, float], size: tuple[float, float], colour: str
) -> None:
    axes.add_patch(Rectangle(corner, *size, color=colour, linewidth=0))


def _write(
    axes: Axes,
    place: tuple[float, float],
    text: str,
    *,
    size: float,
    font: Path,
    colour: str = _INK,
) -> None:
    axes.text(
        *place,
        text,
        fontproperties=FontProperties(fname=str(font)),
        fontsize=size * _POINTS_PER_INCH / _DPI,
        color=colour,
        va="baseline",
        parse_math=False,
    )


def _wrap(text: str, width: float, size: float, font: Path) -> list[str]:
    """Break a title into lines; the last one is cut where there are too many."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and _width(lines[-1] + piece.rstrip(), size, font) > width:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    kept, rest = lines[: _TITLE_LINES - 1], lines[_TITLE_LINES - 1 :]
    return [*kept, *([_shorten("".join(rest), width, size, font)] if rest else [])]


def _pieces(text: str) -> list[str]:
    """Split where a line may break: at spaces, and between wide characters."""
    pieces: list[str] = []
    for character in text:
        is_wide = unicodedata.east_asian_width(character) in "WF"
        joins = character in _CLOSING or (
            not is_wide
            and pieces
            and not _ends_wide(pieces[-1])
            and not pieces[-1].endswith(" ")
        )
        if pieces and joins:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _ends_wide(piece: str) -> bool:
    return unicodedata.east_asian_width(piece[-1]) in "WF"


def _shorten(text: str, width: float, size: float, font: Path) -> str:
    if _width(text, size, font) <= width:
        return text
    kept = bisect_right(
        range(len(text)), width, key=lambda n: _width(text[:n] + "…", size, font)
    )
    return text[: max(kept - 1, 0)].rstrip() + "…"


def _width(text: str, size: float, font: Path) -> float:
    face = FT2Font(font)
    face.set_size(size, _POINTS_PER_INCH)
    face.set_text(text, 0.0)
    return float(face.get_width_height()[0]) / _SUBPIXELS


def _font_path() -> Path:
    try:
        files = distribution(_FONT_PACKAGE).files or []
    except PackageNotFoundError as error:
        raise ChartDataError(
            f"{_FONT_PACKAGE} is not installed: pip install {_FONT_PACKAGE}"
        ) from error
    for file in files:
        if file.name == _FONT_FILE:
            return Path(str(file.locate()))
    raise ChartDataError(
        f"{_FONT_PACKAGE} holds no {_FONT_FILE}: install version 1.1 or later"
    )
