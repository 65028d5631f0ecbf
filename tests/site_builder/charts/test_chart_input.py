"""What cannot be drawn is refused where it is handed in."""

import math

import pytest

from site_builder.charts import ChartDataError, ChartInput


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.1])
@pytest.mark.parametrize("figure", ["decode_tok_s", "ttft_s", "generation_s"])
def test_a_figure_that_is_no_length_is_refused(point, figure, value):
    with pytest.raises(ChartDataError, match=f"'A': {figure} is {value}"):
        point("A", **{figure: value})


@pytest.mark.parametrize("hue", [0, 13])
def test_a_hue_outside_the_palette_is_refused(point, hue):
    with pytest.raises(ChartDataError, match=f"hue is {hue}; give 1 to 12"):
        point(hue=hue)


def test_an_unknown_position_is_refused_with_the_known_ones(point):
    with pytest.raises(ChartDataError, match="'end'; give None or one of speed_end, "):
        point(structure_position="end")


@pytest.mark.parametrize("count", [0, 13])
def test_a_chart_shows_one_to_twelve_models(point, english, count):
    with pytest.raises(ChartDataError, match=f"{count} models given"):
        ChartInput(
            points=(point(),) * count, words=english, format_number=lambda v, _: str(v)
        )
