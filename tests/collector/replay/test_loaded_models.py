"""LM Studio's lists of models: only one proven instance is ever measured."""

import pytest

from .collecting import (
    Replayed,
    Settings,
    assert_honest,
    gather,
    read_run,
    run_collect,
)
from .frames import HEAD, ending, short_answer, stream, text
from .native import (
    EMBEDDING,
    LIST_PATH,
    LOAD_PATH,
    V0_LIST_PATH,
    NativeApi,
    instance,
    model,
    v0_model,
)
from .replay import ReplayServer, Script, Send, Step, Wait

X = "maker/x"
MODEL_ID = "x"
AS_IT_IS = Settings(backend="lmstudio", keys={MODEL_ID: X})
RELOADED = Settings(backend="lmstudio", keys={MODEL_ID: X}, reload=True)


def healthy(name: str = X) -> Script:
    return stream([*text(name, "a", "b"), *ending(name, 2)])


def measure(
    folder, api: NativeApi, settings: Settings, *answers: Script
) -> tuple[Replayed, ReplayServer]:
    scripts = {X: [short_answer(X), *(answers or [healthy()])]}
    with ReplayServer(scripts, answerer=api) as server:
        result = run_collect(folder, server, [MODEL_ID], settings)
    assert result.exit_code in {0, 3}, result.output
    return gather(folder, server, {MODEL_ID: X})[MODEL_ID], server


def v0_only(*entries: object) -> NativeApi:
    listing = {"object": "list", "data": list(entries)}
    unexpected = {"error": f"Unexpected endpoint or method. (GET {LIST_PATH})"}
    answers = {LIST_PATH: (200, unexpected), V0_LIST_PATH: (200, listing)}
    return NativeApi([], answers=answers)


