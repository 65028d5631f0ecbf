"""Findings into the site's tables, in one language."""

from collections import Counter
from collections.abc import Sequence

from collector.metrics import FLAGS, METRICS
from collector.record import Run, Trial
from site_builder.analysis.stability import flags_of, stability
from site_builder.analysis.summary import SUMMARY_METRICS, Estimate, ModelSummary
from site_builder.code_columns import CodeColumns
from site_builder.conditions import MINUS, condition_facts
from site_builder.model import Cell, Table, hue_of
from site_builder.words import Words

TRIAL_METRICS = ("decode_tok_s", "ttft_s", "completion_tokens", "generation_s")
MODEL_METRICS = (*SUMMARY_METRICS, "answer_s", "chars_s")


def summary_table(
    summaries: tuple[ModelSummary, ...],
    words: Words,
    *,
    phrases: dict[str, str],
    model_paths: dict[str, str],
    code: CodeColumns,
) -> Table:
    """Return the comparison: figures, the code's character, the verdict.

    The character is what a publication said of the code; where none did, it is the
    phrase of the model's note. The verdict's column stands only where there is one,
    and so do those of ``code``.
    """
    has_verdict = any(summary.verdict is not None for summary in summaries)
    is_reported = any(summary.observations for summary in summaries)
    source = summaries[0].source
    head = [
        Cell(text=words("table.model")),
        *(_metric_head(key, words) for key in SUMMARY_METRICS),
        *code.head,
        Cell(text=words("table.reported" if is_reported else "table.character")),
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
            *code.rows[index],
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
        notes=(words(f"note.{source}"), *code.notes),
    )


def conditions_table(
    run: Run, words: Words, *, prompts: dict[str, str], trials: Sequence[Trial] = ()
) -> Table:
    """Return what is known of how the run was measured; unknown is said to be so."""
    facts = condition_facts(run, trials, words, prompts=prompts)
    return Table(
        table_id="conditions",
        caption=words("table.conditions_caption"),
        head=(Cell(text=words("table.condition")), Cell(text=words("table.value"))),
        rows=tuple(
            (Cell(text=label), Cell(text=text or words("unknown")))
            for label, text in facts
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
        notes=(words(f"note.{summary.source}"), *_steadiness(summary, words)),
    )


def trials_table(summary: ModelSummary, words: Words) -> Table:
    """Return every trial of a model, those that do not count with their reason.

    What is odd about single trials stands below, with the trials it concerns.
    """
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
        notes=_trial_notes(summary.trials, words),
    )


def chart_table(
    chart_id: str,
    summaries: tuple[ModelSummary, ...],
    words: Words,
    *,
    metrics: tuple[str, ...],
    more: CodeColumns,
) -> Table:
    """Return the numbers a chart draws: metrics, and columns besides."""
    head = [
        Cell(text=words("table.model")),
        *(_metric_head(key, words) for key in metrics),
    ]
    return Table(
        table_id=f"data-{chart_id}",
        caption=words("table.chart_caption", title=words(f"figure.{chart_id}.title")),
        head=(*head, *more.head),
        rows=tuple(
            (
                Cell(text=summary.model.name),
                *(_number(summary.value(key), key, words) for key in metrics),
                *cells,
            )
            for summary, cells in zip(summaries, more.rows, strict=True)
        ),
    )


def position_column(summaries: tuple[ModelSummary, ...], words: Words) -> CodeColumns:
    """Return where a publication placed each model, as a chart's column."""
    return CodeColumns(
        head=(Cell(text=words("table.position")),),
        rows=tuple(
            (_worded(summary.structure_position, "chart.position", words),)
            for summary in summaries
        ),
        notes=(),
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
        Cell(text=_trial_name(trial)),
        Cell(text=words(f"cache.{trial.cache}")),
        *(_number(METRICS[key].compute(trial), key, words) for key in TRIAL_METRICS),
        Cell(text=trial.finish_reason or words("unknown")),
        Cell(text=outcome),
    )


def _trial_name(trial: Trial) -> str:
    return f"{trial.task_id}-{trial.number:02d}"


def _trial_notes(trials: Sequence[Trial], words: Words) -> tuple[str, ...]:
    """Return a sentence for each flag and each kind of interruption that occurred."""
    concerned = {
        f"flag.{key}": [trial for trial in trials if key in flags_of(trial)]
        for key in FLAGS
    }
    for trial in trials:
        for interruption in trial.interruptions:
            concerned.setdefault(f"interruption.{interruption.kind}", []).append(trial)
    return tuple(
        words("table.trial_note", what=words(key), trials=_names(found, words))
        for key, found in concerned.items()
        if found
    )


def _names(trials: Sequence[Trial], words: Words) -> str:
    """Return the trials' names, each once; one that occurs twice says so."""
    counts = Counter(map(_trial_name, trials))
    return words("list_separator").join(
        name if n == 1 else f"{name} ×{n}" for name, n in counts.items()
    )


def _steadiness(summary: ModelSummary, words: Words) -> tuple[str, ...]:
    """Return what a reader must know of the rates' spread and drift, if anything."""
    found = stability(summary.trials)
    notes = []
    if found.is_unstable and found.sd_ratio is not None:
        spread = words.quantity(found.sd_ratio * 100, "percent", 0)
        notes.append(words("note.unstable", spread=spread))
    if found.drift is not None:
        tau = words.number(found.drift.tau, 2).replace("-", MINUS)
        p = words.number(found.drift.p, 3)
        notes.append(words("note.drift", tau=tau, p=p))
    return tuple(notes)
