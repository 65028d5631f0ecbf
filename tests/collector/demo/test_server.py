import json
import re
import socket
import struct
import sys
import threading
import time
from urllib.parse import urlsplit

import pytest

from collector.demo.pacing import Timer
from collector.demo.script import GREETING, read_models, write_script
from collector.demo.server import DemoServer

MODELS = {model.key: model for model in read_models()}


@pytest.mark.parametrize("key", MODELS)
def test_joined_deltas_are_the_answer_and_the_thinking(chat, key):
    answer = chat(key)

    assert answer.text("content") == MODELS[key].answer
    assert answer.text("reasoning") == MODELS[key].thinking
    assert answer.events[-1] == "[DONE]"


@pytest.mark.parametrize("key", MODELS)
def test_usage_is_the_number_of_deltas_with_text(chat, key):
    chunks = chat(key).chunks

    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    thinking = sum(bool(delta.get("reasoning")) for delta in deltas)
    content = sum(bool(delta.get("content")) for delta in deltas)
    usage = chunks[-1]["usage"]
    assert chunks[-1]["choices"] == []
    assert usage["completion_tokens"] == thinking + content
    assert usage["completion_tokens_details"] == {"reasoning_tokens": thinking}
    assert usage["total_tokens"] == usage["prompt_tokens"] + thinking + content


def test_headers_and_ids_of_a_stream_are_lm_studios(chat):
    answer = chat("demo/plain")

    assert answer.status == 200
    assert answer.headers["X-Powered-By"] == "Express"
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    heads = {
        (chunk["id"], chunk["object"], chunk["model"], chunk["system_fingerprint"])
        for chunk in answer.chunks
    }
    ((reply_id, kind, model, fingerprint),) = heads
    assert re.fullmatch(r"chatcmpl-[0-9a-z]{22}", reply_id)
    assert (kind, model, fingerprint) == (
        "chat.completion.chunk",
        "demo/plain",
        "demo/plain",
    )


def test_only_the_first_delta_has_the_role(chat):
    deltas = [
        chunk["choices"][0]["delta"] for chunk in chat("demo/builder").chunks[:-1]
    ]

    assert deltas[0]["role"] == "assistant"
    assert deltas[0]["reasoning"]
    assert all("role" not in delta for delta in deltas[1:])


def test_a_stream_has_no_usage_unless_asked(chat):
    chunks = chat("demo/sketch", stream_options=None).chunks

    assert all("usage" not in chunk for chunk in chunks)


def test_a_cut_answer_says_length_and_counts_truly(chat):
    answer = chat("demo/builder", max_tokens=50)

    *_, finish, usage = answer.chunks
    assert finish["choices"][0]["finish_reason"] == "length"
    assert usage["usage"]["completion_tokens"] == 50
    assert MODELS["demo/builder"].answer.startswith(answer.text("content"))


def test_an_answer_in_one_piece_has_the_same_text_and_counts(chat, task):
    streamed, whole = chat("demo/builder"), chat("demo/builder", stream=False)

    assert whole.headers["Content-Type"] == "application/json; charset=utf-8"
    choice = whole.json["choices"][0]
    assert choice["message"]["content"] == streamed.text("content")
    assert choice["message"]["reasoning"] == streamed.text("reasoning")
    assert choice["finish_reason"] == "stop"
    assert whole.json["usage"] == streamed.chunks[-1]["usage"]


def test_a_warm_up_is_greeted(chat):
    assert chat("demo/teacher", "準備はいいですか").text("content") == GREETING


def test_the_same_prompt_again_waits_less_for_its_first_token(
    chat, ask, fake_timer, task
):
    model = MODELS["demo/plain"]
    tokens = len(write_script(model, task, None).pieces)
    ask("POST", "/api/v1/models/load", {"model": model.key})
    spans_s = []
    for _ in range(2):
        started_s = fake_timer.clock()
        chat(model.key)
        spans_s.append(fake_timer.clock() - started_s)

    decode_s = (tokens - 1) / model.tok_s
    assert spans_s[0] == pytest.approx(0.18 + decode_s, abs=0.002)
    assert spans_s[1] == pytest.approx(0.4 * 0.18 + decode_s, abs=0.002)


def test_an_unknown_path_is_answered_with_200_and_an_error(ask):
    answer = ask("POST", "/chat/completions", {"model": "demo/plain"})

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json == {
        "error": "Unexpected endpoint or method. (POST /chat/completions)"
    }


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "PUT", "PATCH", "GET"])
def test_so_is_an_unknown_method(ask, method):
    answer = ask(method, "/v1/chat/completions")

    assert answer.status == 200
    assert answer.json["error"] == (
        f"Unexpected endpoint or method. ({method} /v1/chat/completions)"
    )


def test_an_unknown_model_is_not_found(chat):
    answer = chat("gpt-5")

    assert answer.status == 404
    assert answer.json["error"] == {
        "message": 'Model "gpt-5" not found.',
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }


def test_a_bad_body_is_refused_with_400(ask):
    no_json = ask("POST", "/v1/chat/completions", b"{")
    no_messages = ask("POST", "/v1/chat/completions", {"model": "demo/plain"})

    assert no_json.status == 400
    assert no_messages.status == 400
    assert no_messages.json == {"error": "'messages' field is required"}


