"""The command ``verify``: what it takes, what it shows, how it ends."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collector.verification.sandbox.protocol import Sandbox

EXIT_SOME_FAILED = 3

# In a docstring the \\b that keeps click from wrapping lines would have to be raw text.
_HELP = """\
Run the answers' code in a sandbox and save what each case found.

What is up to date is passed over: an interrupted call just starts again.

\b
Examples:
  seikaku verify
  seikaku verify --run 2026-11-24T120000Z --tier wasi
"""


def verify_command(command: type[click.Command]) -> click.Command:
    """Return the command ``verify``.

    Args:
        command: Turns the collector's errors into messages and exit codes.
    """

    @click.option(
        "--content",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("content"),
        show_default=True,
        help="Folder with tasks/ and records/.",
    )
    @click.option(
        "--run", "run_id", help="The run to judge.  [default: the newest measured]"
    )
    @click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        default=max(1, os.cpu_count() or 1),
        show_default="processors",
        help="Cases run at the same time.",
    )
    @click.option("--tier", help="Use this sandbox or none: bubblewrap, wasi.")
    @click.option(
        "--unsafe-run-without-sandbox",
        "is_unsafe",
        is_flag=True,
        help="Run generated code with all your rights. Only in a throw-away machine.",
    )
    @click.option("--json", "as_json", is_flag=True, help="For programs.")
    @click.option(
        "--check-tasks",
        is_flag=True,
        help="Judge the tasks' own reference answers instead of a run.",
    )
    def verify(*, check_tasks: bool, **options: Any) -> None:
        """Judge a run, or the tasks themselves."""
        if check_tasks and options["run_id"]:
            raise click.UsageError("--check-tasks judges no run: leave --run out")
        if check_tasks:
            _check_tasks(options)
        else:
            _verify(options)

    return click.command(cls=command, help=_HELP)(verify)


def _verify(options: dict[str, Any]) -> None:
    from collector.resources import packaged_tasks  # noqa: PLC0415 - starts faster
    from collector.verification import verify_run  # noqa: PLC0415 - likewise
    from collector.verification.show import make_display  # noqa: PLC0415 - likewise

    content: Path = options["content"]
    records = content / "records"
    run_id = options["run_id"] or verify_run.newest_measured(records)
    work = verify_run.read_work(records, run_id, [content / "tasks", packaged_tasks()])
    for bad in work.bad:
        click.echo(f"left out: {bad}", err=True)
    with make_display(
        sys.stderr, os.environ, total=len(work.items), as_json=options["as_json"]
    ) as display:
        verify_run.judge_all(
            work,
            records,
            _opener(options),
            jobs=options["jobs"],
            on_verdict=display.on_verdict,
        )
    click.echo(f"run {run_id}: {display.summary()}", err=True)
    if work.bad or display.n_not_executed:
        click.get_current_context().exit(EXIT_SOME_FAILED)


def _check_tasks(options: dict[str, Any]) -> None:
    from collector.resources import packaged_tasks  # noqa: PLC0415 - starts faster
    from collector.verification.check_tasks import (  # noqa: PLC0415 - likewise
        check_task,
        list_tasks,
    )

    folders = [options["content"] / "tasks", packaged_tasks()]
    sandbox = _opener(options)()
    for folder in list_tasks(folders):
        suite, findings = check_task(folder, sandbox, jobs=options["jobs"])
        n_counted = sum(case.is_counted for case in suite.cases)
        if options["as_json"]:
            cases = [case.model_dump(mode="json") for case in findings.cases]
            line = {"task_id": suite.task_id, "sha256": suite.sha256, "cases": cases}
            click.echo(json.dumps(line, ensure_ascii=False))
        else:
            click.echo(
                f"{folder}: {len(suite.cases)} cases, {n_counted} counted: "
                f"the reference passes, called as {findings.call}"
            )


def _opener(options: dict[str, Any]) -> Callable[[], "Sandbox"]:
    from collector.verification.sandbox.choose import open_sandbox  # noqa: PLC0415 - starts faster

    def open_it() -> "Sandbox":
        if options["is_unsafe"]:
            click.echo(
                "warning: generated code runs WITHOUT A SANDBOX, with all your rights",
                err=True,
            )
        return open_sandbox(
            env=os.environ, unsafe=options["is_unsafe"], prefer=options["tier"]
        )

    return open_it
