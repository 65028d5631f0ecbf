"""A run's figures for the terminal."""

import json
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from collector.metrics import METRICS
from collector.store import LoadedRun
from site_builder.analysis.summary import (
    SUMMARY_METRICS,
    ModelSummary,
    summary_rows,
)

_HEADS = {
    "decode_tok_s": "tok/s",
    "ttft_s": "first (s)",
    "completion_tokens": "tokens",
    "generation_s": "rest (s)",
}


def report_rows(summaries: tuple[ModelSummary, ...]) -> list[dict[str, Any]]:
    """Return the rows of ``summary.json`` with what became of the trials."""
    return [
        {
            **row,
            "n_complete": summary.n_complete,
            "n_failed": summary.n_failed,
            "failures": summary.failures,
        }
        for row, summary in zip(summary_rows(summaries), summaries, strict=True)
    ]


def report_json(summaries: tuple[ModelSummary, ...]) -> str:
    """Return the rows as JSON text."""
    return json.dumps(report_rows(summaries), ensure_ascii=False, indent=2)


def print_report(
    run: LoadedRun, summaries: Iterable[ModelSummary], *, console: Console
) -> None:
    """Print the run's table; a value that is not known is a dash."""
    table = Table(title=f"{run.run.run_id} ({run.run.source})")
    table.add_column("model", no_wrap=True)
    for key in SUMMARY_METRICS:
        table.add_column(_HEADS[key], justify="right")
    table.add_column("counted", justify="right")
    table.add_column("failures")
    for summary in summaries:
        failures = ", ".join(f"{kind} {n}" for kind, n in summary.failures.items())
        table.add_row(
            # Names and kinds may hold square brackets: rich would take them as markup.
            Text(summary.model.name),
            *(_number(summary, key) for key in SUMMARY_METRICS),
            f"{summary.n_complete} of {summary.n_trials}",
            Text(failures or "–"),
        )
    console.print(table)


def _number(summary: ModelSummary, metric_key: str) -> str:
    value = summary.value(metric_key)
    return "–" if value is None else f"{value:,.{METRICS[metric_key].decimals}f}"
