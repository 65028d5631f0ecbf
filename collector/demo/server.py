"""The demo's HTTP server: LM Studio's routes and wire format, on the loopback."""

import secrets
import socketserver
import string
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

from collector.demo import catalog
from collector.demo.library import Instance, Library
from collector.demo.pacing import Timer
from collector.demo.script import read_models, write_script
from collector.demo.wire import (
    WARM_TTFT_SHARE,
    ChatRequest,
    JsonObject,
    RefusalError,
    Reply,
    completion,
    count_tokens,
    encode,
    frames,
    read_chat_request,
    read_object,
)

KEEP_ALIVE_S = 5
"""Seconds an idle connection is kept, as Express does."""

_CHAT = "POST /v1/chat/completions"
_CHAT_V0 = "POST /api/v0/chat/completions"

_GET: dict[str, Callable[[Library], JsonObject]] = {
    "GET /lmstudio-greeting": lambda _: {"lmstudio": True},
    "GET /v1/models": catalog.openai_models,
    "GET /api/v0/models": catalog.v0_models,
    "GET /api/v1/models": catalog.v1_models,
}

_POST: dict[str, Callable[[Library, JsonObject], JsonObject]] = {
    "POST /api/v1/models/load": catalog.load,
    "POST /api/v1/models/unload": catalog.unload,
}


# Not http.server.HTTPServer: it asks for the host's full name when it binds, which
# can take seconds where no name server answers.
class DemoServer(socketserver.ThreadingTCPServer):
    """Serves the demo's models on a free port of 127.0.0.1, a thread per connection."""

    daemon_threads = True

    def __init__(self, timer: Timer | None = None) -> None:
        self.timer = Timer() if timer is None else timer
        self.library = Library(read_models(), self.timer)
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def base_url(self) -> str:
        """Address of the OpenAI-compatible routes."""
        host, port = self.socket.getsockname()
        return f"http://{host}:{port}/v1"


def find_instance(library: Library, name: str) -> Instance:
    """Return the instance that is to answer, loading its model if need be.

    Raises:
        RefusalError: There is no such model.
    """
    instance = library.acquire(name)
    if instance is None:
        error: JsonObject = {
            "message": f'Model "{name}" not found.',
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
        raise RefusalError(404, {"error": error})
    return instance


def prepare_reply(library: Library, instance: Instance, request: ChatRequest) -> Reply:
    """Return what an instance answers, sooner if it has the prompt in its cache."""
    model = instance.model
    is_cold = library.cache_prompt(instance, request.prompt)
    alphabet = string.digits + string.ascii_lowercase
    return Reply(
        reply_id="chatcmpl-" + "".join(secrets.choice(alphabet) for _ in range(22)),
        created_s=int(time.time()),
        model=instance.instance_id,
        prompt_tokens=count_tokens(request.prompt),
        script=write_script(model, request.prompt, request.max_tokens),
        ttft_s=model.ttft_s if is_cold else model.ttft_s * WARM_TTFT_SHARE,
        tok_s=model.tok_s,
        has_usage=request.has_usage,
    )


class _Handler(BaseHTTPRequestHandler):
    server: DemoServer
    protocol_version = "HTTP/1.1"
    timeout = KEEP_ALIVE_S
    disable_nagle_algorithm = True

    def handle(self) -> None:
        with suppress(ConnectionError):  # the client went away: its request ends
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as there
        """Print nothing: standard output belongs to the address."""

    def _respond(self) -> None:
        route = f"{self.command} {self.path.partition('?')[0]}"
        library = self.server.library
        try:
            content = self._read_content()
            if route in {_CHAT, _CHAT_V0}:
                request = read_chat_request(read_object(content))
                self._chat(request, is_v0=route == _CHAT_V0)
            elif route in _GET:
                self._send_json(200, _GET[route](library))
            elif route in _POST:
                self._send_json(200, _POST[route](library, read_object(content)))
            else:
                error = f"Unexpected endpoint or method. ({self.command} {self.path})"
                self._send_json(200, {"error": error})  # LM Studio's status, too
        except RefusalError as error:
            self._send_json(error.status, error.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _respond  # noqa: N815

    def _read_content(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # where the next request begins is unknown
            raise RefusalError(400, {"error": "a body needs a Content-Length"})
        return self.rfile.read(int(length))

    def _chat(self, request: ChatRequest, *, is_v0: bool) -> None:
        timer, library = self.server.timer, self.server.library
        instance = find_instance(library, request.model)
        started_s = timer.clock()
        reply = prepare_reply(library, instance, request)
        if not request.is_stream:
            due_s, body = completion(reply)
            timer.wait_until(started_s + due_s)
            extra = catalog.v0_fields(reply, instance) if is_v0 else {}
            self._send_json(200, {**body, **extra})
            return
        # Headers come before the prompt is read, so they say nothing about the wait.
        self._send_head(
            200,
            {
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-cache",
                "Transfer-Encoding": "chunked",
            },
        )
        for due_s, frame in frames(reply):
            timer.wait_until(started_s + due_s)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(frame), frame))
        self.wfile.write(b"0\r\n\r\n")

    def _send_json(self, status: int, body: JsonObject) -> None:
        content = encode(body)
        self._send_head(
            status,
            {
                "Content-Type": "application/json; charset=utf-8",
                "Content-Length": str(len(content)),
            },
        )
        self.wfile.write(content)

    def _send_head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        self.send_header("X-Powered-By", "Express")
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Date", self.date_time_string())
        if self.close_connection:
            self.send_header("Connection", "close")
        else:
            self.send_header("Connection", "keep-alive")
            self.send_header("Keep-Alive", f"timeout={KEEP_ALIVE_S}")
        self.end_headers()
