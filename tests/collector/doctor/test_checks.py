"""What doctor says of a server and its models, each trap on its own."""

import pytest

from collector.doctor.checks import run_checks
from collector.doctor.finding import exit_code
from collector.record import GpuReading, Instance

URL = "http://127.0.0.1:1234/v1"
LM_STUDIO = {"/lmstudio-greeting": {"lmstudio": True}}
GPU = GpuReading(temperature_c=41.0, clock_mhz=1800)


def native(*models: tuple, listed: tuple[str, ...] = ()) -> dict[str, object]:
    """Return LM Studio's answers; a model is its key, then its instances' ids."""
    entries = [
        {
            "type": "llm",
            "key": key,
            "quantization": {"name": "Q4_K_M", "bits_per_weight": 4},
            "max_context_length": 32768,
            "loaded_instances": [{"id": name, "config": {}} for name in names],
        }
        for key, *names in models
    ]
    listing = {"object": "list", "data": [{"id": key} for key in listed]}
    return {**LM_STUDIO, "/api/v1/models": {"models": entries}, "/v1/models": listing}


@pytest.fixture
def check(make_plan, make_probes, make_server, make_backend, records):
    """Run all checks and return the findings by name, as (status, message, remedy)."""

    def check(answers=None, *, plan=None, backend=None, server=None, **probes):
        server = server or make_server(answers or {})
        findings = run_checks(
            plan or make_plan(),
            backend or make_backend(),
            records=records,
            gpu=GPU,
            probes=make_probes(server, **probes),
        )
        found: dict[str, list[tuple]] = {}
        for finding in findings:
            fact = (finding.status, finding.message, finding.remedy)
            found.setdefault(finding.check, []).append(fact)
        check.code = exit_code(findings)
        return found

    return check


def test_a_healthy_rig_has_no_problem_and_no_warning(check):
    found = check(native(("maker/a",), ("maker/b",), listed=("maker/a", "maker/b")))
    statuses = {fact[0] for facts in found.values() for fact in facts}
    assert statuses == {"ok"}
    assert found["server"] == [("ok", f"{URL}: LM Studio answers", None)]
    assert found["model a"] == [("ok", "offered, collect loads it", None)]
    assert found["gpu"] == [("ok", "temperature_c 41, clock_mhz 1800", None)]
    assert check.code == 0


def test_every_problem_says_what_to_do(check, make_backend, make_plan, make_server):
    mistaken = {"id": "a", "key": "maker/aa", "name": "A"}
    wide = {"id": "w", "key": "maker/b", "name": "B", "context_length": 99_999}
    doubled = native(("maker/a", "a", "a:2"), ("maker/b",))
    idle = make_plan(mistaken, wide, reload=False)
    for found in (
        check(LM_STUDIO, plan=make_plan(backend="ollama")),
        check(doubled, plan=idle),
        check(server=make_server(LM_STUDIO, wanted="x"), backend=make_backend()),
        check(can_write=lambda folder: False),
        check(free_bytes=lambda folder: 99_999_999),
    ):
        problems = [fact for facts in found.values() for fact in facts]
        problems = [fact for fact in problems if fact[0] == "problem"]
        assert problems
        assert all(remedy for _, _, remedy in problems)
        assert check.code == 1


def test_a_server_that_does_not_answer_is_a_problem_and_its_models_are_not(
    check, make_backend, make_server
):
    error = f"{URL}: no server answers (refused): start LM Studio's server"
    found = check(server=make_server(is_up=False), backend=make_backend(error=error))
    assert found["server"] == [("problem", error, None)]
    assert found["models"][0][0] == "unknown"
    assert "token" not in found
    assert check.code == 1


