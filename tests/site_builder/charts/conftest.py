"""One chart to vary, and eyes to read a drawing with."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import pytest

from site_builder.charts import ChartInput, ModelPoint, render_svg
from site_builder.charts.data import RESULTS

ENGLISH = {
    "axis_characters": "Characters",
    "axis_rate": "Decode rate (tok/s)",
    "axis_seconds": "Seconds to the finished answer",
    "axis_since_request": "Seconds since the request",
    "axis_structure_measured": "Structure index (points)",
    "axis_structure_reported": "Position as the author reported it; not a measurement",
    "axis_structure_unknown": "Position between speed and structure: not known",
    "axis_tokens": "Tokens",
    "cases_pattern": "{strict} + {lenient} of {total}",
    "load_pattern": "Loading {n} s",
    "mark_answer_begins": "Answer begins",
    "mark_interval": "Interval",
    "mark_mixed": "Trials differ",
    "mark_rebuilt": "Reconstructed",
    "mark_trial": "A trial",
    "not_measured": "Not measured",
    "part_answer": "Answer",
    "part_first_token": "Wait for the first token",
    "part_generation": "Generation",
    "part_load": "Loading, before",
    "part_thinking": "Thinking",
    "position_middle": "Middle",
    "position_speed_end": "Speed end",
    "position_structure_end": "Structure end",
    "position_towards_structure": "Towards structure",
    "seconds_pattern": "{n} s",
    "unit_rate": "tok/s",
}
RESULT_WORDS = {result: f"result {result}" for result in RESULTS}
TRAIT_NAMES = ("Types", "Docs", "Errors")
PUBLISHED = (
    ("Qwen 3-VL-4B", 76.02, 0.20, 10.3, "speed_end"),
    ("Hermes 4-14B", 32.68, 0.55, 15.4, "middle"),
    ("Gemma 3n-E4B", 13.55, 0.34, 94.5, "towards_structure"),
    ("GPT-OSS 20B", 14.33, 0.82, 91.2, "structure_end"),
)


@dataclass(frozen=True, kw_only=True)
class DrawnText:
    text: str
    size: float
    left: float
    right: float
    baseline: float


@dataclass(frozen=True, kw_only=True)
class DrawnShape:
    classes: frozenset[str]
    left: float
    right: float
    top: float
    bottom: float
    lines: tuple[tuple[tuple[float, float], ...], ...]
    attributes: dict[str, str]


class Drawing:
    """A drawn chart, read back from its SVG."""

    def __init__(self, svg: str) -> None:
        self.svg = svg
        self.root = ET.fromstring(svg)  # noqa: S314 - our own
        _, _, self.width, self.height = map(float, self.root.attrib["viewBox"].split())

    @property
    def texts(self) -> list[DrawnText]:
        return [_text(e) for e in self.root.iter() if e.tag.endswith("}text")]

    @property
    def words(self) -> list[str]:
        return [text.text for text in self.texts]

    def shapes(self, css_class: str) -> list[DrawnShape]:
        paths = [_shape(e) for e in self.root.iter() if e.tag.endswith("}path")]
        return [shape for shape in paths if css_class in shape.classes]


def flat_width(text: str, size: float) -> float:
    """Room for a text by the plainest rule: CJK 1 em, all else 0.56 em."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return size * (wide + 0.56 * (len(text) - wide))


def _text(element: ET.Element) -> DrawnText:
    text, size = element.text or "", float(element.attrib["font-size"])
    share = {"start": 0.0, "middle": 0.5, "end": 1.0}[
        element.get("text-anchor", "start")
    ]
    width = flat_width(text, size)
    left = float(element.attrib["x"]) - share * width
    return DrawnText(
        text=text,
        size=size,
        left=left,
        right=left + width,
        baseline=float(element.attrib["y"]),
    )


def _shape(element: ET.Element) -> DrawnShape:
    lines = read_path(element.attrib["d"])
    xs, ys = zip(*(point for line in lines for point in line), strict=True)
    return DrawnShape(
        classes=frozenset(element.get("class", "").split()),
        left=min(xs),
        right=max(xs),
        top=min(ys),
        bottom=max(ys),
        lines=lines,
        attributes=dict(element.attrib),
    )


def read_path(data: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Give the points of each line of a path."""
    lines: list[list[tuple[float, float]]] = []
    x = y = 0.0
    for command, rest in re.findall(r"([Mhvlz])([^Mhvlz]*)", data):
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        if command == "M":
            x, y = numbers
            lines.append([(x, y)])
        pairs = {
            "h": [(n, 0.0) for n in numbers],
            "v": [(0.0, n) for n in numbers],
            "l": list(zip(numbers[::2], numbers[1::2], strict=False)),
        }
        for dx, dy in pairs.get(command, []):
            x, y = x + dx, y + dy
            lines[-1].append((x, y))
    return tuple(map(tuple, lines))


def draw(
    chart_id: str,
    points: Sequence[ModelPoint],
    *,
    narrow: bool = False,
    words: dict[str, str] | None = None,
    title: str = "A title",
    description: str = "What the chart shows",
) -> Drawing:
    chart = ChartInput(
        points=tuple(points),
        words=ENGLISH | (words or {}),
        format_number=lambda value, decimals: f"{value:,.{decimals}f}",
        results=RESULT_WORDS,
        trait_names=TRAIT_NAMES,
    )
    return Drawing(
        render_svg(chart_id, chart, title=title, description=description, narrow=narrow)
    )


def make_point(
    name: str = "Model",
    decode_tok_s: float | None = 10.0,
    ttft_s: float | None = 1.0,
    generation_s: float | None = 9.0,
    structure_position: str | None = None,
    hue: int = 1,
    **more,
) -> ModelPoint:
    return ModelPoint(
        name=name,
        hue=hue,
        decode_tok_s=decode_tok_s,
        ttft_s=ttft_s,
        generation_s=generation_s,
        structure_position=structure_position,
        **more,
    )


@pytest.fixture(name="draw", scope="session")
def draw_fixture() -> Callable[..., Drawing]:
    return draw


@pytest.fixture(scope="session")
def point() -> Callable[..., ModelPoint]:
    return make_point


@pytest.fixture
def published() -> tuple[ModelPoint, ...]:
    return tuple(make_point(*row, hue=hue) for hue, row in enumerate(PUBLISHED, 1))


@pytest.fixture
def english() -> dict[str, str]:
    return dict(ENGLISH)
