"""Ollama: ``/api`` to list, load and unload, OpenAI's route to stream.

https://github.com/ollama/ollama/blob/main/docs/api.md
"""

import openai

from collector.backends.address import is_loopback
from collector.backends.openai_chat import make_client
from collector.backends.openai_plain import OpenAIChat, check_instance
from collector.backends.own_routes import (
    Reply,
    ask,
    chosen,
    objects_of,
    own_root,
    pathless,
    wait_until,
)
from collector.backends.protocol import Clock, Load, Preflight, Wish
from collector.backends.untrusted import JsonObject, count_of, object_of, text_of
from collector.errors import ServerError
from collector.record import Instance, Server

_UNLOAD_TIMEOUT_S = 60.0
_LOAD_TIMEOUT_S = 1800.0
_LATEST = ":latest"
_ENTRY_KEYS = ("name", "digest", "size", "size_vram", "context_length")
_REPLY_KEYS = ("done_reason", "load_duration", "total_duration")
_CONTEXT_REMEDY = (
    "a request by OpenAI's route loads it with Ollama's own context: set "
    "OLLAMA_CONTEXT_LENGTH={}, or num_ctx in the model's Modelfile"
)


class Ollama(OpenAIChat):
    """A server of Ollama's kind."""

    def preflight(self) -> Preflight:
        """Ask for the version and the models, named with and without ``:latest``."""
        with make_client(self._base_url) as client:
            reply = ask(client, f"{self._api}/version")
            version = text_of(object_of(reply.content).get("version"))
            if not reply.is_ok or version is None:
                raise _not_ollama(reply)
            entries = self._listing(client, "tags")
        names = [name for entry in entries for name in _names(entry)]
        return Preflight(
            server=Server(
                name="Ollama",
                version=version,
                api="/api",
                is_local=is_loopback(self._base_url),
            ),
            model_keys=tuple(names),
            can_load=True,
        )

    def load(self, wish: Wish, *, clock: Clock) -> Load:
        """Unload all models, load this one alone and read it back.

        Raises:
            ServerError: The server refused, or what it has is not the wish.
        """
        body: JsonObject = {
            "model": wish.key,
            "keep_alive": -1,
            "stream": False,
        }
        if wish.context_length is not None:
            body["options"] = {"num_ctx": wish.context_length}
        with make_client(self._base_url) as client:
            self._unload_all(client, clock=clock)
            started_ns = clock()
            reply = ask(
                client,
                f"{self._api}/generate",
                body=body,
                timeout_s=_LOAD_TIMEOUT_S,
            )
            load_s = (clock() - started_ns) / 1e9
            _check(reply, wish.key)
            entry = self._only(client, wish)
        told = pathless(chosen(object_of(reply.content), _REPLY_KEYS))
        duration_ns = count_of(told.get("load_duration"))
        found = _instance(wish, entry).model_copy(
            update={
                "reported_load_s": None if duration_ns is None else duration_ns / 1e9
            }
        )
        instance = found.model_copy(
            update={"config": {**(found.config or {}), "load_reply": told}}
        )
        remedy = "choose a context that this model can have"
        check_instance(instance, wish, None, remedy=remedy)
        return Load(instance=instance, load_s=load_s)

    def confirm(self, wish: Wish, instance: Instance | None) -> Instance:
        """Return the model in the server's memory.

        Raises:
            ServerError: There is none, or another, or more than one, or it has
                another context than wished, or it is not the given instance any more.
        """
        with make_client(self._base_url) as client:
            found = _instance(wish, self._only(client, wish))
        check_instance(
            found, wish, None, remedy=_CONTEXT_REMEDY.format(wish.context_length)
        )
        if instance is None:
            return found
        if (found.variant, found.context_length) != (
            instance.variant,
            instance.context_length,
        ):
            raise ServerError(
                f"{self._api}/ps: {wish.key!r} was loaded anew or replaced: "
                "let nobody else use the server during a run"
            )
        return instance

    @property
    def _api(self) -> str:
        return f"{own_root(self._base_url)}/api"

    def _listing(self, client: openai.OpenAI, route: str) -> list[JsonObject]:
        """Return the models of a list that have a name."""
        reply = ask(client, f"{self._api}/{route}")
        models = object_of(reply.content).get("models")
        if not reply.is_ok or not isinstance(models, list):
            raise _not_ollama(reply)
        return [entry for entry in objects_of(models) if _names(entry)]

    def _unload_all(self, client: openai.OpenAI, *, clock: Clock) -> None:
        """Tell every loaded model to go and wait until it has gone."""
        for entry in self._listing(client, "ps"):
            name = _names(entry)[0]
            body: JsonObject = {
                "model": name,
                "keep_alive": 0,
                "stream": False,
            }
            _check(ask(client, f"{self._api}/generate", body=body), name)
        if not wait_until(
            lambda _left_s: not self._listing(client, "ps"),
            clock=clock,
            sleep=self._sleep,
            timeout_s=_UNLOAD_TIMEOUT_S,
        ):
            raise ServerError(
                f"{self._api}/ps: models are still loaded after "
                f"{_UNLOAD_TIMEOUT_S:g} s: stop who uses them (ollama ps, ollama stop)"
            )

    def _only(self, client: openai.OpenAI, wish: Wish) -> JsonObject:
        """Return the one loaded model, which must be the one wished."""
        entries = self._listing(client, "ps")
        if len(entries) != 1 or not set(_names(entries[0])) & _spellings(wish.key):
            loaded = ", ".join(repr(_names(entry)[0]) for entry in entries) or "nothing"
            raise ServerError(
                f"{self._api}/ps: {loaded} is loaded, not {wish.key!r} alone: "
                "load only that, or set design.reload = true"
            )
        return entries[0]


def _names(entry: JsonObject) -> list[str]:
    """Return the names of a listed model, as listed first; none if it has no name."""
    name = text_of(entry.get("name")) or text_of(entry.get("model"))
    return [] if name is None else [name, *sorted(_spellings(name) - {name})]


def _spellings(name: str) -> set[str]:
    """Return a name as it may be written: ``:latest`` may be left out."""
    if ":" in name.rpartition("/")[2]:
        return {name, name.removesuffix(_LATEST)}
    return {name, name + _LATEST}


def _instance(wish: Wish, entry: JsonObject) -> Instance:
    details = object_of(entry.get("details"))
    return Instance(
        instance_id=_names(entry)[0],
        key=wish.key,
        variant=text_of(entry.get("digest")),
        quantization=text_of(details.get("quantization_level")),
        context_length=count_of(entry.get("context_length")),
        size_bytes=count_of(entry.get("size")),
        config={
            **{key: entry[key] for key in _ENTRY_KEYS if key in entry},
            "details": pathless(details),
        },
    )


def _check(reply: Reply, name: str) -> None:
    """Refuse a reply that says no, whatever its status."""
    if not reply.is_ok or "error" in object_of(reply.content):
        raise ServerError(
            f"{reply.url}: {name!r}: {reply.words}: look into Ollama's log "
            "(ollama list names the models it has)"
        )


def _not_ollama(reply: Reply) -> ServerError:
    return ServerError(
        f"{reply.url}: not what Ollama answers ({reply.words}): correct the address, "
        'or set server.backend = "openai"'
    )