@pytest.mark.parametrize(
    ("replies", "name", "choice"),
    [
        ((LM_STUDIO, {}), "LM Studio", "lmstudio"),
        (({"/api/version": {"version": "0.20.1"}}, {}), "Ollama 0.20.1", "ollama"),
        (
            ({"/props": {"build_info": "b6000-abc"}}, {"server": "llama.cpp"}),
            "llama.cpp b6000-abc",
            "llamacpp",
        ),
        (
            ({"/v1/models": {"data": [{"id": "m", "owned_by": "llamacpp"}]}}, {}),
            "llama.cpp",
            "llamacpp",
        ),
        (
            (
                {
                    "/v1/models": {"data": [{"id": "m", "owned_by": "vllm"}]},
                    "/version": {"version": "0.27.1"},
                },
                {"server": "uvicorn"},
            ),
            "vLLM 0.27.1",
            "vllm",
        ),
    ],
)
def test_another_server_than_the_plans_is_named_and_not_asked_on(
    replies, name, choice, check, make_server, make_plan, make_backend
):
    planned = "ollama" if choice == "lmstudio" else "lmstudio"
    backend = make_backend()
    server = make_server(*replies)
    found = check(server=server, plan=make_plan(backend=planned), backend=backend)
    assert found["server"] == [
        (
            "problem",
            f"{URL}: {name} answers, the plan says '{planned}'",
            f'set server.backend = "{choice}", or correct the address',
        )
    ]
    assert found["models"][0][0] == "unknown"
    assert backend.preflights == 0
    found = check(server=server, plan=make_plan(backend=choice), backend=backend)
    assert found["server"] == [("ok", f"{URL}: {name} answers", None)]
    assert backend.preflights == 1


def test_a_family_the_plan_does_not_use_is_a_warning(check, make_plan):
    found = check(LM_STUDIO, plan=make_plan(backend="openai"))
    status, message, remedy = found["server"][0]
    assert (status, remedy) == (
        "warning",
        'set server.backend = "lmstudio", or correct the address',
    )
    assert "LM Studio answers" in message


@pytest.mark.parametrize(
    "nonsense",
    [
        b"not json",
        b"[]",
        b'{"data": [1, {"id": 2, "owned_by": ["vllm"]}], "models": "x"}',
        b"[" * 100_000,
        b'{"version": 7, "build_info": [], "lmstudio": "true"}',
        404,
    ],
)
def test_a_server_of_no_known_family_is_taken_for_what_it_is(
    nonsense, check, make_plan
):
    paths = ("/v1/models", "/lmstudio-greeting", "/props", "/version", "/api/version")
    answers = dict.fromkeys(paths, nonsense)
    found = check(answers, plan=make_plan(backend="openai"))
    assert found["server"][0][0] == "ok"
    found = check(answers)
    assert found["server"][0][0] == "warning"
    assert found["server"][0][2] == "check the address: the plan says 'lmstudio'"


def test_what_the_backend_notes_is_passed_on(check, make_backend):
    note = "The server has no native routes."
    found = check(native(("maker/a",)), backend=make_backend(notes=(note,)))
    assert found["server"][1] == ("warning", note, None)


def test_a_failing_preflight_is_a_problem_with_the_backends_words(check, make_backend):
    found = check(LM_STUDIO, backend=make_backend(error="it broke: restart it"))
    assert found["server"] == [("problem", "it broke: restart it", None)]


@pytest.mark.parametrize(
    ("env", "status", "message"),
    [
        ({}, "problem", "the server wants a token; none is set"),
        ({"LM_API_TOKEN": "wrong"}, "problem", "the server wants a token; ours is"),
        ({"LM_API_TOKEN": "secret"}, "ok", "the server wants a token and takes the"),
    ],
)
def test_a_wanted_token_is_tried_and_never_shown(
    env, status, message, check, make_server, make_backend
):
    server = make_server(native(("maker/a",)), wanted="secret")
    refused = make_backend(error="wants a token" if status == "problem" else None)
    found = check(server=server, env=env, backend=refused)
    assert found["token"][0][0] == status
    assert found["token"][0][1].startswith(message)
    assert "secret" not in str(found)
    assert "wrong" not in str(found)
    assert found["server"] == [
        ("ok", f"{URL}: LM Studio answers", None)
        if status == "ok"
        else (
            "unknown",
            f"{URL}: a server answers, and tells no more without a token",
            None,
        )
    ]


