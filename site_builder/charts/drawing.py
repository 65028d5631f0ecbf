"""Which module draws which chart."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from site_builder.charts import (
    rates,
    speed_structure,
    time_to_answer,
    tokens_over_time,
    traits,
    verification,
)
from site_builder.charts.data import ChartInput
from site_builder.charts.style import Sheet


class _Draw(Protocol):
    def __call__(self, chart: ChartInput, *, narrow: bool) -> Sheet: ...


DRAW: Mapping[str, _Draw] = MappingProxyType(
    {
        "speed-structure": speed_structure.draw,
        "time-to-answer": time_to_answer.draw,
        "tokens-over-time": tokens_over_time.draw,
        "rates": rates.draw,
        "traits": traits.draw,
        "verification": verification.draw,
    }
)
