"""A raw exchange into a file that may be shown to anybody, and back."""

import json
import socket
import threading
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collector.backends.protocol import Exchange
from collector.backends.registry import make_backend
from collector.doctor.capture import (
    PROMPT,
    Subject,
    capture,
    chat_request,
    read_capture,
)
from collector.doctor.identify import Identity
from collector.doctor.recorder import Piece
from collector.doctor.redact import Redactor
from collector.errors import RecordError, StorageError
from collector.record import Failure

TOKEN = "sk-lm-AbCdEf12:ABCDEFGHIJ1234567890"  # noqa: S105 - a test's
HOME = "/home/kazuki"
REDACTOR = Redactor(token=TOKEN, home=HOME)
IDENTITY = Identity(
    name="LM Studio",
    backend="lmstudio",
    headers={
        "server": "nginx",
        "x-powered-by": "Express",
        "date": "Mon, 23 Nov 2026",
        "set-cookie": "id=1",
    },
)
SUBJECT = Subject(model_key="maker/a", identity=IDENTITY, tool_version="0.1.0")


def play(*pieces: Piece, **facts: object):
    """Return a stream that brings these pieces; the request leaves at 1 s."""

    def stream(request, *, sink, limits, clock):
        for piece in pieces:
            sink.feed(*piece)
        return Exchange(
            **{
                "sent_ns": 10**9,
                "headers_ns": 10**9 + 2_500_000,
                "ended_ns": 2 * 10**9,
                "status_code": 200,
                "content_type": "text/event-stream",
                **facts,
            }
        )

    return stream


def save(stream, path, subject=SUBJECT):
    return capture(
        stream, subject, path=path, clock=time.perf_counter_ns, redactor=REDACTOR
    )


def read_lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().decode().split("\n")[:-1]]


