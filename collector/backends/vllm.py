"""vLLM: the models of its start, told by ``/version`` and ``/v1/models``."""

import re

from collector.backends.address import is_loopback
from collector.backends.openai_chat import make_client
from collector.backends.openai_plain import CANNOT_LOAD, OpenAIChat, check_instance
from collector.backends.own_routes import (
    Reply,
    ask,
    chosen,
    objects_of,
    own_root,
    pathless,
)
from collector.backends.protocol import Clock, Preflight, Wish
from collector.backends.untrusted import JsonObject, count_of, object_of, text_of
from collector.errors import ServerError
from collector.record import Instance, Server

_AT_WORK = re.compile(
    rb"^vllm:num_requests_(?:running|waiting)(?:\{[^\n]*\})?\s+(\S+)", re.MULTILINE
)


class VLLM(OpenAIChat):
    """A server of vLLM's kind."""

    def preflight(self) -> Preflight:
        """Ask for the version and the models."""
        with make_client(self._base_url) as client:
            reply = ask(client, f"{own_root(self._base_url)}/version")
        version = text_of(object_of(reply.content).get("version"))
        if not reply.is_ok or version is None:
            raise _not_vllm(reply)
        return Preflight(
            server=Server(
                name="vLLM",
                version=version,
                api="/version",
                is_local=is_loopback(self._base_url),
            ),
            model_keys=tuple(self._models()),
            can_load=False,
            notes=(CANNOT_LOAD,),
        )

    def confirm(self, wish: Wish, instance: Instance | None) -> Instance:
        """Return the model as the server lists it.

        Raises:
            ServerError: It is not listed, or has another context than wished, or is
                not the given instance any more.
        """
        models = self._models()
        if wish.key not in models:
            offered = ", ".join(map(repr, models))
            raise ServerError(
                f"{self._base_url}: no model {wish.key!r} among {offered}: "
                "restart vLLM with it, or correct key in the plan"
            )
        entry = models[wish.key]
        found = Instance(
            instance_id=wish.key,
            key=wish.key,
            context_length=count_of(entry.get("max_model_len")),
            engine="vLLM",
            config=pathless(chosen(entry, ("object", "owned_by", "max_model_len"))),
        )
        remedy = f"start vLLM with --max-model-len {wish.context_length}"
        check_instance(found, wish, instance, remedy=remedy)
        return found

    def settle(self, wish: Wish, *, clock: Clock, timeout_s: float) -> None:
        """Wait until no request runs or waits; without metrics, ask for one token.

        Another request would prove nothing: vLLM works on many at a time.
        """
        self._settle_by(
            f"{own_root(self._base_url)}/metrics",
            _is_idle,
            wish=wish,
            clock=clock,
            timeout_s=timeout_s,
        )

    def _models(self) -> dict[str, JsonObject]:
        """Return what the server lists, by id."""
        with make_client(self._base_url) as client:
            reply = ask(client, f"{self._base_url}/models")
        models = {
            name: entry
            for entry in objects_of(object_of(reply.content).get("data"))
            if (name := text_of(entry.get("id"))) is not None
        }
        if not reply.is_ok or not models:
            raise _not_vllm(reply)
        return models


def _is_idle(metrics: Reply) -> bool | None:
    counts = _AT_WORK.findall(metrics.body) if metrics.is_ok else []
    return all(count in {b"0", b"0.0"} for count in counts) if counts else None


def _not_vllm(reply: Reply) -> ServerError:
    return ServerError(
        f"{reply.url}: not what vLLM answers ({reply.words}): correct the address, "
        'or set server.backend = "openai"'
    )
