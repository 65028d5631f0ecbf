"""The remote repository: where pushes go, and the address GitHub Pages gives it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from site_builder.errors import ContentError
from site_builder.publishing.git import Git, without_secrets

_GITHUB = frozenset({"github.com", "www.github.com", "ssh.github.com"})
"""The last takes ssh on the port of https."""
_SCHEMES = frozenset({"https", "http", "ssh", "git", "git+ssh", "git+https"})
_SCP = re.compile(r"(?:[^/@\s]+@)?(?P<host>[^/:@\s]+):(?!//)(?P<path>.+)")
"""``user@host:path``."""
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, kw_only=True)
class Remote:
    """Where the branch is.

    Attributes:
        name: As ``git remote`` lists it.
        url: Address that pushes go to.
        place: What to read the branch from: the name, or the address where the name is
            read from elsewhere.
    """

    name: str
    url: str
    place: str
    branch: str

    @property
    def ref(self) -> str:
        """The branch's full name."""
        return f"refs/heads/{self.branch}"

    @property
    def title(self) -> str:
        """The branch and its place for a person to read."""
        return f"{self.branch} of {self.name} ({without_secrets(self.url)})"


def find_remote(git: Git, name: str, branch: str) -> Remote:
    """Return where a branch of a remote is.

    Raises:
        GitError: There is no such remote, or no branch can be called so.
    """
    git(
        "check-ref-format",
        f"refs/heads/{branch}",
        remedy=f"--branch {branch!r} is no name of a branch: use gh-pages",
    )
    known = ", ".join(git("remote", remedy="mend the repository").split())
    remedy = (
        f"choose one of {known} with --remote"
        if known
        else "there is none: add it with git remote add origin ADDRESS"
    )
    # The first, if there are several: git pushes to all of them.
    url = git("remote", "get-url", "--push", "--", name, remedy=remedy).split("\n")[0]
    read_from = git("remote", "get-url", "--", name, remedy=remedy).split("\n")[0]
    return Remote(
        name=name, url=url, place=name if url == read_from else url, branch=branch
    )


def refuse_source_branch(remote: Remote, checked_out: str | None) -> None:
    """Raise ContentError if the site would be put on the branch of its own source."""
    if remote.branch == checked_out:
        raise ContentError(
            f"--branch {remote.branch}: holds the source, and would hold the site in "
            "its place: use another one, such as gh-pages"
        )


def pages_address(url: str) -> str | None:
    """Return the address of a GitHub repository's Pages; None: it is not on GitHub.

    Args:
        url: The remote's, as https, ssh or ``user@host:path``.
    """
    scp = _SCP.fullmatch(url)
    if scp is not None:
        host, path = scp["host"], scp["path"]
    else:
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        if parts.scheme not in _SCHEMES:
            return None
        host, path = parts.hostname or "", parts.path
    names = path.strip("/").removesuffix(".git").split("/")
    if host.lower() not in _GITHUB or len(names) != 2:
        return None
    owner, repository = names
    if not (_NAME.fullmatch(owner) and _NAME.fullmatch(repository)):
        return None
    site = f"{owner.lower()}.github.io"
    if repository.lower() == site:
        return f"https://{site}/"
    return f"https://{site}/{repository}/"
