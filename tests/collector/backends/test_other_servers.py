"""What llama.cpp, Ollama, vLLM and plain OpenAI servers have in common."""

import threading

import pytest

from collector.backends.llamacpp import LlamaCpp
from collector.backends.openai_plain import OpenAIChat
from collector.backends.protocol import Wish
from collector.backends.registry import BACKENDS, make_backend
from collector.backends.vllm import VLLM
from collector.errors import PlanError, ServerError

from .stubs import MODELS, Stub, Time


@pytest.mark.parametrize("name", ["llamacpp", "ollama", "vllm", "openai"])
def test_a_server_that_does_not_run_is_named_with_its_address(name):
    with Stub({}) as stub:
        url = stub.url
    with pytest.raises(ServerError, match=url.removesuffix("/v1")):
        make_backend(name, url).preflight()


@pytest.mark.parametrize("name", ["llamacpp", "ollama", "vllm", "openai"])
def test_a_server_that_wants_a_token_says_where_to_put_it(name):
    routes = ("/health", "/props", "/api/version", "/version", "/v1/models")
    with (
        Stub(dict.fromkeys(routes, 401)) as stub,
        pytest.raises(ServerError, match="LM_API_TOKEN"),
    ):
        make_backend(name, stub.url).preflight()


@pytest.mark.parametrize("name", ["llamacpp", "ollama", "vllm"])
def test_a_server_of_another_kind_is_refused_with_the_remedy(name):
    with (
        Stub({"/v1/models": MODELS}) as stub,
        pytest.raises(ServerError, match=r'server\.backend = "openai"'),
    ):
        make_backend(name, stub.url).preflight()


def test_every_family_has_a_name_and_other_names_are_refused():
    assert list(BACKENDS) == ["lmstudio", "llamacpp", "ollama", "vllm", "openai"]
    with pytest.raises(PlanError, match="did you mean 'ollama'"):
        make_backend("olama", "http://127.0.0.1:1/v1")


@pytest.mark.parametrize("backend", [OpenAIChat, LlamaCpp, VLLM])
def test_a_server_that_cannot_load_says_so_and_refuses(backend):
    wish = Wish(key="tiny")
    with pytest.raises(ServerError, match=r"design\.reload = false"):
        backend("http://127.0.0.1:1/v1").load(wish, clock=Time().clock)


# Plain OpenAI


def test_a_plain_server_tells_its_models_and_nothing_else():
    with Stub({"/v1/models": MODELS}) as stub:
        backend = OpenAIChat(stub.url)
        preflight = backend.preflight()
        assert backend.confirm(Wish(key="tiny"), None) is None
    assert preflight.model_keys == ("tiny",)
    assert preflight.can_load is False
    assert preflight.server.name is None
    assert preflight.server.is_local is True
    assert "not loaded anew" in preflight.notes[0]


def test_a_plain_server_settles_by_answering_one_token():
    with Stub({"/v1/chat/completions": {"choices": []}}) as stub:
        OpenAIChat(stub.url).settle(Wish(key="tiny"), clock=Time().clock, timeout_s=5)
    [(path, body)] = stub.asked
    assert path == "/v1/chat/completions"
    assert (body["model"], body["max_tokens"], body["stream"]) == ("tiny", 1, False)


def test_a_server_that_fails_or_hangs_after_a_stream_has_not_settled():
    with Stub({"/v1/chat/completions": 500}) as stub:
        backend = OpenAIChat(stub.url)
        with pytest.raises(ServerError, match="HTTP 500: 'no such thing'"):
            backend.settle(Wish(key="tiny"), clock=Time().clock, timeout_s=5)
    free = threading.Event()
    hang = {"/v1/chat/completions": lambda _body: [free.wait(2)]}
    with Stub(hang) as stub:
        backend = OpenAIChat(stub.url)
        with pytest.raises(ServerError, match="no answer"):
            backend.settle(Wish(key="tiny"), clock=Time().clock, timeout_s=0.05)
        free.set()
