"""What must be loaded before a trial, against a stub that misbehaves."""

import pytest

from collector.backends.protocol import Wish
from collector.errors import ServerError
from collector.record import Instance

WISH = Wish(key="maker/one")


def test_the_one_loaded_model_is_confirmed_with_what_the_list_says(studio, backend):
    studio.load_into("maker/two", "mine", context_length=2048)

    found = backend.confirm(Wish(key="maker/two"), None)

    assert found == Instance(
        instance_id="mine",
        key="maker/two",
        quantization="MXFP4",
        context_length=2048,
        size_bytes=4_000_000_000,
        config={"id": "mine", "config": {"context_length": 2048, "parallel": 4}},
    )


def test_confirming_keeps_what_only_the_load_knew(studio, backend):
    studio.load_into("maker/one", "maker/one")
    given = Instance(instance_id="maker/one", context_length=8192, engine="llama.cpp")

    assert backend.confirm(WISH, given) is given


@pytest.mark.parametrize(
    "given",
    [
        Instance(instance_id="maker/one:2", context_length=8192),
        Instance(instance_id="maker/one", context_length=4096),
    ],
)
def test_another_instance_than_the_one_we_loaded_is_refused(studio, backend, given):
    studio.load_into("maker/one", "maker/one")

    with pytest.raises(ServerError, match="leave LM Studio alone"):
        backend.confirm(WISH, given)


@pytest.mark.parametrize("api", ["v1", "v0"])
def test_a_model_that_a_request_would_load_is_refused(studio, backend, api):
    studio.apis = {api}

    with pytest.raises(ServerError, match="while the clock runs"):
        backend.confirm(WISH, None)


def test_doubled_instances_are_refused_by_name(studio, backend):
    studio.load_into("maker/one", "maker/one", "maker/one:2")

    with pytest.raises(ServerError, match=r"2 models are loaded .*'maker/one:2'"):
        backend.confirm(WISH, None)


def test_an_embedding_model_beside_the_wished_one_is_refused(studio, backend):
    studio.load_into("maker/one", "maker/one")
    studio.load_into("text-embedding-nomic", "text-embedding-nomic")

    with pytest.raises(ServerError, match="'text-embedding-nomic'"):
        backend.confirm(WISH, None)


@pytest.mark.parametrize("api", ["v1", "v0"])
def test_another_model_in_its_place_is_refused(studio, backend, api):
    studio.apis = {api}
    studio.load_into("maker/two", "maker/two")

    with pytest.raises(ServerError, match=r"'maker/two'.* is loaded, not 'maker/one'"):
        backend.confirm(WISH, None)


@pytest.mark.parametrize("api", ["v1", "v0"])
def test_a_model_loaded_by_hand_for_another_context_is_refused(studio, backend, api):
    studio.apis = {api}
    studio.load_into("maker/one", "maker/one", context_length=4096)

    with pytest.raises(ServerError, match="for 4096 tokens, not for 8192"):
        backend.confirm(Wish(key="maker/one", context_length=8192), None)


@pytest.mark.parametrize("field", ["deviceIdentifier", "device_identifier"])
@pytest.mark.parametrize("is_in_model", [True, False])
def test_a_model_of_another_device_is_refused(studio, backend, field, is_in_model):
    studio.load_into("maker/one", "maker/one")
    model = studio.model("maker/one")
    holder = model if is_in_model else model["loaded_instances"][0]
    holder[field] = None
    assert backend.confirm(WISH, None) is not None

    holder[field] = "a1b2"
    with pytest.raises(ServerError, match="another device"):
        backend.confirm(WISH, None)


@pytest.mark.parametrize(
    "model",
    [
        "maker/two",
        {"key": "maker/two", "loaded_instances": {}},
        {"key": "maker/two", "loaded_instances": 1},
        {"key": "maker/two", "loaded_instances": ["maker/two"]},
        {"key": "maker/two", "loaded_instances": [{"id": ""}]},
        {"key": "maker/two", "loaded_instances": [{"identifier": "maker/two"}]},
    ],
)
def test_a_list_that_may_hide_an_instance_is_refused(studio, backend, model):
    studio.load_into("maker/one", "maker/one")
    studio.models.append(model)

    with pytest.raises(ServerError, match="cannot tell what is loaded"):
        backend.confirm(WISH, None)


def test_an_entry_without_instances_hides_none(studio, backend):
    studio.load_into("maker/one", "maker/one")
    studio.models += [{"key": "maker/x"}, {"type": "llm", "loaded_instances": None}]

    assert backend.confirm(WISH, None) is not None


def test_an_older_server_confirms_what_it_tells_of_the_model(studio, backend):
    studio.apis = {"v0"}
    studio.load_into("maker/one", "maker/one", context_length=2048)
    studio.load_into("text-embedding-nomic", "text-embedding-nomic")

    found = backend.confirm(WISH, None)

    assert found is not None
    assert (found.instance_id, found.quantization) == ("maker/one", "Q4_K_M")
    assert found.context_length == 2048
    assert found.config is not None
    assert found.config["arch"] == "arch"


def test_an_older_server_with_two_models_loaded_is_refused(studio, backend):
    studio.apis = {"v0"}
    studio.load_into("maker/one", "maker/one")
    studio.load_into("maker/two", "maker/two")

    with pytest.raises(ServerError, match="2 models are loaded"):
        backend.confirm(WISH, None)


@pytest.mark.parametrize(
    ("key", "is_it"),
    [("maker/one@q4-k-m", True), ("maker/one@q8_0", False), ("maker/two@q4_k_m", 0)],
)
def test_an_older_servers_variant_is_known_by_its_quantization(
    studio, backend, key, is_it
):
    studio.apis = {"v0"}
    studio.load_into("maker/one", "maker/one")

    if is_it:
        assert backend.confirm(Wish(key=key), None) is not None
    else:
        with pytest.raises(ServerError, match="is loaded, not"):
            backend.confirm(Wish(key=key), None)


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "maker/one", "state": "loading"},
        {"id": "maker/one", "state": None},
        {"state": "loaded"},
        [],
    ],
)
def test_an_older_servers_model_that_may_not_be_loaded_is_refused(
    studio, backend, entry
):
    studio.apis = {"v0"}
    studio.replies["GET /api/v0/models"] = (200, {"data": [entry]})

    with pytest.raises(ServerError, match=r"not loaded yet|cannot tell what is loaded"):
        backend.confirm(WISH, None)


def test_an_older_server_need_not_tell_the_context(studio, backend):
    studio.apis = {"v0"}
    entry = {"id": "maker/one", "state": "loaded", "loaded_context_length": "8192"}
    studio.replies["GET /api/v0/models"] = (200, {"data": [entry]})

    found = backend.confirm(Wish(key="maker/one", context_length=8192), None)

    assert found is not None
    assert found.context_length is None


def test_a_native_route_that_falters_later_is_an_error(studio, backend):
    studio.load_into("maker/one", "maker/one")
    backend.preflight()
    studio.replies["GET /api/v1/models"] = (200, {"error": "Unexpected endpoint"})

    with pytest.raises(ServerError, match="Unexpected endpoint"):
        backend.confirm(WISH, None)
