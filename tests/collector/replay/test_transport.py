"""HTTP as servers and proxies really write it, and as only a broken one would."""

import gzip
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from .collecting import (
    Replayed,
    Settings,
    assert_honest,
    read_run,
    replay,
    replay_in_turn,
    run_collect,
)
from .frames import (
    DONE,
    HEAD,
    LAST_CHUNK,
    chunked,
    ending,
    finish,
    sends,
    short_answer,
    text,
)
from .replay import (
    Close,
    ReplayServer,
    Script,
    Send,
    Step,
    StopListening,
    TurnAway,
    Wait,
)

TYPE = b"Content-Type: text/event-stream\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
OK = b"HTTP/1.1 200 OK\r\n"


def body(model: str) -> bytes:
    return b"".join([*text(model, "a", "b"), *ending(model, 2)])


def head(*fields: bytes, first: bytes = OK) -> Step:
    return Send(b"".join([first, TYPE, *fields, b"\r\n"]))


def length(data: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(data)


def healthy() -> dict[str, Script]:
    """Correct HTTP, however unusual: the answer must count."""
    return {
        "sized": [head(length(body("sized"))), Send(body("sized"))],
        "until_close": [
            head(b"Connection: close\r\n"),
            Send(body("until_close")),
            Close(),
        ],
        "http_1_0": [
            head(first=b"HTTP/1.0 200 OK\r\n"),
            Send(body("http_1_0")),
            Close(),
        ],
        "bare_lf_head": [
            Send((OK + TYPE + CHUNKED + b"\r\n").replace(b"\r\n", b"\n")),
            Send(chunked(body("bare_lf_head")) + LAST_CHUNK),
        ],
        "early_hints": [
            Send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"),
            head(CHUNKED),
            Send(chunked(body("early_hints")) + LAST_CHUNK),
        ],
        "hints_in_one_write": [
            Send(
                b"HTTP/1.1 103 Early Hints\r\n\r\n"
                + HEAD
                + chunked(body("hints_in_one_write"))
                + LAST_CHUNK
            )
        ],
        "trailers": [
            head(CHUNKED, b"Trailer: X-Took\r\n"),
            *sends([body("trailers")]),
            Send(b"0\r\nX-Took: 1\r\nX-More: 2\r\n\r\n"),
        ],
        "chunk_extensions": [
            head(CHUNKED),
            Send(b"%X;a=b;c\r\n%b\r\n" % _sized("chunk_extensions")),
            Send(LAST_CHUNK),
        ],
        "leading_zeros": [
            head(CHUNKED),
            Send(b"000%x\r\n%b\r\n" % _sized("leading_zeros")),
            Send(b"000\r\n\r\n"),
        ],
        "one_byte_chunks": [
            head(CHUNKED),
            Send(b"".join(chunked(bytes([n])) for n in body("one_byte_chunks"))),
            Send(LAST_CHUNK),
        ],
        "one_byte_writes": [
            *(Send(bytes([n])) for n in HEAD + chunked(body("one_byte_writes"))),
            Send(LAST_CHUNK),
        ],
        **{
            f"head_cut_{n}": [
                *(Send(HEAD[:-n]), Wait(0.03)),
                Send(HEAD[-n:] + chunked(body(f"head_cut_{n}")) + LAST_CHUNK),
            ]
            for n in (1, 2, 3, 4, 5)
        },
        "long_header": [
            head(CHUNKED, b"X-Long: " + b"a" * 30_000 + b"\r\n"),
            *sends([body("long_header")]),
            Send(LAST_CHUNK),
        ],
        "shouted_names": [
            Send((OK + TYPE + CHUNKED + b"\r\n").upper()),
            *sends([body("shouted_names")]),
            Send(LAST_CHUNK),
        ],
        "charset": [
            Send(OK + b"Content-Type: text/event-stream; charset=utf-8\r\n"),
            Send(CHUNKED + b"\r\n"),
            *sends([body("charset")]),
            Send(LAST_CHUNK),
        ],
        "identity_encoding": [
            head(CHUNKED, b"Content-Encoding: identity\r\n"),
            *sends([body("identity_encoding")]),
            Send(LAST_CHUNK),
        ],
    }


def _sized(model: str) -> tuple[int, bytes]:
    return len(body(model)), body(model)


def in_one_write(junk: bytes) -> Script:
    """Two words, junk where a chunk should begin, a healthy end: one read has all."""
    words = b"".join(map(chunked, text("x", "a", "b")))
    rest = chunked(b"".join(ending("x", 2)))
    return [Send(HEAD), Wait(0.03), Send(words + junk + rest + LAST_CHUNK)]


def broken() -> dict[str, tuple[Script, set[str], str]]:
    """Broken HTTP: the answer must not count. Beside it: kinds, and text that came."""
    words = sends(text("x", "a", "b"))
    spoken = [head(CHUNKED), *words]
    rest = b"".join(ending("x", 2))
    cut = {"malformed_stream", "disconnected"}
    squeezed = gzip.compress(body("x"))
    return {
        "sized_too_short": (
            [head(length(body("x"))), Send(body("x")[:-60]), Close()],
            {"disconnected"},
            "ab",
        ),
        "sized_without_end": (
            [head(length(b"".join(text("x", "a", "b")))), Send(body("x")), Close()],
            {"disconnected"},
            "ab",
        ),
        "until_close_too_soon": (
            [head(), Send(b"".join([*text("x", "a", "b"), finish("x")])), Close()],
            {"disconnected"},
            "ab",
        ),
        "gzip": (
            [
                head(CHUNKED, b"Content-Encoding: gzip\r\n"),
                *sends([squeezed]),
                Send(LAST_CHUNK),
            ],
            {"malformed_stream"},
            "",
        ),
        "gzip_in_secret": (
            [head(CHUNKED), *sends([squeezed]), Send(LAST_CHUNK)],
            cut,
            "",
        ),
        "no_chunk_size": (in_one_write(b"hello\r\n"), cut, "ab"),
        "negative_chunk_size": (in_one_write(b"-5\r\nhello\r\n"), cut, "ab"),
        "hex_prefix": (in_one_write(b"0x5\r\nhello\r\n"), cut, "ab"),
        "chunk_too_long": (in_one_write(b"3\r\nhello\r\n"), cut, "ab"),
        "chunk_too_short": (in_one_write(b"9\r\nhello\r\n"), cut, "ab"),
        "no_line_after_chunk": (in_one_write(b"5\r\nhello"), cut, "ab"),
        "huge_chunk_size": (in_one_write(b"f" * 40 + b"\r\n"), cut, "ab"),
        "later_in_a_write": (
            [*spoken, Wait(0.03), Send(b"hello\r\n" + chunked(rest) + LAST_CHUNK)],
            cut,
            "ab",
        ),
        "huge_head": (
            [Send(OK), Send(b"X-Long: " + b"a" * 2**20 + b"\r\n"), Close()],
            {"malformed_stream", "disconnected", "connection"},
            "",
        ),
        "no_http": ([Send(b"SSH-2.0-OpenSSH_9.6\r\n"), Close()], _NO_HTTP, ""),
        "nothing": ([Close()], {"disconnected", "connection"}, ""),
        "half_a_head": ([Send(HEAD[:50]), Close()], _NO_HTTP, ""),
        "head_only": ([Send(HEAD), Close()], {"disconnected"}, ""),
        "empty_body": ([Send(HEAD + LAST_CHUNK)], {"disconnected"}, ""),
        "end_mark_only": ([Send(HEAD), *sends([DONE])], _NO_FINISH, ""),
        "two_lengths": (
            [head(b"Content-Length: 5\r\nContent-Length: 900\r\n"), Close()],
            _NO_HTTP,
            "",
        ),
    }


_NO_HTTP = {"malformed_stream", "disconnected", "connection"}
_NO_FINISH = {"malformed_stream", "disconnected", "unexpected_finish"}
BROKEN = broken()


@pytest.fixture(scope="module")
def replayed(tmp_path_factory) -> dict[str, Replayed]:
    folder = tmp_path_factory.mktemp("transport")
    answers = {name: script for name, (script, _, _) in BROKEN.items()}
    found = replay(folder / "healthy", healthy())
    return found | replay_in_turn(folder / "broken", "x", answers)


@pytest.mark.parametrize("name", sorted(healthy()))
def test_unusual_but_correct_http_is_read_as_it_is_meant(replayed, name):
    answer = replayed[name]
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None, answer.trial.failure


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_http_does_not_count(replayed, name):
    answer = replayed[name]
    _, kinds, came = BROKEN[name]
    tokens = answer.metric("completion_tokens")
    assert_honest(answer, answer=came, tokens=tokens)
    assert tokens in {None, 2}
    assert answer.kind in kinds, answer.trial.failure


def test_a_body_shorter_than_announced_is_broken_and_not_only_cut(replayed):
    assert replayed["sized_too_short"].trial.outcome == "failed"
    assert replayed["until_close_too_soon"].trial.outcome == "truncated"


def test_a_server_that_is_gone_after_the_warm_up_leaves_a_run_to_resume(tmp_path):
    scripts = {"m": [[StopListening(), *short_answer("m")]]}
    with ReplayServer(scripts) as server:
        result = run_collect(tmp_path, server, ["m"], Settings(trials=2))
    assert result.exit_code == 1
    assert "--resume r" in result.output
    # The warm-up is kept, and no trial is made up for what was never answered.
    (trial,) = read_run(tmp_path).trials
    assert trial.is_warmup
    assert trial.failure is None


def test_a_server_that_turns_everyone_away_is_not_asked_twice_for_a_trial(tmp_path):
    scripts = {"m": [[TurnAway(), *short_answer("m")]]}
    with ReplayServer(scripts) as server:
        result = run_collect(tmp_path, server, ["m"], Settings(trials=2))
    assert result.exit_code in {1, 3}
    assert len(server.chats("m")) == 1
    trials = [trial for trial in read_run(tmp_path).trials if not trial.is_warmup]
    for trial in trials:
        assert trial.outcome == "failed"
        assert trial.failure.kind in {"connection", "disconnected"}
        assert trial.requests_sent in {0, 1}
        assert not trial.answer_text
    # At most one connection for a trial and one to see whether the server is there.
    before = server.count("/v1/models") + 1
    assert server.n_accepted <= before + 2 * max(1, len(trials))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate")
def test_a_certificate_nobody_signed_stops_before_anything_is_sent(tmp_path):
    key, certificate = _make_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with ReplayServer({"m": [short_answer("m")]}, tls=tls) as server:
        result = run_collect(tmp_path, server, ["m"], Settings())
    assert result.exit_code == 1
    assert "certificate" in result.output.lower()
    assert server.n_accepted >= 1
    assert server.hits == []
    assert not (tmp_path / "content" / "records" / "r").exists()


def _make_certificate(folder: Path) -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
    command += " -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    command_parts = [*command.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command_parts, check=True, capture_output=True)
    return key, certificate
