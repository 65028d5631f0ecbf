"""What stops a publication: it says why, and the branch and all others stay."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from site_builder.errors import OutputError
from site_builder.publishing import publish as publishing
from tests.site_builder.small_site import edit

from .conftest import BASE_URL, confirm

pytestmark = pytest.mark.slow

needs_sh = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows starts no script called git"
)
FAKE = """\
#!/bin/sh
for word; do
  case "$word" in
    -*) ;;
    *) break ;;
  esac
done
if [ "$word" = "$REFUSED" ]; then
  echo "fatal: boom at https://me:secret@example.org/" >&2
  exit 128
fi
exec "$GIT" "$@"
"""
CALLS = [
    "rev-parse",
    "status",
    "check-ref-format",
    "remote",
    "ls-remote",
    "fetch",
    "ls-tree",
    "var",
    "init",
    "update-ref",
    "fast-import",
    "push",
]
"""Every call of git that has to succeed when a branch is there already."""


def state(author):
    lock = author.content / "claims.lock"
    return (
        author.refs(),
        author.remote_refs(),
        author.git("status", "--porcelain"),
        lock.read_bytes() if lock.exists() else None,
    )


def refused(author, *more, says: str) -> None:
    before = state(author)
    result = author.publish(*more)
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith("error: ")
    assert says in result.stderr
    assert state(author) == before


@needs_sh
@pytest.mark.parametrize("call", CALLS)
def test_a_call_of_git_that_fails_stops_it_with_the_reason(
    author, tmp_path, monkeypatch, call
):
    assert author.publish().exit_code == 0
    author.commit("Note what was published")
    edit(author.content / "en" / "article.md", "It takes", "Hermes takes")
    confirm(author.content)
    author.commit()
    if call == "fetch":  # it is asked only for what is not here
        author.publish_elsewhere()
    before = state(author)
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(FAKE, encoding="utf-8")
    fake.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setenv("GIT", shutil.which("git"))
        patch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("REFUSED", call)
        result = author.publish()

    assert result.exit_code == 1, result.output
    assert "boom at https://example.org/" in result.stderr
    assert "secret" not in result.output
    assert state(author) == before


def test_without_git_it_says_so(author, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "")
        result = author.publish()
    assert result.exit_code == 1
    assert "git cannot be started" in result.stderr
    assert "install git" in result.stderr


def test_outside_a_repository_it_says_what_to_do(author):
    shutil.rmtree(author.folder / ".git")
    result = author.publish()
    assert result.exit_code == 1
    assert "git init" in result.stderr


def test_a_content_folder_that_is_not_there_is_named(author):
    refused(author, "--content", author.folder / "gone", says="gone: there is no such")


def test_a_repository_without_commits_has_nothing_to_name(author):
    author.git("update-ref", "-d", "HEAD")
    refused(author, says="commit the content first")


def test_without_a_remote_it_says_how_to_add_one(author):
    author.git("remote", "remove", "origin")
    refused(author, says="git remote add origin")


def test_an_unknown_remote_lists_those_there_are(author):
    refused(author, "--remote", "upstream", says="choose one of origin with --remote")


@pytest.mark.parametrize("branch", ["a b", "", "../x", "-x.lock"])
def test_a_name_that_no_branch_can_have_is_refused(author, branch):
    refused(author, "--branch", branch, says="is no name of a branch")


def test_the_branch_of_the_source_is_never_overwritten(author):
    refused(author, "--branch", "main", says="--branch main: holds the source")


def test_a_branch_that_no_publication_made_is_left_alone(author):
    author.git("push", "--quiet", "origin", "main:gh-pages")
    refused(author, says="no .seikaku-site says that seikaku published them")


def test_a_branch_with_only_what_github_puts_there_is_taken(author, tmp_path):
    tree = tmp_path / "tree"
    author.git("init", "--quiet", tree)
    (tree / "CNAME").write_text("LLM.example.org", encoding="utf-8")
    author.git("add", "CNAME", at=tree)
    author.git("commit", "--quiet", "--message=x", at=tree)
    author.git("push", "--quiet", author.bare, "HEAD:gh-pages", at=tree)

    result = author.publish()

    assert result.exit_code == 0, result.output
    # The domain is kept, and is the site's address.
    assert author.published()["CNAME"] == b"llm.example.org\n"
    assert "address  https://llm.example.org/" in result.output
    refused(author, "--base-url", BASE_URL, says="own domain is llm.example.org")
    without = author.publish("--cname", "", "--allow-dirty")
    assert without.exit_code == 0, without.output
    assert "CNAME" not in author.published()
    assert ", 1 removed; " in without.output


def test_the_domain_comes_from_the_option_or_the_content(author):
    (author.content / "CNAME").write_text("one.example.org\n", encoding="utf-8")
    author.commit()
    file = author.publish("--dry-run")
    option = author.publish("--dry-run", "--cname", "two.example.org")
    assert "address  https://one.example.org/" in file.output
    assert "address  https://two.example.org/" in option.output
    refused(author, "--cname", "https://x.org", says="is no domain")


def test_an_address_that_is_not_the_remotes_pages_is_refused(author):
    refused(
        author,
        *("--base-url", "https://upstream.github.io/Repo/"),
        says=f"the remote's Pages are at {BASE_URL}",
    )
    private = author.publish("--dry-run", "--base-url", "https://x1.pages.github.io/")
    assert private.exit_code == 0, private.output
    edit(
        author.content / "site.toml",
        'primary_language = "ja"\n',
        'primary_language = "ja"\nbase_url = "https://upstream.github.io/Repo/"\n',
    )
    author.commit()
    refused(author, says="base_url of site.toml is https://upstream.github.io/Repo/")


def test_a_remote_elsewhere_needs_an_address(author):
    author.git("remote", "set-url", "origin", author.bare.as_uri())
    refused(author, says="give it with --base-url")
    result = author.publish("--base-url", "https://pages.example/site")
    assert result.exit_code == 0, result.output


def test_a_remote_that_lets_nobody_in_is_quoted(author, monkeypatch):
    monkeypatch.setenv(
        "GIT_SSH_COMMAND", "echo 'Permission denied (publickey).' >&2; false"
    )
    refused(author, says="Permission denied (publickey).")


@needs_sh
def test_a_remote_whose_hook_refuses_is_quoted(author):
    hook = author.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho only reviewed sites >&2\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    refused(author, says="only reviewed sites")


def test_a_branch_that_moved_meanwhile_is_not_overwritten(author, monkeypatch):
    assert author.publish().exit_code == 0
    author.commit("Note what was published")
    edit(author.content / "en" / "article.md", "It takes", "Hermes takes")
    confirm(author.content)
    author.commit()
    commit_site = publishing.commit_site
    moved = []

    def slowly(*arguments, **named):
        moved.append(author.publish_elsewhere())
        return commit_site(*arguments, **named)

    monkeypatch.setattr(publishing, "commit_site", slowly)
    result = author.publish()
    assert result.exit_code == 1
    assert "git push failed" in result.stderr
    assert author.commits()[0] == moved[0]


def test_content_that_changes_during_the_build_is_not_published(author, monkeypatch):
    make = publishing.make

    def slowly(plan):
        result = make(plan)
        edit(author.content / "en" / "article.md", "It takes", "Hermes takes")
        return result

    monkeypatch.setattr(publishing, "make", slowly)
    result = author.publish()
    assert result.exit_code == 1
    assert "changed during the build" in result.stderr
    assert author.remote_refs() == ""


def test_a_broken_link_is_named_with_page_and_line(author):
    edit(
        author.content / "en" / "article.md",
        "Hermes ends by itself.",
        "[Hermes](models/hermes/index.html) ends by itself.",
    )
    confirm(author.content)
    author.commit()
    refused(author, says="'models/hermes/index.html' leads to nothing under /Repo/")


def test_what_a_strict_build_refuses_is_not_published(author):
    edit(author.content / "en" / "article.md", "It takes", "Hermes takes")
    author.commit()
    refused(author, says="seikaku check --confirm article#waiting")


def test_a_site_past_the_limits_is_not_published(author, monkeypatch):
    monkeypatch.setattr("site_builder.publishing.limits.MAX_SITE_BYTES", 1000)
    refused(author, says="GitHub Pages takes")


def test_a_lock_that_cannot_be_written_does_not_hide_that_the_site_is_out(
    author, monkeypatch
):
    def fail(path, claims):
        raise OutputError(f"{path}: cannot be written")

    monkeypatch.setattr(publishing, "write_lock", fail)
    result = author.publish()
    assert result.exit_code == 1
    assert "the site is published, but" in result.stderr
    assert "seikaku check --lock" in result.stderr
    assert len(author.commits()) == 1


def test_a_secret_in_the_remotes_address_is_not_shown(author):
    address = f"https://me:token@{Path(author.bare).name}.invalid/x"
    author.git("remote", "set-url", "origin", address)
    result = author.publish("--base-url", "https://a.example/")
    assert result.exit_code == 1
    assert "token" not in result.output
