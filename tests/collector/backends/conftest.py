import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import pytest

from collector.backends.lmstudio import LMStudio

UNKNOWN_ROUTE = "Unexpected endpoint or method."


def listed_model(key: str, **fields: object) -> dict:
    """An entry of ``GET /api/v1/models``; keywords replace or add fields."""
    return {
        "type": "llm",
        "publisher": "maker",
        "key": key,
        "display_name": key,
        "architecture": "arch",
        "quantization": {"name": "Q4_K_M", "bits_per_weight": 4},
        "size_bytes": 4_000_000_000,
        "params_string": "4B",
        "loaded_instances": [],
        "max_context_length": 32768,
        "format": "gguf",
        "capabilities": {"vision": False, "trained_for_tool_use": False},
        "description": None,
        **fields,
    }


def loaded_instance(instance_id: str, context_length: int = 8192, **fields) -> dict:
    config = {"context_length": context_length, "parallel": 4}
    return {"id": instance_id, "config": config, **fields}


@dataclass
class StubStudio:
    """Imitates LM Studio's routes, and misbehaves as told.

    ``models`` are entries of the list of ``/api/v1``. ``replies`` holds, by route, a
    status and a body that take the place of the imitated ones.
    """

    models: list = field(default_factory=list)
    apis: set = field(default_factory=lambda: {"v1", "v0"})
    replies: dict = field(default_factory=dict)
    delays_s: dict = field(default_factory=dict)
    loads_for: int | None = None  # whatever context the request wishes
    unload_lists: int = 0  # lists that still show what was unloaded
    keeps: bool = False  # whether an unload does nothing
    chat_loads: bool = False  # whether each chat loads one more instance
    requests: list = field(default_factory=list)
    base_url: str = ""
    _leaving: list = field(default_factory=list)

    listed = staticmethod(listed_model)
    loaded = staticmethod(loaded_instance)

    def model(self, key: str) -> dict:
        (found,) = [model for model in self.models if model["key"] == key]
        return found

    def load_into(self, key: str, *names: str, context_length: int = 8192) -> None:
        """Let exactly these instances of a model be loaded."""
        self.model(key)["loaded_instances"] = [
            loaded_instance(name, context_length) for name in names
        ]

    def routes_asked(self) -> list[str]:
        return [route for route, _ in self.requests]

    def body_of(self, route: str):
        (body,) = [body for asked, body in self.requests if asked == route]
        return body

    def answer(self, route: str, body) -> tuple[int, object]:
        self.requests.append((route, body))
        time.sleep(self.delays_s.get(route, 0.0))
        if route in self.replies:
            return self.replies[route]
        known = {
            "GET /v1/models": self._openai_models,
            "POST /v1/chat/completions": self._chat,
        }
        if "v1" in self.apis:
            known["GET /api/v1/models"] = self._v1_models
            known["POST /api/v1/models/load"] = self._load
            known["POST /api/v1/models/unload"] = self._unload
        if "v0" in self.apis:
            known["GET /api/v0/models"] = self._v0_models
            known["POST /api/v0/chat/completions"] = self._v0_chat
        if route not in known:
            return 200, {"error": f"{UNKNOWN_ROUTE} ({route})"}
        return known[route](body)

    def _openai_models(self, _body):
        data = [{"id": model["key"], "object": "model"} for model in self.models]
        return 200, {"object": "list", "data": data}

    def _v1_models(self, _body):
        answer = json.loads(json.dumps({"models": self.models}))
        for model, instance in self._leaving if self.unload_lists > 0 else ():
            answer["models"][model]["loaded_instances"].append(instance)
        self.unload_lists -= bool(self._leaving)
        return 200, answer

    def _v0_models(self, _body):
        data = []
        for model in self.models:
            instances = model["loaded_instances"]
            entry = {
                "id": model["key"],
                "type": {"embedding": "embeddings"}.get(model["type"], model["type"]),
                "arch": model["architecture"],
                "quantization": model["quantization"]["name"],
                "state": "loaded" if instances else "not-loaded",
                "max_context_length": 32768,
            }
            if instances:
                context_length = instances[0]["config"]["context_length"]
                entry["loaded_context_length"] = context_length
            data.append(entry)
        return 200, {"object": "list", "data": data}

    def _load(self, body):
        for model in self.models:
            if model["key"] == body["model"]:
                wished = body.get("context_length", 4096)
                instance = self._add(model, self.loads_for or wished)
                reply = {
                    "type": "llm",
                    "instance_id": instance["id"],
                    "load_time_seconds": 9.099,
                    "status": "loaded",
                }
                if body.get("echo_load_config"):
                    reply["load_config"] = {**instance["config"], "num_experts": 4}
                return 200, reply
        message = f"Model {body['model']} not found in downloaded models"
        return 404, {"error": {"type": "model_not_found", "message": message}}

    def _add(self, model, context_length):
        taken = {instance["id"] for instance in model["loaded_instances"]}
        instance_id, number = model["key"], 1
        while instance_id in taken:
            number += 1
            instance_id = f"{model['key']}:{number}"
        instance = loaded_instance(instance_id, context_length)
        model["loaded_instances"].append(instance)
        return instance

    def _unload(self, body):
        for index, model in enumerate(self.models):
            for instance in list(model["loaded_instances"]):
                if instance["id"] == body["instance_id"]:
                    if not self.keeps:
                        model["loaded_instances"].remove(instance)
                        self._leaving.append((index, instance))
                    return 200, {"instance_id": instance["id"]}
        return 404, {"error": {"type": "model_not_found", "message": "no such one"}}

    def _chat(self, body):
        if self.chat_loads:
            self._add(self.models[0], 4096)
        return 200, {"model": body["model"], "choices": [], "stats": {}}

    def _v0_chat(self, body):
        status, answer = self._chat(body)
        runtime = {"name": "llama.cpp-linux-cuda", "version": "2.27.1"}
        return status, {**answer, "runtime": runtime}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle(self):
        with suppress(OSError):  # a client that has given up
            super().handle()

    def _respond(self):
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(content) if content else None
        status, answer = self.server.studio.answer(f"{self.command} {self.path}", body)
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _respond  # noqa: N815 - as http.server names them


class _StubServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture
def studio() -> Iterator[StubStudio]:
    """A stub on 127.0.0.1 with two models, an embedding model, and nothing loaded."""
    stub = StubStudio(
        models=[
            listed_model("maker/one"),
            listed_model("maker/two", quantization={"name": "MXFP4"}),
            listed_model("text-embedding-nomic", type="embedding"),
        ]
    )
    with _StubServer(("127.0.0.1", 0), _Handler) as server:
        server.studio = stub
        stub.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield stub
        server.shutdown()
        thread.join()


@pytest.fixture
def backend(studio: StubStudio) -> LMStudio:
    """Knows the stub, and no ``lms`` command."""
    return LMStudio(studio.base_url, lms=lambda *_: None)
