"""llama.cpp: what its own routes tell, and when it is not to be measured."""

from urllib.parse import parse_qs, urlsplit

import pytest

from collector.backends.llamacpp import LlamaCpp
from collector.backends.protocol import Wish
from collector.errors import ServerError

from .stubs import Stub, Time, llamacpp_routes


def test_llamacpp_tells_its_build_and_its_model_without_any_folder():
    with Stub(llamacpp_routes()) as stub:
        backend = LlamaCpp(stub.url)
        preflight = backend.preflight()
        instance = backend.confirm(Wish(key="tiny", context_length=4096), None)
    server = preflight.server
    assert (server.name, server.version) == ("llama.cpp", "b7000-abc1234")
    assert (server.api, preflight.can_load) == ("/props", False)
    assert preflight.model_keys == ("tiny", "small")
    assert (instance.instance_id, instance.key) == ("tiny", "tiny")
    assert instance.variant == "Tiny-Q4_K_M.gguf"
    assert instance.quantization == "Q4_K_M"
    assert (instance.context_length, instance.size_bytes) == (4096, 439552)
    assert instance.engine_version == "b7000-abc1234"
    assert instance.config == {
        "total_slots": 1,
        "model_ftype": "Q4_K - Medium",
        "build_info": "b7000-abc1234",
        "model_file": "Tiny-Q4_K_M.gguf",
        "meta": {"n_ctx": 8192, "n_params": 109888, "size": 439552},
        "params": {"temperature": 0.8, "samplers": ["top_k", "temperature"]},
    }


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("all F32", "F32"),
        ("Q8_0", "Q8_0"),
        ("Q3_K - Small", "Q3_K_S"),
        ("Q5_K - Medium (guessed)", "Q5_K_M"),
        ("IQ2_XXS - 2.0625 bpw", "IQ2_XXS - 2.0625 bpw"),
        (15, None),
    ],
)
def test_llamacpp_names_quantizations_as_everybody_does(told, shown):
    with Stub(llamacpp_routes(model_ftype=told)) as stub:
        instance = LlamaCpp(stub.url).confirm(Wish(key="tiny"), None)
    assert instance.quantization == shown


def test_llamacpp_that_keeps_its_settings_is_known_by_its_list():
    with Stub(llamacpp_routes(default_generation_settings=None)) as stub:
        instance = LlamaCpp(stub.url).confirm(Wish(key="tiny"), None)
    assert instance.context_length == 8192


def test_llamacpp_is_asked_by_an_alias_and_refuses_names_it_would_answer_all_the_same():
    with Stub(llamacpp_routes()) as stub:
        backend = LlamaCpp(stub.url)
        instance = backend.confirm(Wish(key="small"), None)
        with pytest.raises(ServerError, match="are named 'other'"):
            backend.confirm(Wish(key="other"), None)
    assert (instance.instance_id, instance.key) == ("tiny", "small")


def test_llamacpp_that_loads_sleeps_or_would_load_is_no_server_to_measure():
    loading = {"/health": 503}
    with Stub({**llamacpp_routes(), **loading}) as stub:
        with pytest.raises(ServerError, match="wait until the model is loaded"):
            LlamaCpp(stub.url).preflight()
        with pytest.raises(ServerError, match="wait until the model is loaded"):
            LlamaCpp(stub.url).confirm(Wish(key="tiny"), None)
    with (
        Stub(llamacpp_routes(is_sleeping=True)) as stub,
        pytest.raises(ServerError, match="sleeps"),
    ):
        LlamaCpp(stub.url).confirm(Wish(key="tiny"), None)
    router = llamacpp_routes()
    router["/v1/models"]["data"][0]["status"] = {"value": "unloaded"}
    with (
        Stub(router) as stub,
        pytest.raises(ServerError, match="'tiny' is 'unloaded'"),
    ):
        LlamaCpp(stub.url).confirm(Wish(key="tiny"), None)


def test_llamacpp_as_a_router_is_asked_about_one_model_and_told_not_to_load():
    router = llamacpp_routes()
    router["/v1/models"]["data"] = [
        {"id": "maker/tiny", "status": {"value": "loaded"}},
        {"id": "other", "status": {"value": "unloaded"}},
    ]
    with Stub(router) as stub:
        LlamaCpp(stub.url).confirm(Wish(key="maker/tiny"), None)
    query = parse_qs(urlsplit(stub.paths()[-1]).query)
    assert query == {"model": ["maker/tiny"], "autoload": ["false"]}


@pytest.mark.parametrize("wished", [4096, 3900, None])
def test_llamacpp_may_round_a_context_up(wished):
    with Stub(llamacpp_routes()) as stub:
        LlamaCpp(stub.url).confirm(Wish(key="tiny", context_length=wished), None)


@pytest.mark.parametrize("wished", [3840, 4097, 8192])
def test_llamacpp_with_another_context_is_refused_with_the_option_to_give(wished):
    with (
        Stub(llamacpp_routes()) as stub,
        pytest.raises(ServerError, match=f"context of 4096 .* -c {wished} "),
    ):
        LlamaCpp(stub.url).confirm(Wish(key="tiny", context_length=wished), None)


def test_llamacpp_restarted_with_another_model_is_noticed():
    with Stub(llamacpp_routes()) as stub:
        backend = LlamaCpp(stub.url)
        first = backend.confirm(Wish(key="tiny"), None)
        assert backend.confirm(Wish(key="tiny"), first) == first
        stub.routes = llamacpp_routes(model_ftype="Q8_0")
        with pytest.raises(ServerError, match="not the one loaded before"):
            backend.confirm(Wish(key="tiny"), first)


def test_llamacpp_settles_when_no_slot_is_at_work():
    busy = iter([True, True, False])
    routes = {"/slots": lambda _body: [{"is_processing": next(busy)}]}
    time = Time()
    with Stub(routes) as stub:
        backend = LlamaCpp(stub.url, sleep=time.sleep)
        backend.settle(Wish(key="tiny"), clock=time.clock, timeout_s=5)
    assert [urlsplit(path).path for path in stub.paths()] == ["/slots"] * 3
    assert time.now_ns == 200_000_000


def test_llamacpp_that_stays_at_work_has_not_settled():
    time = Time()
    with Stub({"/slots": [{"is_processing": True}]}) as stub:
        backend = LlamaCpp(stub.url, sleep=time.sleep)
        with pytest.raises(ServerError, match=r"still at work after 0\.5 s"):
            backend.settle(Wish(key="tiny"), clock=time.clock, timeout_s=0.5)
    assert time.now_ns == 500_000_000


@pytest.mark.parametrize("slots", [404, 501, [], {"id": 0}, [{"state": 1}], "<html>"])
def test_llamacpp_without_slots_settles_by_answering_one_token(slots):
    routes = {"/slots": slots, "/v1/chat/completions": {"choices": []}}
    with Stub(routes) as stub:
        LlamaCpp(stub.url).settle(Wish(key="tiny"), clock=Time().clock, timeout_s=5)
    assert stub.paths()[-1] == "/v1/chat/completions"
