"""The collector over a real loopback socket, against a schedule we know."""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.cli import cli
from collector.metrics import METRICS
from collector.record import Trial
from collector.store import load_run


@dataclass
class Server:
    """Streams tokens on a schedule and writes down when it really did.

    ``plans`` gives for each model: seconds to the first token, tokens, tok/s.
    """

    plans: dict[str, tuple[float, int, float]]
    status: int = 200
    requests: list[str] = field(default_factory=list)
    truths: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    streaming: threading.Event = field(default_factory=threading.Event)

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(
                target=self._serve, args=(connection,), daemon=True
            ).start()

    def _serve(self, connection: socket.socket):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A client that goes away ends its connection and nothing else.
        with suppress(OSError), connection, connection.makefile("rb") as reader:
            while line := reader.readline():
                length = 0
                while (header := reader.readline()) not in {b"\r\n", b""}:
                    if header.lower().startswith(b"content-length:"):
                        length = int(header.split(b":")[1])
                self._answer(connection, line.decode().split()[1], reader.read(length))

    def _answer(self, connection: socket.socket, path: str, body: bytes):
        read_at = time.perf_counter()
        if path == "/v1/models":
            models = [{"id": key, "object": "model"} for key in self.plans]
            self._reply(connection, 200, {"object": "list", "data": models})
        elif path != "/v1/chat/completions":
            self._reply(connection, 200, {"error": f"Unexpected endpoint. ({path})"})
        else:
            model = json.loads(body)["model"]
            self.requests.append(model)
            if self.status != 200:
                self._reply(connection, self.status, {"error": "no"})
            else:
                self._stream(connection, model, read_at)

    def _reply(self, connection: socket.socket, status: int, content: dict):
        data = json.dumps(content).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)

    def _stream(self, connection: socket.socket, model: str, read_at: float):
        ttft_s, tokens, rate = self.plans[model]
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        sent = []
        self.streaming.set()
        for index in range(tokens):
            due = read_at + ttft_s + index / rate
            while (left := due - time.perf_counter()) > 0:
                time.sleep(max(0.0, left - 0.0005))
            sent.append(time.perf_counter())
            self._event(connection, model, {"content": "x = 1\n"}, None)
        self._event(connection, model, {}, "stop")
        self._frame(
            connection,
            {"model": model, "choices": [], "usage": {"completion_tokens": tokens}},
        )
        self._chunk(connection, b"data: [DONE]\n\n")
        connection.sendall(b"0\r\n\r\n")
        truth = (sent[0] - read_at, (tokens - 1) / (sent[-1] - sent[0]))
        self.truths.setdefault(model, []).append(truth)

    def _event(self, connection, model, delta, finish):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self._frame(connection, {"model": model, "choices": [choice]})

    def _frame(self, connection, content):
        self._chunk(connection, b"data: " + json.dumps(content).encode() + b"\n\n")

    def _chunk(self, connection, data):
        connection.sendall(b"%x\r\n%b\r\n" % (len(data), data))


def write_plan(folder: Path, keys: list[str]) -> Path:
    lines = ['tasks = ["json-to-csv"]', "[design]", "rounds = 1", "trials = 3"]
    for key in keys:
        lines += ["[[models]]", f'id = "{key}"', f'key = "{key}"', f'name = "{key}"']
    path = folder / "plan.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def collect(folder: Path, keys: list[str], *more: str) -> Result:
    plan = write_plan(folder, keys)
    arguments = ["collect", "--content", str(folder / "c"), "--plan", str(plan)]
    return CliRunner().invoke(cli, [*arguments, "--run", "r", *more])


def counted(folder: Path) -> list[Trial]:
    trials = load_run(folder / "c" / "records", "r").trials
    return [trial for trial in trials if not trial.is_warmup]


