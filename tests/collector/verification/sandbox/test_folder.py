"""Folders as a hostile program may leave them, made here by hand."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from collector.errors import SandboxError
from collector.verification.sandbox import folder as module
from collector.verification.sandbox.folder import (
    collect,
    delete,
    fresh_folder,
    over_limit,
)
from collector.verification.sandbox.protocol import Job, Limits

only_posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file kinds")


def job(*, limits: Limits | None = None, collects: tuple[str, ...] = ()) -> Job:
    files = {"main.py": b"pass", "data/in.json": b"{}"}
    return Job(
        script="main.py", files=files, limits=limits or Limits(), collects=collects
    )


@pytest.fixture
def place():
    with fresh_folder(job()) as made:
        yield made


def test_the_folder_holds_the_jobs_files_and_is_gone_afterwards():
    with fresh_folder(job()) as made:
        assert (made.work / "main.py").read_bytes() == b"pass"
        assert (made.work / "data" / "in.json").read_bytes() == b"{}"
        assert made.root.exists()

    assert not made.root.exists()


def test_the_folder_goes_when_the_block_fails():
    with pytest.raises(KeyboardInterrupt), fresh_folder(job()) as made:
        raise KeyboardInterrupt

    assert not made.root.exists()


@pytest.mark.parametrize(
    "name", ["../out", "/out", "a/../../out", "a\\b", "c:out", "a\0b", ".", "", "./a"]
)
def test_a_name_outside_the_folder_is_refused(name):
    hostile = Job(script=name, files={name: b""})

    with pytest.raises(ValueError, match="relative name"), fresh_folder(hostile):
        pass


def test_a_script_that_is_not_given_is_refused():
    with (
        pytest.raises(ValueError, match="not among"),
        fresh_folder(Job(script="b.py", files={"a.py": b""})),
    ):
        pass


def test_files_that_were_not_given_or_were_changed_are_collected(place):
    (place.work / "out.csv").write_bytes(b"a")
    (place.work / "data" / "in.json").write_bytes(b"[]")
    (place.work / "deep").mkdir()
    (place.work / "deep" / "x.txt").write_bytes(b"b")
    (place.temporary / "t.csv").write_bytes(b"not in the folder")

    found = collect(place, job())

    assert found == {"data/in.json": b"[]", "deep/x.txt": b"b", "out.csv": b"a"}
    assert list(found) == sorted(found)


def test_only_the_endings_asked_for_are_collected(place):
    for name in ("a.csv", "b.CSV", "c.txt", "csv"):
        (place.work / name).write_bytes(b"1")

    assert set(collect(place, job(collects=(".csv",)))) == {"a.csv", "b.CSV"}


@only_posix
def test_neither_links_nor_pipes_nor_sockets_are_collected(place, tmp_path):
    import socket

    secret = tmp_path / "secret.csv"
    secret.write_bytes(b"hunter2")
    (place.work / "link.csv").symlink_to(secret)
    (place.work / "broken.csv").symlink_to("nowhere")
    (place.work / "folder").symlink_to(tmp_path)
    os.mkfifo(place.work / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place.work / "socket.csv"))

        assert collect(place, job()) == {}


@only_posix
def test_a_link_put_in_the_place_of_a_file_is_not_followed(
    place, tmp_path, monkeypatch
):
    # Between the look and the reading, where nothing but the open itself protects.
    secret = tmp_path / "secret"
    secret.write_bytes(b"hunter2")
    (place.work / "out.csv").symlink_to(secret)
    monkeypatch.setattr(module.stat, "S_ISREG", lambda _mode: True)

    assert collect(place, job()) == {}


@only_posix
def test_a_file_without_rights_is_read(place):
    path = place.work / "out.csv"
    path.write_bytes(b"1")
    path.chmod(0)

    assert collect(place, job()) == {"out.csv": b"1"}


def test_no_more_than_the_limits_is_read(place):
    for name in ("a", "b", "c"):
        (place.work / name).write_bytes(b"12345678")

    found = collect(place, job(limits=Limits(file_bytes=6, folder_bytes=10)))

    assert sum(map(len, found.values())) <= 10
    assert max(map(len, found.values())) == 6


def test_a_sparse_giant_is_read_up_to_its_limit(place):
    with (place.work / "giant").open("wb") as file:
        file.truncate(2**40 if sys.platform == "linux" else 2**20)

    assert collect(place, job(limits=Limits(file_bytes=100))) == {"giant": bytes(100)}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_text_is_left_out(place):
    Path(os.fsdecode(os.fsencode(place.work) + b"/\xff.csv")).write_bytes(b"1")

    assert collect(place, job()) == {}


def test_bytes_and_files_are_counted_together(place):
    # Given: main.py with 4 bytes, data, in.json with 2.
    (place.temporary / "t").write_bytes(b"1234")
    places = [place.work, place.temporary]

    assert over_limit(places, Limits(files=4)) is None
    assert over_limit(places, Limits(files=3)) == "files"
    assert over_limit([place.work], Limits(files=3)) is None
    size_bytes = 10 + (place.work / "data").lstat().st_size
    assert over_limit(places, Limits(folder_bytes=size_bytes)) is None
    assert over_limit(places, Limits(folder_bytes=size_bytes - 1)) == "disk"


@only_posix
def test_the_target_of_a_link_is_not_counted(place, tmp_path):
    (tmp_path / "big").write_bytes(bytes(2**20))
    (place.work / "link").symlink_to(tmp_path / "big")
    (place.work / "folder").symlink_to(tmp_path)

    assert over_limit([place.work], Limits(folder_bytes=2**19)) is None


@only_posix
def test_deleting_follows_no_link(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_bytes(b"stays")
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    (root / "inner" / "folder").symlink_to(kept)
    (root / "file").symlink_to(kept / "file")

    delete(root)

    assert not root.exists()
    assert (kept / "file").read_bytes() == b"stays"


@pytest.fixture
def deep():
    """A folder with others inside to a depth that no path, and no stack, reaches."""
    root = Path(tempfile.mkdtemp(prefix="seikaku-deep-"))
    here = os.open(root, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d" * 100, dir_fd=here)
        inner = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    yield root
    # Were it left, Python's own deleting, and so pytest's, would fail on it.
    subprocess.run(("rm", "-rf", str(root)), check=True)


@only_posix
def test_folders_deeper_than_a_path_can_name_are_deleted(deep):
    assert over_limit([deep], Limits(files=10)) == "files"

    delete(deep)

    assert not deep.exists()


@only_posix
def test_folders_without_rights_are_deleted(tmp_path):
    root = tmp_path / "root"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "file").write_bytes(b"")
    (root / "a" / "b").chmod(0)
    (root / "a").chmod(0)

    delete(root)

    assert not root.exists()


def test_what_cannot_be_deleted_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(module.shutil, "rmtree", lambda *_, **__: None)

    with pytest.raises(SandboxError, match="delete it by hand"):
        delete(tmp_path)
