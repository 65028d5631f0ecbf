"""How machine and server are really asked."""

import http.server
import threading
from contextlib import contextmanager

import pytest

from collector.doctor.probes import (
    can_write,
    get,
    make_probes,
    run_program,
)


@contextmanager
def serving(status: int = 200, body: bytes = b'{"ok": true}'):
    """Answer every request alike and note its path and token."""
    seen: list[tuple[str, str | None]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.path, self.headers["Authorization"]))
            self.send_response(status)
            self.send_header("Server-Name", "Test")
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_path_is_asked_for_as_it_is_with_the_token_only_if_wanted():
    with serving() as (url, seen):
        probes = make_probes(url, env={"LM_API_TOKEN": "secret"}, encoding=None)
        reply = probes.get("/props", False)
        probes.get("/v1/models", True)
    assert seen == [("/props", None), ("/v1/models", "Bearer secret")]
    assert (reply.status, reply.body) == (200, b'{"ok": true}')
    assert reply.headers["server-name"] == "Test"


def test_a_redirect_is_an_answer_and_the_token_goes_nowhere_else():
    with serving(302) as (url, seen):
        assert get(url, "/v1/models", token="t").status == 302  # noqa: S106 - a test's
    assert len(seen) == 1


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with serving() as (url, _):
        assert get(url, "/", token=None).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/v1",
        "https://127.0.0.1:9/v1",
        "http://127.0.0.1:99999/v1",
        "http://nobody.invalid/v1",
        "http://a..b/v1",
    ],
)
def test_no_answer_is_none(url):
    assert get(url, "/", token=None) is None


def test_what_a_program_does_is_told():
    done = run_program(("sh", "-c", "echo out; echo err >&2; exit 3"), 5.0)
    assert (done.exit_code, done.stdout, done.stderr) == (3, "out\n", "err\n")
    assert run_program(("no-such-program-here",), 5.0) is None
    assert run_program(("sleep", "5"), 0.05).exit_code is None


def test_a_folder_is_tried_and_left_as_it_was(tmp_path):
    assert can_write(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not can_write(tmp_path / "missing")
