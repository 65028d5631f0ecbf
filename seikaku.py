"""The one command: what both packages offer, and ``demo``, which needs both."""

import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from collector.cli import Command as CollectorCommand
from collector.cli import cli as collector_cli
from collector.errors import StorageError
from site_builder.cli import Command as BuilderCommand
from site_builder.cli import cli as builder_cli

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
    from collector.collect import Choices, collect_run  # noqa: PLC0415 - starts faster
    from collector.demo import demo_server  # noqa: PLC0415 - likewise
    from site_builder.build import BuildPlan, build  # noqa: PLC0415 - likewise
    from site_builder.resources import (  # noqa: PLC0415 - likewise
        packaged_content,
        packaged_templates,
    )

    records = output.with_name(f"{output.name}-records")
    _clear(records / DEMO_RUN_ID)
    with demo_server() as base_url:
        n_failed = collect_run(
            Choices(
                content=packaged_content(),
                plan_path=Path(str(files("collector.demo"))) / "plan.toml",
                server=base_url,
                models=(),
                rounds=None,
                trials=None,
                run_id=DEMO_RUN_ID,
                dry_run=False,
                records=records,
                source="demo",
            ),
            err=sys.stderr,
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
    if n_failed:
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


for _name, _command in {**collector_cli.commands, **builder_cli.commands}.items():
    cli.add_command(_command, _name)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; a console without Japanese shows question marks."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    return cli(arguments, prog_name="seikaku")


if __name__ == "__main__":
    main()