def test_the_greeting_and_the_models_are_listed(ask):
    assert ask("GET", "/lmstudio-greeting").json == {"lmstudio": True}
    assert [entry["id"] for entry in ask("GET", "/v1/models").json["data"]] == [
        "demo/sketch",
        "demo/plain",
        "demo/teacher",
        "demo/builder",
    ]


def loaded_ids(ask) -> list[str]:
    return [
        instance["id"]
        for model in ask("GET", "/api/v1/models").json["models"]
        for instance in model["loaded_instances"]
    ]


def test_both_native_lists_show_what_is_loaded(ask):
    body = {"model": "demo/plain", "context_length": 2048}
    reply = ask("POST", "/api/v1/models/load", body)

    assert reply.json == {
        "type": "llm",
        "instance_id": "demo/plain",
        "load_time_seconds": 0.1,
        "status": "loaded",
    }
    assert loaded_ids(ask) == ["demo/plain"]
    v0 = {entry["id"]: entry for entry in ask("GET", "/api/v0/models").json["data"]}
    assert v0["demo/plain"]["state"] == "loaded"
    assert v0["demo/plain"]["loaded_context_length"] == 2048
    assert v0["demo/sketch"]["state"] == "not-loaded"
    assert "loaded_context_length" not in v0["demo/sketch"]


def test_a_load_echoes_its_configuration_when_asked_to(ask):
    body = {"model": "demo/plain", "context_length": 2048, "echo_load_config": True}
    reply = ask("POST", "/api/v1/models/load", body)

    assert reply.json["load_config"] == {"context_length": 2048, "parallel": 1}


def test_the_older_chat_route_names_runtime_and_context(ask):
    ask("POST", "/api/v1/models/load", {"model": "demo/plain", "context_length": 2048})
    hello = {"model": "demo/plain", "messages": [{"role": "user", "content": "Hi"}]}
    older = ask("POST", "/api/v0/chat/completions", {**hello, "max_tokens": 1})
    newer = ask("POST", "/v1/chat/completions", {**hello, "max_tokens": 1})

    assert older.json["runtime"]["name"] == "demo-script"
    assert older.json["model_info"]["context_length"] == 2048
    assert older.json["stats"] == {
        "tokens_per_second": 700,
        "time_to_first_token": 0.18,
        "generation_time": 0.0,
        "stop_reason": "maxPredictedTokensReached",
    }
    assert older.json["usage"] == newer.json["usage"]
    assert "runtime" not in newer.json
    assert loaded_ids(ask) == ["demo/plain"]


def test_unloading_empties_the_list_again(ask):
    ask("POST", "/api/v1/models/load", {"model": "demo/plain"})
    reply = ask("POST", "/api/v1/models/unload", {"instance_id": "demo/plain"})

    assert reply.json == {"instance_id": "demo/plain"}
    assert loaded_ids(ask) == []


@pytest.mark.parametrize(
    ("verb", "body", "status", "kind"),
    [
        ("load", {"model": "gpt-5"}, 404, "model_not_found"),
        ("load", {}, 404, "model_not_found"),
        (
            "load",
            {"model": "demo/plain", "context_length": 10**6},
            400,
            "invalid_request",
        ),
        ("unload", {"instance_id": "demo/plain"}, 404, "model_not_found"),
    ],
)
def test_what_cannot_be_loaded_or_unloaded_is_refused(ask, verb, body, status, kind):
    answer = ask("POST", f"/api/v1/models/{verb}", body)

    assert (answer.status, answer.json["error"]["type"]) == (status, kind)


def test_one_connection_serves_one_request_after_another(server):
    address = urlsplit(server.base_url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.settimeout(10)
        for _ in range(2):
            connection.sendall(b"GET /lmstudio-greeting HTTP/1.1\r\nHost: x\r\n\r\n")
            received = b""
            while not received.endswith(b"}"):
                received += connection.recv(4096)

            assert b"Keep-Alive: timeout=5\r\n" in received


def test_a_body_of_unknown_length_is_refused_and_ends_the_connection(server):
    address = urlsplit(server.base_url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.settimeout(10)
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        received = b""
        while data := connection.recv(4096):
            received += data

    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"Connection: close\r\n" in received


def test_a_client_that_leaves_ends_its_request_without_a_word(capfd, task):
    body = json.dumps(
        {
            "model": "demo/teacher",
            "stream": True,
            "messages": [{"role": "user", "content": task}],
        }
    ).encode()
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    )
    before = threading.active_count()
    with DemoServer(Timer()) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        address = urlsplit(server.base_url)
        with socket.create_connection((address.hostname, address.port)) as client:
            client.settimeout(10)
            client.sendall(head % len(body) + body)
            received = b""
            while b"assistant" not in received:
                received += client.recv(4096)
            # Closing is then a reset, as when a client is killed.
            linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        left_s = time.monotonic()
        while threading.active_count() > before + 1:
            assert time.monotonic() - left_s < 1.5, "the request goes on"
            time.sleep(0.005)
        server.shutdown()
        serving.join()

    assert capfd.readouterr() == ("", "")


def test_a_free_port_of_the_loopback_is_taken(server):
    with DemoServer() as other:
        assert other.base_url.startswith("http://127.0.0.1:")
        assert other.base_url != server.base_url
