"""Publishing into a bare repository, and what readers then get."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from collector.store import load_run, save_run
from site_builder.build import BuildPlan, make
from site_builder.preview.shown import Shown, find
from site_builder.publishing.links import check_links
from site_builder.resources import packaged_content, packaged_templates
from tests.site_builder.scenarios import QWEN, slowed
from tests.site_builder.small_site import edit, replace_run, two_models

from .conftest import BASE_URL, REMOTE, confirm

pytestmark = pytest.mark.slow


def built(content: Path, base_url: str = BASE_URL, **more) -> dict[str, bytes]:
    plan = BuildPlan(
        content=content,
        records=content / "records",
        templates=packaged_templates(),
        output=Path("unused"),
        base_url=base_url,
        **more,
    )
    return dict(make(plan).files)


def rewrite(author, old="It takes", new="Hermes takes") -> str:
    edit(author.content / "en" / "article.md", old, new)
    confirm(author.content)
    return author.commit()


def everything(folder: Path) -> dict[str, bytes]:
    """Every file but the objects, which nothing names until a ref does."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git/objects" not in path.as_posix()
    }


def test_the_branch_holds_the_site_as_built_for_the_address_of_the_remote(author):
    before = author.refs()

    result = author.publish()

    assert result.exit_code == 0, result.output
    own = {".nojekyll": b"", ".seikaku-site": b""}
    assert author.published() == {**built(author.content), **own}
    assert f'href="{BASE_URL}en/"' in author.published()["en/index.html"].decode()
    tracking = [line for line in author.refs().splitlines() if "remotes" not in line]
    assert "\n".join(tracking) == before
    assert author.remote_refs().count("refs/") == 1
    assert author.git("fsck", at=author.bare) == ""
    assert "Settings > Pages" in result.output


def test_the_commit_names_source_commit_run_and_author(author):
    source = author.git("rev-parse", "HEAD")
    assert author.publish().exit_code == 0

    told = author.git("log", "-1", "--format=%an <%ae>%n%B", "gh-pages", at=author.bare)

    assert told.splitlines() == [
        "書き手 <author@example.org>",
        f"Publish the run rig-a from {source[:12]}",
        "",
        f"Site: {BASE_URL}",
        "Run: rig-a",
        f"Source-Commit: {source}",
    ]


def test_a_second_publication_adds_a_commit_and_changes_only_what_changed(author):
    assert author.publish().exit_code == 0
    first, old = author.commits(), author.published()
    rewrite(author)

    result = author.publish("--message", "--新しい文")

    assert result.exit_code == 0, result.output
    new = author.published()
    assert author.commits()[1:] == first
    assert {path for path in new if new[path] != old[path]} == {"en/index.html"}
    assert "files    0 added, 1 changed, 0 removed" in result.output
    subject = author.git("log", "-1", "--format=%s", "gh-pages", at=author.bare)
    assert subject == "--新しい文"


def test_an_unchanged_site_pushes_nothing(author):
    assert author.publish().exit_code == 0
    before = author.remote_refs()

    again = author.publish()
    author.commit("Note what was published")
    committed = author.publish()

    assert (again.exit_code, committed.exit_code) == (0, 0), again.output
    assert "holds this site already" in again.output
    assert "holds this site already" in committed.output
    assert author.remote_refs() == before


def test_what_a_page_no_longer_has_is_removed_from_the_branch(author):
    assert author.publish().exit_code == 0
    first = author.published()
    replace_run(
        author.content,
        # A run of another name: its data files go, others come.
        rename(two_models(), "rig-b"),
    )
    author.commit()
    result = author.publish()
    assert result.exit_code == 0, result.output
    files = author.published()
    assert any("rig-a" in path for path in first)
    assert not any("rig-a" in path for path in files)
    assert first.keys() - files.keys() == {p for p in first if "rig-a" in p}


def rename(loaded, run_id):
    changed = {"run_id": run_id}
    return replace(
        loaded,
        run=loaded.run.model_copy(update=changed),
        trials=tuple(t.model_copy(update=changed) for t in loaded.trials),
    )


