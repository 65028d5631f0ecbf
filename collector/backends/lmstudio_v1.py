"""LM Studio's list of models, ``GET /api/v1/models``, and what of it is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from collector.backends.protocol import Wish
from collector.backends.untrusted import (
    JsonObject,
    count_of,
    object_of,
    seconds_of,
    text_of,
)
from collector.errors import ServerError
from collector.record import Instance

_EMBEDDING_TYPES = ("embedding", "embeddings")
_DEVICE_FIELDS = ("deviceIdentifier", "device_identifier")


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A loaded instance as it is listed; None: the list does not say.

    Attributes:
        key: The server's name for the model.
        variant: The file chosen among the model's.
        is_remote: Whether another device of an LM Link runs it.
        entry: The instance's own entry, verbatim.
    """

    instance_id: str
    key: str | None
    variant: str | None
    quantization: str | None
    context_length: int | None
    size_bytes: int | None
    is_remote: bool
    entry: JsonObject


def models_url(root: str) -> str:
    """Return the address of the list, below which a model is loaded or unloaded."""
    return f"{root}/api/v1/models"


def models_of(listing: JsonObject) -> list[JsonValue] | None:
    """Return the entries of a list of models; None: it is no such list."""
    models = listing.get("models")
    return models if isinstance(models, list) else None


def offered_keys(models: Sequence[JsonValue]) -> tuple[str, ...]:
    """Return the keys of all models that can chat, each with its variants."""
    found: dict[str, None] = {}
    for entry in models:
        model = object_of(entry)
        if model.get("type") not in _EMBEDDING_TYPES:
            variants = model.get("variants")
            listed = variants if isinstance(variants, list) else []
            keys = [text_of(name) for name in (model.get("key"), *listed)]
            found.update(dict.fromkeys(key for key in keys if key is not None))
    return tuple(found)


def key_to_load(models: Sequence[JsonValue], key: str) -> str:
    """Return the name under which a load gives the wished model.

    LM Studio lists variants as ``key@variant`` but does not find them by that name: it
    loads the variant that is selected, by the model's key
    (lmstudio-bug-tracker issue 1462).
    """
    base = key.partition("@")[0]
    for model in map(object_of, models):
        if model.get("key") == base and model.get("selected_variant") == key:
            return base
    return key


def loaded_instances(models: Sequence[JsonValue], *, where: str) -> tuple[Loaded, ...]:
    """Return every loaded instance of every model, embedding models included.

    Raises:
        ServerError: Something of the list cannot be read, so that an instance might
            be overlooked.
    """
    found: list[Loaded] = []
    for entry in models:
        if not isinstance(entry, dict):
            raise _unreadable(entry, where)
        instances = entry.get("loaded_instances")
        if instances is None:
            continue
        if not isinstance(instances, list):
            raise _unreadable(instances, where)
        found.extend(_loaded(entry, instance, where) for instance in instances)
    return tuple(found)


def _loaded(model: JsonObject, instance: JsonValue, where: str) -> Loaded:
    entry = object_of(instance)
    instance_id = text_of(entry.get("id"))
    if instance_id is None:
        raise _unreadable(instance, where)
    return Loaded(
        instance_id=instance_id,
        key=text_of(model.get("key")),
        variant=text_of(model.get("selected_variant")),
        quantization=text_of(object_of(model.get("quantization")).get("name")),
        context_length=count_of(object_of(entry.get("config")).get("context_length")),
        size_bytes=count_of(model.get("size_bytes")),
        is_remote=any(
            each.get(name) is not None
            for each in (model, entry, object_of(entry.get("config")))
            for name in _DEVICE_FIELDS
        ),
        entry=entry,
    )


def _unreadable(value: JsonValue, where: str) -> ServerError:
    return ServerError(
        f"{where}: cannot tell what is loaded from {repr(value)[:80]}: update LM Studio"
    )


def only_loaded(models: Sequence[JsonValue], wish: Wish, *, where: str) -> Loaded:
    """Return the one loaded instance of the whole server, which is the wished model.

    Raises:
        ServerError: None is loaded, or several, or another one, or with another
            context, or on another device; the message says what was found.
    """
    loaded = loaded_instances(models, where=where)
    if not loaded:
        raise ServerError(
            f"{where}: no model is loaded: a request would load {wish.key!r} while "
            "the clock runs: set design.reload = true, or load it in LM Studio"
        )
    if len(loaded) > 1:
        raise ServerError(
            f"{where}: {len(loaded)} models are loaded ({names_of(loaded)}), and "
            "either may answer or take the memory: unload all but one"
        )
    check_device(loaded, where=where)
    _check_wish(loaded[0], wish, where)
    return loaded[0]


def names_of(loaded: Sequence[Loaded]) -> str:
    """Return the names of instances for a message."""
    return ", ".join(repr(each.instance_id) for each in loaded)


def check_device(loaded: Sequence[Loaded], *, where: str) -> None:
    """Refuse instances of other devices; raises ServerError."""
    remote = [each for each in loaded if each.is_remote]
    if remote:
        raise ServerError(
            f"{where}: {names_of(remote)} runs on another device of LM Link: "
            "switch LM Link off, or measure on that device"
        )


def _check_wish(found: Loaded, wish: Wish, where: str) -> None:
    if wish.key not in {found.key, found.variant}:
        what = found.key if found.variant is None else found.variant
        raise ServerError(
            f"{where}: {what!r} is loaded, not {wish.key!r}: choose that model and "
            "variant in LM Studio (My Models), or correct the plan's key"
        )
    if wish.context_length not in {None, found.context_length}:
        n_tokens = found.context_length
        raise ServerError(
            f"{where}: {found.instance_id!r} is loaded for "
            f"{'an unknown number of' if n_tokens is None else n_tokens} tokens, not "
            f"for {wish.context_length}: correct context_length in the plan, or load "
            "the model for that many"
        )


def build_instance(found: Loaded, *, reply: JsonObject | None = None) -> Instance:
    """Return what a record keeps of a loaded instance.

    Args:
        found: The instance as it is listed.
        reply: The server's answer to the load; None: the model was not loaded by us.
    """
    reply = {} if reply is None else reply
    config = dict(found.entry)
    if "load_config" in reply:
        config["load_config"] = reply["load_config"]
    return Instance(
        instance_id=found.instance_id,
        key=found.key,
        variant=found.variant,
        quantization=found.quantization,
        context_length=found.context_length,
        size_bytes=found.size_bytes,
        reported_load_s=seconds_of(reply.get("load_time_seconds")),
        config=config,
    )
