"""The command ``serve``.

A preview that its user stops has done what was asked: Ctrl-C ends it with 0. Only a
second Ctrl-C, which does not wait for a build under way, ends it with 130.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from site_builder.errors import ContentError

if TYPE_CHECKING:
    from site_builder.preview.session import Preview
    from site_builder.preview.shown import Shown
    from site_builder.preview.worker import Built

_FOLDER = click.Path(file_okay=False, path_type=Path)
_NAMED = 3
"""Edited files that a line names; the others are counted."""


_OPTIONS = (
    click.option(
        "--content",
        type=_FOLDER,
        help="Folder with the article and the records.  "
        "[default: content here, or the one that comes with seikaku]",
    ),
    click.option(
        "--records",
        type=_FOLDER,
        help="Folder with the runs.  [default: records in the content folder]",
    ),
    click.option("--run", "run_id", help="The run; in place of site.toml's."),
    click.option(
        "--output",
        type=_FOLDER,
        help="Write the site here too.  [default: it is kept in memory]",
    ),
    click.option(
        "--host",
        type=click.Choice(["127.0.0.1", "::1"]),
        default="127.0.0.1",
        show_default=True,
        help="Other machines never see the preview.",
    ),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=8000,
        show_default=True,
        help="The first to try; if it is taken, the next free one. 0: any.",
    ),
    click.option(
        "--open",
        "is_opening",
        is_flag=True,
        help="Open the article in a browser, and lead it to each page you edit.",
    ),
    click.option(
        "--base-url",
        help="Address the site will have; in place of site.toml's. "
        "The preview lies under the same path.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the options say; None: not given."""

    records: Path | None
    run_id: str | None
    output: Path | None
    host: str
    port: int
    is_opening: bool
    base_url: str | None


def serve_command(
    cls: type[click.Command], content_folder: Callable[[Path | None], Path]
) -> click.Command:
    """Return the command.

    Args:
        cls: Turns the builder's errors into exit codes.
        content_folder: Returns the folder given, or the one to take without.
    """

    def serve(content: Path | None, **choices: Any) -> None:
        """Show the site in a browser while you write; every save updates it.

        Example: seikaku serve --open
        """
        run(content_folder(content), Choices(**choices))

    for option in reversed(_OPTIONS):
        serve = option(serve)
    return click.command("serve", cls=cls)(serve)


def run(content: Path, choices: Choices) -> None:
    """Build, serve and follow the edits until the user stops it.

    Raises:
        SiteError: There is no such content, or no port; later faults are shown.
    """
    if not content.is_dir():
        raise ContentError(
            f"{content}: there is no such folder: give it with --content"
        )
    preview = _preview_of(content, choices)
    if choices.port not in {0, preview.port}:
        click.echo(f"port {choices.port} is taken; taking {preview.port}", err=True)
    with stopping_on_signals(preview):
        preview.run(is_ready=lambda shown: _announce(preview, shown, choices))
    click.echo("stopped")


def _preview_of(content: Path, choices: Choices) -> "Preview":
    from site_builder.build import BuildPlan  # noqa: PLC0415 - starts in 0.1 s without
    from site_builder.preview.building import build_in_memory  # noqa: PLC0415
    from site_builder.preview.output import written  # noqa: PLC0415 - likewise
    from site_builder.preview.session import (  # noqa: PLC0415 - likewise
        Preview,
        Settings,
    )
    from site_builder.resources import packaged_templates  # noqa: PLC0415 - likewise

    plan = BuildPlan(
        content=content,
        records=choices.records or content / "records",
        templates=packaged_templates(),
        output=Path(os.devnull),
        run_id=choices.run_id,
        base_url=choices.base_url,
        on_problems="report",
    )

    def build() -> Any:
        return build_in_memory(plan)

    return Preview(
        build if choices.output is None else written(build, choices.output),
        Settings(
            content=content,
            records=plan.records,
            watched=(content, plan.records, plan.templates),
            output=choices.output,
            host=choices.host,
            port=choices.port,
            is_following=choices.is_opening,
        ),
        report=report,
    )


@contextmanager
def stopping_on_signals(preview: "Preview") -> Iterator[None]:
    """Let the first signal stop the preview in order, and the second at once."""
    n_signals = 0

    def stop(_: int, __: object) -> None:
        nonlocal n_signals
        n_signals += 1
        if n_signals > 1:
            raise KeyboardInterrupt
        preview.stop()

    before = {
        number: signal.signal(number, stop)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def report(built: "Built") -> None:
    """Say what a build came to, in a line; problems go to stderr."""
    result = built.result
    cause = _cause(built.shown.edited)
    if result.files is None:
        for fault in result.problems:
            click.echo(f"error: {fault}", err=True)
        if result.trace:
            click.echo(result.trace, err=True)
        if built.shown.files is not None:
            click.echo(f"{cause}the last good site stays until it is mended", err=True)
        return
    known = built.before.problems if built.before else ()
    for fault in result.problems:
        if fault not in known:  # one that stays is not told at every save
            click.echo(f"to mend: {fault}", err=True)
    before = (built.before.files if built.before else None) or {}
    differing = sum(
        before.get(path) != result.files.get(path)
        for path in before.keys() | result.files.keys()
    )
    to_mend = f", {len(result.problems)} to mend" if result.problems else ""
    click.echo(
        f"{cause}built in {built.took_s:.2f} s, {differing} files differ{to_mend}"
    )


def _cause(edited: frozenset[Path]) -> str:
    names = sorted(path.name for path in edited)
    if not names:
        return ""
    more = len(names) - _NAMED
    tail = f" and {more} more" if more > 0 else ""
    return f"{', '.join(names[:_NAMED])}{tail}: "


def _announce(preview: "Preview", shown: "Shown", choices: Choices) -> None:
    import webbrowser  # noqa: PLC0415 - only here

    from site_builder.preview.shown import address  # noqa: PLC0415 - starts faster

    place = preview.origin + address(shown.home, shown)
    click.echo(f"{place} follows your edits; Ctrl-C stops it")
    if choices.is_opening:
        webbrowser.open(place)
