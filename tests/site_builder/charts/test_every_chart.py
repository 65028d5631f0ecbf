"""What holds for every chart, wide and narrow."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from site_builder.charts import (
    CHART_IDS,
    CHART_WORDS,
    ChartDataError,
    ChartInput,
    UnknownChartError,
    render_svg,
)
from site_builder.charts.data import (
    RESULTS,
    CaseMark,
    Course,
    Spread,
    StructureSpan,
)

pytestmark = pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
each_chart = pytest.mark.parametrize("chart_id", CHART_IDS)
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|rgba?\(|\b(black|white|gray)\b", re.IGNORECASE)
CLASSES = {
    *(f"f-{role}" for role in ("ink", "muted", "bg", "good", "fair", "poor")),
    *(f"s-{role}" for role in ("ink", "muted", "grid", "good", "fair", "poor")),
    *(f"{paint}-s{hue}" for paint in "fs" for hue in range(1, 13)),
}


def many(point, count=12):
    positions = (None, "speed_end", "middle", "towards_structure", "structure_end")
    return [
        point(
            f"とても長い名前のモデル {i} Instruct Q4_K_M",
            None if i == 5 else 10.0 + i / 3,
            0.2 * i,
            None if i == 7 else 8.0 * i,
            positions[i % 5],
            i,
            **({} if i == 4 else evidence(i)),
        )
        for i in range(1, count + 1)
    ]


def evidence(strict, lenient=1, counted=18):
    """Give a model all that charts show beside its medians."""
    rate, traits = 10.0 + strict / 3, (0.0, strict / 18, 1.0)
    end = 1.0 + 8 * strict
    return {
        "load_s": 3.0 * strict,
        "thinking_s": 2.0 * (strict % 2),
        "rates": (rate - 1, rate, rate + 0.1, rate),
        "rate_interval": Spread(median=rate, low=rate - 1, high=rate + 0.1),
        "course": Course(
            points=((0.5, 0.0), (end / 2, 90.0), (end, 400.0 + strict)),
            answer_at=(end / 2, 90.0) if strict % 2 else None,
            is_rebuilt=strict % 3 == 0,
        ),
        "traits": tuple(Spread(median=m, low=0.9 * m, high=m) for m in traits),
        "cases_passed": float(strict),
        "cases_lenient": float(lenient),
        "cases_counted": counted,
        "cases": tuple(
            CaseMark(result=RESULTS[(n + strict) % 6], is_mixed=n % 4 == 0)
            for n in range(counted)
        ),
    }


def measured(point, count=12):
    """Give models with a structure index, the last one without."""
    spans = [
        StructureSpan(median=m, low=max(0.0, m - 9), high=m, is_settled=i % 2 == 0)
        for i, m in enumerate((0.0, 100.0, 3.5, *(8.0 * n for n in range(3, 12))))
    ]
    return [
        replace(item, structure=span, structure_position=None)
        for item, span in zip(many(point, count), [*spans[:-1], None], strict=False)
    ]


@each_chart
def test_the_element_is_named_described_and_without_size(
    draw, published, chart_id, narrow
):
    drawing = draw(
        chart_id, published, narrow=narrow, title="速さ <1>", description="a & b"
    )
    form = "narrow" if narrow else "wide"
    key = f"c-{chart_id}-{form[0]}"
    title, desc = drawing.root[0], drawing.root[1]
    assert drawing.svg.startswith("<svg ")
    assert drawing.root.attrib == {
        "viewBox": f"0 0 {340 if narrow else 720} {drawing.height:g}",
        "class": f"chart chart-{form}",
        "role": "img",
        "aria-labelledby": f"{key}-title {key}-desc",
    }
    assert (title.tag[-6:], title.attrib, title.text) == (
        "}title",
        {"id": f"{key}-title"},
        "速さ <1>",
    )
    assert (desc.tag[-5:], desc.attrib, desc.text) == (
        "}desc",
        {"id": f"{key}-desc"},
        "a & b",
    )


@each_chart
def test_the_page_owns_every_colour_and_style(draw, point, chart_id, narrow):
    drawing = draw(chart_id, many(point), narrow=narrow)
    also = draw(chart_id, measured(point), narrow=narrow)
    used = set()
    for element in (*drawing.root.iter(), *also.root.iter()):
        assert not {"style", "font-family", "clip-path"} & element.attrib.keys()
        assert element.tag.rpartition("}")[2] not in ("style", "metadata", "clipPath")
        if element not in (drawing.root, also.root):
            used |= set(element.get("class", "").split())
        for name, value in element.attrib.items():
            assert not COLOUR.search(value), (name, value)
    assert used <= CLASSES
    assert "xlink" not in drawing.svg


@each_chart
def test_text_and_marks_stay_inside_the_drawing(draw, point, chart_id, narrow):
    wide = point("W" * 300, **evidence(18, 0))
    for points in (many(point), many(point, 1), measured(point), [wide]):
        drawing = draw(chart_id, points, narrow=narrow)
        for text in drawing.texts:
            assert text.left >= -0.06, text
            assert text.right <= drawing.width + 0.06, text
            assert text.size * 0.9 <= text.baseline, text
            assert text.baseline <= drawing.height - 0.25 * text.size, text
        for kind in CLASSES - {"f-bg"}:
            for shape in drawing.shapes(kind):
                assert 0 <= shape.left <= shape.right <= drawing.width
                assert 0 <= shape.top <= shape.bottom <= drawing.height


@each_chart
def test_no_text_is_too_small_to_read(draw, point, chart_id, narrow):
    # 340 units are shown about 288 px wide on the smallest phones:
    # 12 px there are 12 * 340 / 288 = 14.17 units.
    least = 14.17 if narrow else 13
    assert min(t.size for t in draw(chart_id, many(point), narrow=narrow).texts) > (
        least - 0.01
    )


@each_chart
def test_markup_in_a_name_is_only_text(draw, point, chart_id, narrow):
    names = ["<script>1</script>", "$x^2$", "A & B", "a\nb\x00c\ufffe", "推論モデル"]
    drawing = draw(chart_id, [point(name) for name in names], narrow=narrow)
    shown = " | ".join(drawing.words)
    for name in ("<script>1</script>", "$x^2$", "A & B", "a bc", "推論モデル"):
        assert name in shown
    assert "<script" not in drawing.svg


@each_chart
def test_a_long_name_is_cut_only_in_the_drawing(draw, point, chart_id, narrow):
    drawing = draw(
        chart_id,
        [point("長" * 80, **evidence(5))],
        narrow=narrow,
        description="長" * 80,
    )
    assert any(word.startswith("長長") and "…" in word for word in drawing.words)
    assert not any("長" * 80 in word for word in drawing.words)
    assert drawing.root[1].text == "長" * 80


@each_chart
def test_models_without_any_figure_are_said_to_be_unmeasured(
    draw, point, chart_id, narrow
):
    drawing = draw(chart_id, [point("Silent", None, None, None)], narrow=narrow)
    assert any("Not measured" in word for word in drawing.words)
    assert any("Silent" in word for word in drawing.words)
    assert not drawing.shapes("f-s1")
    assert not drawing.shapes("s-s1")


@each_chart
def test_a_rate_of_zero_is_a_figure(draw, point, chart_id, narrow):
    still = point("Still", 0.0, 0.0, 0.0, **evidence(0, 0))
    drawing = draw(chart_id, [still], narrow=narrow)
    assert not any("Not measured" in word for word in drawing.words)


def test_no_two_elements_of_a_page_share_an_id(draw, point, narrow):
    ids = [
        element.attrib["id"]
        for chart_id in CHART_IDS
        for form in (narrow, not narrow)
        for element in draw(chart_id, many(point), narrow=form).root.iter()
        if "id" in element.attrib
    ]
    assert len(ids) == len(set(ids)) == 24  # a title and a description each


def test_the_charts_read_exactly_the_words_they_declare(
    published, point, english, narrow
):
    read = set()

    class Words(dict):
        def __getitem__(self, key):
            read.add(key)
            return super().__getitem__(key)

    counted = Course(points=((0.0, 0.0), (1.0, 9.0)), is_in_characters=True)
    models = (point(), point("x", None, None), point("y", **evidence(1)))
    characters = (point(course=counted),)
    for points in (published, models, measured(point, 5), characters, models[2:]):
        chart = ChartInput(
            points=tuple(points),
            words=Words(english),
            format_number=lambda value, decimals: f"{value:.{decimals}f}",
            results=dict.fromkeys(RESULTS, "result"),
            trait_names=("Types", "Docs", "Errors"),
        )
        for chart_id in CHART_IDS:
            render_svg(chart_id, chart, title="t", description="d", narrow=narrow)
    assert read == CHART_WORDS


def test_a_missing_word_is_named(published, english, narrow):
    del english["unit_rate"]
    chart = ChartInput(points=published, words=english, format_number=lambda v, _: "1")
    with pytest.raises(ChartDataError, match="missing: unit_rate"):
        render_svg("rates", chart, title="t", description="d", narrow=narrow)


def test_an_unknown_chart_is_answered_with_the_nearest(draw, published, narrow):
    with pytest.raises(UnknownChartError, match="'rate'; did you mean rates"):
        draw("rate", published, narrow=narrow)


@each_chart
def test_the_drawing_is_small(draw, published, chart_id, narrow):
    svg = draw(chart_id, published, narrow=narrow).svg
    assert len(svg.encode()) < 5000
    assert not re.search(r"\.\d{3}", ET.tostring(ET.fromstring(svg)).decode())  # noqa: S314