def test_readers_can_follow_every_link_under_the_path_of_the_repository(author):
    assert author.publish().exit_code == 0
    files = author.published()
    shown = Shown(number=1, files=files, base_url=BASE_URL)
    seen, left = set(), {BASE_URL, f"{BASE_URL}404.html"}
    while left:
        address = left.pop()
        seen.add(address)
        parts = urlsplit(address)
        answer = find(parts.path.encode(), shown)
        assert answer.status == 200, address
        if answer.path.endswith((".html", ".xml")):
            page = files[answer.path].decode("utf-8")
            if parts.fragment:
                assert f'id="{parts.fragment}"' in page, address
            targets = re.findall(r'(?:href|src)="([^"]*)"|<loc>([^<]*)', page)
            found = {urljoin(address, a or b) for a, b in targets}
            left |= {t for t in found if t.startswith("https://user.")} - seen
    assert all(address.startswith(BASE_URL) for address in seen)
    shown_paths = {find(urlsplit(a).path.encode(), shown).path for a in seen}
    assert {p for p in files if p.endswith(".html")} <= shown_paths


def test_a_dry_run_says_what_a_publication_then_does_and_changes_nothing(author):
    assert author.publish().exit_code == 0
    author.commit("Note what was published")
    source = rewrite(author)
    before, refs = everything(author.folder), author.remote_refs()

    dry = author.publish("--dry-run")

    assert dry.exit_code == 0, dry.output
    assert everything(author.folder) == before
    assert author.remote_refs() == refs
    size = len(built(author.content)["en/index.html"])
    for line in (
        "run      rig-a (measured)",
        f"source   {source[:12]} (branch main)",
        f"address  {BASE_URL}",
        f"to       gh-pages of origin ({REMOTE}), now at {refs[:12]}",
        f"files    0 added, 1 changed, 0 removed; {size:,} new bytes",
        "         changed: en/index.html",
        f"commit   Publish the run rig-a from {source[:12]}",
        "lock     claims.lock stays as it is",
        "dry run: nothing was pushed, and no file was written",
    ):
        assert line in dry.output.splitlines()
    real = author.publish()
    assert "files    0 added, 1 changed, 0 removed" in real.output


def test_what_another_author_published_is_built_upon_and_a_dry_run_moves_no_ref(author):
    assert author.publish().exit_code == 0
    rewrite(author)
    other, before = author.publish_elsewhere(), author.refs()

    dry = author.publish("--dry-run")
    after = author.refs()
    result = author.publish()

    assert (dry.exit_code, result.exit_code) == (0, 0), result.output
    assert f"now at {other[:12]}" in dry.output
    assert after == before
    assert author.commits()[1] == other


def test_a_first_dry_run_lists_every_file_and_writes_no_lock(author):
    before = everything(author.folder)
    dry = author.publish("--dry-run")
    assert dry.exit_code == 0, dry.output
    assert everything(author.folder) == before
    assert author.remote_refs() == ""
    added = re.findall(r"added: (.+)", dry.output)
    assert sorted([*built(author.content), ".nojekyll", ".seikaku-site"]) == added
    assert "lock     claims.lock would note what is published" in dry.output


def test_claims_that_flipped_since_the_last_publication_are_named(author):
    assert author.publish().exit_code == 0
    lock = author.content / "claims.lock"
    before = lock.read_bytes()
    # Qwen at 40 % of its speed: 30 tok/s against 33.
    replace_run(author.content, slowed(two_models(), QWEN, 0.4))
    author.commit()

    refused = author.publish()
    confirm(author.content, claims=["fastest", "margin"])
    author.commit("Accept")
    result = author.publish()

    assert refused.exit_code == 1
    assert "fastest no longer holds" in refused.output
    assert result.exit_code == 0, result.output
    assert "claims   5, 2 flipped, new or gone since claims.lock" in result.output
    assert "fastest: holds → broken" in result.output
    assert "margin: holds → broken" in result.output
    assert lock.read_bytes() != before
    assert "commit it" in result.output


def test_a_demo_is_published_only_when_that_is_said(author):
    records = author.content / "records"
    run = load_run(records, "rig-a").run.model_copy(update={"source": "demo"})
    save_run(records, run)
    author.commit()

    by_default = author.publish()
    named = author.publish("--run", "rig-a")
    said = author.publish("--run", "rig-a", "--allow-demo")

    assert by_default.exit_code == 1
    assert named.exit_code == 1
    assert "--allow-demo" in named.output
    assert said.exit_code == 0, said.output
    assert "run      rig-a (demo)" in said.output


def test_a_dirty_tree_is_published_only_when_that_is_said_and_then_marked(author):
    edit(author.content / "en" / "article.md", "It takes", "Hermes takes")
    confirm(author.content)

    refused = author.publish()
    said = author.publish("--allow-dirty")

    assert refused.exit_code == 1
    for name in ("content/en/article.md", "content/reviews.lock", "--allow-dirty"):
        assert name in refused.output
    assert said.exit_code == 0, said.output
    assert "not committed: content/en/article.md" in said.output
    body = author.git("log", "-1", "--format=%B", "gh-pages", at=author.bare)
    assert body.endswith("-dirty")


