"""All the collector knows of a server: what it is asked and what comes back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from collector.record import Failure, Instance, Server

Clock = Callable[[], int]
"""A monotonic clock in nanoseconds, such as ``time.perf_counter_ns``."""

EXCERPT_BYTES = 65_536
"""How much is kept of a response that is no event stream."""


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """A streamed chat completion.

    Attributes:
        body: The JSON body as sent, whole.
    """

    path: str
    body: dict[str, JsonValue]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a stream may take.

    Attributes:
        silence_s: Without any new text, from sending or from the latest text.
        trial_s: From sending to the end.
    """

    silence_s: float = 600.0
    trial_s: float = 3600.0


class Sink(Protocol):
    """What takes the body of an event stream, piece by piece, in order of arrival."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is wanted: the end mark or an error was read."""
        ...

    @property
    def latest_text_ns(self) -> int | None:
        """When the latest text arrived; None: none did yet."""
        ...

    def feed(self, at_ns: int, data: bytes) -> None:
        """Take bytes that one read of the socket brought at that time."""
        ...


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request and how it was answered, apart from what the sink took.

    Attributes:
        sent_ns: When the last part of the request was sent; None: it never was.
        headers_ns: When the response's headers were in; None: they never came.
        ended_ns: When the stream ended, or was given up.
        content_type: As the server gave it; empty if it gave none.
        body: The first ``EXCERPT_BYTES`` of a response that is no event stream.
        requests_sent: Requests that left; more than 1 only if a library misbehaves.
        failure: What broke the exchange; None: the response ended by itself.
        cpu_s: Processor seconds of this process from sending to the end.
    """

    sent_ns: int | None
    headers_ns: int | None
    ended_ns: int
    status_code: int | None
    content_type: str
    body: bytes = b""
    requests_sent: int = 1
    failure: Failure | None = None
    cpu_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A model as the plan wants it.

    Attributes:
        key: The server's name for it.
        quantization: What the plan expects to be loaded; None: anything.
        context_length: Tokens to load it for; None: the server's choice.
    """

    key: str
    quantization: str | None = None
    context_length: int | None = None


@dataclass(frozen=True, kw_only=True)
class Load:
    """A model freshly loaded, alone in the server's memory, as read back from it.

    Attributes:
        load_s: Seconds from asking for the load to its being done, by our clock.
    """

    instance: Instance
    load_s: float


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """What the server says before anything is measured.

    Attributes:
        model_keys: Keys it offers; None: it does not tell.
        can_load: Whether it loads and unloads models when told to.
        notes: What a reader of the run should know.
    """

    server: Server
    model_keys: tuple[str, ...] | None
    can_load: bool
    notes: tuple[str, ...] = ()


class Backend(Protocol):
    """A server that streams chat completions."""

    def preflight(self) -> Preflight:
        """Ask what is there; raises ServerError if the server cannot be reached."""
        ...

    def load(self, wish: Wish, *, clock: Clock) -> Load:
        """Unload all models, load this one alone, prove it by reading it back.

        Raises:
            ServerError: The server could not do it, or what it has is not the wish.
        """
        ...

    def confirm(self, wish: Wish, instance: Instance | None) -> Instance | None:
        """Return the instance that will answer a request for the model now.

        Args:
            wish: The model wanted.
            instance: What ``load`` returned; None: the model was not loaded by us.

        Returns:
            None where the server does not tell.

        Raises:
            ServerError: None would, so that a request would load it while the clock
                runs; or several would; or it is not the given one any more.
        """
        ...

    def settle(self, wish: Wish, *, clock: Clock, timeout_s: float) -> None:
        """Wait, after a stream that was given up, until the server is idle again.

        Raises:
            ServerError: It is still busy after that time, or does not answer.
        """
        ...

    def stream(
        self, request: ChatRequest, *, sink: Sink, limits: Limits, clock: Clock
    ) -> Exchange:
        """Send one request on a fresh connection and feed the sink what comes back.

        What goes wrong on the way is returned as the exchange's failure.
        """
        ...
