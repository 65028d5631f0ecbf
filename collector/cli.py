"""The collector's commands; the only place where its errors become exit codes."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from collector.errors import CollectorError

EXIT_MENDABLE = 1
EXIT_SOME_FAILED = 3
EXIT_INTERRUPTED = 130


class Command(click.Command):
    """A command that turns the collector's errors into messages and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a mendable error ends it with 1, an interrupt with 130."""
        try:
            return super().invoke(ctx)
        except CollectorError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(EXIT_MENDABLE)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(EXIT_INTERRUPTED)


@click.group()
@click.version_option(package_name="seikaku")
def cli() -> None:
    """Measure models served over HTTP and save versioned records."""


@cli.command(cls=Command)
@click.option(
    "--content",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("content"),
    show_default=True,
    help="Folder with plan.toml and tasks/; records go to its records/.",
)
@click.option(
    "--plan",
    "plan_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The plan, if it is not CONTENT/plan.toml.",
)
@click.option("--server", help="The server's address, in place of the plan's.")
@click.option(
    "--model", "models", multiple=True, help="Only this model of the plan; repeatable."
)
@click.option("--rounds", type=click.IntRange(1, 1000), help="In place of the plan's.")
@click.option("--trials", type=click.IntRange(1, 1000), help="In place of the plan's.")
@click.option("--run", "run_id", help="Name of the new run.  [default: the time, UTC]")
@click.option("--dry-run", is_flag=True, help="Show the schedule, send nothing.")
def collect(**options: Any) -> None:
    """Measure the plan's models and save each trial as it finishes.

    Example: seikaku collect --server http://127.0.0.1:1234 --model qwen3-vl-4b
    """
    from collector.collect import Choices, collect_run, show_schedule  # noqa: PLC0415

    choices = Choices(**{**options, "run_id": options["run_id"] or _run_id_now()})
    if choices.dry_run:
        show_schedule(choices, out=sys.stdout)
        return
    n_failed = collect_run(choices, err=sys.stderr)
    if n_failed:
        click.get_current_context().exit(EXIT_SOME_FAILED)


@cli.command(cls=Command)
def schema() -> None:
    """Print the JSON Schema of the records."""
    from collector.record import record_schema  # noqa: PLC0415 - pydantic is slow

    click.echo(record_schema(), nl=False)


def _run_id_now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
