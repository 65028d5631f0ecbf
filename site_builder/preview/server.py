"""The site over HTTP, to browsers on this machine only."""

import asyncio
import errno
import json
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from site_builder.errors import SiteError
from site_builder.preview.dress import EVENTS, SCRIPT, dressed, page_of, state_of
from site_builder.preview.hub import Hub
from site_builder.preview.shown import Answer, Shown, find

PORTS_TRIED = 100
CLOSING_S = 2
"""Time that answers under way get when the server stops."""

_TEXT = "text/plain; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_SCRIPT = "text/javascript; charset=utf-8"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": _HTML,
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": _SCRIPT,
    ".json": "application/json; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".png": "image/png",
    ".py": _TEXT,
    ".svg": "image/svg+xml",
    ".toml": _TEXT,
    ".txt": _TEXT,
    ".webmanifest": "application/manifest+json; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml; charset=utf-8",
    ".zip": "application/zip",
}
_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
_refusal = partial(Response, media_type=_TEXT, headers=_HEADERS)
Opener = Callable[[Shown, str], str | None]
"""Returns the address of the page a browser at an address should open, or None."""


class PreviewError(SiteError):
    """The preview cannot be served."""


def make_app(hub: Hub, *, hosts: frozenset[str], opener: Opener) -> ASGIApp:
    """Return the application.

    Args:
        hub: Where the site comes from.
        hosts: What a request's Host header may say.
        opener: Says where an edit leads a browser; None: it stays.
    """

    async def page(request: Request) -> Response:
        shown = await hub.now()
        if shown is None:
            return _refusal("the preview is stopping\n", 503)
        target = request.scope["raw_path"]
        query = request.scope["query_string"]
        return respond(target + b"?" + query if query else target, shown)

    async def events(request: Request) -> Response:
        if request.method == "HEAD":
            return Response(media_type="text/event-stream", headers=_HEADERS)
        path = request.query_params.get("path", "/")
        stream = _events(hub, path, opener)
        return StreamingResponse(
            stream, media_type="text/event-stream", headers=_HEADERS
        )

    async def script(_: Request) -> Response:
        text = Path(__file__).with_name("preview.js").read_bytes()
        return Response(text, media_type=_SCRIPT, headers=_HEADERS)

    routes = [
        Route(EVENTS, events, methods=["GET"]),
        Route(SCRIPT, script, methods=["GET"]),
        Route("/{path:path}", page, methods=["GET"]),
    ]
    return _Guard(Starlette(routes=routes), hosts)


def respond(target: bytes, shown: Shown) -> Response:
    """Return the response to a request's target."""
    answer = find(target, shown)
    if answer.status == 400:
        return _refusal("this is no address of a site\n", 400)
    if shown.files is None:
        return _page(answer, shown, status=503)
    if answer.location:
        headers = {**_HEADERS, "location": answer.location}
        return Response(status_code=answer.status, headers=headers)
    if answer.path is None:
        return _page(answer, shown, status=404)
    kind = _TYPES.get(PurePosixPath(answer.path).suffix, "application/octet-stream")
    if kind == _HTML:
        return _page(answer, shown, status=answer.status)
    content = shown.files[answer.path]
    return Response(content, media_type=kind, headers=_HEADERS)


def _page(answer: Answer, shown: Shown, *, status: int) -> Response:
    content = dressed(page_of(answer, shown))
    return Response(content, status, media_type=_HTML, headers=_HEADERS)


async def _events(hub: Hub, path: str, opener: Opener) -> AsyncIterator[str]:
    """Yield the state now and after every build, for a browser at this address."""
    yield "retry: 500\n\n"
    number = 0
    while (shown := await hub.after(number)) is not None:
        state = state_of(find(path.encode(), shown), shown)
        # Only a build that this browser has waited for leads it away.
        if number:
            state["open"] = opener(shown, path)
        number = shown.number
        yield f"data: {json.dumps(state)}\n\n"


class _Guard:
    """Refuses requests that name another host, as DNS rebinding does, and all else."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        names = [value for name, value in scope["headers"] if name == b"host"]
        if len(names) != 1 or names[0].decode("latin-1").lower() not in self._hosts:
            text = "this preview answers to 127.0.0.1 and localhost only\n"
            await _refusal(text, 421)(scope, receive, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            headers = {**_HEADERS, "allow": "GET, HEAD"}
            refusal = Response("GET or HEAD\n", 405, headers, media_type=_TEXT)
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class PreviewServer(uvicorn.Server):
    """A server that lets open event streams end when it stops."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=CLOSING_S,
            )
        )
        self._hub = hub

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the command, which decides the exit code."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the event streams first: a browser never ends them."""
        self._hub.close()
        await asyncio.sleep(0)
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at this port, or at the next one that is free.

    Raises:
        PreviewError: None of the ports can be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last = min(port + PORTS_TRIED, 65535)
    for candidate in range(port, last + 1):
        found = socket.socket(family)
        if sys.platform == "win32":  # elsewhere's option lets two programs share one
            found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:  # a port just closed is free
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, candidate))
            found.listen()
        except OSError as error:
            found.close()
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise PreviewError(
                    f"{host}:{candidate}: cannot be listened at "
                    f"({error.strerror or error}): give another --host"
                ) from error
        else:
            return found
    raise PreviewError(
        f"{host}: none of the ports {port} to {last} is free: give another --port"
    )


def host_names(port: int) -> frozenset[str]:
    """Return what the Host header of a request to this machine may say."""
    names = ("127.0.0.1", "localhost", "[::1]")
    bare = names if port == 80 else ()  # browsers leave out the usual port
    return frozenset({*(f"{name}:{port}" for name in names), *bare})
