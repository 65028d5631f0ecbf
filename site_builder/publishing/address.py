"""The address a site is published under, from all places that can say it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from site_builder.config import SiteConfig, read_text, with_base_url
from site_builder.errors import ContentError
from site_builder.publishing.git import without_secrets

CNAME = "CNAME"
"""File of a Pages branch that holds its own domain."""

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{4,253}}\Z)(?:{_LABEL}\.)+{_LABEL}")


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the site will be.

    Attributes:
        base_url: With a last slash.
        domain: Its own domain; None: it has the host's.
    """

    base_url: str
    domain: str | None


def find_domain(
    given: str | None, content: Path, published: bytes | None
) -> str | None:
    """Return the site's own domain; None: it has none.

    The option counts first, then the file ``CNAME`` of the content, then that of the
    published branch: GitHub writes it there when the domain is set in the settings,
    and losing it would take the domain away.

    Args:
        given: With ``--cname``; empty: none, whatever the files say.
        content: The content folder.
        published: The branch's file; None: there is none.

    Raises:
        ContentError: One of them is no domain.
    """
    if given is not None:
        return _domain(given, place="--cname") if given else None
    path = content / CNAME
    if path.exists():
        return _domain(read_text(path), place=str(path))
    if published is not None:
        return _domain(
            published.decode("utf-8", "replace"), place=f"{CNAME} of the branch"
        )
    return None


def choose_address(
    given: str | None,
    config: SiteConfig,
    *,
    domain: str | None,
    derived: str | None,
    remote_url: str,
) -> Address:
    """Return the address of the site.

    The option counts first, then the domain, then ``site.toml``, then what follows
    from the remote.

    Args:
        given: With ``--base-url``.
        config: What ``site.toml`` says.
        domain: The site's own.
        derived: The remote's Pages; None: it is not on GitHub.
        remote_url: The remote's own address, for messages.

    Raises:
        ContentError: Nothing says it, or two places contradict each other.
    """
    stated: Mapping[str, str] = {
        "--base-url": _whole(given or "", config),
        "base_url of site.toml": config.base_url if given is None else "",
    }
    for place, base_url in stated.items():
        if base_url:
            _refuse_contradiction(place, base_url, domain=domain, derived=derived)
            return Address(base_url=base_url, domain=domain)
    if domain is not None:
        return Address(base_url=f"https://{domain}/", domain=domain)
    if derived is None:
        raise ContentError(
            f"{without_secrets(remote_url)}: is no GitHub repository, so the site's "
            "address does not follow from it: give it with --base-url or in site.toml"
        )
    return Address(base_url=derived, domain=None)


def _whole(base_url: str, config: SiteConfig) -> str:
    return with_base_url(config, base_url, place="--base-url").base_url


def _refuse_contradiction(
    place: str, base_url: str, *, domain: str | None, derived: str | None
) -> None:
    """Refuse an address at which GitHub Pages will not show the site."""
    host = urlsplit(base_url).hostname or ""
    if domain is not None and host != domain:
        raise ContentError(
            f"{place} is {base_url}, but the site's own domain is {domain}: "
            "make them the same, or take the domain away with --cname ''"
        )
    is_elsewhere = derived is not None and derived.lower() != base_url.lower()
    # Longer names are those of private sites, which follow from nothing.
    is_of_owner = host.endswith(".github.io") and host.count(".") == 2
    if domain is None and is_of_owner and is_elsewhere:
        raise ContentError(
            f"{place} is {base_url}, but the remote's Pages are at {derived}: "
            "correct it, or choose another --remote"
        )


def _domain(text: str, *, place: str) -> str:
    domain = text.strip().lower()
    if not _DOMAIN.fullmatch(domain):
        raise ContentError(
            f"{place}: {text.strip()!r} is no domain: write one such as "
            "www.example.org, without https:// (a Japanese one as xn--…)"
        )
    return domain
