"""Whatever JSON comes back, it ends in an answer that can be recorded or an error."""

import json
import time
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.backends.lmstudio import LMStudio
from collector.backends.native import Native
from collector.backends.protocol import Load, Preflight, Wish
from collector.errors import ServerError
from collector.record import Instance

WISH = Wish(key="maker/one", context_length=8192)

TEXTS = st.text(st.characters(codec=None))  # halves of surrogate pairs too
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()  # NaN and the infinities too, which Python's JSON writes
    | TEXTS
    | st.sampled_from(["maker/one", "loaded", "llm", "embedding", 8192, 10**60])
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner),
    max_leaves=8,
)


def mostly(right: object):
    """The right value, or one a strategy draws, seven times out of eight."""
    drawn = right if isinstance(right, st.SearchStrategy) else st.just(right)
    return st.integers(0, 7).flatmap(lambda number: drawn if number else ANYTHING)


INSTANCES = st.fixed_dictionaries(
    {
        "id": mostly("maker/one"),
        "config": mostly({"context_length": 8192}),
    },
    optional={"deviceIdentifier": ANYTHING},
)
V1_MODELS = st.fixed_dictionaries(
    {
        "key": mostly("maker/one"),
        "loaded_instances": mostly(st.lists(mostly(INSTANCES), min_size=1, max_size=1)),
    },
    optional={
        "type": mostly("llm"),
        "quantization": mostly({"name": "Q4_K_M"}),
        "size_bytes": ANYTHING,
        "variants": ANYTHING,
        "selected_variant": ANYTHING,
    },
)
V0_MODELS = st.fixed_dictionaries(
    {"id": mostly("maker/one"), "state": mostly("loaded")},
    optional={
        "type": mostly("llm"),
        "quantization": ANYTHING,
        "loaded_context_length": mostly(8192),
        "arch": ANYTHING,
    },
)


def lists_of(name: str, model):
    rows = st.lists(model | ANYTHING, max_size=2) | st.lists(model, max_size=1)
    return st.fixed_dictionaries({name: rows}) | ANYTHING


REPLIES = ANYTHING | st.fixed_dictionaries(
    {},
    optional={
        "status": mostly("loaded"),
        "instance_id": mostly("maker/one"),
        "load_time_seconds": ANYTHING,
        "load_config": ANYTHING,
        "runtime": ANYTHING | st.fixed_dictionaries({"name": ANYTHING}),
        "error": mostly(None),
    },
)


class Canned(Native):
    """Answers by route with the JSON it is given, without a network."""

    def __init__(self, answers: dict, status: int) -> None:
        self._base_url = "http://127.0.0.1:1234/v1"
        self._answers = answers
        self._status = status

    def openai_keys(self):
        return None

    def _send(self, method, url, body, timeout_s):
        (answer,) = [
            answer for path, answer in self._answers.items() if url.endswith(path)
        ]
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return self._status, data


def backend_of(answers: dict, status: int = 200) -> LMStudio:
    @contextmanager
    def connect(_base_url):
        yield Canned(answers, status)

    return LMStudio(
        "http://127.0.0.1:1234/v1",
        connect=connect,
        lms=lambda *_: None,
        sleep=lambda _: None,
    )


def outcome(ask):
    """What a question ends in; None: an error that can be shown."""
    try:
        return ask()
    except ServerError as error:
        message = str(error)
    assert message.isprintable()  # its words are the server's
    return None


def check_recordable(found: Preflight | Load | Instance | None) -> None:
    if isinstance(found, Load):
        found = found.instance
    if isinstance(found, Instance):
        assert found.instance_id
        assert Instance.model_validate_json(found.model_dump_json()) == found
    if isinstance(found, Preflight):
        assert all(isinstance(key, str) for key in found.model_keys or ())


@settings(deadline=None)  # a busy machine is no fault
@given(
    v1=lists_of("models", V1_MODELS),
    v0=lists_of("data", V0_MODELS),
    reply=REPLIES,
    status=st.sampled_from([200, 200, 200, 404, 500]),
)
def test_no_json_of_any_route_breaks_anything(v1, v0, reply, status):
    routes = {"/api/v1/models": v1, "/api/v0/models": v0}
    posts = dict.fromkeys(["/load", "/unload", "/chat/completions"], reply)
    backend = backend_of({**routes, **posts}, status)
    given = Instance(instance_id="maker/one", context_length=8192)
    clock = time.perf_counter_ns

    check_recordable(outcome(backend.preflight))
    check_recordable(outcome(lambda: backend.load(WISH, clock=clock)))
    check_recordable(outcome(lambda: backend.confirm(WISH, None)))
    check_recordable(outcome(lambda: backend.confirm(WISH, given)))
    outcome(lambda: backend.settle(WISH, clock=clock, timeout_s=1))


@settings(deadline=None)
@given(models=mostly(st.lists(V1_MODELS, min_size=1, max_size=2)), reply=REPLIES)
def test_what_is_almost_right_is_loaded_only_if_it_is_the_wish(models, reply):
    states = iter([[], models, models])  # before the load, after it, and once more

    class Loading(Canned):
        def _send(self, method, url, body, timeout_s):
            if url.endswith("/api/v1/models") and self._answers["is_found"]:
                self._answers["/api/v1/models"] = {"models": next(states)}
            return super()._send(method, url, body, timeout_s)

    answers = {
        "is_found": False,
        "/api/v1/models": {"models": []},
        "/load": reply,
        "/chat/completions": reply,
    }

    @contextmanager
    def connect(_base_url):
        yield Loading(answers, 200)

    backend = LMStudio("http://127.0.0.1:1234/v1", connect=connect)
    backend.preflight()
    answers["is_found"] = True
    loaded = outcome(lambda: backend.load(WISH, clock=time.perf_counter_ns))

    check_recordable(loaded)
    if loaded is not None:
        (instance,) = [each for m in models for each in m["loaded_instances"] or ()]
        assert instance["id"] == loaded.instance.instance_id
        assert instance["config"]["context_length"] == 8192
        assert instance.get("deviceIdentifier") is None
        assert "maker/one" in {loaded.instance.key, loaded.instance.variant}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"models":' + b"[" * 33 + b"]" * 33 + b"}",
        b'{"models":[],"x":1e999}',
        b'{"models":[],"x":NaN}',
        b'{"models":[],"x":' + b"9" * 5000 + b"}",
    ],
)
def test_json_that_no_record_can_hold_is_no_list_of_models(data):
    backend = backend_of({"/api/v1/models": data, "/api/v0/models": data})

    assert backend.preflight().server.api is None


def test_half_a_character_is_replaced_and_the_rest_kept():
    listing = {
        "models": [
            {
                "key": "maker/one",
                "description": "cut \ud83d",
                "loaded_instances": [
                    {"id": "one\ud83d", "config": {"context_length": 8192}}
                ],
            }
        ]
    }
    backend = backend_of({"/api/v1/models": listing})

    instance = backend.confirm(WISH, None)

    assert instance is not None
    assert instance.instance_id == "one?"
