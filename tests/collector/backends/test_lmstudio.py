"""Preflight against a stub that misbehaves as LM Studio can."""

import time

import pytest

from collector.backends.lmstudio import LMStudio
from collector.backends.protocol import Wish
from collector.errors import ServerError

WISH = Wish(key="maker/one")


def test_preflight_offers_keys_and_variants_but_no_embedding_models(studio, backend):
    variants = ["maker/one@q4_k_m", "maker/one@q8_0"]
    studio.model("maker/one")["variants"] = variants
    studio.load_into("maker/two", "maker/two:7")

    found = backend.preflight()

    assert found.model_keys == ("maker/one", *variants, "maker/two")
    assert (found.server.name, found.server.api) == ("LM Studio", "/api/v1")
    assert found.server.is_local is True
    assert found.can_load
    assert found.notes == ()


def test_an_older_server_offers_its_models_but_cannot_load(studio, backend):
    studio.apis = {"v0"}

    found = backend.preflight()

    assert found.model_keys == ("maker/one", "maker/two")
    assert found.server.api == "/api/v0"
    assert not found.can_load
    assert len(found.notes) == 1
    with pytest.raises(ServerError, match=r"cannot load .* design\.reload = false"):
        backend.load(WISH, clock=time.perf_counter_ns)


def test_a_server_with_openai_routes_only_says_so_in_two_notes(studio, backend):
    studio.apis = set()

    found = backend.preflight()

    assert found.model_keys == ("maker/one", "maker/two", "text-embedding-nomic")
    assert found.server.api is None
    assert not found.can_load
    assert len(found.notes) == 2
    assert backend.confirm(WISH, None) is None


@pytest.mark.parametrize(
    "reply",
    [
        (404, {"detail": "Not Found"}),
        (405, b"no"),
        (501, b""),
        (200, b"<!doctype html><title>an app</title>"),
        (200, {"models": "none"}),
        (200, [1, 2]),
        (307, b""),
    ],
)
def test_whatever_is_no_list_of_models_is_no_native_route(studio, backend, reply):
    studio.replies["GET /api/v1/models"] = reply

    assert backend.preflight().server.api == "/api/v0"


def test_a_server_that_fails_at_its_list_is_not_taken_for_an_older_one(studio, backend):
    studio.replies["GET /api/v1/models"] = (500, {"error": "database is locked"})

    with pytest.raises(ServerError, match="HTTP 500: 'database is locked'"):
        backend.preflight()


@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_wanted_token_is_an_error_that_says_where_to_put_it(studio, backend, status):
    code = "invalid_api_key" if status == 200 else None
    error = {"code": code, "message": "An API token is required"}
    studio.replies["GET /api/v1/models"] = (status, {"error": error})

    with pytest.raises(ServerError, match=r"token is required.*LM_API_TOKEN"):
        backend.preflight()


def test_a_server_that_is_not_there_is_an_error_that_says_how_to_start_it():
    backend = LMStudio("http://127.0.0.1:9/v1")

    with pytest.raises(ServerError, match=r"^http://127\.0\.0\.1:9/v1: no server ans"):
        backend.preflight()


def test_commands_to_the_terminal_in_an_error_are_shown_not_sent(studio, backend):
    studio.replies["GET /api/v1/models"] = (503, {"error": "\x1b[2Jgone\x07"})

    with pytest.raises(ServerError) as caught:
        backend.preflight()
    assert str(caught.value).isprintable()
    assert "gone" in str(caught.value)
