"""A machine and a server that answer as a test says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from collector.backends.protocol import Preflight, Wish
from collector.doctor.probes import Outcome, Probes, Reply
from collector.errors import ServerError
from collector.plan import Plan
from collector.record import Instance, Server
from collector.verification.sandbox.choose import TierState

UNEXPECTED = {"error": "Unexpected endpoint or method. (GET /)"}


@dataclass
class FakeServer:
    """Answers by path, as LM Studio does any other: 200 and an error.

    Attributes:
        answers: JSON by path; a number is a status without a body.
        wanted: Token that every request must bring; None: none.
        asked: Paths that were asked for, and whether with a token.
    """

    answers: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    wanted: str | None = None
    is_up: bool = True
    asked: list[tuple[str, bool]] = field(default_factory=list)

    def reply(self, path: str, token: str | None) -> Reply | None:
        self.asked.append((path, token is not None))
        if not self.is_up:
            return None
        if self.wanted not in {None, token}:
            return Reply(status=401, headers=self.headers, body=b"{}")
        answer = self.answers.get(path, UNEXPECTED)
        if isinstance(answer, int):
            return Reply(status=answer, headers=self.headers, body=b"")
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Reply(status=200, headers=self.headers, body=body)


@dataclass
class FakeBackend:
    """A backend whose answers are set; an error is raised."""

    keys: tuple[str, ...] | None = ("maker/a", "maker/b")
    can_load: bool = True
    notes: tuple[str, ...] = ()
    is_local: bool | None = True
    error: str | None = None
    instances: Mapping[str, Instance | str | None] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    preflights: int = 0

    def preflight(self) -> Preflight:
        self.preflights += 1
        if self.error is not None:
            raise ServerError(self.error)
        return Preflight(
            server=Server(name="LM Studio", is_local=self.is_local),
            model_keys=self.keys,
            can_load=self.can_load,
            notes=self.notes,
        )

    def confirm(self, wish: Wish, instance: Instance | None) -> Instance | None:
        assert instance is None
        self.wishes.append(wish)
        found = self.instances.get(wish.key, f"{wish.key}: none is loaded: load it")
        if isinstance(found, str):
            raise ServerError(found)
        return found


@pytest.fixture
def make_plan():
    def make_plan(*models: dict, backend: str = "lmstudio", reload: bool = True):
        return Plan.model_validate(
            {
                "server": {"backend": backend},
                "design": {"reload": reload},
                "tasks": ["t"],
                "models": list(models)
                or [
                    {"id": "a", "key": "maker/a", "name": "A"},
                    {"id": "b", "key": "maker/b", "name": "B"},
                ],
            }
        )

    return make_plan


@pytest.fixture
def make_probes():
    def make_probes(server: FakeServer | None = None, **changes: object) -> Probes:
        """Return a Linux machine without fault."""
        server = server or FakeServer()
        env = changes.get("env", {})
        commands = {"bwrap": Outcome(exit_code=0, stdout="", stderr="")}
        commands["fc-list"] = Outcome(exit_code=0, stdout="Noto\n", stderr="")
        facts = {
            "get": lambda path, has_token: server.reply(
                path, env.get("LM_API_TOKEN") if has_token else None
            ),
            "run": lambda command, timeout_s: commands.get(command[0]),
            "sandboxes": lambda: [
                TierState("wasi", is_ok=True, message="", remedy=None)
            ],
            "free_bytes": lambda folder: 10**11,
            "can_write": lambda folder: True,
            "system": "Linux",
            "env": env,
            "encoding": "utf-8",
            "clock_resolution_s": 1e-9,
        }
        return Probes(**{**facts, **changes})

    return make_probes


@pytest.fixture
def make_server():
    return FakeServer


@pytest.fixture
def make_backend():
    return FakeBackend


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return tmp_path / "content" / "records"
