"""``seikaku runs``: what was measured, and which of it the site shows."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from site_builder.errors import ContentError, SiteError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from collector.record import Run
    from collector.store import BadRecord

UNKNOWN = "–"


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """A run as it is listed.

    Attributes:
        n_counted: Trials that count; warm-ups never do.
        n_failed: Trials that do not count.
        is_shown: Whether the site shows it.
    """

    run: "Run"
    n_counted: int
    n_failed: int
    is_shown: bool


@dataclass(frozen=True, kw_only=True)
class RunList:
    """The runs of a content folder.

    Attributes:
        rows: The newest first; those without a date last.
        bad: Folders and files that cannot be used.
        not_shown: Why the site shows none of them; empty: it shows one.
    """

    rows: tuple[RunRow, ...]
    bad: tuple["BadRecord", ...]
    not_shown: str


def runs_command(
    cls: type[click.Command],
    content_folder: Callable[[Path | None], Path],
    name_bad: Callable[[tuple["BadRecord", ...]], None],
) -> click.Command:
    """Return the command ``runs``.

    Args:
        cls: Turns the builder's errors into messages.
        content_folder: Returns the folder meant where none is given.
        name_bad: Names records that were left out.
    """

    @click.command("runs", cls=cls)
    @click.option(
        "--content",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder with the records.  "
        "[default: content here, or the one that comes with seikaku]",
    )
    @click.option("--json", "as_json", is_flag=True, help="For programs.")
    def runs(
        content: Path | None,
        as_json: bool,  # noqa: FBT001 - click passes options by name
    ) -> None:
        """List the runs, and say which one the site shows.

        Example: seikaku runs
        """
        found = read_runs(content_folder(content))
        name_bad(found.bad)
        if as_json:
            click.echo(runs_json(found))
            return
        from rich.console import Console  # noqa: PLC0415 - slow to import

        print_runs(found, console=Console(file=sys.stdout))

    return runs


def read_runs(content: Path) -> RunList:
    """Read every run of a content folder.

    Raises:
        ContentError: There is no such folder.
    """
    from collector.store import list_runs, load_run  # noqa: PLC0415 - starts faster

    if not content.is_dir():
        raise ContentError(
            f"{content}: there is no such folder: give it with --content"
        )
    records = content / "records"
    listed, bad = list_runs(records)
    shown, not_shown = _shown(content, {entry.run.run_id for entry in listed})
    rows = []
    for entry in listed:
        loaded = load_run(records, entry.run.run_id)
        bad += loaded.bad
        asked = [trial for trial in loaded.trials if not trial.is_warmup]
        n_failed = sum(trial.failure is not None for trial in asked)
        rows.append(
            RunRow(
                run=entry.run,
                n_counted=len(asked) - n_failed,
                n_failed=n_failed,
                is_shown=entry.run.run_id == shown,
            )
        )
    rows.sort(key=_newest_first)
    bad += _without_record(records)
    return RunList(rows=tuple(rows), bad=tuple(bad), not_shown=not_shown)


def runs_json(found: RunList) -> str:
    """Return the runs as JSON text."""
    rows = {
        "runs": [_row(row) for row in found.rows],
        "bad": [{"path": str(b.path), "reason": b.reason} for b in found.bad],
    }
    return json.dumps(rows, ensure_ascii=False, indent=2)


def print_runs(found: RunList, *, console: "Console") -> None:
    """Print a line a run, and what to know of the one that is shown."""
    from rich.text import Text  # noqa: PLC0415 - slow to import

    if found.rows:
        console.print(_table(found.rows))
    else:
        console.print(Text("no runs yet: run seikaku collect"))
    if found.not_shown and found.rows:
        console.print(Text(f"the site shows none of them: {found.not_shown}"))


def _shown(content: Path, known: set[str]) -> tuple[str | None, str]:
    """Return the run that the site shows, or why it shows none."""
    from site_builder.config import LATEST, read_config  # noqa: PLC0415 - likewise
    from site_builder.load import choose_run  # noqa: PLC0415 - likewise

    settings = content / "site.toml"
    try:
        # A folder that only collected has no site yet.
        wanted = read_config(settings).run if settings.is_file() else LATEST
        chosen, _ = choose_run(content / "records", wanted)
    except SiteError as error:
        return None, str(error)
    if chosen not in known:
        return None, f"{settings}: names the run {chosen!r}, which is not here"
    return chosen, ""


def _without_record(records: Path) -> Iterator["BadRecord"]:
    """Yield the folders that hold files, but no run's record."""
    from collector.store import BadRecord, run_path  # noqa: PLC0415 - starts faster

    for folder in sorted(records.glob("*")):
        path = run_path(records, folder.name)
        if folder.name.startswith(".") or not folder.is_dir() or path.exists():
            continue
        if any(file.is_file() for file in folder.rglob("*")):
            reason = "has no run.json: restore it or delete the folder"
            yield BadRecord(path=folder, reason=reason)


def _newest_first(row: RunRow) -> tuple[float, str]:
    started_at = row.run.started_at
    age = -started_at.timestamp() if started_at is not None else float("inf")
    return age, row.run.run_id


def _row(row: RunRow) -> dict[str, Any]:
    run = row.run
    return {
        "run": run.run_id,
        "started_at": None if run.started_at is None else run.started_at.isoformat(),
        "source": run.source,
        "gpu": run.rig.gpu,
        "cpu": run.rig.cpu,
        "server": run.server.name,
        "server_version": run.server.version,
        "models": [model.model_id for model in run.models],
        "n_counted": row.n_counted,
        "n_failed": row.n_failed,
        "is_shown": row.is_shown,
    }


def _table(rows: tuple[RunRow, ...]) -> "Table":
    from rich.table import Table  # noqa: PLC0415 - slow to import
    from rich.text import Text  # noqa: PLC0415 - likewise

    # Without lines, and a model a line, it fits into 80 columns.
    table = Table(box=None, pad_edge=False)
    for head in ("run", "date", "source"):
        table.add_column(head, no_wrap=True)
    table.add_column("rig", overflow="fold")
    for head in ("models", "trials", "site"):
        table.add_column(head, no_wrap=True)
    for row in rows:
        run = row.run
        date = UNKNOWN if run.started_at is None else f"{run.started_at:%Y-%m-%d}"
        failed = f", {row.n_failed} failed" if row.n_failed else ""
        cells = (
            run.run_id,
            date,
            run.source,
            run.rig.gpu or run.rig.cpu or UNKNOWN,
            "\n".join(model.model_id for model in run.models),
            f"{row.n_counted}{failed}",
            "shown" if row.is_shown else "",
        )
        # Names may hold square brackets: rich would take them as markup.
        table.add_row(*map(Text, cells))
    return table
