"""Ask a server's own routes, beside OpenAI's, and read JSON that may be anything."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
from pydantic import JsonValue

from collector.backends.protocol import Clock
from collector.backends.untrusted import JsonObject, decode
from collector.errors import ServerError
from collector.server_words import body_message

ASK_TIMEOUT_S = 10.0
POLL_S = 0.1

_TOKEN_STATUS = frozenset({401, 403})


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a route answered.

    Attributes:
        content: The JSON; None if the body is none.
    """

    url: str
    status_code: int
    body: bytes
    content: JsonValue

    @property
    def is_ok(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status_code < 300

    @property
    def words(self) -> str:
        """The status and the body's words, for messages.

        They may hold anything, commands to a terminal too, so they are quoted.
        """
        return f"HTTP {self.status_code}: {body_message(self.body)!r}"


def own_root(base_url: str) -> str:
    """Return where a server's own routes begin: the address without ``/v1``."""
    return base_url.removesuffix("/v1")


def ask(
    client: openai.OpenAI,
    url: str,
    *,
    body: JsonObject | None = None,
    timeout_s: float = ASK_TIMEOUT_S,
) -> Reply:
    """Get a route, or post a body to it, once; a status of failure is a reply too.

    Args:
        client: From ``make_client``.
        url: The whole address.
        body: What to post; None: get.
        timeout_s: Seconds of silence to bear.

    Raises:
        ServerError: Nothing answers, or it wants a token.
    """
    options: Any = {"timeout": timeout_s}
    try:
        if body is None:
            response = client.get(url, cast_to=httpx2.Response, options=options)
        else:
            response = client.post(
                url, cast_to=httpx2.Response, body=body, options=options
            )
    except openai.APIStatusError as error:
        response = error.response
    except (openai.APIError, httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ServerError(
            f"{url}: no answer ({error.__cause__ or error}): "
            "start the server, or give its address with --server"
        ) from error
    try:
        content = decode(response.content)
    except ValueError:
        content = None
    reply = Reply(
        url=url,
        status_code=response.status_code,
        body=response.content,
        content=content,
    )
    if reply.status_code in _TOKEN_STATUS:
        raise ServerError(
            f"{url}: {reply.words}: set the environment variable LM_API_TOKEN"
        )
    return reply


def wait_until(
    is_done: Callable[[float], bool],
    *,
    clock: Clock,
    sleep: Callable[[float], None],
    timeout_s: float,
) -> bool:
    """Ask until it is done, or time is up, and say which.

    ``is_done`` is told the seconds left; ``sleep`` waits for so many seconds.
    """
    started_ns = clock()
    while (left_s := timeout_s - (clock() - started_ns) / 1e9) > 0:
        if is_done(left_s):
            return True
        sleep(min(POLL_S, left_s))
    return False


def objects_of(value: object) -> list[JsonObject]:
    """Return the objects of a JSON list; none if it is no list."""
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict)]


def chosen(table: JsonObject, keys: Sequence[str]) -> JsonObject:
    """Return the given entries verbatim, those that are there."""
    return {key: table[key] for key in keys if key in table}


def pathless(table: JsonObject) -> JsonObject:
    """Return the numbers, switches and texts of an object, save what may be a path."""
    return {
        key: value
        for key, value in table.items()
        if isinstance(value, (int, float))
        or (isinstance(value, str) and not _is_path(value))
        or (
            isinstance(value, list)
            and all(isinstance(part, str) and not _is_path(part) for part in value)
        )
    }


def file_name(path: str) -> str:
    """Return the last part of a path of any system: folders tell who the user is."""
    return re.split(r"[\\/]", path)[-1]


def _is_path(text: str) -> bool:
    return "/" in text or "\\" in text
