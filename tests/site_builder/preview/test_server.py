"""The preview over real sockets: hostile requests, ports, events, its end."""

import contextlib
import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_builder.preview.output import written
from site_builder.preview.result import Fault, Result
from site_builder.preview.server import PORTS_TRIED, PreviewError, listen
from site_builder.preview.session import Preview, Settings

HTML = b"<html><head></head><body>one</body></html>"
FILES = {
    "index.html": HTML,
    "404.html": HTML.replace(b"one", b"lost"),
    "ja/index.html": HTML,
    "ja/models/a/index.html": HTML,
    "a.css": b"a{}",
    "b.json": b"{}",
    "c.svg": b"<svg/>",
    "d.xml": b"<x/>",
    "e.py": b"<script>",
    "f.strange": b"?",
}


@contextlib.contextmanager
def running(build, content: Path, **more) -> Iterator[Preview]:
    settings = Settings(
        content=content,
        records=content / "records",
        watched=(content,),
        **{"port": 0, **more},
    )
    preview = Preview(build, settings, report=lambda built: None)
    thread = threading.Thread(target=preview.run)
    thread.start()
    try:
        yield preview
    finally:
        preview.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def still(tmp_path_factory) -> Iterator[Preview]:
    """A preview of which no file changes."""
    with running(lambda: Result(files=FILES), tmp_path_factory.mktemp("c")) as preview:
        yield preview


@pytest.fixture
def preview(content) -> Iterator[Preview]:
    def build() -> Result:
        text = (content / "ja" / "article.md").read_bytes()
        if text.startswith(b"!"):
            fault = Fault(file="ja/article.md", line=1, what="broken", remedy="mend")
            return Result(files=None, problems=(fault,))
        return Result(
            files={
                **FILES,
                "index.html": HTML.replace(b"one", text),
                "ja/models/a/index.html": (content / "ja/models/a.md").read_bytes(),
            }
        )

    with running(build, content, is_following=True) as preview:
        yield preview


