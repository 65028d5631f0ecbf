"""LM Studio: its native routes to list, load and unload, OpenAI's route to stream."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from pydantic import JsonValue

from collector.backends import lmstudio_v0 as v0
from collector.backends import lmstudio_v1 as v1
from collector.backends.address import is_loopback, server_root
from collector.backends.exchange import exchange
from collector.backends.lms import Lms, run_lms, serves, wait_until_idle
from collector.backends.lmstudio_load import GREETING, list_models, load_alone
from collector.backends.native import LOOK_INTO_LOG, Native, RefusedError, connect
from collector.backends.protocol import (
    ChatRequest,
    Clock,
    Exchange,
    Limits,
    Load,
    Preflight,
    Sink,
    Wish,
)
from collector.errors import ServerError
from collector.record import Instance, Server

V1 = "/api/v1"
V0 = "/api/v0"

_NO_LOADING = (
    "The server has no /api/v1 routes: models were not loaded anew, and whether a "
    "prompt was in the cache is not known."
)
_NO_NATIVE_API = (
    "The server has no native routes at all: which file answered, and with which "
    "context, is not known."
)


class LMStudio:
    """A server of LM Studio's kind.

    Args:
        base_url: Where OpenAI's routes begin, ``/v1`` included.
        connect: Opens a client for questions.
        lms: Runs the ``lms`` command.
        sleep: Waits for so many seconds.
    """

    def __init__(
        self,
        base_url: str,
        *,
        connect: Callable[[str], AbstractContextManager[Native]] = connect,
        lms: Lms = run_lms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url
        self._root = server_root(base_url)
        self._connect = connect
        self._lms = lms
        self._sleep = sleep
        # Found once: a route that falters later is an error, not another server.
        self._found: tuple[str | None] | None = None

    def preflight(self) -> Preflight:
        """Find out which routes answer, and which models the server offers.

        Raises:
            ServerError: The server cannot be reached, or wants a token.
        """
        with self._connect(self._base_url) as native:
            api = self._find_api(native)
            if api == V1:
                keys: tuple[str, ...] | None = v1.offered_keys(
                    list_models(native, self._root)
                )
            elif api == V0:
                keys = v0.offered_keys(self._list_v0(native))
            else:
                keys = native.openai_keys()
        notes = () if api == V1 else (_NO_LOADING,)
        return Preflight(
            server=Server(
                name="LM Studio", api=api, is_local=is_loopback(self._base_url)
            ),
            model_keys=keys,
            can_load=api == V1,
            notes=notes if api is not None else (*notes, _NO_NATIVE_API),
        )

    def load(self, wish: Wish, *, clock: Clock) -> Load:
        """Unload all models, load this one alone, prove it by reading it back.

        Raises:
            ServerError: The server could not do it, or what it has is not the wish.
        """
        with self._connect(self._base_url) as native:
            if self._api(native) != V1:
                raise ServerError(
                    f"{self._base_url}: cannot load {wish.key!r}: "
                    "set design.reload = false"
                )
            return load_alone(native, self._root, wish, clock=clock, sleep=self._sleep)

    def confirm(self, wish: Wish, instance: Instance | None) -> Instance | None:
        """Return the instance that will answer a request for the model now.

        Returns:
            None where the server does not tell.

        Raises:
            ServerError: None is loaded, or several are, or it is not the wished model
                or not the given instance any more.
        """
        with self._connect(self._base_url) as native:
            api = self._api(native)
            if api is None:
                return None
            if api == V0:
                where = f"{self._root}{V0}/models"
                return v0.only_loaded(self._list_v0(native), wish, where=where)
            where = v1.models_url(self._root)
            models = list_models(native, self._root)
        found = v1.only_loaded(models, wish, where=where)
        if instance is None:
            return v1.build_instance(found)
        was = (instance.instance_id, instance.context_length)
        if was != (found.instance_id, found.context_length):
            raise ServerError(
                f"{where}: {found.instance_id!r} is loaded for {found.context_length} "
                f"tokens, where we loaded {was[0]!r} for {was[1]}: leave LM Studio "
                "alone while it is measured"
            )
        return instance

    def settle(self, wish: Wish, *, clock: Clock, timeout_s: float) -> None:
        """Wait, after a stream that was given up, until the server is idle again.

        Where ``lms`` does not tell, a short request is sent and its answer awaited: a
        server that generates one answer at a time is through with the other one then.

        Raises:
            ServerError: It is still busy after that time, or does not answer.
        """
        deadline_ns = clock() + round(timeout_s * 1e9)
        if (
            is_loopback(self._base_url)
            and serves(self._lms, self._base_url)
            and wait_until_idle(
                self._lms, clock=clock, deadline_ns=deadline_ns, sleep=self._sleep
            )
        ):
            return
        with self._connect(self._base_url) as native:
            name = self._name_to_ask(native, wish)
            if name is not None:
                native.ask(
                    "POST",
                    f"{self._base_url}/chat/completions",
                    {"model": name, **GREETING},
                    timeout_s=max(0.1, (deadline_ns - clock()) / 1e9),
                    remedy="unload the model in LM Studio, or restart its server",
                )

    def stream(
        self, request: ChatRequest, *, sink: Sink, limits: Limits, clock: Clock
    ) -> Exchange:
        """Send one request on a fresh connection and feed the sink what comes back."""
        return exchange(self._base_url, request, sink=sink, limits=limits, clock=clock)

    def _api(self, native: Native) -> str | None:
        return self._find_api(native) if self._found is None else self._found[0]

    def _find_api(self, native: Native) -> str | None:
        """Return the newest native routes that answer; None: there are none."""
        api = None
        for candidate, models_of in ((V1, v1.models_of), (V0, v0.models_of)):
            try:
                listing = native.ask("GET", f"{self._root}{candidate}/models")
            except RefusedError as error:
                if error.is_servers_fault:
                    raise
                continue
            if models_of(listing) is not None:
                api = candidate
                break
        self._found = (api,)
        return api

    def _list_v0(self, native: Native) -> list[JsonValue]:
        url = f"{self._root}{V0}/models"
        models = v0.models_of(native.ask("GET", url))
        if models is None:
            raise ServerError(f"{url}: there is no list of models: {LOOK_INTO_LOG}")
        return models

    def _name_to_ask(self, native: Native, wish: Wish) -> str | None:
        """Return a name that loads nothing; None: the model is not loaded."""
        if self._api(native) != V1:
            return wish.key
        models = list_models(native, self._root)
        where = v1.models_url(self._root)
        for instance in v1.loaded_instances(models, where=where):
            if wish.key in {instance.key, instance.variant}:
                return instance.instance_id
        return None
