"""Small servers on loopback that play llama.cpp, Ollama and vLLM."""

import copy
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

MODELS = {"object": "list", "data": [{"id": "tiny", "object": "model"}]}
LLAMACPP = {
    "/health": {"status": "ok"},
    "/props": {
        "default_generation_settings": {
            "n_ctx": 4096,
            "params": {
                "temperature": 0.8,
                "samplers": ["top_k", "temperature"],
                "grammar_file": "/home/taro/g.gbnf",
                "lora": [{"path": "/home/taro/l.gguf"}],
            },
        },
        "total_slots": 1,
        "model_ftype": "Q4_K - Medium",
        "model_path": "C:\\Users\\taro\\models\\Tiny-Q4_K_M.gguf",
        "chat_template": "{{ messages }}",
        "build_info": "b7000-abc1234",
        "is_sleeping": False,
    },
    "/v1/models": {
        "data": [
            {
                "id": "tiny",
                "aliases": ["tiny", "small"],
                "meta": {"n_ctx": 8192, "n_params": 109888, "size": 439552},
            }
        ]
    },
    "/slots": [{"id": 0, "is_processing": False}],
}
LOADED = {
    "name": "tiny:latest",
    "model": "tiny:latest",
    "size": 5000,
    "digest": "aa" * 32,
    "details": {
        "parent_model": "/home/taro/tiny.gguf",
        "format": "gguf",
        "families": ["tiny"],
        "quantization_level": "Q4_K_M",
    },
    "expires_at": "2318-01-01T00:00:00Z",
    "size_vram": 5000,
    "context_length": 4096,
}
VLLM_ROUTES = {
    "/version": {"version": "0.11.0"},
    "/v1/models": {
        "data": [
            {
                "id": "maker/tiny",
                "object": "model",
                "created": 1,
                "owned_by": "vllm",
                "root": "/home/taro/tiny",
                "max_model_len": 4096,
                "permission": [{"id": "modelperm-1"}],
            }
        ]
    },
}
METRICS = (
    "# HELP vllm:num_requests_running Number of requests.\n"
    'vllm:num_requests_running{engine="0",model_name="a} 9"} %s\n'
    'vllm:num_requests_waiting{engine="0"} %s\n'
    "vllm:num_requests_running_total 7.0\n"
)


@dataclass
class Stub:
    """Answers each route with what ``routes`` holds and notes what was asked.

    A route's answer is JSON, text, a status, a status with text, or a function of
    the request's body.
    """

    routes: dict[str, object]
    asked: list[tuple[str, object]] = field(default_factory=list)

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}
        ).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def reply(self, target: str, content: bytes) -> tuple[int, bytes]:
        path = urlsplit(target).path
        body = json.loads(content) if content else None
        self.asked.append((target if path != target else path, body))
        answer = self.routes.get(path, 404)
        if callable(answer):
            answer = answer(body)
        if isinstance(answer, tuple):
            return answer[0], answer[1].encode()
        if isinstance(answer, int):
            return answer, b'{"error": {"message": "no such thing"}}'
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return 200, text.encode()

    def handler(self):
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def handle(self):
                # A client that goes away ends its connection and nothing else.
                with suppress(ConnectionError):
                    super().handle()

            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                status, data = stub.reply(self.path, self.rfile.read(length))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *_):
                pass

        return Handler


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now_ns: int = 0

    def clock(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float):
        assert seconds > 0
        self.now_ns += round(seconds * 1e9)


@dataclass
class FakeOllama:
    """Ollama as it behaves: it unloads late, and OpenAI's route loads anew."""

    loaded: list[dict] = field(default_factory=list)
    leaving: int = 0
    default_context: int = 4096
    max_context: int = 8192
    refusal: object = None
    digest: str = "aa" * 32

    def routes(self) -> dict[str, object]:
        return {
            "/api/version": {"version": "0.20.1"},
            "/api/tags": {"models": [{"name": "tiny:latest"}, {"name": "m/big:8b"}]},
            "/api/ps": self.ps,
            "/api/generate": self.generate,
            "/v1/chat/completions": self.chat,
        }

    def ps(self, _body):
        self.leaving -= 1
        if self.leaving == 0:
            self.loaded = []
        return {"models": self.loaded}

    def generate(self, body):
        if body["keep_alive"] == 0:
            self.leaving = 3
            return {"done": True, "done_reason": "unload"}
        if self.refusal is not None:
            return self.refusal
        context = body.get("options", {}).get("num_ctx", self.default_context)
        self.load(body["model"], min(context, self.max_context))
        return {"done": True, "done_reason": "load", "load_duration": 1_500_000_000}

    def chat(self, body):
        self.load(body["model"], self.default_context)
        return {"choices": []}

    def load(self, name: str, context: int):
        full = name if ":" in name else name + ":latest"
        self.loaded = [
            {**LOADED, "name": full, "context_length": context, "digest": self.digest}
        ]


def llamacpp_routes(**changes: object) -> dict[str, object]:
    routes = copy.deepcopy(LLAMACPP)
    routes["/props"].update(changes)
    return routes