def test_a_new_file_counts_in_the_content_only(author):
    (author.folder / "notes.txt").write_text("mine", encoding="utf-8")
    elsewhere = author.publish("--dry-run")
    (author.content / "records" / "新しい.json").write_text("{}", encoding="utf-8")
    inside = author.publish("--dry-run")
    assert elsewhere.exit_code == 0, elsewhere.output
    assert inside.exit_code == 1
    assert "content/records/新しい.json" in inside.output


def test_content_that_git_ignores_is_not_committed_either(author):
    (author.folder / ".gitignore").write_text("/content/\n", encoding="utf-8")
    author.git("rm", "-r", "--quiet", "--cached", "content")
    author.commit()
    result = author.publish()
    assert result.exit_code == 1
    assert "not committed: content/site.toml" in result.output


def test_the_checked_site_can_be_written_for_a_workflow_instead(author, tmp_path):
    output = tmp_path / "artifact"
    author.git("remote", "remove", "origin")
    author.git("checkout", "--quiet", "--detach")

    result = author.publish("--output", output, "--base-url", "https://a.example/r")

    assert result.exit_code == 0, result.output
    files = {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file()
    }
    own = {".nojekyll": b"", ".seikaku-site": b""}
    assert files == {**built(author.content, "https://a.example/r/"), **own}
    assert author.remote_refs() == ""
    assert not (author.content / "claims.lock").exists()


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_both_kinds_of_repositories_are_known(make_author, object_format):
    author = make_author(f"--object-format={object_format}")
    first, again = author.publish(), author.publish()
    assert first.exit_code == 0, first.output
    assert "holds this site already" in again.output


def test_a_worktree_of_the_branch_and_the_local_branch_stay_as_they_are(
    author, tmp_path
):
    assert author.publish().exit_code == 0
    tree = tmp_path / "worktree"
    author.git("worktree", "add", "--quiet", tree, "gh-pages")
    local = author.git("rev-parse", "refs/heads/gh-pages")
    rewrite(author)

    result = author.publish()

    assert result.exit_code == 0, result.output
    assert len(author.commits()) == 2
    assert author.git("rev-parse", "refs/heads/gh-pages") == local
    assert author.git("status", "--porcelain", at=tree) == ""


def test_a_detached_head_is_a_commit_like_any_other(author):
    author.git("checkout", "--quiet", "--detach")
    result = author.publish()
    assert result.exit_code == 0, result.output
    assert "(no branch checked out)" in result.output


def test_a_shallow_clone_publishes_on_top_of_what_it_does_not_have(author, tmp_path):
    assert author.publish().exit_code == 0
    rewrite(author)
    author.git("push", "--quiet", "origin", "main")
    clone = tmp_path / "clone"
    author.git(
        "clone", "--quiet", "--depth=1", "--branch=main", author.bare.as_uri(), clone
    )
    before = author.commits()

    author.content = clone / "content"
    result = author.publish("--base-url", BASE_URL)

    assert result.exit_code == 0, result.output
    assert author.commits()[1:] == before
    assert author.git("rev-parse", "--is-shallow-repository", at=clone) == "true"


def test_only_the_branch_is_pushed_whatever_the_settings(author):
    branch = ("--branch", "site/pages")
    author.git("config", "push.followTags", "true")
    author.git("config", "remote.origin.push", "+refs/heads/*:refs/heads/*")
    assert author.publish(*branch).exit_code == 0
    # Git would take along a tag of what it pushes.
    author.git("tag", "--annotate", "--message=x", "v1", "origin/site/pages")
    rewrite(author)
    assert author.publish(*branch).exit_code == 0
    assert author.remote_refs().split()[2:] == ["refs/heads/site/pages"]
    assert len(author.commits("site/pages")) == 2


def test_variables_of_a_hook_do_not_lead_to_another_repository(
    author, tmp_path, monkeypatch
):
    other = tmp_path / "other"
    subprocess.run(["git", "init", "--quiet", str(other)], check=True)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    result = author.publish()
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert result.exit_code == 0, result.output
    assert len(author.commits()) == 1


def test_the_shipped_site_has_no_broken_link_under_a_path():
    files = built(packaged_content(), on_problems="report")
    assert len(files) > 20
    assert check_links(files, BASE_URL) == ()
