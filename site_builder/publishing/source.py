"""The repository that a site is published from: its commit, and what is not in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from site_builder.errors import ContentError
from site_builder.publishing.git import Git, git_in

SHORT = 12
"""Digits of a commit that a person reads."""
_NAMED = 10
"""Changed files that a message names; the others are counted."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a site is made from.

    Attributes:
        root: Top folder of the working tree.
        branch: The branch checked out; None: a commit is, by itself.
        changes: Paths below the root that differ from the commit, or are not in it.
    """

    root: Path
    commit: str
    branch: str | None
    changes: tuple[str, ...]

    @property
    def name(self) -> str:
        """The commit, marked if the site is not made from it alone."""
        return self.commit + ("-dirty" if self.changes else "")

    @property
    def short_name(self) -> str:
        """The same for a person to read."""
        return self.commit[:SHORT] + ("-dirty" if self.changes else "")


def find_repository(content: Path, environment: Mapping[str, str]) -> Git:
    """Return git in the repository that holds the content.

    Raises:
        ContentError: There is no such folder.
        GitError: It lies in no repository, or git is missing.
    """
    if not content.is_dir():
        raise ContentError(
            f"{content}: there is no such folder: give it with --content"
        )
    git = git_in(content.resolve(), environment)
    top = git(
        "rev-parse",
        "--show-toplevel",
        remedy="publish from a git repository that holds the content: git init, "
        "commit, and add the remote",
    )
    return git.at(Path(top.removesuffix("\n")))


def read_source(git: Git, content: Path) -> Source:
    """Return the commit, and what differs from it.

    A new file counts where it is read: in the content folder. ``claims.lock`` does not
    count: publishing itself writes it, and no page shows it.

    Raises:
        GitError: There is no commit yet, or git cannot tell.
    """
    commit = git(
        "rev-parse",
        "--verify",
        "HEAD^{commit}",
        remedy="commit the content first: a published site names its commit",
    ).strip()
    head = git(
        "rev-parse", "--symbolic-full-name", "HEAD", remedy="mend the repository"
    ).strip()
    status = git(
        "status",
        "--porcelain=v1",
        "-z",
        "--untracked-files=all",
        "--no-renames",
        remedy="mend the repository",
    )
    folder = content.resolve()
    lock = folder / "claims.lock"
    changes = []
    for state, path in _entries(status):
        place = git.folder.resolve() / path
        if place != lock and (state != "??" or place.is_relative_to(folder)):
            changes.append(path)
    settings = folder / "site.toml"
    # Ignored files are in no status: content in .venv or under .gitignore.
    if git.ask("ls-files", "--error-unmatch", "--", str(settings)) is None:
        changes.append(settings.relative_to(git.folder.resolve()).as_posix())
    return Source(
        root=git.folder,
        commit=commit,
        branch=None if head == "HEAD" else head.removeprefix("refs/heads/"),
        changes=tuple(dict.fromkeys(changes)),
    )


def refuse_dirty(source: Source) -> None:
    """Raise ContentError if the site would show what the commit does not hold."""
    if not source.changes:
        return
    named = ", ".join(source.changes[:_NAMED])
    more = len(source.changes) - _NAMED
    tail = f" and {more} more" if more > 0 else ""
    raise ContentError(
        f"{source.root}: not committed: {named}{tail}: commit, or publish all the same "
        "with --allow-dirty"
    )


def _entries(status: str) -> Iterator[tuple[str, str]]:
    """Yield state and path of each entry of ``git status -z`` without renames."""
    for entry in filter(None, status.split("\0")):
        yield entry[:2], entry[3:]
