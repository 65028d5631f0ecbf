"""The families of servers by the name a plan gives them."""

from collections.abc import Callable

from collector.backends.protocol import Backend
from collector.errors import PlanError
from collector.settings import nearest


def _lmstudio(base_url: str) -> Backend:
    # openai takes over half a second to import: only who measures pays for it.
    from collector.backends.lmstudio import LMStudio  # noqa: PLC0415

    return LMStudio(base_url)


def _openai(base_url: str) -> Backend:
    from collector.backends.openai_chat import OpenAIChat  # noqa: PLC0415 - likewise

    return OpenAIChat(base_url)


BACKENDS: dict[str, Callable[[str], Backend]] = {
    "lmstudio": _lmstudio,
    "openai": _openai,
}


def make_backend(name: str, base_url: str) -> Backend:
    """Return the backend a plan names; raises PlanError for a name not known."""
    if name not in BACKENDS:
        raise PlanError(f"server.backend = {name!r}: {nearest(name, list(BACKENDS))}")
    return BACKENDS[name](base_url)
