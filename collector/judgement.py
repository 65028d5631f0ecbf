"""Whether a trial counts, and if it does not, why; pure."""

from collector.backends.protocol import Exchange
from collector.record import Failure, FailureKind, Outcome
from collector.server_words import body_message, is_overflow
from collector.stream import Reading

MESSAGE_CHARS = 600
"""How much of a failure's message is kept: a server's own words may be any text."""

_UNAUTHORIZED = frozenset({401, 403})
_TOKEN_REMEDY = "set the environment variable LM_API_TOKEN"  # noqa: S105 - its name


def is_event_stream(status_code: int | None, content_type: str) -> bool:
    """Whether a response is a stream of events and not an error or a page."""
    media_type = content_type.partition(";")[0].strip().lower()
    return (
        media_type == "text/event-stream"
        and status_code is not None
        and 200 <= status_code < 300
    )


def judge(
    exchange: Exchange, reading: Reading, *, names: frozenset[str]
) -> tuple[Outcome, Failure | None]:
    """Say whether the trial counts, and if it does not, why.

    It is complete only if one request left, the stream ended by itself with a finish
    reason and the end mark, nothing in it was an error, and the model asked for
    answered. It is truncated if the answer was cut by the token limit or the stream
    ended early without an error.

    Args:
        exchange: How the request was answered.
        reading: What the answer's body said.
        names: The names under which the model asked for may answer.
    """
    failure = _find_failure(exchange, reading, names=names)
    if failure is None:
        return "complete", None
    if len(failure.message) > MESSAGE_CHARS:
        failure = Failure(kind=failure.kind, message=failure.message[:MESSAGE_CHARS])
    is_cut = exchange.failure is None and failure.kind in {"limit", "disconnected"}
    return "truncated" if is_cut and reading.timeline else "failed", failure


def _find_failure(
    exchange: Exchange, reading: Reading, *, names: frozenset[str]
) -> Failure | None:
    if not is_event_stream(exchange.status_code, exchange.content_type):
        return _no_stream(exchange)
    if reading.failure is not None:
        return reading.failure
    if exchange.failure is not None and not reading.has_end_mark:
        return exchange.failure
    if exchange.requests_sent != 1:
        return Failure(
            kind="several_requests",
            message=f"{exchange.requests_sent} requests left for one trial",
        )
    wrong = [name for name in reading.served_models if name not in names]
    if wrong:
        asked = " or ".join(sorted(names))
        return Failure(
            kind="model_mismatch", message=f"asked {asked}, {wrong[0]} answered"
        )
    return _bad_ending(reading)


def _bad_ending(reading: Reading) -> Failure | None:
    reason = reading.finish_reason
    if reason is None or not reading.has_end_mark:
        missing = "a finish reason" if reason is None else "the end mark"
        return Failure(
            kind="disconnected", message=f"the stream ended without {missing}"
        )
    if not reading.served_models:
        return Failure(
            kind="model_mismatch", message="the stream does not say which model answers"
        )
    if reason == "stop":
        return None
    kind: FailureKind = "limit" if reason == "length" else "unexpected_finish"
    return Failure(kind=kind, message=f"finish_reason is {reason}")


def _no_stream(exchange: Exchange) -> Failure:
    """Say what came instead of a stream; a status tells more than what came after."""
    status = exchange.status_code or 0
    message = body_message(exchange.body)
    if exchange.failure is not None:
        if status < 300:
            return exchange.failure
        message = f"{message} ({exchange.failure.message})".strip()
    if status in _UNAUTHORIZED:
        return Failure(
            kind="unauthorized", message=f"HTTP {status}: {message}: {_TOKEN_REMEDY}"
        )
    if 300 <= status < 400:
        return Failure(
            kind="wrong_endpoint", message=f"HTTP {status}, a redirect: {message}"
        )
    if status < 400:
        what = exchange.content_type or "nothing"
        return Failure(
            kind="wrong_endpoint", message=f"no event stream but {what}: {message}"
        )
    kind: FailureKind = "context_overflow" if is_overflow(message) else "server_error"
    return Failure(kind=kind, message=f"HTTP {status}: {message}")
