"""A run's figures for the terminal and for programs."""

import json
import statistics
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from collector.metrics import METRICS, ttft_s
from collector.record import CacheState
from collector.store import LoadedRun
from site_builder.analysis.stability import Drift, Stability, drift, stability
from site_builder.analysis.summary import ModelSummary, summary_rows

UNKNOWN = "–"

_FIRST_HEADS: dict[CacheState, str] = {
    "cold": "cold (s)",
    "warm": "warm (s)",
    "unknown": "first (s)",
}
"""Heads of the columns of first tokens, by what the prompt cache held."""


def report_rows(summaries: tuple[ModelSummary, ...]) -> list[dict[str, Any]]:
    """Return the rows of ``summary.json`` with what became of the trials."""
    return [
        {**row, **_more(summary)}
        for row, summary in zip(summary_rows(summaries), summaries, strict=True)
    ]


def report_json(summaries: tuple[ModelSummary, ...]) -> str:
    """Return the rows as JSON text."""
    return json.dumps(report_rows(summaries), ensure_ascii=False, indent=2)


def print_report(
    run: LoadedRun, summaries: Iterable[ModelSummary], *, console: Console
) -> None:
    """Print the run's table, and below it what is to be known of its trials.

    A value that is not known is a dash; first tokens with a cold, a warm and an
    unknown prompt cache have columns of their own, if there are any.
    """
    models = tuple(summaries)
    steadiness = [stability(model.trials) for model in models]
    console.print(_table(run, models, steadiness))
    for line in _details(run, models, steadiness):
        console.print(Text(line))


def _table(
    run: LoadedRun, models: tuple[ModelSummary, ...], steadiness: list[Stability]
) -> Table:
    has_drift = any(found.drift is not None for found in steadiness)
    firsts = [
        state
        for state in _FIRST_HEADS
        if any(_first_s(model, state) is not None for model in models)
    ]
    first_heads = [_FIRST_HEADS[state] for state in firsts]
    table = Table(title=f"{run.run.run_id} ({run.run.source})")
    if firsts:
        table.caption = f"{', '.join(first_heads)}: to the first token"
    table.add_column("model")
    heads = ["tok/s", *first_heads, "tokens", "rest (s)", "counted"]
    for head in [*heads, "tau", "p"] if has_drift else heads:
        table.add_column(head, justify="right", no_wrap=True)
    for model, found in zip(models, steadiness, strict=True):
        table.add_row(
            # Names may hold square brackets: rich would take them as markup.
            Text(model.model.name),
            _number(model.value("decode_tok_s"), "decode_tok_s"),
            *(_number(_first_s(model, state), "ttft_s") for state in firsts),
            _number(model.value("completion_tokens"), "completion_tokens"),
            _number(model.value("generation_s"), "generation_s"),
            f"{model.n_complete} of {model.n_trials}",
            *(_drift_cells(found.drift) if has_drift else ()),
        )
    return table


def _more(summary: ModelSummary) -> dict[str, Any]:
    found = stability(summary.trials)
    return {
        "cold_ttft_s": _first_s(summary, "cold"),
        "warm_ttft_s": _first_s(summary, "warm"),
        "n_complete": summary.n_complete,
        "n_failed": summary.n_failed,
        "failures": summary.failures,
        "n_interruptions": found.n_interruptions,
        "n_contaminated": found.n_contaminated,
        "flags": found.flags,
        "rate_sd_ratio": found.sd_ratio,
        "is_unstable": found.is_unstable,
        "drift_tau": None if found.drift is None else found.drift.tau,
        "drift_p": None if found.drift is None else found.drift.p,
    }


def _first_s(summary: ModelSummary, cache: CacheState) -> float | None:
    """Return the median time to the first token over the counted trials of a cache."""
    values = [
        value
        for trial in summary.trials
        if trial.failure is None and trial.cache == cache
        if (value := ttft_s(trial)) is not None
    ]
    return statistics.median(values) if values else None


def _number(value: float | None, metric_key: str) -> str:
    return UNKNOWN if value is None else f"{value:,.{METRICS[metric_key].decimals}f}"


def _drift_cells(found: Drift | None) -> tuple[str, str]:
    if found is None:
        return UNKNOWN, UNKNOWN
    return f"{found.tau:+.2f}", _probability(found.p)


def _probability(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _details(
    run: LoadedRun, models: tuple[ModelSummary, ...], steadiness: list[Stability]
) -> list[str]:
    """Return a line for each odd thing about a model, and one about drift."""
    lines = [
        f"{model.model.name}: {fact}"
        for model, found in zip(models, steadiness, strict=True)
        for fact in _facts(model, found)
    ]
    if run.run.plan is None:
        return lines
    pooled = drift(model.trials for model in models)
    if pooled is None:
        return [*lines, "Drift of tok/s over the run: not decidable with these trials."]
    tau, p = _drift_cells(pooled)
    together = f"all models together {tau}, p {p}, {pooled.n} trials"
    return [*lines, f"Drift of tok/s over the run (Kendall's tau): {together}."]


def _facts(model: ModelSummary, found: Stability) -> list[str]:
    facts = []
    if model.failures:
        facts.append(f"failed: {_counts(model.failures)}")
    if found.n_interruptions:
        facts.append(f"interrupted attempts: {found.n_interruptions}")
    if found.flags:
        facts.append(f"flagged: {_counts(found.flags)}")
    if found.is_unstable and found.sd_ratio is not None:
        facts.append(
            f"unstable: tok/s vary by {found.sd_ratio:.0%} (deviation over mean)"
        )
    return facts


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {n}" for key, n in counts.items())
