"""The collector's commands; the only place where its errors become exit codes."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.errors import CollectorError
from collector.verification.command import verify_command
from collector.verification.sandbox.command import sandbox_group

if TYPE_CHECKING:
    from collector.choices import Choices
    from collector.collect import Result

EXIT_MENDABLE = 1
EXIT_SOME_FAILED = 3
EXIT_INTERRUPTED = 130

_RESUMED_WITH = ("models", "rounds", "trials", "run_id", "pilot")
"""Choices that a run to be resumed has made already."""

_COLLECT_HELP = """Measure the plan's models and save each trial as it finishes.

\b
Examples:
  seikaku collect --server http://127.0.0.1:1234 --model qwen3-vl-4b
  seikaku collect --resume
"""


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


content_option = click.option(
    "--content",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("content"),
    show_default=True,
    help="Folder with plan.toml and tasks/; records go to its records/.",
)
plan_option = click.option(
    "--plan",
    "plan_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The plan, if it is not CONTENT/plan.toml.",
)
server_option = click.option(
    "--server", help="The server's address, in place of the plan's."
)


@click.group()
@click.version_option(package_name="seikaku")
def cli() -> None:
    """Measure models served over HTTP and save versioned records."""


def collect_command(then: Callable[["Choices", "Result"], None]) -> click.Command:
    """Return the ``collect`` command.

    Args:
        then: Called with what was chosen and what came of it, unless the output is
            for programs.
    """

    @content_option
    @plan_option
    @server_option
    @click.option(
        "--model",
        "models",
        multiple=True,
        help="Only this model of the plan; repeatable.",
    )
    @click.option(
        "--rounds", type=click.IntRange(1, 1000), help="In place of the plan's."
    )
    @click.option(
        "--trials", type=click.IntRange(1, 1000), help="In place of the plan's."
    )
    @click.option(
        "--run", "run_id", help="Name of the new run.  [default: the time, UTC]"
    )
    @click.option(
        "--resume",
        is_flag=False,
        flag_value="",  # choices.LATEST
        metavar="[RUN]",
        help="Go on with this run, or with the newest unfinished one.",
    )
    @click.option(
        "--pilot",
        is_flag=True,
        help="Six trials of one model: how many trials does the plan need?",
    )
    @click.option(
        "--calibrate/--no-calibrate",
        default=None,
        help="Determine our own measuring error first.  [default: as the plan says]",
    )
    @click.option("--json", "as_json", is_flag=True, help="For programs.")
    @click.option("--dry-run", is_flag=True, help="Show the schedule, send nothing.")
    def collect(**options: Any) -> None:
        """Measure what the options say."""
        _collect(options, then=then)

    return click.command(cls=Command, help=_COLLECT_HELP)(collect)


def _collect(
    options: dict[str, Any], *, then: Callable[["Choices", "Result"], None]
) -> None:
    if options["resume"] is not None:
        doubled = [name for name in _RESUMED_WITH if options[name]]
        if doubled:
            names = ", ".join(f"--{name.removesuffix('_id')}" for name in doubled)
            raise click.UsageError(
                f"--resume goes on as the run was begun, without {names}"
            )
    as_json, is_pilot, is_dry = (
        options.pop(name) for name in ("as_json", "pilot", "dry_run")
    )
    from collector.choices import Choices  # noqa: PLC0415 - starts faster without

    run_id = options.pop("run_id") or _run_id_now()
    choices = Choices(**options, run_id=run_id)
    if is_dry:
        from collector.choices import schedule_lines  # noqa: PLC0415 - likewise

        click.echo("\n".join(schedule_lines(choices)))
        return
    if is_pilot:
        from collector.choices import for_pilot  # noqa: PLC0415 - likewise

        pilot, choices = choices, for_pilot(choices)
    result = _run(choices, as_json=as_json)
    if is_pilot:
        from collector.collect import pilot_lines  # noqa: PLC0415 - likewise

        click.echo("\n".join(pilot_lines(pilot, result)), err=as_json)
    elif not as_json:
        then(choices, result)
    click.echo(
        f"saved in {result.folder}; trials that do not count: {result.n_failed}",
        err=True,
    )
    if result.n_failed:
        click.get_current_context().exit(EXIT_SOME_FAILED)


def _run(choices: "Choices", *, as_json: bool) -> "Result":
    from collector.collect import collect_run  # noqa: PLC0415 - starts faster without
    from collector.json_lines import JsonLines  # noqa: PLC0415 - likewise
    from collector.progress import make_watcher  # noqa: PLC0415 - likewise

    return collect_run(
        choices,
        watch=lambda plan: (
            JsonLines(sys.stdout, sys.stderr)
            if as_json
            else make_watcher(sys.stderr, os.environ, plan)
        ),
        tell=lambda line: click.echo(line, err=True),
    )


cli.add_command(collect_command(lambda _choices, _result: None), "collect")
cli.add_command(verify_command(Command), "verify")
cli.add_command(sandbox_group(Command), "sandbox")


@cli.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def selftest(*, as_json: bool) -> None:
    """Measure our own error on this machine, against a server that tells the truth.

    The embedded server streams known schedules over loopback; the code that measures
    models measures them. It takes about 3 s.
    """
    from collector.calibration.calibrate import describe  # noqa: PLC0415 - starts faster without
    from collector.measure import Clocks  # noqa: PLC0415 - likewise
    from collector.selftest import selftest as run_selftest  # noqa: PLC0415 - likewise

    calibration = run_selftest(Clocks())
    if as_json:
        content = calibration.model_dump(mode="json")
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
    else:
        click.echo(describe(calibration))


@cli.command(cls=Command)
@content_option
@plan_option
@server_option
@click.option(
    "--capture",
    "capture_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save one raw exchange here, for a bug report; without secrets.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(*, capture_path: Path | None, as_json: bool, **options: Any) -> None:
    """Say what stands in the way of measuring, and how to mend it.

    Nothing is loaded or changed; but --capture sends one short fixed question, for
    which a server may load the plan's first model.

    Example: seikaku doctor --server http://127.0.0.1:1234
    """
    from rich.console import Console  # noqa: PLC0415 - starts faster without

    from collector.choices import Choices, planned  # noqa: PLC0415 - likewise
    from collector.doctor import visit  # noqa: PLC0415 - likewise
    from collector.doctor.finding import exit_code  # noqa: PLC0415 - likewise
    from collector.doctor.show import (  # noqa: PLC0415 - likewise
        findings_json,
        print_findings,
    )

    choices = Choices(**options, run_id="doctor")
    trip = visit.plan_visit(
        planned(choices), env=os.environ, encoding=sys.stdout.encoding
    )
    findings = visit.find(trip, records=choices.records_folder)
    if as_json:
        click.echo(findings_json(findings), nl=False)
    else:
        print_findings(findings, Console(file=sys.stdout))
    if capture_path is not None:
        exchange = visit.save_capture(trip, capture_path)
        went = "whole" if exchange.failure is None else exchange.failure.message
        click.echo(f"{capture_path}: one exchange saved ({went})", err=True)
    click.get_current_context().exit(exit_code(findings))


@cli.command(cls=Command)
def schema() -> None:
    """Print the JSON Schema of the records."""
    from collector.record import record_schema  # noqa: PLC0415 - pydantic is slow

    click.echo(record_schema(), nl=False)


def _run_id_now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
