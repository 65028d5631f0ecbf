"""Findings into the site's tables, in one language."""

from collector.metrics import METRICS
from collector.record import Run, Trial
from site_builder.analysis.summary import SUMMARY_METRICS, Estimate, ModelSummary
from site_builder.model import Cell, Table, hue_of
from site_builder.words import Words

GIB = 2**30
TRIAL_METRICS = ("decode_tok_s", "ttft_s", "completion_tokens", "generation_s")
MODEL_METRICS = (*SUMMARY_METRICS, "answer_s", "chars_s")


def summary_table(
    summaries: tuple[ModelSummary, ...],
    words: Words,
    *,
    phrases: dict[str, str],
    model_paths: dict[str, str],
) -> Table:
    """Return the comparison: figures, the code's character, the verdict.

    The character is what a publication said of the code; where none did, it is the
    phrase of the model's note. The verdict's column stands only where there is one.
    """
    has_verdict = any(summary.verdict is not None for summary in summaries)
    source = summaries[0].source
    head = [
        Cell(text=words("table.model")),
        *(_metric_head(key, words) for key in SUMMARY_METRICS),
        Cell(text=words("table.character")),
    ]
    rows = []
    for index, summary in enumerate(summaries):
        model_id = summary.model.model_id
        row = [
            Cell(
                text=summary.model.name,
                href=model_paths[model_id],
                hue=hue_of(index),
            ),
            *(_number(summary.value(key), key, words) for key in SUMMARY_METRICS),
            _character(summary, words, phrase=phrases.get(model_id)),
        ]
        if has_verdict:
            row.append(_worded(summary.verdict, "verdict", words))
        rows.append(tuple(row))
    if has_verdict:
        head.append(Cell(text=words("table.verdict")))
    return Table(
        table_id="summary",
        caption=words("table.summary_caption"),
        head=tuple(head),
        rows=tuple(rows),
        notes=(words(f"note.{source}"),),
    )


def conditions_table(run: Run, words: Words, *, prompts: dict[str, str]) -> Table:
    """Return what is known of how the run was measured; unknown is said to be so."""
    rig, server, plan = run.rig, run.server, run.plan
    gpu = rig.gpu
    if gpu is not None and rig.gpu_memory_bytes is not None:
        memory = words.number(rig.gpu_memory_bytes / GIB, 0)
        gpu = words("conditions.gpu_with_memory", gpu=gpu, memory=memory)
    quantizations = dict.fromkeys(m.quantization for m in run.models if m.quantization)
    facts: list[tuple[str, str | None]] = [
        ("source", words(f"source.{run.source}")),
        ("gpu", gpu),
        ("driver", rig.driver),
        ("os", rig.os),
        ("server", _joined(server.name, server.version)),
        ("engine", _joined(server.engine, server.engine_version)),
        ("quantization", words("list_separator").join(quantizations) or None),
        ("prompt", words("list_separator").join(prompts.values()) or None),
        ("date", words.date(run.started_at.date()) if run.started_at else None),
    ]
    if plan is not None:
        trials = words.number(plan.rounds * plan.trials, 0)
        facts += [
            ("trials", words("conditions.trials_value", n=trials)),
            ("order_seed", str(plan.seed)),
            ("sampling", _sampling(plan.sampling, words)),
            ("tool", _joined("Seikaku", run.tool_version)),
        ]
    return Table(
        table_id="conditions",
        caption=words("table.conditions_caption"),
        head=(Cell(text=words("table.condition")), Cell(text=words("table.value"))),
        rows=tuple(
            (
                Cell(text=words(f"conditions.{key}")),
                Cell(text=value or words("unknown")),
            )
            for key, value in facts
        ),
        notes=run.notes,
    )


def model_table(summary: ModelSummary, words: Words) -> Table:
    """Return a model's figures: median, range and number of trials."""
    rows = [
        (
            _metric_head(key, words),
            _number(summary.value(key), key, words),
            Cell(text=_range(summary.estimates[key], key, words), is_number=True),
            Cell(
                text=words.number(estimate.n if estimate else 0, 0),
                is_number=True,
            ),
        )
        for key in MODEL_METRICS
        for estimate in (summary.estimates[key],)
    ]
    return Table(
        table_id="figures",
        caption=words("table.model_caption", name=summary.model.name),
        head=(
            Cell(text=words("table.metric")),
            Cell(text=words("table.median"), is_number=True),
            Cell(text=words("table.range"), is_number=True),
            Cell(text=words("table.n"), is_number=True),
        ),
        rows=tuple(rows),
        notes=(words(f"note.{summary.source}"),),
    )


