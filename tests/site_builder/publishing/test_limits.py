"""What Pages does not take is found before anything is pushed."""

import sys

import pytest

from site_builder.errors import ContentError
from site_builder.publishing.limits import check_limits


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "data").mkdir(parents=True)
    (folder / "index.html").write_bytes(b"x")
    return folder


def hollow(path, size_bytes):
    """Make a file that has the size, but takes no space."""
    with path.open("wb") as file:
        file.truncate(size_bytes)


def fill(folder, total_bytes):
    """Let the folder have so many bytes in files of at most 100 MB."""
    left = total_bytes - 1
    number = 0
    while left > 0:
        size = min(left, 100_000_000)
        hollow(folder / "data" / f"{number}.bin", size)
        left -= size
        number += 1


def test_a_small_site_is_taken_without_a_word(site):
    assert check_limits(site) == ()


def test_a_file_of_100_mb_is_taken_and_a_larger_one_is_not(site):
    hollow(site / "data" / "big.json", 100_000_000)
    assert check_limits(site) == ()
    hollow(site / "data" / "big.json", 100_000_001)
    with pytest.raises(ContentError, match=r"data/big\.json: has 100 MB"):
        check_limits(site)


def test_a_site_is_warned_of_from_800_mb_and_refused_past_1_gb(site):
    fill(site, 799_999_999)
    assert check_limits(site) == ()
    fill(site, 800_000_000)
    assert check_limits(site) == ("the site has 800 MB; GitHub Pages takes 1,000 MB",)
    fill(site, 1_000_000_000)
    assert len(check_limits(site)) == 1
    fill(site, 1_000_000_001)
    with pytest.raises(ContentError, match="show a smaller run"):
        check_limits(site)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
def test_links_to_files_and_folders_are_refused_each_by_name(site):
    (site / "a.html").symlink_to(site / "index.html")
    (site / "b").symlink_to(site / "data")
    with pytest.raises(ContentError) as caught:
        check_limits(site)
    assert "a.html: is no plain file" in str(caught.value)
    assert "b: is no plain file" in str(caught.value)
