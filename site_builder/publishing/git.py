"""Questions to git, and what it did not do, in its own words."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from site_builder.errors import SiteError

_LEADING_ELSEWHERE = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""Set inside a git hook; they would send git to another repository."""

_SECRET = re.compile(r"(?<=://)[^/@\s]+@")


class GitError(SiteError):
    """Git is missing, or refused."""


@dataclass(frozen=True, kw_only=True)
class Git:
    """Runs git in a folder.

    Attributes:
        environment: All variables git gets.
    """

    folder: Path
    environment: Mapping[str, str]

    def __call__(self, *arguments: str, remedy: str) -> str:
        """Return what git prints.

        Args:
            *arguments: Of git.
            remedy: What to do if it fails.

        Raises:
            GitError: It is missing or fails.
        """
        done = self._run(arguments)
        if done.returncode != 0:
            name = next(word for word in arguments if not word.startswith("-"))
            raise GitError(
                f"{self.folder}: git {name} failed ({reason_of(done)}): {remedy}"
            )
        return done.stdout

    def ask(self, *arguments: str) -> str | None:
        """Return what git prints; None: it fails, which is an answer too.

        Raises:
            GitError: It is missing.
        """
        done = self._run(arguments)
        return done.stdout if done.returncode == 0 else None

    def at(self, folder: Path, **variables: str) -> "Git":
        """Return git in another folder, with more variables."""
        return replace(
            self, folder=folder, environment={**self.environment, **variables}
        )

    def _run(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        # Without the option, status rewrites the index while its owner may be at work.
        return run_program(
            ("git", "--no-optional-locks", *arguments),
            folder=self.folder,
            environment=self.environment,
            remedy="install git, or build with seikaku build and upload the folder",
        )


def git_in(folder: Path, environment: Mapping[str, str]) -> Git:
    """Return git in a folder; a hook's variables do not lead it elsewhere."""
    kept = {
        name: text
        for name, text in environment.items()
        if name not in _LEADING_ELSEWHERE
    }
    return Git(folder=folder, environment=kept)


def run_program(
    command: tuple[str, ...],
    *,
    folder: Path,
    environment: Mapping[str, str],
    remedy: str,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; it cannot read from the terminal's input.

    Raises:
        GitError: It cannot be started.
    """
    try:
        return subprocess.run(  # noqa: S603 - commands of ours, and no shell
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise GitError(
            f"{folder}: {command[0]} cannot be started ({error.strerror or error}): "
            f"{remedy}"
        ) from error


def reason_of(done: subprocess.CompletedProcess[str]) -> str:
    """Return why a program failed, in its own words and in one line."""
    said = done.stderr.strip() or done.stdout.strip()
    lines = [line.strip() for line in said.splitlines()]
    return without_secrets("; ".join(filter(None, lines))) or f"exit {done.returncode}"


def without_secrets(text: str) -> str:
    """Return a text without the names and passwords in its addresses."""
    return _SECRET.sub("", text)
