"""From a remote's address to that of its GitHub Pages."""

import pytest

from site_builder.publishing.git import without_secrets
from site_builder.publishing.remote import pages_address


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/User/Repo",
        "https://github.com/User/Repo.git",
        "https://github.com/User/Repo/",
        "https://GitHub.com/User/Repo.git",
        "https://www.github.com/User/Repo",
        "https://me:token@github.com/User/Repo.git",
        "http://github.com/User/Repo",
        "git://github.com/User/Repo.git",
        "git@github.com:User/Repo.git",
        "git@github.com:User/Repo",
        "git@github.com:/User/Repo.git",
        "github.com:User/Repo.git",
        "ssh://git@github.com/User/Repo.git",
        "ssh://git@github.com/User/Repo",
        "ssh://git@github.com:22/User/Repo.git",
        "ssh://git@ssh.github.com:443/User/Repo.git",
    ],
)
def test_every_way_to_write_a_repository_gives_its_pages(url):
    assert pages_address(url) == "https://user.github.io/Repo/"


@pytest.mark.parametrize(
    "url",
    [
        "git@github.com:User/user.github.io.git",
        "https://github.com/User/User.GitHub.io",
    ],
)
def test_the_repository_of_a_user_lies_at_the_root(url):
    assert pages_address(url) == "https://user.github.io/"


def test_a_repository_named_like_somebody_elses_site_lies_below_its_owner():
    url = "https://github.com/user/other.github.io"
    assert pages_address(url) == "https://user.github.io/other.github.io/"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://gitlab.com/user/repo.git",
        "git@github.example.org:user/repo.git",
        "https://github.com.example.org/user/repo",
        "https://example.org/github.com/user/repo",
        "https://github.com/repo",
        "https://github.com/a/b/c",
        "https://github.com/a b/c",
        "https://[github.com/user/repo",
        "../remote.git",
        "/srv/github.com/user/repo.git",
        "C:\\github.com\\user\\repo",
        "C:/user/repo",
        "file:///github.com/user/repo",
    ],
)
def test_other_addresses_give_none(url):
    assert pages_address(url) is None


def test_names_and_passwords_are_left_out_of_messages():
    said = "fatal: https://me:token@a.example/x and ssh://git@b.example:22/y: no"
    bare = "fatal: https://a.example/x and ssh://b.example:22/y: no"
    assert without_secrets(said) == bare
