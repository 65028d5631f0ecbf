"""A server known only by OpenAI's routes, and what the others share with it."""

import time
from collections.abc import Callable

from collector.backends.address import is_loopback
from collector.backends.exchange import exchange
from collector.backends.openai_chat import make_client, model_keys
from collector.backends.own_routes import Reply, ask, wait_until
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

CANNOT_LOAD = (
    "The server cannot be told to load a model: models were not loaded anew, and "
    "whether a prompt was in the cache is not known."
)


class OpenAIChat:
    """A server known only by its OpenAI-compatible routes.

    Args:
        base_url: Where these routes begin, ``/v1`` included.
        sleep: Waits for so many seconds.
    """

    def __init__(
        self, base_url: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._base_url = base_url
        self._sleep = sleep

    def preflight(self) -> Preflight:
        """Ask for the list of models; a server without one is taken as it is."""
        with make_client(self._base_url) as client:
            keys = model_keys(client, self._base_url)
        return Preflight(
            server=Server(is_local=is_loopback(self._base_url)),
            model_keys=keys,
            can_load=False,
            notes=(CANNOT_LOAD,),
        )

    def load(self, wish: Wish, *, clock: Clock) -> Load:  # noqa: ARG002 - protocol
        """Refuse: these routes have no way to load a model."""
        raise ServerError(
            f"{self._base_url}: cannot load {wish.key!r}: set design.reload = false"
        )

    def confirm(
        self,
        wish: Wish,  # noqa: ARG002 - protocol
        instance: Instance | None,  # noqa: ARG002 - likewise
    ) -> Instance | None:
        """Return None: these routes do not tell what is loaded."""
        return None

    def settle(
        self,
        wish: Wish,
        *,
        clock: Clock,  # noqa: ARG002 - protocol
        timeout_s: float,
    ) -> None:
        """Ask for one token: who works on one request at a time is idle after it."""
        url = f"{self._base_url}/chat/completions"
        with make_client(self._base_url) as client:
            reply = ask(
                client,
                url,
                body={
                    "model": wish.key,
                    "messages": [{"role": "user", "content": "."}],
                    "max_tokens": 1,
                    "stream": False,
                },
                timeout_s=timeout_s,
            )
        if not reply.is_ok:
            raise ServerError(
                f"{url}: after a stream that was given up: {reply.words}: "
                "look into the server's log"
            )

    def _settle_by(
        self,
        url: str,
        is_idle: Callable[[Reply], bool | None],
        *,
        wish: Wish,
        clock: Clock,
        timeout_s: float,
    ) -> None:
        """Wait until a route says that nothing is at work.

        ``is_idle`` reads the route's reply. Where that does not tell, it returns None,
        and one token is asked for instead.
        """

        def is_over(left_s: float) -> bool:
            answers.append(is_idle(ask(client, url, timeout_s=left_s)))
            return answers[-1] is not False

        answers: list[bool | None] = []
        with make_client(self._base_url) as client:
            if not wait_until(
                is_over, clock=clock, sleep=self._sleep, timeout_s=timeout_s
            ):
                raise ServerError(
                    f"{url}: the server is still at work after {timeout_s:g} s: "
                    "restart it"
                )
        if answers[-1] is None:
            OpenAIChat.settle(self, wish, clock=clock, timeout_s=timeout_s)

    def stream(
        self, request: ChatRequest, *, sink: Sink, limits: Limits, clock: Clock
    ) -> Exchange:
        """Send one request on a fresh connection and feed the sink what comes back."""
        return exchange(self._base_url, request, sink=sink, limits=limits, clock=clock)


def check_instance(
    found: Instance, wish: Wish, given: Instance | None, *, remedy: str, step: int = 1
) -> None:
    """Hold what a server has against the plan and against what it had before.

    Args:
        found: What it has.
        wish: What the plan wants.
        given: What it had before; None: not known.
        remedy: How to give the server the context wished.
        step: The server rounds a context up to a multiple of this.

    Raises:
        ServerError: The context is another one, or it is not the given instance.
    """
    wished, has = wish.context_length, found.context_length
    rounded = None if wished is None else -(-wished // step) * step
    if None not in {wished, has} and has not in {wished, rounded}:
        raise ServerError(
            f"{wish.key!r} has a context of {has} tokens, the plan wants {wished}: "
            f"{remedy}"
        )
    if given is not None and found != given:
        raise ServerError(
            f"{wish.key!r}: the loaded model is not the one loaded before: "
            "let nobody else use the server during a run"
        )
