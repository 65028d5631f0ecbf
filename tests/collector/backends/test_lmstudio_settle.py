"""Waiting for a server that may still be busy with a request given up."""

import time
from contextlib import nullcontext
from itertools import count

import pytest

from collector.backends.lmstudio import LMStudio
from collector.backends.protocol import Wish
from collector.errors import ServerError

WISH = Wish(key="maker/one")
REFUSAL = {"error": {"type": "internal_error", "message": "out of memory"}}


def test_settling_awaits_a_short_answer_of_the_loaded_instance(studio, backend):
    studio.load_into("maker/one", "maker/one:2")
    studio.delays_s["POST /v1/chat/completions"] = 0.2

    started_s = time.monotonic()
    backend.settle(WISH, clock=time.perf_counter_ns, timeout_s=10)

    assert time.monotonic() - started_s >= 0.2
    body = studio.body_of("POST /v1/chat/completions")
    assert (body["model"], body["max_tokens"]) == ("maker/one:2", 1)
    assert body["stream"] is False


def test_settling_asks_a_variant_by_its_instances_name(studio, backend):
    studio.load_into("maker/one", "maker/one")
    studio.model("maker/one")["selected_variant"] = "maker/one@q8_0"

    wish = Wish(key="maker/one@q8_0")
    backend.settle(wish, clock=time.perf_counter_ns, timeout_s=10)

    assert studio.body_of("POST /v1/chat/completions")["model"] == "maker/one"


def test_settling_asks_nothing_of_a_model_that_is_gone(studio, backend):
    studio.load_into("maker/two", "maker/two")

    backend.settle(WISH, clock=time.perf_counter_ns, timeout_s=10)

    assert "POST /v1/chat/completions" not in studio.routes_asked()


def test_a_server_that_stays_busy_is_an_error_when_the_time_is_up(studio, backend):
    studio.load_into("maker/one", "maker/one")
    studio.delays_s["POST /v1/chat/completions"] = 0.5

    with pytest.raises(ServerError, match=r"no answer within 0\.1 s"):
        backend.settle(WISH, clock=lambda: 0, timeout_s=0.1)


def test_a_server_that_refuses_while_settling_is_not_taken_for_idle(studio, backend):
    studio.load_into("maker/one", "maker/one")
    studio.replies["POST /v1/chat/completions"] = (200, REFUSAL)

    with pytest.raises(ServerError, match="out of memory"):
        backend.settle(WISH, clock=time.perf_counter_ns, timeout_s=10)


def test_without_native_routes_settling_asks_the_model_by_its_key(studio, backend):
    studio.apis = set()

    backend.settle(WISH, clock=time.perf_counter_ns, timeout_s=10)

    assert studio.body_of("POST /v1/chat/completions")["model"] == "maker/one"


def lms_of(studio, *states: str):
    """The ``lms`` command of the stub's machine, with a state for each poll."""
    port = int(studio.base_url.split(":")[2].removesuffix("/v1"))
    polls = iter(states)

    def run(*arguments: str) -> str:
        if arguments[:2] == ("server", "status"):
            return f'{{"running":true,"port":{port}}}'
        return f'[{{"identifier":"maker/one",{next(polls)}}}]'

    return run


IDLE = '"status":"idle","queued":0'


def test_where_lms_tells_it_is_polled_and_the_model_left_alone(studio):
    slept: list[float] = []
    busy = ('"status":"processingPrompt","queued":0', '"status":"idle","queued":1')
    backend = LMStudio(
        studio.base_url, lms=lms_of(studio, *busy, IDLE), sleep=slept.append
    )

    backend.settle(WISH, clock=lambda: 0, timeout_s=10)

    assert len(slept) == 2
    assert studio.requests == []


def test_a_model_that_lms_shows_busy_at_the_deadline_is_an_error(studio):
    ticks = count(0, 10**9)
    backend = LMStudio(
        studio.base_url,
        lms=lms_of(studio, *['"status":"generating","queued":0'] * 9),
        sleep=lambda _: None,
    )

    with pytest.raises(ServerError, match="still busy"):
        backend.settle(WISH, clock=lambda: next(ticks), timeout_s=4)


def test_an_lms_of_another_server_is_not_asked(studio):
    studio.load_into("maker/one", "maker/one")

    def lms(*arguments: str) -> str:
        assert arguments[0] == "server"
        return '{"running":true,"port":1}'

    LMStudio(studio.base_url, lms=lms).settle(
        WISH, clock=time.perf_counter_ns, timeout_s=10
    )

    assert "POST /v1/chat/completions" in studio.routes_asked()


def test_the_lms_of_this_machine_is_not_asked_about_another_one():
    class Elsewhere:
        def ask(self, *_, **__):
            return {"models": []}

    def lms(*_: str) -> str:
        raise AssertionError("it knows this machine only")

    LMStudio(
        "http://192.0.2.1:1234/v1", connect=lambda _: nullcontext(Elsewhere()), lms=lms
    ).settle(WISH, clock=time.perf_counter_ns, timeout_s=10)


@pytest.mark.parametrize("state", ['"queued":0', '"status":"idle"', IDLE + "}] x"])
def test_an_lms_that_does_not_tell_gives_way_to_a_request(studio, state):
    studio.load_into("maker/one", "maker/one")
    backend = LMStudio(studio.base_url, lms=lms_of(studio, state))

    backend.settle(WISH, clock=time.perf_counter_ns, timeout_s=10)

    assert "POST /v1/chat/completions" in studio.routes_asked()