def test_a_token_is_not_sent_to_a_server_that_wants_none(check, make_server):
    server = make_server(native(("maker/a",)))
    found = check(server=server, env={"LM_API_TOKEN": "secret"})
    assert found["token"][0] == ("ok", "the server wants no token", None)
    assert not any(has_token for _, has_token in server.asked)


def test_lm_studios_refusal_with_a_code_counts_as_wanting_a_token(check):
    refusal = {"error": {"type": "invalid_request", "code": "invalid_api_key"}}
    assert check({"/v1/models": refusal})["token"][0][0] == "problem"


def test_a_model_that_is_not_offered_is_named_with_the_nearest(check, make_plan):
    plan = make_plan({"id": "x", "key": "maker/aa", "name": "X"})
    assert check(LM_STUDIO, plan=plan)["model x"] == [
        (
            "problem",
            "the server has no model 'maker/aa': did you mean 'maker/a'?",
            "download it, or correct key in the plan",
        )
    ]


def test_a_variant_is_offered_with_its_model(check, make_plan):
    plan = make_plan({"id": "x", "key": "maker/a@q8_0", "name": "X"})
    assert check(native(("maker/a",)), plan=plan)["model x"][0][0] == "ok"


def test_a_server_without_a_list_is_asked_for_each_model(check, make_backend):
    backend = make_backend(keys=None, instances={"maker/a": None, "maker/b": None})
    found = check(LM_STUDIO, backend=backend)
    assert [fact[0] for fact in found["model a"]] == ["unknown"]
    assert [wish.key for wish in backend.wishes] == ["maker/a", "maker/b"]


@pytest.mark.parametrize("reload", [True, False])
def test_what_is_not_loaded_is_a_problem_only_if_the_run_does_not_load(
    reload, check, make_plan
):
    found = check(native(("maker/a",), ("maker/b",)), plan=make_plan(reload=reload))
    expected = (
        ("ok", "offered, collect loads it", None)
        if reload
        else ("problem", "maker/a: none is loaded: load it", None)
    )
    assert found["model a"] == [expected]


def test_a_server_that_cannot_load_needs_the_model_loaded(check, make_backend):
    backend = make_backend(can_load=False)
    found = check(native(("maker/a",), ("maker/b",)), backend=backend)
    assert found["model a"][0][0] == "problem"


@pytest.mark.parametrize(
    ("loaded", "status", "message"),
    [
        ("q4-k-m", "ok", "loaded as 'a' for 4096 tokens, Q4_K_M as planned"),
        (
            "Q8_0",
            "warning",
            "loaded as 'a' for 4096 tokens; it is 'Q8_0', the plan expects 'Q4_K_M'",
        ),
        (
            None,
            "unknown",
            "loaded as 'a' for 4096 tokens; not told: whether it is Q4_K_M",
        ),
    ],
)
def test_the_quantisation_is_held_against_the_plan(
    loaded, status, message, check, make_plan, make_backend
):
    model = {"id": "a", "key": "maker/a", "name": "A", "quantization": "Q4_K_M"}
    instance = Instance(instance_id="a", quantization=loaded, context_length=4096)
    found = check(
        LM_STUDIO,
        plan=make_plan(model, reload=False),
        backend=make_backend(instances={"maker/a": instance}),
    )
    assert found["model a"][0][:2] == (status, message)


def test_the_quantisation_is_known_before_a_load(check, make_plan):
    model = {"id": "a", "key": "maker/a", "name": "A", "quantization": "MXFP4"}
    found = check(native(("maker/a",)), plan=make_plan(model))
    assert found["model a"] == [
        (
            "warning",
            "offered, collect loads it; it is 'Q4_K_M', the plan expects 'MXFP4'",
            "choose the other file, or correct quantization in the plan",
        )
    ]


@pytest.mark.parametrize(("context", "status"), [(32768, "ok"), (32769, "problem")])
def test_a_context_beyond_the_models_is_a_problem(context, status, check, make_plan):
    model = {"id": "a", "key": "maker/a", "name": "A", "context_length": context}
    found = check(native(("maker/a",)), plan=make_plan(model))
    assert found["model a"][0][0] == status


