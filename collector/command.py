"""Ask another program a short question."""

import os
import subprocess
from collections.abc import Callable, Sequence

Runner = Callable[[Sequence[str]], str | None]
"""Runs a program with its arguments and returns what it printed, or None."""


def run_command(command: Sequence[str], *, timeout_s: float = 5.0) -> str | None:
    """Return what a program prints; None: it is missing, fails, or takes too long."""
    # Inside a git hook, GIT_DIR would send git to another repository.
    ours = {key: text for key, text in os.environ.items() if not key.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands of ours, and no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**ours, "LC_ALL": "C"},
            timeout=timeout_s,
            check=True,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