REFUSED = {
    "none_loaded": NativeApi([model(X), EMBEDDING]),
    "doubled": NativeApi([model(X, instance(X), instance(f"{X}:2"))]),
    "another": NativeApi([model(X), model("maker/y", instance("maker/y"))]),
    "one_and_another": NativeApi(
        [model(X, instance(X)), model("maker/y", instance("maker/y"))]
    ),
    "unreadable_instances": NativeApi([{**model(X), "loaded_instances": "one"}]),
    "instance_without_name": NativeApi([{**model(X), "loaded_instances": [{}]}]),
    "v0_none_loaded": v0_only(v0_model(X, "not-loaded")),
    "v0_two_loaded": v0_only(v0_model(X), v0_model("maker/y")),
    "v0_still_loading": v0_only(v0_model(X, "loading")),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_is_not_one_proven_instance_is_not_asked(tmp_path, name):
    answer, _ = measure(tmp_path, REFUSED[name], AS_IT_IS)
    assert_honest(answer, n_hits=0)
    assert (answer.trial.outcome, answer.kind) == ("failed", "load_failed")
    assert answer.trial.requests_sent in {None, 0}
    assert answer.trial.request is None
    assert answer.trial.timeline is None


ACCEPTED = {
    "one": (NativeApi([EMBEDDING, model(X, instance(X, 4096))]), "Q4_K_M", 4096),
    "mxfp4": (
        NativeApi([model(X, instance(X), quantization="MXFP4")]),
        "MXFP4",
        8192,
    ),
    "no_quantization": (
        NativeApi([model(X, instance(X), quantization=None)]),
        None,
        8192,
    ),
    "no_config": (NativeApi([model(X, {"id": X})]), "Q4_K_M", None),
    "embedding_lacks_all": (
        NativeApi([{"type": "embedding"}, {}, model(X, instance(X))]),
        "Q4_K_M",
        8192,
    ),
    "v0_with_context": (
        v0_only(v0_model(X, loaded_context_length=4096)),
        "Q4_K_M",
        4096,
    ),
    "v0_without_context": (v0_only(v0_model(X)), "Q4_K_M", None),
}


@pytest.mark.parametrize("name", list(ACCEPTED))
def test_one_proven_instance_is_measured_and_described_as_listed(tmp_path, name):
    api, quantization, context_length = ACCEPTED[name]
    answer, _ = measure(tmp_path, api, AS_IT_IS)
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None
    described = answer.trial.instance
    assert described.instance_id == X
    assert described.quantization == quantization
    assert described.context_length == context_length
    assert answer.trial.cache == "unknown"
    assert answer.trial.load_s is None


def test_without_native_routes_it_is_measured_and_nothing_is_claimed(tmp_path):
    unexpected = (200, {"error": "Unexpected endpoint or method."})
    api = NativeApi([], answers={LIST_PATH: unexpected, V0_LIST_PATH: unexpected})
    answer, _ = measure(tmp_path, api, AS_IT_IS)
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None
    assert answer.trial.instance is None
    assert read_run(tmp_path).run.notes


BAD_LOADS = {
    "told_in_a_200": NativeApi(
        [model(X)], answers={LOAD_PATH: (200, {"error": "no memory"})}
    ),
    "told_in_a_500": NativeApi(
        [model(X)], answers={LOAD_PATH: (500, {"error": {"message": "no memory"}})}
    ),
    "nothing_loaded": NativeApi([model(X)], loads_as=lambda _key, _body: []),
    "stacked": NativeApi(
        [model(X)], loads_as=lambda key, _body: [instance(key), instance(f"{key}:2")]
    ),
    "only_the_second": NativeApi(
        [model(X)], loads_as=lambda key, _body: [instance(f"{key}:2")]
    ),
}


@pytest.mark.parametrize("name", list(BAD_LOADS))
def test_a_load_that_did_not_do_what_it_says_is_not_measured(tmp_path, name):
    answer, server = measure(tmp_path, BAD_LOADS[name], RELOADED)
    assert_honest(answer, n_hits=0)
    assert (answer.trial.outcome, answer.kind) == ("failed", "load_failed")
    assert server.chats(X) == []


def test_a_load_with_another_context_than_planned_is_not_measured(tmp_path):
    settings = Settings(
        backend="lmstudio",
        keys={MODEL_ID: X},
        reload=True,
        more={MODEL_ID: "context_length = 32768"},
    )
    api = NativeApi([model(X)])
    answer, server = measure(tmp_path, api, settings)
    assert answer.kind == "load_failed"
    assert server.chats(X) == []
    (body,) = [body for what, body in api.asked if what.endswith("/load")]
    assert body["context_length"] == 32_768


def test_what_was_loaded_before_is_unloaded_and_not_stacked(tmp_path):
    api = NativeApi(
        [model(X, instance(X), instance(f"{X}:2")), model("y", instance("y"))]
    )
    answer, _ = measure(tmp_path, api, RELOADED)
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None
    assert [each["id"] for each in api.models[0]["loaded_instances"]] == [X]
    assert api.models[1]["loaded_instances"] == []


def test_an_instance_that_joins_after_the_warm_up_stops_the_trials(tmp_path):
    api = NativeApi([model(X)])

    def joined(method, path, body):
        if server.chats(X) and len(api.models[0]["loaded_instances"]) == 1:
            api.models[0]["loaded_instances"].append(instance(f"{X}:2"))
        return api(method, path, body)

    with ReplayServer({X: [short_answer(X)]}, answerer=joined) as server:
        run_collect(tmp_path, server, [MODEL_ID], RELOADED)
    answer = gather(tmp_path, server, {MODEL_ID: X})[MODEL_ID]
    assert_honest(answer, n_hits=0)
    assert answer.kind == "load_failed"
    assert f"{X}:2" in answer.trial.failure.message


def delayed(first_text_s: float) -> list[Step]:
    return [Send(HEAD), Wait(first_text_s), *healthy()[1:]]


def test_cold_and_warm_first_tokens_are_told_apart(tmp_path):
    settings = Settings(backend="lmstudio", keys={MODEL_ID: X}, reload=True, trials=3)
    answers = [delayed(0.3), delayed(0.02), delayed(0.02)]
    answer, _ = measure(tmp_path, NativeApi([model(X)]), settings, *answers)
    assert_honest(answer, answer="ab", tokens=2, n_hits=3)
    assert [trial.cache for trial in answer.trials] == ["cold", "warm", "warm"]
    assert len({str(trial.usage) for trial in answer.trials}) == 1
    ttft_s = [trial.timeline[0].t_us / 1e6 for trial in answer.trials]
    assert ttft_s[0] >= 0.295
    assert max(ttft_s[1:]) < 0.2
    # Who averages must be able to keep the two apart.
    from collector.metrics import METRICS

    assert METRICS["ttft_s"].needs_same_cache
    assert not METRICS["decode_tok_s"].needs_same_cache


def test_the_second_instance_answering_for_the_first_does_not_count(tmp_path):
    answer, _ = measure(tmp_path, NativeApi([model(X)]), RELOADED, healthy(f"{X}:2"))
    assert_honest(answer, answer="ab", tokens=2)
    assert (answer.trial.outcome, answer.kind) == ("failed", "model_mismatch")
    assert answer.trial.served_model == f"{X}:2"


def test_a_doubled_instance_and_another_models_answer_do_not_count(tmp_path):
    api = NativeApi(
        [model(X, instance(X), instance(f"{X}:2")), model("y", instance("y"))]
    )
    answer, _ = measure(tmp_path, api, AS_IT_IS, healthy("y"))
    assert_honest(answer, n_hits=0)
    assert answer.kind == "load_failed"


def test_another_model_answering_for_the_only_one_listed_does_not_count(tmp_path):
    api = NativeApi([model(X, instance(X))])
    answer, _ = measure(tmp_path, api, AS_IT_IS, healthy("maker/y"))
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.kind == "model_mismatch"


def test_a_variant_answers_under_the_models_plain_name(tmp_path):
    key = f"{X}@q4_k_m"
    entry = {
        **model(X, instance(X)),
        "variants": [key, f"{X}@q8_0"],
        "selected_variant": key,
    }
    settings = Settings(backend="lmstudio", keys={MODEL_ID: key})
    # Requests give the name of the loaded instance, the warm-up's the plan's key.
    scripts = {key: [short_answer(X)], X: [short_answer(X), healthy()]}
    with ReplayServer(scripts, answerer=NativeApi([entry])) as server:
        run_collect(tmp_path, server, [MODEL_ID], settings)
    trials = read_run(tmp_path).trials
    assert [trial.outcome for trial in trials] == ["complete"] * 2
    (counted,) = [trial for trial in trials if not trial.is_warmup]
    assert counted.instance.variant == key
    assert counted.served_model == X


def test_another_variant_than_the_planned_one_is_not_measured(tmp_path):
    entry = {**model(X, instance(X)), "selected_variant": f"{X}@q8_0"}
    key = f"{X}@q4_k_m"
    settings = Settings(backend="lmstudio", keys={MODEL_ID: key})
    scripts = {key: [short_answer(X)]}
    with ReplayServer(scripts, answerer=NativeApi([entry])) as server:
        result = run_collect(tmp_path, server, [MODEL_ID], settings)
    assert result.exit_code in {1, 3}
    assert server.chats(X) == []
    if result.exit_code == 3:
        (trial,) = [t for t in read_run(tmp_path).trials if not t.is_warmup]
        assert trial.failure.kind == "load_failed"


def test_a_model_the_server_does_not_list_stops_before_anything_is_sent(tmp_path):
    settings = Settings(backend="lmstudio", keys={MODEL_ID: "maker/z"})
    scripts = {"maker/z": [short_answer("maker/z")]}
    with ReplayServer(scripts, answerer=NativeApi([model(X)])) as server:
        result = run_collect(tmp_path, server, [MODEL_ID], settings)
    assert result.exit_code == 1
    assert "maker/z" in result.output
    assert server.chats("maker/z") == []
