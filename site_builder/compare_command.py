"""``seikaku compare``: two runs held against each other, in the terminal or as JSON."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from collector.record import Run
    from collector.store import BadRecord, LoadedRun
    from site_builder.analysis.changes import Changes, Level, MetricChange
    from site_builder.changes import ConditionChange
    from site_builder.claims.registry import Registry

UNKNOWN = "–"

MOVEMENT_WORDS = {
    "rose": "rose",
    "fell": "fell",
    "steady": "not distinguishable",
    "undecidable": "too few trials",
    "incomparable": "not comparable",
    "before_only": "only in the first",
    "after_only": "only in the second",
}
SOURCES_DIFFER = (
    "The sources differ: figures of different sources were not measured in one way."
)


def compare_command(
    command: type[click.Command],
    content_folder: Callable[[Path | None], Path],
    name_bad: Callable[[tuple["BadRecord", ...]], None],
) -> click.Command:
    """Return the command ``compare``.

    Args:
        command: Turns the builder's errors into messages.
        content_folder: Returns the folder meant where none is given.
        name_bad: Names records that were left out.
    """

    @click.command("compare", cls=command)
    @click.argument("run_a")
    @click.argument("run_b")
    @click.option(
        "--content",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder with the claims and the records.  "
        "[default: content here, or the one that comes with seikaku]",
    )
    @click.option("--json", "as_json", is_flag=True, help="For programs.")
    def compare(
        run_a: str,
        run_b: str,
        content: Path | None,
        as_json: bool,  # noqa: FBT001 - click passes options by name
    ) -> None:
        """Hold RUN_B against RUN_A: figures that moved, claims that flipped.

        A figure has moved if the exact intervals of its two medians lie apart.

        Example: seikaku compare published my-rig
        """
        changes, conditions = compare_folders(content_folder(content), run_a, run_b)
        name_bad((*changes.before.run.bad, *changes.after.run.bad))
        if as_json:
            click.echo(changes_json(changes, conditions))
            return
        from rich.console import Console  # noqa: PLC0415 - slow to import

        print_changes(changes, conditions, console=Console(file=sys.stdout))

    return compare


def compare_folders(
    content: Path, run_a: str, run_b: str
) -> tuple["Changes", tuple["ConditionChange", ...]]:
    """Return what the second run of a content folder changes against the first.

    Raises:
        ContentError: A run is not there, or the list of claims is wrong.
        SiteError: ruff is not installed.
    """
    from site_builder.analysis.changes import compare_runs  # noqa: PLC0415 - starts
    from site_builder.changes import (  # noqa: PLC0415 - in 0.1 s without
        condition_changes,
        view_run,
    )
    from site_builder.load import choose_run, load_chosen  # noqa: PLC0415 - likewise
    from site_builder.resources import packaged_content  # noqa: PLC0415 - likewise
    from site_builder.words import read_words  # noqa: PLC0415 - likewise

    records = content / "records"
    before, after = (
        load_chosen(records, choose_run(records, wanted)[0])
        for wanted in (run_a, run_b)
    )
    registry = _registry(content, before, after)
    changes = compare_runs(view_run(before, registry), view_run(after, registry))
    # The terminal speaks English, whatever languages the site has.
    words = read_words(packaged_content() / "en" / "strings.toml")
    return changes, condition_changes(changes, words)


def _registry(content: Path, before: "LoadedRun", after: "LoadedRun") -> "Registry":
    """Return the claims; a folder that only collected has none.

    Raises:
        ContentError: One of them is wrong, or the site's texts cannot be read.
    """
    from site_builder.claims.registry import (  # noqa: PLC0415 - starts faster
        Registry,
        read_registry,
    )
    from site_builder.config import read_config  # noqa: PLC0415 - likewise
    from site_builder.errors import ContentError  # noqa: PLC0415 - likewise
    from site_builder.load import load  # noqa: PLC0415 - likewise

    path = content / "claims.toml"
    if not path.is_file():
        return Registry(path=path, claims={})
    sources = load(
        content,
        records=content / "records",
        config=read_config(content / "site.toml"),
        run_id=after.run.run_id,
    )
    models = {model.model_id for model in before.run.models}
    registry, problems = read_registry(path, models=sources.known_models | models)
    if problems:
        raise ContentError("\n".join(map(str, problems)))
    return registry


def changes_json(changes: "Changes", conditions: tuple["ConditionChange", ...]) -> str:
    """Return the changes as JSON text."""
    before, after = changes.before.run.run, changes.after.run.run
    rows = {
        "before": _run(before),
        "after": _run(after),
        "is_same_source": before.source == after.source,
        "metrics": [_metric(change) for change in changes.metrics],
        "n_decided": changes.n_decided,
        "expected_by_chance": changes.expected_by_chance,
        "claims": [
            {
                "id": change.after.claim.claim_id,
                "assertion": change.after.claim.assertion,
                "before": change.before.standing,
                "after": change.after.standing,
                "is_flipped": change.is_flipped,
            }
            for change in changes.claims
        ],
        "conditions": [
            {"key": c.key, "before": c.before, "after": c.after} for c in conditions
        ],
        "before_only": list(changes.before_only),
        "after_only": list(changes.after_only),
    }
    return json.dumps(rows, ensure_ascii=False, indent=2)


def print_changes(
    changes: "Changes",
    conditions: tuple["ConditionChange", ...],
    *,
    console: "Console",
) -> None:
    """Print what moved, what flipped and what differs; never a silent mixture."""
    from rich.text import Text  # noqa: PLC0415 - slow to import

    before, after = changes.before.run.run, changes.after.run.run
    lines = [f"first: {_headline(before)}", f"second: {_headline(after)}"]
    if before.source != after.source:
        lines.append(SOURCES_DIFFER)
    for line in lines:
        console.print(Text(line))
    console.print(_metrics_table(changes))
    lines = [
        f"Comparisons that could show a move: {changes.n_decided}.",
        f"Moves to expect by chance: {changes.expected_by_chance:.2f}.",
        f"Claims: {len(changes.claims)}, changed: {len(changes.flipped)}.",
    ]
    lines += [
        f"  {change.after.claim.claim_id}: {change.before.standing} → "
        f"{change.after.standing} ({change.after.claim.assertion})"
        for change in changes.flipped
    ]
    lines.append(f"Conditions that differ: {len(conditions)}.")
    lines += [
        f"  {c.label}: {c.before or 'unknown'} → {c.after or 'unknown'}"
        for c in conditions
    ]
    for line in lines:
        console.print(Text(line))


def _metrics_table(changes: "Changes") -> "Table":
    from rich.table import Table  # noqa: PLC0415 - slow to import
    from rich.text import Text  # noqa: PLC0415 - likewise

    table = Table()
    table.add_column("model")
    table.add_column("metric")
    for head in ("first", "second"):
        table.add_column(head, justify="right")
    table.add_column("finding")
    for change in changes.metrics:
        table.add_row(
            # Names may hold square brackets: rich would take them as markup.
            Text(change.name),
            change.metric,
            Text(_level(change.before)),
            Text(_level(change.after)),
            MOVEMENT_WORDS[change.movement],
        )
    return table


def _level(level: "Level | None") -> str:
    if level is None:
        return UNKNOWN
    found = level.interval
    if found is None or found.n == 1:
        return f"{level.median:.4g}"
    return f"{level.median:.4g} [{found.low:.4g}, {found.high:.4g}] n={found.n}"


def _metric(change: "MetricChange") -> dict[str, Any]:
    return {
        "model": change.model_id,
        "metric": change.metric,
        "before": _level_row(change.before),
        "after": _level_row(change.after),
        "movement": change.movement,
        "chance": change.chance,
    }


def _level_row(level: "Level | None") -> dict[str, Any] | None:
    if level is None:
        return None
    found = level.interval
    return {
        "median": level.median,
        "low": None if found is None else found.low,
        "high": None if found is None else found.high,
        "coverage": None if found is None else found.coverage,
        "n": 0 if found is None else found.n,
    }


def _run(run: "Run") -> dict[str, Any]:
    date = None if run.started_at is None else run.started_at.isoformat()
    return {"run": run.run_id, "source": run.source, "started_at": date}


def _headline(run: "Run") -> str:
    date = "no date" if run.started_at is None else run.started_at.date().isoformat()
    return f"{run.run_id} ({run.source}, {date})"
