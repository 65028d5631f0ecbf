"""All the collector knows of a server: what it is asked and what comes back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from pydantic import JsonValue

from collector.record import Failure, Server

Clock = Callable[[], int]
"""A monotonic clock in nanoseconds, such as ``time.perf_counter_ns``."""


class Piece(NamedTuple):
    """Bytes of a response as one read handed them over, and when."""

    at_ns: int
    data: bytes


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """A streamed chat completion.

    Attributes:
        body: The JSON body as sent, whole.
    """

    path: str
    body: dict[str, JsonValue]


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request and everything that came back, stamped and not yet read.

    Attributes:
        sent_ns: When the last byte of the request left; None: it never did.
        headers_ns: When the response's headers were in; None: they never came.
        ended_ns: When the stream ended, or was given up.
        content_type: As the server gave it; empty if it gave none.
        failure: What broke the exchange; None: the response ended by itself.
    """

    sent_ns: int | None
    headers_ns: int | None
    ended_ns: int
    status_code: int | None
    content_type: str
    pieces: tuple[Piece, ...]
    failure: Failure | None


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
    notes: tuple[str, ...]


class Backend(Protocol):
    """A server that streams chat completions."""

    def preflight(self) -> Preflight:
        """Ask what is there; raises ServerError if the server cannot be reached."""
        ...

    def reload(self, key: str, *, clock: Clock) -> float:
        """Unload all models, load this one, return the seconds the loading took.

        Raises:
            ServerError: The server could not do it.
        """
        ...

    def stream(self, request: ChatRequest, *, clock: Clock) -> Exchange:
        """Send one request on a fresh connection and keep all that comes back.

        What goes wrong on the way is returned as the exchange's failure.
        """
        ...
