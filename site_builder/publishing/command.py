"""The command ``publish``."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--content",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder with the article and the records.  "
        "[default: content here, or the one that comes with seikaku]",
    ),
    click.option("--run", "run_id", help="The run; in place of site.toml's."),
    click.option(
        "--remote", default="origin", show_default=True, help="The remote to push to."
    ),
    click.option(
        "--branch",
        default="gh-pages",
        show_default=True,
        help="The branch that GitHub Pages serves.",
    ),
    click.option(
        "--output",
        type=click.Path(file_okay=False, path_type=Path),
        help="Write the checked site to this folder, and push nothing: for a workflow "
        "that uploads it.",
    ),
    click.option(
        "--base-url",
        help="Address of the site.  [default: the domain's, site.toml's, or that of "
        "the remote's GitHub Pages]",
    ),
    click.option(
        "--cname",
        "domain",
        help="The site's own domain; '' for none.  [default: the file CNAME in the "
        "content, or on the branch]",
    ),
    click.option(
        "--dry-run",
        "is_dry",
        is_flag=True,
        help="Show all that would change, and change nothing.",
    ),
    click.option(
        "--allow-demo", "allows_demo", is_flag=True, help="Publish a demo run."
    ),
    click.option(
        "--allow-dirty",
        "allows_dirty",
        is_flag=True,
        help="Publish what is not committed.",
    ),
    click.option("--message", help="First line of the commit's message."),
)


def publish_command(
    cls: type[click.Command], content_folder: Callable[[Path | None], Path]
) -> click.Command:
    """Return the command.

    Args:
        cls: Turns the builder's errors into exit codes.
        content_folder: Returns the folder given, or the one to take without.
    """

    def publish(content: Path | None, **choices: Any) -> None:
        """Build the site strictly, follow every link, and push it to GitHub Pages.

        What it pushes is one commit on top of the branch; nothing is forced.

        Example: seikaku publish --dry-run
        """
        from site_builder.publishing.publish import (  # noqa: PLC0415 - starts in
            Request,
        )
        from site_builder.publishing.publish import (  # noqa: PLC0415 - 0.1 s without
            publish as publish_site,
        )
        from site_builder.resources import packaged_templates  # noqa: PLC0415

        request = Request(
            content=content_folder(content), templates=packaged_templates(), **choices
        )
        publish_site(request, os.environ, click.echo)

    for option in reversed(_OPTIONS):
        publish = option(publish)
    return click.command("publish", cls=cls)(publish)
