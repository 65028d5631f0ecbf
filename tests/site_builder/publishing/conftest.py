"""An author's repository with a bare one behind ``git@github.com:User/Repo.git``."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from site_builder.check import read_content, reviewed
from site_builder.cli import Command
from site_builder.config import read_config
from site_builder.load import load
from site_builder.prose.reviews_file import Reviews, write_reviews
from site_builder.publishing.command import publish_command
from tests.site_builder.small_site import small_site

REMOTE = "git@github.com:User/Repo.git"
BASE_URL = "https://user.github.io/Repo/"
SSH = """\
for command; do :; done
exec ${command%% *} "$BARE"
"""
"""Whatever host is asked for: the last argument names what to run there."""


class Author:
    """Someone who publishes.

    Attributes:
        folder: The repository, with a space and kanji in its path.
        bare: The remote one.
    """

    def __init__(self, folder: Path, bare: Path) -> None:
        self.folder, self.bare = folder, bare
        self.content = folder / "content"

    def git(self, *arguments: object, at: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *map(str, arguments)],
            cwd=at or self.folder,
            check=True,
            capture_output=True,
            encoding="utf-8",
        )
        return done.stdout.strip()

    def commit(self, message: str = "Write") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def publish(self, *more: object) -> Result:
        command = publish_command(Command, lambda given: given or self.content)
        return CliRunner().invoke(command, [str(word) for word in more])

    def refs(self) -> str:
        return self.git("for-each-ref")

    def remote_refs(self) -> str:
        return self.git("for-each-ref", at=self.bare)

    def published(self, branch: str = "gh-pages") -> dict[str, bytes]:
        names = self.git("ls-tree", "-r", "-z", "--name-only", branch, at=self.bare)
        return {
            name: subprocess.run(
                ["git", "cat-file", "blob", f"{branch}:{name}"],
                cwd=self.bare,
                check=True,
                capture_output=True,
            ).stdout
            for name in filter(None, names.split("\0"))
        }

    def publish_elsewhere(self) -> str:
        """Let another author put a commit on the branch; return it."""
        tree = self.git("rev-parse", "gh-pages^{tree}", at=self.bare)
        commit = self.git(
            "commit-tree", "-p", "gh-pages", "-m", "x", tree, at=self.bare
        )
        self.git("update-ref", "refs/heads/gh-pages", commit, at=self.bare)
        return commit

    def commits(self, branch: str = "gh-pages") -> list[str]:
        return self.git("log", "--format=%H", branch, at=self.bare).split()


def confirm(content: Path, claims: Sequence[str] = ()) -> None:
    sources = load(
        content,
        records=content / "records",
        config=read_config(content / "site.toml"),
        run_id=None,
    )
    found = read_content(sources)
    reviews = reviewed(found, Reviews(), sections=["all"], claims=claims)
    write_reviews(sources.reviews_path, reviews)


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Path:
    """Content that needs no mending."""
    folder = small_site(tmp_path_factory.mktemp("written") / "content")
    confirm(folder)
    return folder


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch) -> None:
    """Let nobody's git settings reach the tests."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        "[user]\nname = 書き手\nemail = author@example.org\n"
        "[init]\ndefaultBranch = main\n[core]\nautocrlf = false\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def make_author(tmp_path, monkeypatch, written) -> Callable[..., Author]:
    def make(*options: str) -> Author:
        folder, bare = tmp_path / "記事 の倉庫", tmp_path / "remote.git"
        author = Author(folder, bare)
        folder.mkdir()
        author.git("init", "--quiet", "--bare", *options, bare)
        author.git("init", "--quiet", *options)
        author.git("remote", "add", "origin", REMOTE)
        shutil.copytree(written, author.content)
        author.commit()
        ssh = tmp_path / "ssh.sh"
        ssh.write_text(SSH, encoding="utf-8", newline="\n")
        monkeypatch.setenv("BARE", str(bare))
        monkeypatch.setenv("GIT_SSH_COMMAND", f"sh {shlex.quote(ssh.as_posix())}")
        return author

    return make


@pytest.fixture
def author(make_author) -> Author:
    return make_author()
