"""The rules that a case may name."""

from collections.abc import Mapping

from collector.verification.rules import (
    clean_error,
    csv_empty,
    csv_rows,
    csv_scalars,
    csv_scale,
    json_report,
)
from collector.verification.rules.finding import Prepare

RULES: Mapping[str, Prepare] = {
    "clean_error": clean_error.prepare,
    "csv_empty": csv_empty.prepare,
    "csv_rows": csv_rows.prepare,
    "csv_scalars": csv_scalars.prepare,
    "csv_scale": csv_scale.prepare,
    "json_report": json_report.prepare,
}
