"""Loading against a stub that misbehaves as LM Studio can."""

import threading
import time
from itertools import count

import pytest

from collector.backends import lmstudio_load
from collector.backends.lmstudio import LMStudio
from collector.backends.protocol import Load, Wish
from collector.demo.server import DemoServer
from collector.errors import ServerError

WISH = Wish(key="maker/one", context_length=2048)
LIST = "GET /api/v1/models"
LOAD = "POST /api/v1/models/load"
UNLOAD = "POST /api/v1/models/unload"
CHAT_V0 = "POST /api/v0/chat/completions"


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def load(studio, slept):
    backend = LMStudio(studio.base_url, sleep=slept.append)

    def run(wish: Wish = WISH) -> Load:
        return backend.load(wish, clock=time.perf_counter_ns)

    return run


def test_a_load_is_kept_with_everything_the_server_says_of_it(load):
    instance = load().instance

    assert (instance.instance_id, instance.key) == ("maker/one", "maker/one")
    assert (instance.quantization, instance.variant) == ("Q4_K_M", None)
    assert (instance.context_length, instance.size_bytes) == (2048, 4_000_000_000)
    assert instance.reported_load_s == 9.099
    assert instance.engine == "llama.cpp-linux-cuda"
    assert instance.engine_version == "2.27.1"
    assert instance.config == {
        "id": "maker/one",
        "config": {"context_length": 2048, "parallel": 4},
        "load_config": {"context_length": 2048, "parallel": 4, "num_experts": 4},
    }


def test_everything_is_unloaded_first_embedding_models_too(studio, load):
    for key in ("maker/one", "maker/two", "text-embedding-nomic"):
        studio.load_into(key, key)
    studio.load_into("maker/one", "maker/one", "maker/one:2")

    instance = load().instance

    unloaded = [body for route, body in studio.requests if route == UNLOAD]
    assert [body["instance_id"] for body in unloaded] == [
        "maker/one",
        "maker/one:2",
        "maker/two",
        "text-embedding-nomic",
    ]
    assert instance.instance_id == "maker/one"


def test_the_wish_is_sent_and_no_context_where_none_is_wished(studio, load):
    load(Wish(key="maker/one"))

    assert studio.body_of(LOAD) == {"model": "maker/one", "echo_load_config": True}
    studio.requests.clear()
    load()
    assert studio.body_of(LOAD)["context_length"] == 2048


def test_only_the_load_itself_is_timed(studio):
    studio.load_into("maker/two", "maker/two")
    ticks = count(0, 2_500_000_000)

    def clock() -> int:
        asked = studio.routes_asked()
        assert (LOAD in asked) == (asked[-1] == LOAD)  # at once before and after
        return next(ticks)

    loaded = LMStudio(studio.base_url, sleep=lambda _: None).load(WISH, clock=clock)

    assert loaded.load_s == 2.5
    assert next(ticks) == 5_000_000_000  # two readings


def test_the_engine_is_asked_by_the_instances_name_and_the_list_read_again(
    studio, load
):
    load()

    asked = studio.routes_asked()
    assert asked[asked.index(LOAD) :] == [LOAD, LIST, CHAT_V0, LIST]
    question = studio.body_of(CHAT_V0)
    assert question["model"] == "maker/one"
    assert question["max_tokens"] == 1


@pytest.mark.parametrize(
    "reply",
    [
        (200, {"error": "Unexpected endpoint or method."}),
        (500, {"error": "crashed"}),
        (200, {"runtime": "llama.cpp"}),
        (200, {"runtime": {"name": 3, "version": ["2"]}}),
        (200, b"\xff"),
    ],
)
def test_an_engine_that_is_not_told_is_not_known(studio, load, reply):
    studio.replies[CHAT_V0] = reply

    instance = load().instance

    assert (instance.engine, instance.engine_version) == (None, None)


def test_a_question_for_the_engine_that_loads_another_instance_is_refused(studio, load):
    studio.chat_loads = True

    with pytest.raises(ServerError, match="'maker/one', 'maker/one:2'"):
        load()


def test_unloading_may_show_a_little_later(studio, load, slept):
    studio.load_into("maker/two", "maker/two")
    studio.unload_lists = 3

    load()

    assert len(slept) == 3


def test_an_instance_that_went_by_itself_does_not_stop_a_load(studio, load):
    leaving = studio.model("maker/two")["loaded_instances"]
    leaving.append(studio.loaded("maker/two"))
    real = studio.answer

    def answer(route, body):
        if route == UNLOAD:
            leaving.clear()
        return real(route, body)

    studio.answer = answer

    assert load().instance.instance_id == "maker/one"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (None, "unload: unload it"),
        ((200, {"error": {"message": "it is busy"}}), r"unload \('it is busy'\): unl"),
    ],
)
def test_what_stays_loaded_stops_the_load(studio, load, slept, reply, words):
    studio.load_into("maker/two", "maker/two")
    studio.keeps = True
    if reply is not None:
        studio.replies[UNLOAD] = reply

    match = f"'maker/two' is still loaded after it was told to {words}"
    with pytest.raises(ServerError, match=match):
        load()
    assert len(slept) == lmstudio_load.MAX_UNLOAD_POLLS
    assert LOAD not in studio.routes_asked()


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_error_in_the_body_is_an_error_whatever_the_status(studio, load, status):
    error = {"type": "internal_error", "message": "not enough memory"}
    studio.replies[LOAD] = (status, {"error": error})

    with pytest.raises(ServerError, match=r"not enough memory.*design\.reload = false"):
        load()


