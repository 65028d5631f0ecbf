"""The openai package's client as we use it, and the one question all servers answer."""

import os
from collections.abc import Callable

import httpx2
import openai

from collector.errors import ServerError

CONNECT_TIMEOUT_S = 5.0
ASK_TIMEOUT_S = 30.0
"""How long a question about the server itself may take."""


def make_client(
    base_url: str,
    *,
    transport: httpx2.BaseTransport | None = None,
    on_request: Callable[[httpx2.Request], None] | None = None,
    on_response: Callable[[httpx2.Response], None] | None = None,
) -> openai.OpenAI:
    """Return a client that never retries and ignores the environment's proxies.

    A retry would queue a second generation, a proxy would be measured with it, and a
    redirect would lead to another server than the one named.
    """
    timeout = openai.Timeout(ASK_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    return openai.OpenAI(
        base_url=base_url,
        api_key=os.environ.get("LM_API_TOKEN") or "not-needed",
        max_retries=0,
        timeout=timeout,
        http_client=openai.DefaultHttpxClient(
            trust_env=False,
            follow_redirects=False,
            timeout=timeout,
            transport=transport,
            event_hooks={
                "request": [on_request] if on_request else [],
                "response": [on_response] if on_response else [],
            },
        ),
    )


def model_keys(client: openai.OpenAI, base_url: str) -> tuple[str, ...] | None:
    """Return the model keys a server lists; None: it has no such list.

    Raises:
        ServerError: No server answers, or it wants a token.
    """
    try:
        listing = client.get("/models", cast_to=object)
    except openai.APIConnectionError as error:
        raise ServerError(
            f"{base_url}: no server answers ({error.__cause__ or error}): start "
            "LM Studio's server (Developer tab, or: lms server start) or give --server"
        ) from error
    except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
        raise ServerError(
            f"{base_url}: the server wants a token ({error.message}): "
            "set the environment variable LM_API_TOKEN"
        ) from error
    except (openai.APIError, ValueError, RecursionError):
        return None
    entries = listing.get("data") if isinstance(listing, dict) else None
    if not isinstance(entries, list):
        return None
    return tuple(
        entry["id"]
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    )
