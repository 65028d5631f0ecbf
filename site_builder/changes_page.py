"""What a run changes against an earlier one, as a page in one language."""

from collections.abc import Sequence

from collector.record import Run
from site_builder.analysis.changes import (
    MIN_COVERAGE,
    Changes,
    ClaimChange,
    Level,
    MetricChange,
)
from site_builder.changes import condition_changes
from site_builder.claim_table import verdict_cell
from site_builder.claims.amounts import (
    metric_name,
    metric_number,
    percent,
    range_text,
    unit_label,
)
from site_builder.claims.wording import Names, assertion_text
from site_builder.load import Sources
from site_builder.model import Cell, ChangesPage, ChangesSection, Head, Table
from site_builder.places import changes_path, language_links
from site_builder.words import Words

SIGNED_PERCENT = {True: "+", False: "\N{MINUS SIGN}"}


def changes_page(
    sources: Sources, words: Words, changes: Changes, *, names: Names
) -> ChangesPage:
    """Return the page about changes.

    Args:
        sources: What the site is made of.
        words: The page's language.
        changes: The run shown, held against an earlier one.
        names: Of every model that a claim may be about.
    """
    before, after = changes.before.run.run, changes.after.run.run
    return ChangesPage(
        head=Head(
            path=changes_path(words.language),
            language=words.language,
            title=words("changes.title"),
            description=words("changes.description"),
            languages=language_links(sources, changes_path),
            default_path=changes_path(sources.languages[0].words.language),
        ),
        title=words("changes.title"),
        texts=(
            words(
                "changes.runs",
                **_run_fields("before", before, words),
                **_run_fields("after", after, words),
            ),
        ),
        warnings=(
            () if before.source == after.source else (words("changes.sources_differ"),)
        ),
        sections=(
            _claims_section(changes, words, names=names),
            _figures_section(changes, words),
            _conditions_section(changes, words),
        ),
    )


def _run_fields(side: str, run: Run, words: Words) -> dict[str, str]:
    date = run.started_at
    return {
        side: run.run_id,
        f"{side}_source": words(f"source.{run.source}"),
        f"{side}_date": words("changes.no_date")
        if date is None
        else words.date(date.date()),
    }


def _claims_section(changes: Changes, words: Words, *, names: Names) -> ChangesSection:
    n = words.number(len(changes.claims), 0)
    flipped = changes.flipped
    return ChangesSection(
        anchor="claims",
        title=words("changes.claims_title"),
        texts=() if flipped else (words("changes.claims_none", n=n),),
        table=_table(
            "claims",
            words,
            ("statement", "before", "after"),
            [_claim_row(change, words, names=names) for change in flipped],
            notes=(words("changes.claims_note", n=n),),
        ),
    )


def _claim_row(change: ClaimChange, words: Words, *, names: Names) -> tuple[Cell, ...]:
    return (
        Cell(text=assertion_text(change.after.claim, words, names)),
        verdict_cell(change.before, words),
        verdict_cell(change.after, words),
    )


def _figures_section(changes: Changes, words: Words) -> ChangesSection:
    note = words(
        "changes.figures_note",
        coverage=percent(MIN_COVERAGE, words),
        n=words.number(changes.n_decided, 0),
        expected=words.number(changes.expected_by_chance, 2),
    )
    return ChangesSection(
        anchor="figures",
        title=words("changes.figures_title"),
        texts=() if changes.metrics else (words("changes.figures_none"),),
        table=_table(
            "figures",
            words,
            ("model", "metric", "movement", "before", "after", "change"),
            [_figure_row(change, words) for change in changes.metrics],
            notes=(note,),
        ),
    )


def _figure_row(change: MetricChange, words: Words) -> tuple[Cell, ...]:
    metric = words(
        "table.head",
        label=metric_name(change.metric, words),
        unit=unit_label(change.metric, words),
    )
    return (
        Cell(text=change.name),
        Cell(text=metric),
        Cell(
            text=words(f"changes.movement.{change.movement}"),
            symbol=words(f"changes.symbol.{change.movement}"),
            mark=f"move-{change.movement.replace('_', '-')}",
        ),
        Cell(text=_level_text(change.before, change.metric, words), is_number=True),
        Cell(text=_level_text(change.after, change.metric, words), is_number=True),
        Cell(text=_difference(change, words), is_number=True),
    )


def _level_text(level: Level | None, metric: str, words: Words) -> str:
    """Return a median with its interval and trials, in the metric's unit."""
    if level is None:
        return words("unknown")
    median, found = metric_number(metric, level.median, words), level.interval
    n = words.number(0 if found is None else found.n, 0)
    if found is None or found.n == 1:
        return words("changes.median", median=median, n=n)
    interval = range_text(metric, found.low, found.high, words)
    return words("changes.median_interval", median=median, interval=interval, n=n)


def _difference(change: MetricChange, words: Words) -> str:
    """Return the change of the median in percent, where it may be compared."""
    before, after = change.before, change.after
    if before is None or after is None or before.median == 0:
        return words("no_range")
    if change.movement == "incomparable":
        return words("no_range")
    change_percent = 100 * (after.median / before.median - 1)
    size = words.quantity(abs(change_percent), "percent", 1)
    if size == words.quantity(0, "percent", 1):
        return size
    return SIGNED_PERCENT[change_percent > 0] + size


def _conditions_section(changes: Changes, words: Words) -> ChangesSection:
    found = condition_changes(changes, words)
    return ChangesSection(
        anchor="conditions",
        title=words("changes.conditions_title"),
        texts=() if found else (words("changes.conditions_none"),),
        table=_table(
            "conditions",
            words,
            ("condition", "before", "after"),
            [
                (
                    Cell(text=change.label),
                    Cell(text=change.before or words("unknown")),
                    Cell(text=change.after or words("unknown")),
                )
                for change in found
            ],
            notes=(words("changes.conditions_note"),),
        ),
    )


def _table(
    name: str,
    words: Words,
    heads: Sequence[str],
    rows: Sequence[tuple[Cell, ...]],
    *,
    notes: tuple[str, ...],
) -> Table | None:
    """Return a table, or None where it would be empty."""
    if not rows:
        return None
    is_figures = name == "figures"
    numbers = {"before", "after", "change"} if is_figures else set()
    return Table(
        table_id=f"changes-{name}",
        caption=words(f"changes.{name}_caption"),
        head=tuple(
            Cell(text=words(f"changes.head_{head}"), is_number=head in numbers)
            for head in heads
        ),
        rows=tuple(rows),
        notes=notes,
    )