def medians(folder: Path, model: str) -> tuple[float, float]:
    ours = [trial for trial in counted(folder) if trial.model_id == model]
    values = [
        [METRICS[key].compute(trial) for trial in ours]
        for key in ("ttft_s", "decode_tok_s")
    ]
    return statistics.median(values[0]), statistics.median(values[1])


def test_rate_and_first_token_are_those_of_the_server(tmp_path, monkeypatch):
    # A proxy of the environment would be measured too, or fail.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Server({"slow": (0.15, 40, 76.0), "fast": (0.05, 200, 1000.0)}) as server:
        result = collect(tmp_path, ["slow", "fast"], "--server", server.url)
        assert result.exit_code == 0, result.output
        for model in ("slow", "fast"):
            true_ttft_s, true_rate = map(
                statistics.median, zip(*server.truths[model][1:], strict=True)
            )
            ttft_s, rate = medians(tmp_path, model)
            assert abs(ttft_s - true_ttft_s) < 0.005
            assert abs(rate / true_rate - 1) < 0.02
    for trial in counted(tmp_path):
        assert trial.outcome == "complete"
        assert trial.timeline is not None
        assert len(trial.timeline) == trial.usage["completion_tokens"]


def test_a_failure_is_recorded_once_and_the_sweep_goes_on(tmp_path):
    with Server({"a": (0.0, 1, 1.0), "b": (0.0, 1, 1.0)}, status=500) as server:
        result = collect(tmp_path, ["a", "b"], "--server", server.url)
    assert result.exit_code == 3
    assert sorted(server.requests) == ["a"] * 4 + ["b"] * 4
    kinds = [trial.failure.kind for trial in counted(tmp_path)]
    assert kinds == ["server_error"] * 6


def test_a_model_that_is_not_there_stops_before_anything_is_measured(tmp_path):
    with Server({"real": (0.0, 1, 1.0)}) as server:
        result = collect(tmp_path, ["reel"], "--server", server.url)
    assert result.exit_code == 1
    assert "did you mean 'real'?" in result.output
    assert server.requests == []
    assert not (tmp_path / "c").exists()


def test_a_server_that_is_not_there_is_a_message(tmp_path):
    result = collect(tmp_path, ["a"], "--server", "http://127.0.0.1:9")
    assert result.exit_code == 1
    assert "error: http://127.0.0.1:9/v1: no server answers" in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_dry_run_sends_nothing(tmp_path):
    result = collect(tmp_path, ["a"], "--server", "http://127.0.0.1:9", "--dry-run")
    assert result.exit_code == 0
    assert "json-to-csv #3" in result.output
    assert not (tmp_path / "c").exists()


def test_an_existing_run_is_not_written_into(tmp_path):
    with Server({"a": (0.0, 2, 100.0)}) as server:
        collect(tmp_path, ["a"], "--server", server.url)
        n_requests = len(server.requests)
        again = collect(tmp_path, ["a"], "--server", server.url)
    assert again.exit_code == 1
    assert "there is already a run 'r'" in again.output
    assert len(server.requests) == n_requests


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_an_interrupt_keeps_what_is_finished(tmp_path):
    plan = write_plan(tmp_path, ["quick"])
    with Server({"quick": (0.0, 2, 100.0)}) as server:
        arguments = ["collect", "--content", str(tmp_path / "c"), "--plan", str(plan)]
        arguments += ["--run", "r", "--server", server.url]
        with subprocess.Popen(
            [sys.executable, "-m", "collector", *arguments],
            stderr=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stderr is not None
            for line in child.stderr:
                if "#2" in line:
                    # The third trial's stream lasts until we interrupt it.
                    child.send_signal(signal.SIGINT)
                    break
                server.plans["quick"] = (0.0, 2, 100.0)
                if "#1" in line:
                    server.plans["quick"] = (0.0, 2, 5.0)
            rest = child.stderr.read()
    assert child.returncode == 130
    assert "finished trials are kept in" in rest
    assert [trial.outcome for trial in counted(tmp_path)] == ["complete"] * 2
