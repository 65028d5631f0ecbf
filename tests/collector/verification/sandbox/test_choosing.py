"""Which sandbox is taken, and what a probe makes of one that leaks."""

import json
import os

import pytest
from click.testing import CliRunner

from collector.cli import Command
from collector.errors import SandboxError
from collector.verification.sandbox import bubblewrap as bubblewrap_module
from collector.verification.sandbox.bubblewrap import open_bubblewrap
from collector.verification.sandbox.choose import open_sandbox, probe_all
from collector.verification.sandbox.command import sandbox_group
from collector.verification.sandbox.probe import TierMissingError, prove
from collector.verification.sandbox.protocol import Job, Outcome, Tier
from collector.verification.sandbox.unsafe import open_unsafe

ENV: dict[str, str] = {}


class Fake:
    """A sandbox that answers the probe as it is told to."""

    def __init__(self, name: str = "fake", **answer: object) -> None:
        self.tier = Tier(name=name, version="1", guest_python="3.12.0")
        self.answer = answer

    def run(self, job: Job) -> Outcome:
        honest = {
            "token": job.arguments[0],
            "python": "3.12.0",
            "files": [],
            "connected": False,
            "variables": ["HOME"],
            "threads": 3,
        }
        said = json.dumps(honest | self.answer).encode()
        return Outcome(
            ending="exit", exit_code=0, stdout=said, stderr=b"", files={}, wall_s=0.1
        )


def missing(name: str, remedy: str | None = "mend it"):
    def opener(env):
        raise TierMissingError(f"{name} is missing", remedy=remedy)

    return opener


def check(sandbox: Fake, *, is_native: bool = True):
    return prove(sandbox.run, variables={"HOME"}, is_native=is_native)


def test_a_sandbox_that_holds_tells_its_python():
    assert check(Fake()).guest_python == "3.12.0"


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"files": ["/etc/passwd"]}, "read /etc/passwd"),
        ({"connected": True}, "reach a server"),
        ({"variables": ["HOME", "API_KEY"]}, "API_KEY"),
        ({"threads": 16}, "more processes"),
        ({"threads": 0}, "not start a thread"),
        ({"token": "another"}, "did not answer"),
        ({"python": None, "token": None}, "did not answer"),
    ],
)
def test_any_leak_or_doubt_means_no(answer, word):
    with pytest.raises(SandboxError, match=word):
        check(Fake(**answer))


def test_a_guest_without_threads_need_not_start_one():
    assert check(Fake(threads=0), is_native=False)


def test_a_call_that_arrives_counts_whatever_the_program_says():
    import socket

    class Liar(Fake):
        def run(self, job: Job) -> Outcome:
            socket.create_connection(("127.0.0.1", int(job.arguments[2]))).close()
            return super().run(job)

    with pytest.raises(SandboxError, match="reach a server"):
        check(Liar())


def test_no_sandbox_at_all_fails_the_probe(unsafe):
    with pytest.raises(SandboxError) as caught:
        prove(unsafe.run, variables=set(os.environ), is_native=True)

    assert "canary" in str(caught.value)
    assert "reach a server" in str(caught.value)


def test_the_first_tier_that_works_is_taken():
    tiers = {
        "a": missing("a"),
        "b": lambda env: Fake("b"),
        "c": lambda env: Fake("c"),
    }

    assert open_sandbox(env=ENV, tiers=tiers).tier.name == "b"
    assert open_sandbox(env=ENV, tiers=tiers, prefer="c").tier.name == "c"


def test_a_preferred_tier_is_not_replaced():
    tiers = {"a": missing("a"), "b": lambda env: Fake("b")}

    with pytest.raises(SandboxError, match="a is missing: mend it") as caught:
        open_sandbox(env=ENV, tiers=tiers, prefer="a")
    assert "b" not in str(caught.value).splitlines()[1].split(":")[0]


def test_an_unknown_tier_is_named_with_the_known_ones():
    with pytest.raises(SandboxError, match=r"'docker'.*bubblewrap, wasi"):
        open_sandbox(env=ENV, prefer="docker")


def test_without_any_tier_each_says_why_and_how_to_mend_it():
    tiers = {"a": missing("a", "install a"), "b": missing("b", None)}

    with pytest.raises(SandboxError) as caught:
        open_sandbox(env=ENV, tiers=tiers)

    assert str(caught.value).splitlines()[1:] == [
        "  a: a is missing: install a",
        "  b: b is missing",
    ]


def test_no_sandbox_is_taken_only_on_demand():
    tiers = {"b": lambda env: Fake("b")}

    assert open_sandbox(env=ENV, tiers=tiers, unsafe=True).tier.name == "none"
    with pytest.raises(SandboxError, match="unless you say so"):
        open_unsafe(is_user_sure=False, env=ENV)


def test_every_tier_is_probed_for_the_doctor():
    broken = SandboxError("it leaks")

    def raising(env):
        raise broken

    tiers = {"a": missing("a"), "b": lambda env: Fake("b"), "c": raising}

    states = probe_all(env=ENV, tiers=tiers)

    assert [tuple(state) for state in states] == [
        ("a", False, "a is missing", "mend it"),
        ("b", True, "b 1, Python 3.12.0 inside", None),
        ("c", False, "it leaks", None),
    ]


def test_bubblewrap_is_not_looked_for_on_other_systems(monkeypatch):
    monkeypatch.setattr(bubblewrap_module.sys, "platform", "darwin")

    with pytest.raises(TierMissingError, match="Linux only") as caught:
        open_bubblewrap(env=ENV)
    assert caught.value.remedy is None


@pytest.mark.skipif(os.name == "nt", reason="scripts of a shell")
@pytest.mark.parametrize(
    ("script", "word"),
    [
        ("echo bubblewrap 0.6.1", "0.6.1 is too old"),
        (
            (
                'case "$1" in --version) echo bubblewrap 0.9.0;; '
                "*) echo no map >&2; exit 1;; esac"
            ),
            "no map",
        ),
        ("exit 1", "0.0 is too old"),
    ],
)
def test_a_bubblewrap_that_does_not_work_is_not_taken(
    tmp_path, monkeypatch, script, word
):
    monkeypatch.setattr(bubblewrap_module.sys, "platform", "linux")
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)

    with pytest.raises(TierMissingError, match=word):
        open_bubblewrap(env={"PATH": str(tmp_path)})


def test_the_command_says_what_works_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SEIKAKU_WASI_GUEST", str(tmp_path / "none.wasm"))

    result = CliRunner().invoke(sandbox_group(Command), ["probe"])

    assert result.exit_code == 1
    assert "no  bubblewrap:" in result.output
    assert "no  wasi:" in result.output
    assert "-> correct SEIKAKU_WASI_GUEST" in result.output


def test_the_command_refuses_a_file_that_is_not_the_guest(tmp_path):
    path = tmp_path / "python.wasm"
    path.write_bytes(b"\0asm")

    result = CliRunner().invoke(sandbox_group(Command), ["install", str(path)])

    assert result.exit_code == 1
    assert "sha256" in result.stderr
