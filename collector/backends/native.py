"""Questions to a server's own routes: a JSON object back, or an error that says why."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import openai

from collector.backends.openai_chat import (
    ASK_TIMEOUT_S,
    CONNECT_TIMEOUT_S,
    make_client,
    model_keys,
)
from collector.backends.untrusted import JsonObject, decode, object_of
from collector.errors import ServerError
from collector.server_words import body_message

LOOK_INTO_LOG = "look into LM Studio's log (Developer tab)"


class RefusedError(ServerError):
    """The server answered, but with an error or with something else than JSON.

    Attributes:
        status: HTTP status; LM Studio says 200 to routes it does not know.
        words: The server's own, quoted.
    """

    def __init__(self, url: str, *, status: int, words: str, remedy: str) -> None:
        super().__init__(f"{url}: HTTP {status}: {words}: {remedy}")
        self.status = status
        self.words = words

    @property
    def is_servers_fault(self) -> bool:
        """Whether the route may well be there, but the server failed at it."""
        return self.status >= 500 and self.status != 501  # not implemented


class Native:
    """Asks a server's own routes through one client."""

    def __init__(self, client: openai.OpenAI, base_url: str) -> None:
        self._client = client
        self._base_url = base_url

    def openai_keys(self) -> tuple[str, ...] | None:
        """Return what ``/v1/models`` lists; None: nothing that can be read."""
        return model_keys(self._client, self._base_url)

    def ask(
        self,
        method: str,
        url: str,
        body: JsonObject | None = None,
        *,
        timeout_s: float = ASK_TIMEOUT_S,
        remedy: str = LOOK_INTO_LOG,
    ) -> JsonObject:
        """Return the JSON object that answers a request.

        Args:
            method: GET or POST.
            url: The whole address.
            body: JSON body of a POST.
            timeout_s: How long the server may be silent.
            remedy: What to do about an error, for its message.

        Raises:
            RefusedError: The answer is an error, whatever its status, or no object.
            ServerError: There is no answer, or the server wants a token.
        """
        try:
            status, content = self._send(method, url, body, timeout_s)
        except openai.APIConnectionError as error:
            cause = error.__cause__ or error
            if isinstance(cause, httpx2.ReadTimeout):
                raise ServerError(
                    f"{url}: no answer within {timeout_s:g} s: {remedy}"
                ) from error
            raise ServerError(
                f"{self._base_url}: no server answers ({cause}): start LM Studio's "
                "server (Developer tab, or: lms server start) or give --server"
            ) from error
        return read_answer(url, status, content, remedy=remedy)

    def _send(
        self, method: str, url: str, body: JsonObject | None, timeout_s: float
    ) -> tuple[int, bytes]:
        client = self._client.with_options(
            timeout=openai.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)
        )
        try:
            if method == "POST":
                response = client.post(url, cast_to=httpx2.Response, body=body)
            else:
                response = client.get(url, cast_to=httpx2.Response)
        except openai.APIStatusError as error:
            response = error.response
        return response.status_code, response.content


@contextmanager
def connect(base_url: str) -> Iterator[Native]:
    """Open a client for questions to the server, and close it after the block."""
    with make_client(base_url) as client:
        yield Native(client, base_url)


def read_answer(url: str, status: int, content: bytes, *, remedy: str) -> JsonObject:
    """Return the JSON object of an answer; raises what ``Native.ask`` does."""
    try:
        answer = decode(content)
    except ValueError:
        answer = None
    error = object_of(answer).get("error")
    # The server's words may hold anything, terminal commands too: repr shows them.
    words = repr(body_message(content))
    if status in {401, 403} or object_of(error).get("code") == "invalid_api_key":
        raise ServerError(
            f"{url}: the server wants a token that may do this ({words}): "
            "set the environment variable LM_API_TOKEN"
        )
    if not isinstance(answer, dict) or error is not None or not 200 <= status < 300:
        raise RefusedError(url, status=status, words=words, remedy=remedy)
    return answer
