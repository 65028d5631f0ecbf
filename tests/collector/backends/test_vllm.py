"""vLLM: what its own routes tell."""

import pytest

from collector.backends.protocol import Wish
from collector.backends.vllm import VLLM
from collector.errors import ServerError

from .stubs import METRICS, VLLM_ROUTES, Stub, Time


def test_vllm_tells_its_version_and_the_context_of_each_model():
    with Stub(VLLM_ROUTES) as stub:
        backend = VLLM(stub.url)
        preflight = backend.preflight()
        instance = backend.confirm(Wish(key="maker/tiny"), None)
        [entry] = VLLM_ROUTES["/v1/models"]["data"]
        later = {"data": [{**entry, "created": 2, "permission": []}]}
        stub.routes = {"/v1/models": later}
        assert backend.confirm(Wish(key="maker/tiny"), instance) == instance
        with pytest.raises(ServerError, match="--max-model-len 8192"):
            backend.confirm(Wish(key="maker/tiny", context_length=8192), None)
        with pytest.raises(ServerError, match="no model 'tiny' among 'maker/tiny'"):
            backend.confirm(Wish(key="tiny"), None)
    assert (preflight.server.name, preflight.server.version) == ("vLLM", "0.11.0")
    assert preflight.model_keys == ("maker/tiny",)
    assert preflight.can_load is False
    assert instance.context_length == 4096
    assert "taro" not in instance.model_dump_json()


def test_vllm_settles_when_its_metrics_count_no_request():
    counts = iter([("1.0", "0.0"), ("0.0", "1.0"), ("0.0", "0.0")])
    time = Time()
    with Stub({"/metrics": lambda _body: METRICS % next(counts)}) as stub:
        backend = VLLM(stub.url, sleep=time.sleep)
        backend.settle(Wish(key="maker/tiny"), clock=time.clock, timeout_s=5)
    assert stub.paths() == ["/metrics"] * 3


def test_vllm_without_metrics_settles_by_answering_one_token():
    with Stub({"/v1/chat/completions": {"choices": []}}) as stub:
        VLLM(stub.url).settle(Wish(key="tiny"), clock=Time().clock, timeout_s=5)
    assert stub.paths() == ["/metrics", "/v1/chat/completions"]
