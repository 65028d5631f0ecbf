"""Servers whose JSON is anything at all: an answer to keep or a ServerError."""

import copy
import json
from collections.abc import Callable

import httpx2
import pytest

from collector.backends.llamacpp import LlamaCpp
from collector.backends.ollama import Ollama
from collector.backends.openai_chat import make_client
from collector.backends.protocol import Preflight, Wish
from collector.backends.vllm import VLLM
from collector.errors import ServerError

from .stubs import LLAMACPP, LOADED, VLLM_ROUTES, Time

NO_JSON = (
    b"",
    b"{",
    b"[" * 5000,
    b'{"models": NaN}',
    b'"\\ud800"',
    b"\xff",
    b"1e999",
)
GARBAGE = (None, True, -1, 1.5, "", "\x1b[2J", [], [[]], {"a": []}, 10**40)


def places(value: object) -> list[tuple]:
    """Return the path of every value inside a JSON value, the whole included."""
    inner = (
        value.items() if isinstance(value, dict)
        else enumerate(value) if isinstance(value, list)
        else ()
    )  # fmt: skip
    return [(), *((key, *path) for key, part in inner for path in places(part))]


def replaced(value, path: tuple, garbage: object):
    if not path:
        return garbage
    changed = copy.copy(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], garbage)
    return changed


def ask_all(backend, key: str, *, clock) -> int:
    """Ask everything; whatever comes must be an answer to keep, or a ServerError.

    Returns how many answers there were.
    """
    asks: list[Callable] = [
        backend.preflight,
        lambda: backend.confirm(Wish(key=key, context_length=4096), None),
        lambda: backend.load(Wish(key=key), clock=clock).instance,
    ]
    answers = 0
    said: list[str] = []
    for ask in asks:
        try:
            answer = ask()
        except ServerError as error:
            said.append(str(error))
            continue
        if isinstance(answer, Preflight):
            json.dumps(answer.model_keys, ensure_ascii=False).encode()
            answer = answer.server
        type(answer).model_validate_json(answer.model_dump_json())
        answers += 1
    assert not any("\x1b" in words for words in said)
    return answers


@pytest.mark.parametrize(
    ("module", "backend", "key", "healthy", "routes"),
    [
        ("llamacpp", LlamaCpp, "tiny", 2, LLAMACPP),
        ("vllm", VLLM, "maker/tiny", 2, VLLM_ROUTES),
        (
            "ollama",
            Ollama,
            "tiny",
            3,
            {
                "/api/version": {"version": "0.20.1"},
                "/api/tags": {"models": [{"name": "tiny:latest"}]},
                "/api/ps": {"models": [LOADED]},
                "/api/generate": {"done_reason": "load", "load_duration": 1},
            },
        ),
    ],
)
def test_no_json_at_all_brings_more_than_a_server_error(
    monkeypatch, module, backend, key, healthy, routes
):
    gone = False

    def answer(request: httpx2.Request) -> httpx2.Response:
        nonlocal gone
        path = request.url.path
        if path == "/api/generate":
            gone = json.loads(request.content)["keep_alive"] == 0
        if path == "/api/ps" and gone:
            return httpx2.Response(200, json={"models": []})
        return httpx2.Response(200, content=bodies.get(path, b"<html>"))

    url = "http://127.0.0.1:1/v1"
    client = make_client(url, transport=httpx2.MockTransport(answer))
    monkeypatch.setattr(client, "close", lambda: None)
    monkeypatch.setattr(f"collector.backends.{module}.make_client", lambda _url: client)
    time = Time()
    asked = backend(url, sleep=lambda seconds: time.sleep(100 * seconds))
    whole = {path: json.dumps(content).encode() for path, content in routes.items()}
    bodies = whole
    assert ask_all(asked, key, clock=time.clock) == healthy
    for route, content in routes.items():
        broken = [
            json.dumps(replaced(content, place, garbage)).encode()
            for place in places(content)
            for garbage in GARBAGE
        ]
        for body in [*broken, *NO_JSON]:
            bodies = {**whole, route: body}
            ask_all(asked, key, clock=time.clock)