def trials_table(summary: ModelSummary, words: Words) -> Table:
    """Return every trial of a model, those that do not count with their reason."""
    head = [
        Cell(text=words("table.trial")),
        Cell(text=words("table.cache")),
        *(_metric_head(key, words) for key in TRIAL_METRICS),
        Cell(text=words("table.finish_reason")),
        Cell(text=words("table.outcome")),
    ]
    return Table(
        table_id="trials",
        caption=words("table.trials_caption", name=summary.model.name),
        head=tuple(head),
        rows=tuple(_trial_row(trial, words) for trial in summary.trials),
    )


def chart_table(
    chart_id: str,
    summaries: tuple[ModelSummary, ...],
    words: Words,
    *,
    metrics: tuple[str, ...],
    has_position: bool = False,
) -> Table:
    """Return the numbers a chart draws."""
    head = [
        Cell(text=words("table.model")),
        *(_metric_head(key, words) for key in metrics),
    ]
    if has_position:
        head.append(Cell(text=words("table.position")))
    rows = []
    for summary in summaries:
        row = [
            Cell(text=summary.model.name),
            *(_number(summary.value(key), key, words) for key in metrics),
        ]
        if has_position:
            row.append(_worded(summary.structure_position, "chart.position", words))
        rows.append(tuple(row))
    return Table(
        table_id=f"data-{chart_id}",
        caption=words("table.chart_caption", title=words(f"figure.{chart_id}.title")),
        head=tuple(head),
        rows=tuple(rows),
    )


def _metric_head(metric_key: str, words: Words) -> Cell:
    metric = METRICS[metric_key]
    label = words(f"metric.{metric_key}")
    unit = words(f"unit_label.{metric.unit}")
    return Cell(text=words("table.head", label=label, unit=unit), is_number=True)


def _number(value: float | None, metric_key: str, words: Words) -> Cell:
    if value is None:
        return Cell(text=words("unknown"), is_number=True)
    text = words.number(value, METRICS[metric_key].decimals)
    return Cell(text=text, is_number=True)


def _range(estimate: Estimate | None, metric_key: str, words: Words) -> str:
    if estimate is None or estimate.n < 2:
        return words("no_range")
    decimals = METRICS[metric_key].decimals
    low = words.number(estimate.low, decimals)
    high = words.number(estimate.high, decimals)
    return low if low == high else words("range", low=low, high=high)


def _character(summary: ModelSummary, words: Words, *, phrase: str | None) -> Cell:
    if not summary.observations:
        return Cell(text=phrase or words("unknown"))
    seen = (words(f"observation.{key}") for key in summary.observations)
    return Cell(text=words("list_separator").join(seen))


def _worded(key: str | None, section: str, words: Words) -> Cell:
    if key is None:
        return Cell(text=words("unknown"))
    joint = "_" if section.startswith("chart.") else "."
    return Cell(text=words(f"{section}{joint}{key}"))


def _trial_row(trial: Trial, words: Words) -> tuple[Cell, ...]:
    outcome = words("outcome.counted")
    if trial.failure is not None:
        kind = words(f"failure.{trial.failure.kind}")
        outcome = words("outcome.failed", kind=kind, message=trial.failure.message)
    return (
        Cell(text=f"{trial.task_id}-{trial.number:02d}"),
        Cell(text=words(f"cache.{trial.cache}")),
        *(_number(METRICS[key].compute(trial), key, words) for key in TRIAL_METRICS),
        Cell(text=trial.finish_reason or words("unknown")),
        Cell(text=outcome),
    )


def _joined(name: str | None, version: str | None) -> str | None:
    return " ".join(part for part in (name, version) if part) or None


def _sampling(sampling: dict[str, object] | object, words: Words) -> str:
    if not isinstance(sampling, dict) or not sampling:
        return words("conditions.sampling_default")
    return words("list_separator").join(f"{k} = {v}" for k, v in sampling.items())
