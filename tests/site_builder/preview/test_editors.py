"""How real editors save, replayed on a real folder: one save is one build."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

posix = pytest.mark.skipif(os.name != "posix", reason="the editor is POSIX's")


def vim_by_rename(article: Path) -> None:
    """``backupcopy=no``, with a swap file, and the try whether files can be made."""
    swap = article.with_name(f".{article.name}.swp")
    swap.write_bytes(b"swap")
    probe = article.with_name("4913")
    probe.write_bytes(b"")
    probe.unlink()
    backup = article.with_name(f"{article.name}~")
    article.rename(backup)
    article.write_bytes(b"two")
    article.chmod(0o644)
    backup.unlink()
    swap.unlink()


def vim_by_copy(article: Path) -> None:
    """``backupcopy=yes``: the file is truncated and written in place."""
    backup = article.with_name(f"{article.name}~")
    shutil.copy2(article, backup)
    with article.open("wb") as file:
        file.write(b"two")
        os.fsync(file.fileno())
    backup.unlink()


def vs_code(article: Path) -> None:
    with article.open("r+b") as file:
        file.truncate(0)
        file.flush()
        file.write(b"t")
        file.flush()
        file.write(b"wo")


def emacs(article: Path) -> None:
    """A lock that points nowhere, an autosave file, a backup by renaming."""
    lock = article.with_name(f".#{article.name}")
    lock.symlink_to("writer@machine.1234:5678")
    autosave = article.with_name(f"#{article.name}#")
    autosave.write_bytes(b"tw")
    article.rename(article.with_name(f"{article.name}~"))
    article.write_bytes(b"two")
    autosave.unlink()
    lock.unlink()


def gnome(article: Path) -> None:
    aside = article.with_name(".goutputstream-A1B2C3")
    aside.write_bytes(b"two")
    aside.replace(article)


def jetbrains(article: Path) -> None:
    new = article.with_name(f"{article.name}___jb_tmp___")
    old = article.with_name(f"{article.name}___jb_old___")
    new.write_bytes(b"two")
    article.rename(old)
    new.rename(article)
    old.unlink()


def rename_of_a_visible_file(article: Path) -> None:
    aside = article.with_name("article.new")
    aside.write_bytes(b"two")
    aside.replace(article)


def sed_in_place(article: Path) -> None:
    command = ["sed", "-i"] if sys.platform != "darwin" else ["sed", "-i", ""]
    subprocess.run([*command, "s/one/two/", str(article)], check=True)


def slow_writer(article: Path) -> None:
    """Truncates, and writes so late that a build would have begun."""
    with article.open("wb", buffering=0) as file:
        time.sleep(0.1)
        file.write(b"two")


def slow_renamer(article: Path) -> None:
    backup = article.with_name(f"{article.name}~")
    article.rename(backup)
    time.sleep(0.1)
    article.write_bytes(b"two")


EDITORS = [
    vim_by_copy,
    vs_code,
    gnome,
    jetbrains,
    rename_of_a_visible_file,
    slow_writer,
    slow_renamer,
    pytest.param(vim_by_rename, marks=posix),
    pytest.param(emacs, marks=posix),
    pytest.param(sed_in_place, marks=posix),
]


@pytest.mark.parametrize("save", EDITORS)
def test_a_save_is_one_build_of_what_was_saved(content, start, log, edits, save):
    start()
    save(content / "ja" / "article.md")
    saved = log.wait_for(2)
    assert saved.result.files["ja/article.txt"] == b"two"
    assert edits() == [{"article.md"}, {"probe"}]


def touch_twice(article: Path) -> None:
    article.touch()
    article.touch()


def change_the_mode(article: Path) -> None:
    article.chmod(0o600)


def write_the_same(article: Path) -> None:
    article.write_bytes(article.read_bytes())


def leave_files(article: Path) -> None:
    for name in (".article.md.swp", "article.md~", "4913", "#article.md#", "x.md.tmp"):
        article.with_name(name).write_bytes(b"left by an editor")
    (article.parent / "__pycache__").mkdir()
    (article.parent / "__pycache__" / "x.pyc").write_bytes(b"x")
    (article.parent / ".git").mkdir()
    (article.parent / ".git" / "index").write_bytes(b"x")


def add_and_take_away(article: Path) -> None:
    other = article.with_name("other.md")
    other.write_bytes(b"x")
    other.unlink()


def read_all(article: Path) -> None:
    for path in article.parents[1].rglob("*.md"):
        path.read_bytes()


@pytest.mark.parametrize(
    "act",
    [
        touch_twice,
        change_the_mode,
        write_the_same,
        leave_files,
        add_and_take_away,
        read_all,
    ],
)
def test_what_changes_nothing_builds_nothing(content, start, edits, act):
    start()
    act(content / "ja" / "article.md")
    assert edits() == [{"probe"}]
