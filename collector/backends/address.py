"""Addresses of servers."""

from urllib.parse import urlsplit

_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


def complete_base_url(value: str) -> str:
    """Return the address of the ``/v1`` routes; a bare host gets ``/v1`` appended.

    Raises:
        ValueError: It is no http or https address.
    """
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("give an address such as http://127.0.0.1:1234/v1")
    path = parts.path.rstrip("/") or "/v1"
    return parts._replace(path=path, query="", fragment="").geturl()


def is_loopback(base_url: str) -> bool:
    """Whether an address is of this machine."""
    return urlsplit(base_url).hostname in _LOOPBACK_HOSTS


def server_root(base_url: str) -> str:
    """Return scheme, host and port, where a server's own routes begin."""
    return urlsplit(base_url)._replace(path="", query="", fragment="").geturl()
