"""The one command: what both packages offer, and ``demo``, which needs both."""

import os
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.cli import Command as CollectorCommand
from collector.cli import cli as collector_cli
from collector.cli import collect_command
from collector.errors import StorageError
from site_builder.cli import Command as BuilderCommand
from site_builder.cli import cli as builder_cli

if TYPE_CHECKING:
    from collector.choices import Choices
    from collector.collect import Result

DEMO_RUN_ID = "demo"


class DemoCommand(CollectorCommand, BuilderCommand):
    """A command that may end with an error of either package."""


@click.group()
@click.version_option(package_name="seikaku")
def cli() -> None:
    """Measure local models and publish an article whose numbers cannot go stale."""


@cli.command(cls=DemoCommand)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("output/demo"),
    show_default=True,
    help="Folder of the site; the records go to the folder OUTPUT-records beside it.",
)
def demo(output: Path) -> None:
    """Measure four scripted models over HTTP and build the site from the records.

    No model is needed: a small server inside the package speaks LM Studio's protocol.
    """
    from collector.choices import Choices  # noqa: PLC0415 - starts faster
    from collector.collect import collect_run  # noqa: PLC0415 - likewise
    from collector.demo import demo_server  # noqa: PLC0415 - likewise
    from collector.progress import make_watcher  # noqa: PLC0415 - likewise
    from site_builder.build import BuildPlan, build  # noqa: PLC0415 - likewise
    from site_builder.resources import (  # noqa: PLC0415 - likewise
        packaged_content,
        packaged_templates,
    )

    records = output.with_name(f"{output.name}-records")
    _clear(records / DEMO_RUN_ID)
    with demo_server() as base_url:
        result = collect_run(
            Choices(
                content=packaged_content(),
                plan_path=Path(str(files("collector.demo"))) / "plan.toml",
                server=base_url,
                run_id=DEMO_RUN_ID,
                records=records,
                source="demo",
            ),
            watch=lambda plan: make_watcher(sys.stderr, os.environ, plan),
            tell=lambda line: click.echo(line, err=True),
        )
    build(
        BuildPlan(
            content=packaged_content(),
            records=records,
            templates=packaged_templates(),
            output=output,
            run_id=DEMO_RUN_ID,
            base_url="",
        )
    )
    click.echo(f"demo data, no real model: open {output / 'index.html'}")
    click.echo(f"its records: {records / DEMO_RUN_ID}")
    if result.n_failed:
        click.get_current_context().exit(3)


def _clear(folder: Path) -> None:
    """Remove an earlier demo's records."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(
            f"{folder}: an earlier demo's records cannot be removed "
            f"({error.strerror}): remove them or give another --output"
        ) from error


def _report(choices: "Choices", result: "Result") -> None:
    """Print the figures of a run that was just collected."""
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from collector.store import load_run  # noqa: PLC0415 - likewise
    from site_builder.analysis.summary import summarise  # noqa: PLC0415 - likewise
    from site_builder.report import print_report  # noqa: PLC0415 - likewise

    run = load_run(choices.records_folder, result.run_id)
    print_report(run, summarise(run), console=Console(file=sys.stdout))


for _name, _command in {**collector_cli.commands, **builder_cli.commands}.items():
    cli.add_command(_command, _name)
cli.add_command(collect_command(_report), "collect")


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; a console without Japanese shows question marks."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    return cli(arguments, prog_name="seikaku")


if __name__ == "__main__":
    main()
