"""The families of servers by the name a plan gives them."""

from collections.abc import Callable

from collector.backends.protocol import Backend
from collector.errors import PlanError
from collector.settings import nearest


def _lmstudio(base_url: str) -> Backend:
    # openai takes over half a second to import: only who measures pays for it.
    from collector.backends.lmstudio import LMStudio  # noqa: PLC0415

    return LMStudio(base_url)


def _llamacpp(base_url: str) -> Backend:
    from collector.backends.llamacpp import LlamaCpp  # noqa: PLC0415 - likewise

    return LlamaCpp(base_url)


def _ollama(base_url: str) -> Backend:
    from collector.backends.ollama import Ollama  # noqa: PLC0415 - likewise

    return Ollama(base_url)


def _vllm(base_url: str) -> Backend:
    from collector.backends.vllm import VLLM  # noqa: PLC0415 - likewise

    return VLLM(base_url)


def _openai(base_url: str) -> Backend:
    from collector.backends.openai_plain import OpenAIChat  # noqa: PLC0415 - likewise

    return OpenAIChat(base_url)


BACKENDS: dict[str, Callable[[str], Backend]] = {
    "lmstudio": _lmstudio,
    "llamacpp": _llamacpp,
    "ollama": _ollama,
    "vllm": _vllm,
    "openai": _openai,
}


def make_backend(name: str, base_url: str) -> Backend:
    """Return the backend a plan names; raises PlanError for a name not known."""
    if name not in BACKENDS:
        raise PlanError(f"server.backend = {name!r}: {nearest(name, list(BACKENDS))}")
    return BACKENDS[name](base_url)
