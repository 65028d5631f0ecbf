"""The branch as it is published, and a commit on top of it; no local branch is touched.

The commit is made in a bare repository of its own that shares only the object store.
"""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from site_builder.errors import ContentError
from site_builder.publishing.address import CNAME
from site_builder.publishing.git import Git, GitError, reason_of, run_program
from site_builder.publishing.remote import Remote
from site_builder.write import MARKER

NO_JEKYLL = ".nojekyll"
"""Without it, GitHub leaves out what begins with an underscore."""
_NOT_A_SITE = frozenset({CNAME, NO_JEKYLL})
"""What GitHub itself may have put on the branch."""
_SCRATCH_BRANCH = "pages"
_MEND = "mend the repository (git fsck says what is wrong)"


@dataclass(frozen=True, kw_only=True)
class Blob:
    """A file of a commit: git's name for its content, and its size."""

    object_id: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Published:
    """What the branch holds.

    Attributes:
        commit: None: the remote has no such branch.
        domain: Content of its file ``CNAME``; None: there is none.
    """

    commit: str | None
    files: Mapping[str, Blob]
    domain: bytes | None


def read_published(git: Git, remote: Remote) -> Published:
    """Fetch the branch, without a local branch or a tracking one, and list its files.

    Raises:
        GitError: The remote or the repository refuses.
    """
    listed = git(
        "ls-remote",
        "--",
        remote.place,
        remote.ref,
        remedy=f"see that git ls-remote {remote.name} works: address, network, rights",
    )
    # A name matches the end of longer ones, too.
    lines = (line.partition("\t") for line in listed.splitlines())
    commit = next((found for found, _, ref in lines if ref == remote.ref), None)
    if commit is None:
        return Published(commit=None, files={}, domain=None)
    if git.ask("cat-file", "-e", f"{commit}^{{commit}}") is None:
        git(
            "fetch",
            *("--quiet", "--no-tags", "--no-write-fetch-head", "--no-prune"),
            *("--no-recurse-submodules", "--refmap="),
            *("--", remote.place, remote.ref),
            remedy=f"see that git fetch {remote.name} {remote.branch} works",
        )
    files = list_files(git, commit)
    domain = None
    if CNAME in files:
        domain = git("cat-file", "blob", f"{commit}:{CNAME}", remedy=_MEND).encode()
    return Published(commit=commit, files=files, domain=domain)


def refuse_foreign(published: Published, remote: Remote) -> None:
    """Raise ContentError if the branch holds what no former publication put there."""
    if MARKER in published.files or published.files.keys() <= _NOT_A_SITE:
        return
    raise ContentError(
        f"{remote.title}: holds {len(published.files)} files, and no {MARKER} says "
        "that seikaku published them: choose another --branch, or, if nothing there "
        f"is needed, remove it: git push {remote.name} --delete {remote.branch}"
    )


def list_files(git: Git, commit: str) -> dict[str, Blob]:
    """Return the files of a commit by path; raises GitError."""
    listed = git("ls-tree", "-r", "-l", "-z", "--full-tree", commit, remedy=_MEND)
    files = {}
    for entry in filter(None, listed.split("\0")):
        facts, path = entry.split("\t", 1)
        _, _, object_id, size = facts.split()
        # A submodule has no size.
        size_bytes = int(size) if size.isdigit() else 0
        files[path] = Blob(object_id=object_id, size_bytes=size_bytes)
    return files


def blob_of(data: bytes, *, digits: int) -> Blob:
    """Return a file as git would name it.

    Args:
        data: Its content.
        digits: Length of the repository's object ids: 40 or 64.
    """
    content = b"blob %d\0%b" % (len(data), data)
    if digits == 64:
        object_id = hashlib.sha256(content).hexdigest()
    else:
        object_id = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return Blob(object_id=object_id, size_bytes=len(data))


def commit_site(
    git: Git, site: Path, scratch: Path, *, parent: str | None, message: str
) -> str:
    """Make a commit that holds exactly a folder's files; return its id.

    Args:
        git: In the repository whose object store takes the commit.
        site: The folder.
        scratch: A folder to make the bare repository in; it does not exist yet.
        parent: The commit below; None: there is none.
        message: Of the commit.

    Raises:
        GitError: A call failed, or the commit does not hold the files.
    """
    identity = git(
        "var",
        "GIT_COMMITTER_IDENT",
        remedy="say who publishes: git config user.name and user.email",
    )
    name, _, rest = identity.partition(" <")
    store = git("rev-parse", "--git-path", "objects", remedy=_MEND).strip()
    form = git("rev-parse", "--show-object-format", remedy=_MEND).strip()
    scratch.mkdir()
    bare = git.at(scratch)
    bare(
        "init",
        "--bare",
        "--quiet",
        "--template=",
        f"--object-format={form}",
        remedy=_MEND,
    )
    bare = bare.at(
        scratch,
        GIT_DIR=str(scratch),
        GIT_OBJECT_DIRECTORY=str((git.folder / store).resolve()),
        GIT_COMMITTER_NAME=name,
        GIT_COMMITTER_EMAIL=rest.partition(">")[0],
    )
    ref = f"refs/heads/{_SCRATCH_BRANCH}"
    if parent is not None:
        bare("update-ref", ref, parent, remedy=_MEND)
    _import(bare, site, message)
    commit = bare("rev-parse", "--verify", ref, remedy=_MEND).strip()
    _refuse_other(list_files(bare, commit), site)
    return commit


def push(git: Git, remote: Remote, commit: str) -> None:
    """Put a commit on the branch; nothing is forced, and nothing else is pushed.

    Raises:
        GitError: The remote refuses, or the branch has moved meanwhile.
    """
    git(
        "push",
        *("--quiet", "--no-follow-tags", "--recurse-submodules=no"),
        *("--", remote.name, f"{commit}:{remote.ref}"),
        remedy=f"{remote.branch} is as it was; mend that, and publish again",
    )


def _import(bare: Git, site: Path, message: str) -> None:
    """Let ghp-import put the folder on the scratch branch."""
    done = run_program(
        (
            *(sys.executable, "-P", "-m", "ghp_import"),
            f"--branch={_SCRATCH_BRANCH}",
            f"--message={message}",
            str(site),
        ),
        folder=bare.folder,
        environment=bare.environment,
        remedy="install seikaku again: it brings ghp-import",
    )
    if done.returncode != 0:
        raise GitError(
            f"{site}: cannot be committed ({reason_of(done)}): {_MEND}, "
            "or install seikaku again: it brings ghp-import"
        )


def _refuse_other(committed: Mapping[str, Blob], site: Path) -> None:
    """Raise GitError unless the commit holds the folder's files, byte for byte."""
    digits = len(next(iter(committed.values())).object_id) if committed else 40
    wanted = {
        path.relative_to(site).as_posix(): blob_of(path.read_bytes(), digits=digits)
        for path in site.rglob("*")
        if path.is_file()
    }
    if committed != wanted:
        odd = sorted(
            path
            for path in committed.keys() | wanted.keys()
            if committed.get(path) != wanted.get(path)
        )
        raise GitError(
            f"{site}: the commit does not hold the site ({', '.join(odd[:3])}): "
            f"nothing was pushed; {_MEND}"
        )
