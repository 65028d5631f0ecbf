"""Which server answers at an address, and what it says of its models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from collector.backends.untrusted import (
    JsonObject,
    count_of,
    decode,
    object_of,
    text_of,
)
from collector.doctor.probes import Reply

Get = Callable[[str], Reply | None]

HARMLESS_HEADERS = ("content-type", "server", "x-powered-by")
"""Headers that name software and nobody's machine."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A server that was recognised.

    Attributes:
        backend: What a plan calls a server of this family.
        version: As it tells it; None: it does not.
        headers: The harmless ones of its list of models.
    """

    name: str
    backend: str
    version: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A model as LM Studio lists it.

    Attributes:
        quantization: Of the file it would load; None: it does not tell.
        context_max: Most tokens it can be loaded for; None: it does not tell.
        instances: Ids of its loaded instances.
    """

    key: str
    quantization: str | None
    context_max: int | None
    instances: tuple[str, ...]


def identify(get: Get, *, models_path: str) -> Identity | None:
    """Recognise a server by what only its family answers; None: none that we know.

    LM Studio answers any path with 200, so a status alone tells nothing.
    """
    listing = get(models_path)
    headers = harmless({} if listing is None else listing.headers)
    if _object(get("/lmstudio-greeting")).get("lmstudio") is True:
        return Identity(name="LM Studio", backend="lmstudio", headers=headers)
    owners = _texts(_entries(_object(listing), "data"), "owned_by")
    if headers.get("server") == "llama.cpp" or "llamacpp" in owners:
        name, backend, path, key = "llama.cpp", "llamacpp", "/props", "build_info"
    elif "vllm" in owners:
        name, backend, path, key = "vLLM", "vllm", "/version", "version"
    else:
        name, backend, path, key = "Ollama", "ollama", "/api/version", "version"
    version = text_of(_object(get(path)).get(key))
    if name == "Ollama" and version is None:
        return None
    return Identity(name=name, backend=backend, version=version, headers=headers)


def wants_token(reply: Reply) -> bool:
    """Whether an answer is the refusal of a request without a token, or with a bad one.

    The status is enough for most; LM Studio also gives a code.
    """
    error = object_of(_json(reply).get("error"))
    return reply.status in {401, 403} or error.get("code") == "invalid_api_key"


def read_offers(get: Get) -> tuple[Offer, ...] | None:
    """Return what LM Studio's own routes list; None: it has no such routes."""
    listing = _object(get("/api/v1/models"))
    if not isinstance(listing.get("models"), list):
        return None
    return tuple(
        Offer(
            key=key,
            quantization=text_of(object_of(entry.get("quantization")).get("name")),
            context_max=count_of(entry.get("max_context_length")),
            instances=_texts(_entries(entry, "loaded_instances"), "id"),
        )
        for entry in _entries(listing, "models")
        if (key := text_of(entry.get("key"))) is not None
    )


def running_in_ollama(get: Get) -> tuple[str, ...] | None:
    """Return the names of the models Ollama has loaded; None: it does not tell."""
    listing = _object(get("/api/ps"))
    if not isinstance(listing.get("models"), list):
        return None
    return _texts(_entries(listing, "models"), "name")


def listed_keys(listing: Reply | None) -> frozenset[str]:
    """Return the keys in a list of models of OpenAI's kind."""
    return frozenset(_texts(_entries(_object(listing), "data"), "id"))


def harmless(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that may be shown to anybody."""
    return {name: headers[name] for name in HARMLESS_HEADERS if name in headers}


def _object(reply: Reply | None) -> JsonObject:
    """Return the JSON object of a good answer; empty for anything else."""
    return {} if reply is None or reply.status != 200 else _json(reply)


def _json(reply: Reply) -> JsonObject:
    try:
        return object_of(decode(reply.body))
    except ValueError:
        return {}


def _entries(content: JsonObject, key: str) -> list[JsonObject]:
    entries = content.get(key)
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict)]


def _texts(entries: list[JsonObject], key: str) -> tuple[str, ...]:
    texts = [text_of(entry.get(key)) for entry in entries]
    return tuple(text for text in texts if text is not None)
