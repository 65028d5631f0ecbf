"""At any moment the site is the old one or the new one."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from site_builder.errors import OutputError
from site_builder.write import MARKER, write_site

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals and limits")


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MARKER
    }


def beside(folder: Path) -> set[str]:
    return {path.name for path in folder.parent.iterdir()}


def test_a_new_site_replaces_the_old_one_wholly(tmp_path):
    site = tmp_path / "out" / "site"
    write_site({"a.html": b"1", "old/b.html": b"1"}, site)
    write_site({"a.html": b"2", "new/c.html": b"2"}, site)
    assert files_of(site) == {"a.html": b"2", "new/c.html": b"2"}
    assert beside(site) == {"site"}


@pytest.mark.parametrize("name", ["notes.txt", "index.html"])
def test_a_folder_that_is_not_ours_is_refused_and_untouched(tmp_path, name):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / name).write_bytes(b"mine")
    with pytest.raises(OutputError, match="is not a site that seikaku wrote"):
        write_site({"index.html": b"x"}, folder)
    assert files_of(folder) == {name: b"mine"}


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "site").write_bytes(b"mine")
    with pytest.raises(OutputError):
        write_site({"index.html": b"x"}, tmp_path / "site")
    assert (tmp_path / "site").read_bytes() == b"mine"


def test_an_old_site_left_by_a_killed_swap_is_put_back(tmp_path):
    site = tmp_path / "site"
    write_site({"index.html": b"old"}, site)
    site.rename(tmp_path / ".site.0000.old")
    with pytest.raises(OutputError):
        write_site({"index.html/x": b"", "index.html": b"x"}, site)
    assert files_of(site) == {"index.html": b"old"}


@posix
def test_a_full_disk_leaves_the_old_site_and_nothing_else(tmp_path):
    site = tmp_path / "site"
    write_site({"index.html": b"old"}, site)
    code = (
        "import resource, sys; from pathlib import Path;"
        "from site_builder.write import write_site;"
        "from site_builder.errors import OutputError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    write_site({'index.html': b'n', 'big': b'x' * 9999}, Path(sys.argv[1]))\n"
        "except OutputError as error:\n"
        "    print('refused', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(site)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("refused")
    assert files_of(site) == {"index.html": b"old"}
    assert beside(site) == {"site"}


@posix
def test_a_build_killed_at_any_moment_leaves_one_whole_version(tmp_path):
    site = tmp_path / "site"
    code = (
        "import sys; from pathlib import Path;"
        "from site_builder.write import write_site\n"
        "print('ready', flush=True)\n"
        "n = 0\n"
        "while True:\n"
        "    n += 1\n"
        "    write_site({f'{i}/index.html': str(n).encode() for i in range(40)},"
        " Path(sys.argv[1]))\n"
    )
    moments = random.Random(7)
    write_site({f"{i}/index.html": b"0" for i in range(40)}, site)
    seen = set()
    for _ in range(15):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(site)], stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(moments.uniform(0.0, 0.15))
            child.send_signal(signal.SIGKILL)
        versions = set(files_of(site).values())
        assert len(versions) == 1
        assert len(files_of(site)) == 40
        seen |= versions
    assert len(seen) > 1