def test_a_status_of_failure_is_an_error_whatever_the_body(studio, load):
    studio.replies[LOAD] = (503, {"status": "loaded"})

    with pytest.raises(ServerError, match="HTTP 503"):
        load()


def test_a_load_may_take_its_own_time_and_no_longer(studio, load, monkeypatch):
    monkeypatch.setattr(lmstudio_load, "LOAD_TIMEOUT_S", 0.1)
    studio.delays_s[LIST] = 0.2
    studio.delays_s[LOAD] = 0.4

    with pytest.raises(ServerError, match=r"models/load: no answer within 0\.1 s"):
        load()


def test_an_engine_that_takes_too_long_to_tell_is_not_known(studio, load, monkeypatch):
    monkeypatch.setattr(lmstudio_load, "ENGINE_TIMEOUT_S", 0.1)
    studio.delays_s[CHAT_V0] = 0.4

    assert load().instance.engine is None


def test_a_load_that_did_not_end_is_refused(studio, load):
    studio.replies[LOAD] = (200, {"status": "loading"})

    with pytest.raises(ServerError, match="the status is 'loading'"):
        load()


def test_another_context_than_wished_is_refused(studio, load):
    studio.loads_for = 8192

    with pytest.raises(ServerError, match="loaded for 8192 tokens, not for 2048"):
        load()
    assert CHAT_V0 not in studio.routes_asked()


def test_a_context_that_is_not_told_is_not_taken_for_the_wished_one(studio, load):
    studio.loads_for = "2048"

    with pytest.raises(ServerError, match="for an unknown number of tokens"):
        load()


def test_a_load_that_shows_nothing_in_the_list_is_refused(studio, load):
    studio.replies[LOAD] = (200, {"status": "loaded", "instance_id": "maker/one"})

    with pytest.raises(ServerError, match="no model is loaded"):
        load()


def test_another_instance_than_the_load_gave_is_refused(studio, load):
    real = studio.answer

    def answer(route, body):
        status, reply = real(route, body)
        if route == LOAD:
            reply["instance_id"] = "maker/one:2"
        return status, reply

    studio.answer = answer

    with pytest.raises(ServerError, match="where the load gave 'maker/one:2'"):
        load()


def test_models_of_another_device_are_not_unloaded(studio, load):
    far = studio.loaded("maker/two", device_identifier="a1b2")
    studio.model("maker/two")["loaded_instances"] = [far]

    with pytest.raises(ServerError, match="'maker/two' runs on another device"):
        load()
    assert UNLOAD not in studio.routes_asked()


def test_the_selected_variant_is_loaded_by_its_models_key(studio, load):
    studio.model("maker/one")["selected_variant"] = "maker/one@q4_k_m"

    instance = load(Wish(key="maker/one@q4_k_m")).instance

    assert studio.body_of(LOAD)["model"] == "maker/one"
    assert instance.variant == "maker/one@q4_k_m"
    assert instance.key == "maker/one"


def test_a_variant_that_is_not_selected_is_asked_for_by_name(studio, load):
    studio.model("maker/one")["selected_variant"] = "maker/one@q8_0"

    with pytest.raises(ServerError, match="maker/one@q4_k_m not found"):
        load(Wish(key="maker/one@q4_k_m"))


def test_another_variant_than_wished_is_refused(studio, load):
    studio.model("maker/one")["selected_variant"] = "maker/one@q8_0"
    real = studio.answer

    def answer(route, body):
        if route == LOAD:
            body = {**body, "model": "maker/one"}
        return real(route, body)

    studio.answer = answer

    with pytest.raises(
        ServerError, match="'maker/one@q8_0' is loaded, not 'maker/one@q4_k_m'"
    ):
        load(Wish(key="maker/one@q4_k_m"))


def test_the_demo_server_is_loaded_and_confirmed():
    with DemoServer() as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            backend = LMStudio(server.base_url, lms=lambda *_: None)
            wish = Wish(key="demo/sketch", context_length=4096)
            assert backend.preflight().can_load
            for _ in range(2):
                loaded = backend.load(wish, clock=time.perf_counter_ns)
            confirmed = backend.confirm(wish, loaded.instance)
            backend.settle(wish, clock=time.perf_counter_ns, timeout_s=10)
        finally:
            server.shutdown()
            serving.join()

    assert confirmed == loaded.instance
    assert loaded.instance.context_length == 4096
    assert loaded.instance.engine == "demo-script"
    assert loaded.load_s > 0.05
