"""llama.cpp's ``llama-server``: one model from its start, told by ``/props``.

https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
"""

import re
from urllib.parse import urlencode

import openai

from collector.backends.address import is_loopback
from collector.backends.openai_chat import make_client
from collector.backends.openai_plain import CANNOT_LOAD, OpenAIChat, check_instance
from collector.backends.own_routes import (
    Reply,
    ask,
    chosen,
    file_name,
    objects_of,
    own_root,
    pathless,
)
from collector.backends.protocol import Clock, Preflight, Wish
from collector.backends.untrusted import JsonObject, count_of, object_of, text_of
from collector.errors import ServerError
from collector.record import Instance, Server

_CONTEXT_STEP = 256
"""llama.cpp rounds a context up to a multiple of this."""

_ID_IS_PATH = (
    "The server names its model by a path, which the records repeat: "
    "start it with --alias."
)
_SIZES = {"Small": "S", "Medium": "M", "Large": "L"}


class LlamaCpp(OpenAIChat):
    """A server of llama.cpp's kind, with one model or as a router."""

    def preflight(self) -> Preflight:
        """Ask for the build and the models; raises ServerError while one loads."""
        with make_client(self._base_url) as client:
            self._check_health(client)
            props = self._props(client)
            ids = [name for entry in self._models(client) for name in _names(entry)]
        is_path = any(name.startswith("/") or "\\" in name for name in ids)
        return Preflight(
            server=Server(
                name="llama.cpp",
                version=text_of(props.get("build_info")),
                api="/props",
                is_local=is_loopback(self._base_url),
            ),
            model_keys=tuple(ids),
            can_load=False,
            notes=(CANNOT_LOAD, *([_ID_IS_PATH] if is_path else [])),
        )

    def confirm(self, wish: Wish, instance: Instance | None) -> Instance:
        """Return the model in the server's memory.

        Raises:
            ServerError: It is another one, or still loading, or asleep, or it has
                another context than wished, or it is not the given instance any more.
        """
        with make_client(self._base_url) as client:
            self._check_health(client)
            entry = self._entry(client, wish)
            props = self._props(client, model=_names(entry)[0])
        if props.get("is_sleeping") is True:
            raise ServerError(
                f"{self._base_url}: {wish.key!r} sleeps, a request would load it: "
                "start llama-server without --sleep-idle-seconds"
            )
        found = _instance(wish, entry, props)
        remedy = f"start llama-server with -c {wish.context_length} -np 1"
        check_instance(found, wish, instance, remedy=remedy, step=_CONTEXT_STEP)
        return found

    def settle(self, wish: Wish, *, clock: Clock, timeout_s: float) -> None:
        """Wait until no slot is at work; without ``/slots``, ask for one token."""
        self._settle_by(
            f"{self._root}/slots?{_query(wish.key)}",
            _is_idle,
            wish=wish,
            clock=clock,
            timeout_s=timeout_s,
        )

    @property
    def _root(self) -> str:
        return own_root(self._base_url)

    def _check_health(self, client: openai.OpenAI) -> None:
        reply = ask(client, f"{self._root}/health")
        if reply.status_code == 503:
            raise ServerError(
                f"{reply.url}: {reply.words}: wait until the model is loaded"
            )

    def _props(self, client: openai.OpenAI, *, model: str | None = None) -> JsonObject:
        query = "" if model is None else f"?{_query(model)}"
        reply = ask(client, f"{self._root}/props{query}")
        props = object_of(reply.content)
        if not reply.is_ok or not props:
            raise _not_llamacpp(reply)
        return props

    def _models(self, client: openai.OpenAI) -> list[JsonObject]:
        reply = ask(client, f"{self._base_url}/models")
        entries = [
            entry
            for entry in objects_of(object_of(reply.content).get("data"))
            if _names(entry)
        ]
        if not reply.is_ok or not entries:
            raise _not_llamacpp(reply)
        return entries

    def _entry(self, client: openai.OpenAI, wish: Wish) -> JsonObject:
        """Return the list's entry of a model; any other name would be answered too."""
        entries = self._models(client)
        found = [entry for entry in entries if wish.key in _names(entry)]
        if len(found) != 1:
            offered = ", ".join(
                repr(name) for entry in entries for name in _names(entry)
            )
            raise ServerError(
                f"{self._base_url}: {len(found)} models are named {wish.key!r}, "
                f"the server has {offered}: restart it, or correct key in the plan"
            )
        # Only a router gives a status; it loads at the first request.
        status = text_of(object_of(found[0].get("status")).get("value"))
        if status not in {None, "loaded"}:
            raise ServerError(
                f"{self._base_url}: {wish.key!r} is {status!r}, a request would load "
                "it: load it first, or start llama-server with that model"
            )
        return found[0]


def _names(entry: JsonObject) -> list[str]:
    """Return the names under which a model of the list can be asked for, id first."""
    aliases = entry.get("aliases")
    names = [entry.get("id"), *(aliases if isinstance(aliases, list) else [])]
    return list(dict.fromkeys(name for name in map(text_of, names) if name))


def _query(model: str) -> str:
    """Name the model, as a router wants it; a server with one model ignores it."""
    return urlencode({"model": model, "autoload": "false"})


def _instance(wish: Wish, entry: JsonObject, props: JsonObject) -> Instance:
    settings = object_of(props.get("default_generation_settings"))
    meta = object_of(entry.get("meta"))
    path = text_of(props.get("model_path"))
    name = None if path is None else file_name(path)
    context = count_of(settings.get("n_ctx"))
    config: JsonObject = {
        **pathless(chosen(props, ("total_slots", "model_ftype", "build_info"))),
        "model_file": name,
        "meta": pathless(meta),
        "params": pathless(object_of(settings.get("params"))),
    }
    return Instance(
        instance_id=_names(entry)[0],
        key=wish.key,
        variant=name,
        quantization=_quantization(text_of(props.get("model_ftype"))),
        context_length=count_of(meta.get("n_ctx")) if context is None else context,
        size_bytes=count_of(meta.get("size")),
        engine="llama.cpp",
        engine_version=text_of(props.get("build_info")),
        config=config,
    )


def _quantization(ftype: str | None) -> str | None:
    """Write llama.cpp's ``Q4_K - Medium`` as everybody writes it, ``Q4_K_M``."""
    if ftype is None:
        return None
    plain = ftype.removeprefix("all ").removesuffix(" (guessed)")
    return re.sub(
        r" - (Small|Medium|Large)$", lambda size: "_" + _SIZES[size[1]], plain
    )


def _is_idle(slots: Reply) -> bool | None:
    if not slots.is_ok or not isinstance(slots.content, list):
        return None  # started with --no-slots
    flags = [slot.get("is_processing") for slot in objects_of(slots.content)]
    if not flags or not all(isinstance(flag, bool) for flag in flags):
        return None
    return not any(flags)


def _not_llamacpp(reply: Reply) -> ServerError:
    return ServerError(
        f"{reply.url}: not what llama.cpp answers ({reply.words}): correct the "
        'address, or set server.backend = "openai"'
    )