@pytest.mark.parametrize(("reload", "asked"), [(True, None), (False, 8192)])
def test_the_loaded_context_matters_only_if_the_run_does_not_load(
    reload, asked, check, make_plan, make_backend
):
    model = {"id": "a", "key": "maker/a", "name": "A", "context_length": 8192}
    instance = Instance(instance_id="a", context_length=4096)
    backend = make_backend(instances={"maker/a": instance})
    answers = native(("maker/a", "a"))
    check(answers, plan=make_plan(model, reload=reload), backend=backend)
    assert [wish.context_length for wish in backend.wishes] == [asked]


def test_a_loaded_model_that_cannot_be_confirmed_is_told_in_the_backends_words(
    check, make_plan, make_backend
):
    remote = {"maker/a": "'a' runs on another device: switch LM Link off"}
    backend = make_backend(instances=remote)
    plan = make_plan({"id": "a", "key": "maker/a", "name": "A"})
    found = check(native(("maker/a", "a")), plan=plan, backend=backend)
    assert found["model a"] == [("warning", remote["maker/a"], None)]


@pytest.mark.parametrize(
    ("models", "reload", "status", "message"),
    [
        ([("maker/a",)], True, "ok", "0 loaded"),
        ([("maker/a", "a")], False, "ok", "1 loaded: 'a'"),
        ([("maker/a", "a")], True, "ok", "1 loaded: 'a'; collect unloads all first"),
        (
            [("maker/a", "a"), ("maker/b", "b")],
            True,
            "ok",
            "2 loaded: 'a', 'b'; collect unloads all first",
        ),
        ([("maker/a", "a"), ("maker/b", "b")], False, "problem", "2 loaded: 'a', 'b'"),
        (
            [("maker/a", "a", "a:2")],
            True,
            "warning",
            "2 loaded: 'a', 'a:2'; 'maker/a' more than once; collect unloads all first",
        ),
        (
            [("maker/a", "a", "a:2")],
            False,
            "problem",
            "2 loaded: 'a', 'a:2'; 'maker/a' more than once",
        ),
    ],
)
def test_loaded_instances_are_counted_and_doubles_named(
    models, reload, status, message, check, make_plan
):
    found = check(native(*models), plan=make_plan(reload=reload))
    assert [fact[:2] for fact in found["instances"]] == [(status, message)]


def test_what_ollama_has_loaded_is_told(check, make_plan, make_backend):
    answers = {
        "/api/version": {"version": "1"},
        "/api/ps": {"models": [{"name": "a:latest"}]},
    }
    model = {"id": "a", "key": "a", "name": "A"}
    backend = make_backend(
        keys=("a",), instances={"a": Instance(instance_id="a:latest")}
    )
    plan = make_plan(model, backend="ollama")
    found = check(answers, plan=plan, backend=backend)
    assert found["instances"][0][1].startswith("1 loaded: 'a:latest'")
    assert found["model a"][0][1] == "loaded as 'a:latest', collect loads it anew"
    assert "JIT loading" not in found


@pytest.mark.parametrize(
    ("listed", "reload", "status", "word"),
    [
        (("maker/b",), True, "ok", "off"),
        (("maker/a", "maker/b"), True, "ok", "on"),
        (("maker/a", "maker/b"), False, "warning", "on"),
    ],
)
def test_loading_at_a_request_is_found_by_what_openais_route_lists(
    listed, reload, status, word, check, make_plan
):
    answers = native(("maker/a",), ("maker/b", "b"), listed=listed)
    (found,) = check(answers, plan=make_plan(reload=reload))["JIT loading"]
    assert found[0] == status
    assert found[1].startswith(word)
    assert (found[2] is None) == (status == "ok")


def test_with_everything_loaded_nobody_can_tell_how_loading_is_set(check):
    answers = native(("maker/a", "a"), listed=("maker/a",))
    assert "JIT loading" not in check(answers)