class Events:
    """An open stream of events."""

    def __init__(self, preview: Preview, path: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", preview.port), 10)
        request = f"GET /__seikaku/events?path={path} HTTP/1.1\r\n"
        self._socket.sendall(
            f"{request}Host: 127.0.0.1:{preview.port}\r\n\r\n".encode()
        )
        self._file = self._socket.makefile("rb")

    def next(self) -> dict | None:
        for line in self._file:
            if line.startswith(b"data: "):
                return json.loads(line.removeprefix(b"data: "))
        return None

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture
def events(preview) -> Iterator[Events]:
    events = Events(preview, "/ja/")
    yield events
    events.close()


def ask(
    preview: Preview, request: bytes, *, is_all: bool = False
) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are and return what came until the server closed."""
    with socket.create_connection(("127.0.0.1", preview.port), 10) as client:
        client.sendall(request)
        if is_all:
            client.shutdown(socket.SHUT_WR)
        reply = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, body = reply.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers, body


def get(preview: Preview, target: str, *, method: str = "GET", host: str = ""):
    host = host or f"127.0.0.1:{preview.port}"
    request = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    return ask(preview, request.encode("latin-1"))


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/a.css", "text/css; charset=utf-8"),
        ("/b.json", "application/json; charset=utf-8"),
        ("/c.svg", "image/svg+xml"),
        ("/d.xml", "application/xml; charset=utf-8"),
        ("/e.py", "text/plain; charset=utf-8"),
        ("/f.strange", "application/octet-stream"),
        ("/__seikaku/preview.js", "text/javascript; charset=utf-8"),
    ],
)
def test_files_are_sent_by_their_type_and_never_kept(still, target, kind):
    status, headers, body = get(still, target)
    assert (status, headers["content-type"]) == (200, kind)
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert get(still, target, method="HEAD") == (200, headers, b"")
    assert int(headers["content-length"]) == len(body)


def test_only_pages_carry_the_script(still):
    assert b"/__seikaku/preview.js" in get(still, "/ja/")[2]
    for path in ("a.css", "b.json", "c.svg", "d.xml", "e.py", "f.strange"):
        assert get(still, f"/{path}")[2] == FILES[path]


def test_missing_pages_and_slashes_are_as_on_github_pages(still):
    status, headers, body = get(still, "/no/such/page/")
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"lost" in body
    status, headers, body = get(still, "/ja?x=1")
    assert (status, headers["location"], body) == (301, "/ja/?x=1", b"")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example:{port}",
        "evil.example:{port}",
        "127.0.0.1:{port}.evil.example",
        "127.0.0.1:{port}@evil.example",
        "0.0.0.0:{port}",
        "[::]:{port}",
    ],
)
@pytest.mark.parametrize("target", ["/", "/__seikaku/events", "/__seikaku/preview.js"])
def test_a_request_for_another_host_is_refused(still, host, target):
    status, _, body = get(still, target, host=host.format(port=still.port))
    assert status in {400, 421}
    assert b"one" not in body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_a_request_for_this_machine_is_answered(still, host):
    assert get(still, "/", host=f"{host}:{still.port}")[0] == 200


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.1\r\n",
        "GET / HTTP/1.0\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n",
        "GET / HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nHost: 127.0.0.1:{port}\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n",
    ],
)
def test_a_request_with_no_host_or_two_is_refused(still, head):
    request = head.format(port=still.port) + "Connection: close\r\n\r\n"
    status, _, body = ask(still, request.encode())
    assert status in {400, 421}
    assert b"one" not in body


@pytest.mark.parametrize(
    "target",
    [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/ja/..%2f..%2fetc/passwd",
        "/..%5c..%5cwindows%5cwin.ini",
        "/..\\..\\windows",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/%00",
        "/ja/%0d%0aset-cookie:%20a=b",
        "/%0a",
        "/%",
        "/%ff",
        "/c:/windows/win.ini",
        "/content/ja/article.md",
        "http://evil.example/etc/passwd",
        "*",
        "/__seikaku/",
        "/__seikaku/worker.py",
        "/__seikaku/../index.html",
        "/" + "a" * 20_000,
    ],
)
def test_no_address_leads_out_of_the_site(still, target):
    status, headers, body = get(still, target)
    assert status in {400, 404}
    assert "set-cookie" not in headers
    assert b"root:" not in body
    assert b"one" not in body


def test_a_link_out_of_the_content_is_no_way_out_of_the_site(preview, content):
    (content / "ja" / "secret").symlink_to(Path(__file__))
    assert get(preview, "/ja/secret")[0] == 404


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "get"]
)
@pytest.mark.parametrize("target", ["/", "/__seikaku/events"])
def test_pages_can_only_be_read(still, method, target):
    status, headers, _ = get(still, target, method=method)
    assert (status, headers["allow"]) == (405, "get, head")


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02", b"GET\r\n\r\n", b"\x00" * 99])
def test_what_is_no_http_is_refused_and_the_server_lives_on(still, noise):
    assert ask(still, noise, is_all=True)[0] == 400
    assert get(still, "/")[0] == 200


def test_the_head_of_the_events_ends(still):
    assert get(still, "/__seikaku/events", method="HEAD")[0] == 200


def test_a_browser_hears_the_state_at_once_and_each_build(preview, content, events):
    first = events.next()
    assert (first["isCurrent"], first["problems"]) == (True, [])
    assert "open" not in first
    (content / "ja" / "article.md").write_bytes(b"!")
    failed = events.next()
    assert failed["isCurrent"] is False
    assert failed["problems"][0]["line"] == 1
    assert failed["page"] == first["page"]
    assert get(preview, "/")[0] == 200
    (content / "ja" / "article.md").write_bytes(b"two")
    assert events.next()["isCurrent"] is True
    assert b"two" in get(preview, "/")[2]


def test_a_browser_is_led_to_the_page_that_was_edited(content, events):
    events.next()
    (content / "ja" / "models" / "a.md").write_bytes(b"changed")
    assert events.next()["open"] == "/ja/models/a/"


def test_the_base_path_is_that_of_the_base_address(content):
    def build() -> Result:
        return Result(files=FILES, base_url="https://user.github.io/repo/")

    with running(build, content) as preview:
        assert get(preview, "/repo/ja/")[0] == 200
        assert get(preview, "/repo")[1]["location"] == "/repo/"
        assert get(preview, "/")[1]["location"] == "/repo/"
        assert get(preview, "/ja/")[0] == 404
        assert b"/__seikaku/preview.js" in get(preview, "/repo/")[2]


def test_before_there_is_a_site_every_address_shows_what_to_mend(content):
    def build() -> Result:
        return Result(files=None, problems=(Fault(file="x.md", line=3, what="<b>"),))

    with running(build, content) as preview:
        status, _, body = get(preview, "/ja/")
        assert status == 503
        assert b"<code>x.md:3</code><br>&lt;b&gt;" in body


def test_a_site_is_served_without_its_output_folder(content, build, log, tmp_path):
    output = tmp_path / "out" / "site"
    settings = Settings(
        content=content, records=content, watched=(content,), output=output, port=0
    )
    preview = Preview(written(build, output), settings, report=log)
    thread = threading.Thread(target=preview.run)
    thread.start()
    log.wait_for(1)
    assert (output / "ja" / "article.txt").read_bytes() == b"one"
    shutil.rmtree(output.parent)
    assert get(preview, "/ja/article.txt")[2] == b"one"
    (content / "ja" / "article.md").write_bytes(b"two")
    log.wait_for(2)
    assert (output / "ja" / "article.txt").read_bytes() == b"two"
    shutil.rmtree(output)
    (content / "ja" / "article.md").write_bytes(b"!")
    assert log.wait_for(3).result.files is None
    (content / "ja" / "article.md").write_bytes(b"two")
    log.wait_for(4)
    assert (output / "ja" / "article.txt").read_bytes() == b"two"
    shutil.rmtree(output)
    output.mkdir()
    (output / "mine.txt").write_bytes(b"mine")
    (content / "ja" / "article.md").write_bytes(b"three")
    foreign = log.wait_for(5)
    assert "is not a site that seikaku wrote" in foreign.result.problems[0].what
    assert get(preview, "/ja/article.txt")[2] == b"three"
    assert (output / "mine.txt").read_bytes() == b"mine"
    preview.stop()
    thread.join(10)


def test_the_next_free_port_is_taken(content, build):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(build, content, port=port) as preview:
            assert port < preview.port <= port + PORTS_TRIED
            assert get(preview, "/ja/article.txt")[0] == 200


def test_a_port_just_left_can_be_had_again(content, build):
    with running(build, content) as preview:
        port = preview.port
        get(preview, "/")
    with running(build, content, port=port) as preview:
        assert preview.port == port


def test_a_machine_without_a_free_port_is_told(monkeypatch):
    monkeypatch.setattr("site_builder.preview.server.PORTS_TRIED", 0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PreviewError, match="give another --port"):
            listen("127.0.0.1", port)


def test_an_end_lets_open_streams_end_and_leaves_no_thread(content, build):
    before = set(threading.enumerate())
    with running(build, content) as preview:
        streams = [Events(preview, "/") for _ in range(3)]
        assert all(stream.next() for stream in streams)
        preview.stop()
        assert [stream.next() for stream in streams] == [None, None, None]
    assert set(threading.enumerate()) == before
    for stream in streams:
        stream.close()


def test_an_end_during_the_first_build_answers_who_waits(content, build):
    may_end = threading.Event()
    replies = []

    def build_slowly() -> Result:
        may_end.wait(10)
        return build()

    with running(build_slowly, content) as preview:
        asking = threading.Thread(target=lambda: replies.append(get(preview, "/")))
        asking.start()
        while not preview._server.server_state.tasks:
            time.sleep(0.005)
        preview.stop()
        asking.join(10)
        may_end.set()
    assert [status for status, _, _ in replies] == [503]
