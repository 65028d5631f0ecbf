"""``site.toml`` into a frozen value."""

import difflib
import tomllib
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from site_builder.errors import ContentError

LATEST = "latest"


@dataclass(frozen=True, kw_only=True)
class SiteConfig:
    """What holds for the whole site.

    Attributes:
        primary_language: Folder of the language shown first.
        run: The run the article shows; ``latest``: the newest measured run, or the
            published one where nothing was measured yet.
        base_url: Address the site is published under, with a last slash; empty: not
            known, and no page names its own address.
        repository: Address of the source; empty: not shown.
        author: Who publishes the site; empty: its name stands for them.
        licence: Licence of texts and data, by its SPDX name such as ``MIT``; empty:
            none is stated.
        licence_url: Address of the licence; empty: not shown.
        published_on: First day of publication; None: not stated.
        updated_on: Day of the last change; None: not stated.
    """

    primary_language: str
    run: str = LATEST
    base_url: str = ""
    repository: str = ""
    author: str = ""
    licence: str = ""
    licence_url: str = ""
    published_on: date | None = None
    updated_on: date | None = None


def read_text(path: Path) -> str:
    """Read a text file; raises ContentError naming the file, the fault, the mend."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ContentError(
            f"{path}: there is no such file: write it, "
            "or give another content folder with --content"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(
            f"{path}: cannot be read ({error}): save it as UTF-8"
        ) from error


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; raises ContentError naming the file, the fault, the mend."""
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{path}: is not TOML ({error}): mend that line") from error


def read_config(path: Path) -> SiteConfig:
    """Read ``site.toml``.

    Raises:
        ContentError: Missing, no TOML, an unknown key, a wrong value.
    """
    settings = read_toml(path)
    known = {field.name for field in fields(SiteConfig)}
    for key, value in settings.items():
        if key not in known:
            raise ContentError(f"{path}: unknown key {key!r}: {nearest(key, known)}")
        wanted = date if key.endswith("_on") else str
        if not isinstance(value, wanted):
            raise ContentError(
                f"{path}: {key} = {value!r}: is not a {wanted.__name__}: correct it"
            )
    if "primary_language" not in settings:
        raise ContentError(f"{path}: the key 'primary_language' is missing: add it")
    config = SiteConfig(**settings)
    return with_base_url(config, config.base_url, place=f"{path}: base_url")


def with_base_url(config: SiteConfig, base_url: str, *, place: str) -> SiteConfig:
    """Return the config with this address, its last slash added.

    Raises:
        ContentError: It is neither empty nor an http or https address.
    """
    if not base_url:
        return replace(config, base_url="")
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ContentError(
            f"{place} = {base_url!r}: is no address: "
            "write it like https://user.github.io/repository/"
        )
    path = parts.path if parts.path.endswith("/") else parts.path + "/"
    return replace(
        config, base_url=parts._replace(path=path, query="", fragment="").geturl()
    )


def nearest(word: str, known: set[str]) -> str:
    """Say which known word was probably meant, or list them all."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"choose one of {', '.join(sorted(known)) or '(none)'}"
