"""LM Studio: its native routes to list, load and unload, OpenAI's route to stream."""

import openai
from pydantic import JsonValue

from collector.backends.address import is_loopback, server_root
from collector.backends.openai_chat import exchange, make_client, model_keys
from collector.backends.protocol import ChatRequest, Clock, Exchange, Preflight
from collector.errors import ServerError
from collector.record import Server

_NO_NATIVE_API = (
    "The server has no native /api/v1 routes: models were not loaded anew, and "
    "whether a prompt was in the cache is not known."
)


class LMStudio:
    """A server of LM Studio's kind."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._native = server_root(base_url) + "/api/v1"

    def preflight(self) -> Preflight:
        """List models and find out whether the native routes answer."""
        with make_client(self._base_url) as client:
            keys = model_keys(client, self._base_url)
            has_native = self._loaded_instances(client) is not None
        return Preflight(
            server=Server(name="LM Studio", is_local=is_loopback(self._base_url)),
            model_keys=keys,
            can_load=has_native,
            notes=() if has_native else (_NO_NATIVE_API,),
        )

    def reload(self, key: str, *, clock: Clock) -> float:
        """Unload every instance, load one of this model, return the seconds it took.

        Raises:
            ServerError: The server refused; the message has its words.
        """
        with make_client(self._base_url) as client:
            for instance_id in self._loaded_instances(client) or ():
                self._post(client, "unload", {"instance_id": instance_id})
            started_ns = clock()
            self._post(client, "load", {"model": key})
            return (clock() - started_ns) / 1e9

    def stream(self, request: ChatRequest, *, clock: Clock) -> Exchange:
        """Send one request on a connection of its own and keep all that comes back."""
        return exchange(self._base_url, request, clock=clock)

    def _loaded_instances(self, client: openai.OpenAI) -> list[str] | None:
        """Return the ids of all loaded instances; None: there are no native routes."""
        try:
            listing = client.get(f"{self._native}/models", cast_to=object)
        except openai.APIError:
            return None
        models = listing.get("models") if isinstance(listing, dict) else None
        if not isinstance(models, list):
            return None
        return [
            instance["id"]
            for model in models
            for instance in model.get("loaded_instances") or ()
        ]

    def _post(
        self, client: openai.OpenAI, verb: str, body: dict[str, JsonValue]
    ) -> None:
        try:
            reply = client.post(
                f"{self._native}/models/{verb}", cast_to=object, body=body
            )
        except openai.APIError as error:
            raise ServerError(
                f"{self._native}/models/{verb} {body}: {error.message}: "
                "look into LM Studio's log, or set design.reload = false"
            ) from error
        if isinstance(reply, dict) and "error" in reply:
            raise ServerError(
                f"{self._native}/models/{verb} {body}: {reply['error']}: "
                "look into LM Studio's log, or set design.reload = false"
            )
