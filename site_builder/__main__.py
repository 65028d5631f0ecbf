"""``python -m site_builder``."""

from site_builder.cli import cli

if __name__ == "__main__":
    cli(prog_name="python -m site_builder")
