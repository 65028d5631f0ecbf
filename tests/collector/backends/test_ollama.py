"""Ollama: unloading, loading and reading back by its own routes."""

import json

import pytest

from collector.backends.ollama import Ollama
from collector.backends.protocol import Wish
from collector.errors import ServerError

from .stubs import LOADED, FakeOllama, Stub, Time


def test_ollama_offers_each_model_with_and_without_latest():
    with Stub(FakeOllama().routes()) as stub:
        preflight = Ollama(stub.url).preflight()
    assert preflight.model_keys == ("tiny:latest", "tiny", "m/big:8b")
    assert (preflight.server.name, preflight.server.version) == ("Ollama", "0.20.1")
    assert preflight.can_load is True


def test_ollama_unloads_waits_loads_alone_and_reads_back():
    fake = FakeOllama(loaded=[{**LOADED, "name": "old:1b"}])
    time = Time()
    wish = Wish(key="tiny", context_length=8192)
    with Stub(fake.routes()) as stub:
        load = Ollama(stub.url, sleep=time.sleep).load(wish, clock=time.clock)
    assert [
        (body["model"], body["keep_alive"], body.get("options"))
        for path, body in stub.asked
        if path == "/api/generate"
    ] == [("old:1b", 0, None), ("tiny", -1, {"num_ctx": 8192})]
    assert "prompt" not in json.dumps(stub.asked)
    instance = load.instance
    assert (instance.instance_id, instance.key) == ("tiny:latest", "tiny")
    assert (instance.quantization, instance.context_length) == ("Q4_K_M", 8192)
    assert instance.reported_load_s == 1.5
    assert instance.config["load_reply"] == {
        "done_reason": "load",
        "load_duration": 1_500_000_000,
    }
    assert instance.config["details"] == {
        "format": "gguf",
        "families": ["tiny"],
        "quantization_level": "Q4_K_M",
    }
    assert load.load_s == 0.0  # only the wait for the unloading moved the clock
    assert time.now_ns == 200_000_000  # two looks in vain


def test_ollama_that_never_unloads_is_given_up_and_nothing_is_loaded():
    fake = FakeOllama(loaded=[LOADED])
    routes = {**fake.routes(), "/api/ps": {"models": [LOADED]}}
    time = Time(now_ns=0)
    with Stub(routes) as stub:
        backend = Ollama(stub.url, sleep=lambda seconds: time.sleep(100 * seconds))
        with pytest.raises(ServerError, match="still loaded after 60 s"):
            backend.load(Wish(key="tiny"), clock=time.clock)
    bodies = [body for path, body in stub.asked if path == "/api/generate"]
    assert [body["keep_alive"] for body in bodies] == [0]


@pytest.mark.parametrize(
    "refusal", [404, {"error": "no such thing"}, (500, "no such thing")]
)
def test_ollama_that_refuses_to_load_is_quoted(refusal):
    fake = FakeOllama(refusal=refusal)
    with (
        Stub(fake.routes()) as stub,
        pytest.raises(ServerError, match=r"'tiny': HTTP .*no such thing"),
    ):
        Ollama(stub.url).load(Wish(key="tiny"), clock=Time().clock)


def test_ollama_that_loads_with_a_smaller_context_did_not_do_it():
    fake = FakeOllama(max_context=4096)
    with (
        Stub(fake.routes()) as stub,
        pytest.raises(ServerError, match="context of 4096 tokens, the plan wants 8192"),
    ):
        Ollama(stub.url).load(Wish(key="tiny", context_length=8192), clock=Time().clock)


@pytest.mark.parametrize(
    "loaded",
    [
        [],
        [{**LOADED, "name": "other:latest"}],
        [{**LOADED, "name": "tiny:8b"}],
        [LOADED, {**LOADED, "name": "other:latest"}],
    ],
)
def test_ollama_without_exactly_the_wished_model_is_refused(loaded):
    with (
        Stub({"/api/ps": {"models": loaded}}) as stub,
        pytest.raises(ServerError, match="not 'tiny' alone"),
    ):
        Ollama(stub.url).confirm(Wish(key="tiny"), None)


def test_ollama_is_confirmed_as_long_as_nothing_loads_it_anew():
    fake = FakeOllama()
    wish = Wish(key="tiny")
    with Stub(fake.routes()) as stub:
        backend = Ollama(stub.url)
        instance = backend.load(wish, clock=Time().clock).instance
        backend.settle(wish, clock=Time().clock, timeout_s=5)
        assert backend.confirm(wish, instance) == instance
        fake.digest = "bb" * 32
        backend.settle(wish, clock=Time().clock, timeout_s=5)
        with pytest.raises(ServerError, match="was loaded anew or replaced"):
            backend.confirm(wish, instance)


def test_ollama_that_loads_anew_with_its_own_context_is_noticed():
    wish = Wish(key="tiny", context_length=8192)
    with Stub(FakeOllama().routes()) as stub:
        backend = Ollama(stub.url)
        instance = backend.load(wish, clock=Time().clock).instance
        assert backend.confirm(wish, instance) == instance
        backend.settle(wish, clock=Time().clock, timeout_s=5)
        with pytest.raises(ServerError, match="OLLAMA_CONTEXT_LENGTH=8192"):
            backend.confirm(wish, instance)
