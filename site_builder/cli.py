"""The site builder's commands; the only place where its errors become exit codes."""

import sys
from pathlib import Path
from typing import Any

import click

from collector.store import BadRecord
from site_builder.compare_command import compare_command
from site_builder.errors import SiteError
from site_builder.preview.command import serve_command
from site_builder.publishing.command import publish_command
from site_builder.resources import packaged_content, packaged_templates
from site_builder.runs_command import runs_command

EXIT_MENDABLE = 1
EXIT_INTERRUPTED = 130


class Command(click.Command):
    """A command that turns the builder's errors into messages and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a mendable error ends it with 1, an interrupt with 130."""
        try:
            return super().invoke(ctx)
        except SiteError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(EXIT_MENDABLE)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(EXIT_INTERRUPTED)


content_option = click.option(
    "--content",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder with the article and the records.  "
    "[default: content here, or the one that comes with seikaku]",
)
run_option = click.option("--run", "run_id", help="The run; in place of site.toml's.")


@click.group()
@click.version_option(package_name="seikaku")
def cli() -> None:
    """Turn records, prose and templates into a static site."""


@cli.command(cls=Command)
@content_option
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("output/site"),
    show_default=True,
    help="Folder of the site; replaced as a whole when the build has succeeded.",
)
@run_option
@click.option("--base-url", help="Address the site will have; in place of site.toml's.")
@click.option(
    "--strict",
    is_flag=True,
    help="Fail if a record cannot be used, a claim no longer holds and was not "
    "accepted, or a text changed in one language only.",
)
def build(
    content: Path | None,
    output: Path,
    run_id: str | None,
    base_url: str | None,
    strict: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Build the site, unless something in its texts or claims has to be mended.

    Example: seikaku build --base-url https://user.github.io/repository/
    """
    from site_builder.build import BuildPlan  # noqa: PLC0415 - starts in 0.1 s without
    from site_builder.build import build as build_site  # noqa: PLC0415

    folder = _content_folder(content)
    result = build_site(
        BuildPlan(
            content=folder,
            records=folder / "records",
            templates=packaged_templates(),
            output=output,
            run_id=run_id,
            base_url=base_url,
            is_strict=strict,
        )
    )
    _name_bad(result.bad)
    for warning in result.report.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(
        f"{output}: {result.n_files} files, run {result.run_id}; "
        f"open {output / 'index.html'}"
    )


@cli.command(cls=Command)
@content_option
@run_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def report(
    content: Path | None,
    run_id: str | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Print a run's figures.

    Example: seikaku report --run published
    """
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from site_builder.analysis.summary import summarise  # noqa: PLC0415 - likewise
    from site_builder.config import LATEST, read_config  # noqa: PLC0415 - likewise
    from site_builder.load import choose_run, load_chosen  # noqa: PLC0415 - likewise
    from site_builder.report import print_report, report_json  # noqa: PLC0415

    folder = _content_folder(content)
    records, settings = folder / "records", folder / "site.toml"
    # A folder that only collected has no site yet.
    wanted = read_config(settings).run if settings.is_file() else LATEST
    chosen, bad_runs = choose_run(records, run_id or wanted)
    run = load_chosen(records, chosen)
    _name_bad((*bad_runs, *run.bad))
    summaries = summarise(run)
    if as_json:
        click.echo(report_json(summaries))
    else:
        print_report(run, summaries, console=Console(file=sys.stdout))


_CHECK_HELP = """Name all there is to mend in texts and claims, and every verdict.

Ends with 0 if nothing is left to do, with 1 otherwise.

\b
Examples:
  seikaku check --run published
  seikaku check --explain fastest
  seikaku check --confirm article#conclusion --confirm models/qwen3-vl-4b
"""


@cli.command(cls=Command, help=_CHECK_HELP)
@content_option
@run_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--explain", metavar="CLAIM", help="One claim, down to the trials.")
@click.option(
    "--confirm",
    multiple=True,
    metavar="SECTION",
    help="All languages say the same in this section (article#speed), text "
    "(models/a), or everywhere (all); repeatable.",
)
@click.option(
    "--accept",
    multiple=True,
    metavar="CLAIM",
    help="Let this broken claim stand as long as this run is shown; repeatable.",
)
@click.option(
    "--lock",
    is_flag=True,
    help="Note in claims.lock what every claim says now, as publishing does.",
)
def check(**options: Any) -> None:
    """Check the content, as the options say."""
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from site_builder.check_command import Request, run_check  # noqa: PLC0415

    folder = _content_folder(options.pop("content"))
    is_clean = run_check(
        Request(content=folder, **options), console=Console(file=sys.stdout)
    )
    if not is_clean:
        click.get_current_context().exit(EXIT_MENDABLE)


def _content_folder(given: Path | None) -> Path:
    """Return the folder given, the one here, or the one that comes with the program."""
    if given is not None:
        return given
    here = Path("content")
    return here if here.is_dir() else packaged_content()


def _name_bad(bad: tuple[BadRecord, ...]) -> None:
    for entry in bad:
        click.echo(f"left out: {entry}", err=True)
    if bad:
        click.echo(f"records left out: {len(bad)}", err=True)


cli.add_command(serve_command(Command, _content_folder), "serve")
cli.add_command(publish_command(Command, _content_folder), "publish")
cli.add_command(runs_command(Command, _content_folder, _name_bad), "runs")
cli.add_command(compare_command(Command, _content_folder, _name_bad), "compare")
