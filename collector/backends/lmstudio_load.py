"""Load one model alone into LM Studio, and prove it by reading it back."""

from collections.abc import Callable, Sequence

from pydantic import JsonValue

from collector.backends import lmstudio_v0 as v0
from collector.backends import lmstudio_v1 as v1
from collector.backends.native import LOOK_INTO_LOG, Native, RefusedError
from collector.backends.protocol import Clock, Load, Wish
from collector.backends.untrusted import JsonObject, text_of
from collector.errors import ServerError

LOAD_TIMEOUT_S = 1800.0
"""A model of tens of gigabytes on a slow disk takes minutes."""

ENGINE_TIMEOUT_S = 120.0
"""The first reply after a load may have to build its kernels."""

UNLOAD_POLL_S = 0.25
MAX_UNLOAD_POLLS = 40

GREETING: JsonObject = {
    "messages": [{"role": "user", "content": "Hi"}],
    "max_tokens": 1,
    "stream": False,
}
"""The shortest request, without its model; no task begins like it."""

_LOAD_REMEDY = f"{LOOK_INTO_LOG}, or set design.reload = false"


def list_models(native: Native, root: str) -> list[JsonValue]:
    """Return the native list of models; raises ServerError if there is none."""
    url = v1.models_url(root)
    models = v1.models_of(native.ask("GET", url))
    if models is None:
        raise ServerError(f"{url}: there is no list of models: {LOOK_INTO_LOG}")
    return models


def load_alone(
    native: Native,
    root: str,
    wish: Wish,
    *,
    clock: Clock,
    sleep: Callable[[float], None],
) -> Load:
    """Unload all models and load the wished one.

    Raises:
        ServerError: The server could not do it, or what it has is not the wish.
    """
    models = _unload_all(native, root, sleep=sleep)
    body: JsonObject = {
        "model": v1.key_to_load(models, wish.key),
        "echo_load_config": True,
    }
    if wish.context_length is not None:
        body["context_length"] = wish.context_length
    url = f"{v1.models_url(root)}/load"
    started_ns = clock()
    reply = native.ask("POST", url, body, timeout_s=LOAD_TIMEOUT_S, remedy=_LOAD_REMEDY)
    load_s = (clock() - started_ns) / 1e9
    if reply.get("status") not in (None, "loaded"):
        raise ServerError(f"{url}: the status is {reply['status']!r}: {_LOAD_REMEDY}")
    found = _read_back(native, root, wish, reply)
    engine, engine_version = _ask_engine(native, root, found.instance_id)
    # The question for the engine must not have loaded anything either.
    found = _read_back(native, root, wish, reply)
    instance = v1.build_instance(found, reply=reply).model_copy(
        update={"engine": engine, "engine_version": engine_version}
    )
    return Load(instance=instance, load_s=load_s)


def _unload_all(
    native: Native, root: str, *, sleep: Callable[[float], None]
) -> Sequence[JsonValue]:
    """Unload every instance and return the list of models after that."""
    where, refusal = v1.models_url(root), ""
    models = list_models(native, root)
    loaded = v1.loaded_instances(models, where=where)
    v1.check_device(loaded, where=where)
    for instance in loaded:
        try:
            native.ask("POST", f"{where}/unload", {"instance_id": instance.instance_id})
        except RefusedError as error:
            # It may have gone by itself meanwhile: the list decides.
            refusal = f" ({error.words})"
    for _ in range(MAX_UNLOAD_POLLS):
        if not loaded:
            return models
        models = list_models(native, root)
        loaded = v1.loaded_instances(models, where=where)
        if loaded:
            sleep(UNLOAD_POLL_S)
    raise ServerError(
        f"{where}: {v1.names_of(loaded)} is still loaded after it was told to "
        f"unload{refusal}: unload it in LM Studio"
    )


def _read_back(native: Native, root: str, wish: Wish, reply: JsonObject) -> v1.Loaded:
    where = v1.models_url(root)
    found = v1.only_loaded(list_models(native, root), wish, where=where)
    told = text_of(reply.get("instance_id"))
    if told is not None and told != found.instance_id:
        raise ServerError(
            f"{where}: {found.instance_id!r} is loaded, where the load gave {told!r}: "
            "leave LM Studio alone while it is measured"
        )
    return found


def _ask_engine(
    native: Native, root: str, instance_id: str
) -> tuple[str | None, str | None]:
    """Return the engine's name and version; only the older chat route tells."""
    try:
        reply = native.ask(
            "POST",
            f"{root}/api/v0/chat/completions",
            {"model": instance_id, **GREETING},
            timeout_s=ENGINE_TIMEOUT_S,
        )
    except ServerError:
        return None, None  # optional: the record says that it is not known
    return v0.engine_of(reply)