def test_a_capture_says_what_was_asked_what_came_and_when(tmp_path):
    path = tmp_path / "capture.jsonl"
    save(play(Piece(10**9 + 12_345_678, "data: 日本\n\n".encode())), path)
    head, request, response, piece = read_lines(path)
    assert (
        head.items()
        >= {
            "format": "seikaku-capture",
            "version": 1,
            "server": "LM Studio",
            "server_version": None,
            "tool_version": "0.1.0",
        }.items()
    )
    assert request["request"]["body"] == {
        "model": "maker/a",
        "messages": [{"role": "user", "content": PROMPT}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0,
        "max_tokens": 64,
    }
    assert response["response"] == {
        "status_code": 200,
        "headers": {
            "server": "nginx",
            "x-powered-by": "Express",
            "content-type": "text/event-stream",
        },
        "headers_ms": 2.5,
        "ended_ms": 1000.0,
        "requests_sent": 1,
        "failure": None,
    }
    assert piece == {"t_ms": 12.345678, "text": "data: 日本\n\n"}


def test_a_character_that_arrives_in_two_pieces_is_kept_as_bytes(tmp_path):
    data = "日".encode()
    pieces = (Piece(10**9, data[:1]), Piece(10**9 + 1, data[1:]))
    save(play(*pieces), tmp_path / "c")
    assert read_lines(tmp_path / "c")[3] == {"t_ms": 0.0, "base64": "5g=="}
    assert read_capture(tmp_path / "c") == (Piece(0, data[:1]), Piece(1, data[1:]))


@given(st.lists(st.tuples(st.integers(0, 10**13), st.binary(max_size=20)), max_size=6))
def test_a_capture_is_read_back_as_it_was(tmp_path_factory, parts):
    # What follows the end mark is not kept.
    assume(b"[DONE]" not in b"".join(data for _, data in parts))
    path = tmp_path_factory.mktemp("c") / "c.jsonl"
    save(play(*(Piece(10**9 + at_ns, data) for at_ns, data in parts)), path)
    assert read_capture(path) == tuple(Piece(*part) for part in parts)


def test_line_ends_of_other_kinds_inside_a_text_are_no_ends_of_lines(tmp_path):
    data = "a\u2028b\x85c\x0bd\x1ce\r\n".encode()
    save(play(Piece(10**9, data)), tmp_path / "c")
    assert read_capture(tmp_path / "c") == (Piece(0, data),)


def test_an_error_in_place_of_a_stream_is_kept_with_its_body(tmp_path):
    body = f'{{"error":"bad token {TOKEN}"}}'.encode()
    failure = Failure(kind="unauthorized", message=f"HTTP 401: {TOKEN}")
    facts = {"status_code": 401, "content_type": "application/json", "body": body}
    save(play(failure=failure, **facts), tmp_path / "c")
    *_, response, last = read_lines(tmp_path / "c")
    assert response["response"]["failure"]["message"] == "HTTP 401: [redacted]"
    assert last == {"body": {"text": '{"error":"bad token [redacted]"}'}}
    assert read_capture(tmp_path / "c") == ()


def test_a_request_that_never_left_has_times_all_the_same(tmp_path):
    failure = Failure(kind="connection", message="refused")
    save(play(sent_ns=None, headers_ns=None, failure=failure), tmp_path / "c")
    assert read_lines(tmp_path / "c")[2]["response"]["ended_ms"] is None
    save(play(Piece(7, b"x"), sent_ns=None), tmp_path / "c")
    assert read_capture(tmp_path / "c") == (Piece(0, b"x"),)


def test_a_model_key_that_is_a_path_loses_its_user(tmp_path):
    subject = Subject(model_key="/home/bob/m.gguf", identity=None, tool_version=None)
    save(play(), tmp_path / "c", subject)
    assert "bob" not in (tmp_path / "c").read_text(encoding="utf-8")
    assert read_lines(tmp_path / "c")[1]["request"]["body"]["model"] == "~/m.gguf"


def test_a_folder_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be written"):
        save(play(), tmp_path / "file" / "c")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]\n",
        b'{"format": "other", "version": 1}\n',
        b'{"format": "seikaku-capture", "version": 2}\n{"t_ms": 1, "text": "x"}\n',
        b'{"format": "seikaku-capture", "version": 1}\n{"t_ms": "x", "text": "x"}\n',
        b'{"format": "seikaku-capture", "version": 1}\n{"t_ms": 1}\n',
        b'{"format": "seikaku-capture", "version": 1}\n{"t_ms": 1, "base64": "?"}\n',
        b'{"format": "seikaku-capture", "version": 1}\n5\n',
        b"\xff",
    ],
)
def test_what_is_no_capture_is_refused_by_name(content, tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=r"c\.jsonl: .*: make it anew"):
        read_capture(path)
    with pytest.raises(RecordError, match=r"missing: cannot be read"):
        read_capture(tmp_path / "missing")


def answer(listener: socket.socket):
    """Echo a token and a home folder, cut in the middle, as an event stream."""
    connection, _ = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        while not received.endswith(b"}"):
            received += connection.recv(65_536)
        events = (
            f'data: {{"authorization":"{TOKEN}","path":"{HOME}/m"}}\n\ndata: [DONE]\n\n'
        ).encode()
        middle = events.index(b":ABCDE") + 3
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Set-Cookie: user=kazuki\r\nDate: today\r\nConnection: close\r\n\r\n"
            + events[:middle]
        )
        time.sleep(0.05)
        connection.sendall(events[middle:])


def test_a_server_that_echoes_secrets_gives_a_capture_without_them(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("LM_API_TOKEN", TOKEN)
    path = tmp_path / "capture.jsonl"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,), daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        backend = make_backend("openai", f"http://127.0.0.1:{port}/v1")
        exchange = save(backend.stream, path)
        thread.join(5)
    assert exchange.failure is None
    text = path.read_text(encoding="utf-8")
    for secret in ("sk-lm", "AbCdEf12", "ABCDE", "kazuki", "Bearer", "Cookie", "today"):
        assert secret not in text
    pieces = read_capture(path)
    assert len(pieces) == 2
    assert pieces[1].at_ns - pieces[0].at_ns > 10_000_000
    assert b"".join(piece.data for piece in pieces) == (
        b'data: {"authorization":"[redacted]","path":"~/m"}\n\ndata: [DONE]\n\n'
    )


def test_the_prompt_is_always_the_same():
    body = chat_request("m").body
    assert body["messages"] == [{"role": "user", "content": PROMPT}]
