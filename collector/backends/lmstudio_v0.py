"""LM Studio's older list of models, ``GET /api/v0/models``, and its replies."""

from collections.abc import Sequence

from pydantic import JsonValue

from collector.backends.protocol import Wish
from collector.backends.quantization import same_quantization
from collector.backends.untrusted import JsonObject, count_of, object_of, text_of
from collector.errors import ServerError
from collector.record import Instance


def models_of(listing: JsonObject) -> list[JsonValue] | None:
    """Return the entries of a list of models; None: it is no such list."""
    models = listing.get("data")
    return models if isinstance(models, list) else None


def offered_keys(models: Sequence[JsonValue]) -> tuple[str, ...]:
    """Return the keys of all models that can chat."""
    chatting = [object_of(entry) for entry in models if not _is_embedding(entry)]
    keys = [text_of(model.get("id")) for model in chatting]
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def only_loaded(models: Sequence[JsonValue], wish: Wish, *, where: str) -> Instance:
    """Return the one loaded model that can chat, which is the wished one.

    Raises:
        ServerError: None is loaded, or several, or another one, or with another
            context; the message says what was found.
    """
    loaded = [_loaded(entry, where) for entry in models if not _is_embedding(entry)]
    found = [each for each in loaded if each is not None]
    if not found:
        raise ServerError(
            f"{where}: no model is loaded: a request would load {wish.key!r} while "
            "the clock runs: load it in LM Studio"
        )
    if len(found) > 1:
        names = ", ".join(repr(each.instance_id) for each in found)
        raise ServerError(
            f"{where}: {len(found)} models are loaded ({names}), and either may "
            "answer or take the memory: unload all but one"
        )
    _check_wish(found[0], wish, where)
    return found[0]


def engine_of(reply: JsonObject) -> tuple[str | None, str | None]:
    """Return name and version of the engine that gave a reply, as far as it tells."""
    runtime = object_of(reply.get("runtime"))
    return text_of(runtime.get("name")), text_of(runtime.get("version"))


def _is_embedding(entry: JsonValue) -> bool:
    return object_of(entry).get("type") == "embeddings"


def _loaded(entry: JsonValue, where: str) -> Instance | None:
    """Return a loaded model's instance; None: it is not loaded."""
    model = object_of(entry)
    state, key = text_of(model.get("state")), text_of(model.get("id"))
    if state is None or key is None:
        raise ServerError(
            f"{where}: cannot tell what is loaded from {repr(entry)[:80]}: "
            "update LM Studio"
        )
    if state == "not-loaded":
        return None
    return Instance(
        instance_id=key,
        key=key,
        quantization=text_of(model.get("quantization")),
        context_length=count_of(model.get("loaded_context_length")),
        config=model,
    )


def _check_wish(found: Instance, wish: Wish, where: str) -> None:
    base, _, variant = wish.key.partition("@")
    is_wished = found.key == wish.key or (
        found.key == base
        and found.quantization is not None
        and same_quantization(found.quantization, variant)
    )
    if not is_wished:
        raise ServerError(
            f"{where}: {found.key!r} ({found.quantization}) is loaded, not "
            f"{wish.key!r}: load that one in LM Studio, or correct the plan's key"
        )
    if object_of(found.config).get("state") != "loaded":
        raise ServerError(
            f"{where}: {found.key!r} is not loaded yet: wait until LM Studio shows it "
            "as loaded"
        )
    lengths = {wish.context_length, found.context_length} - {None}
    if len(lengths) > 1:
        raise ServerError(
            f"{where}: {found.key!r} is loaded for {found.context_length} tokens, not "
            f"for {wish.context_length}: correct context_length in the plan, or load "
            "the model for that many"
        )
