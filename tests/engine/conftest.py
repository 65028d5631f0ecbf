"""A real llama.cpp server that recites a known text, and the collector run on it."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.child import serving
from collector.cli import cli
from collector.record import Trial
from collector.store import LoadedRun, load_run

HERE = Path(__file__).parent
START_TIMEOUT_S = 20.0
TASK = "add"
PROMPT = "足し算の関数を書いてください"


@dataclass(frozen=True)
class Engine:
    """A server with one model, and what that recites.

    Attributes:
        pieces: The tokens of its text, thinking included.
    """

    url: str
    alias: str
    pieces: tuple[str, ...]

    @property
    def tokens(self) -> int:
        """Tokens as the engine counts them: the end token is one."""
        return len(self.pieces) + 1


@dataclass(frozen=True)
class Collected:
    """What the command said and what it left on the disk.

    Attributes:
        run: None if it left none.
    """

    result: Result
    run: LoadedRun | None
    folder: Path

    @property
    def trials(self) -> list[Trial]:
        return [trial for trial in self.run.trials if not trial.is_warmup]

    @property
    def codes(self) -> list[str]:
        return list(self.run.codes.values())


@pytest.fixture(scope="session", autouse=True)
def _engine_is_here():
    missing = [
        name for name in ("xllamacpp", "gguf") if importlib.util.find_spec(name) is None
    ]
    if missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing} cannot be imported: pip install -e '.[dev]'")
        pytest.skip(f"{missing} cannot be imported")


@pytest.fixture(scope="session")
def reciting(tmp_path_factory: pytest.TempPathFactory):
    """Make a model and serve it while a block runs."""

    @contextmanager
    def reciting(
        answer: str,
        *,
        thoughts: str | None = None,
        alias: str = "tiny",
        context: int = 2048,
        **shape: int,
    ) -> Iterator[Engine]:
        from .make_reciting_model import Shape, cut, recited, write_model

        path = tmp_path_factory.mktemp("model") / "reciting.gguf"
        write_model(path, answer=answer, thoughts=thoughts, shape=Shape(**shape))
        command = (sys.executable, "-P", str(HERE / "serve_model.py"), str(path))
        options = ("--alias", alias, "--context", str(context))
        with serving(
            (*command, *options), name="serve_model", timeout_s=START_TIMEOUT_S
        ) as url:
            yield Engine(
                url=f"{url}/v1",
                alias=alias,
                pieces=tuple(cut(recited(answer, thoughts))),
            )
        path.unlink()

    return reciting


@pytest.fixture
def collect(tmp_path: Path):
    """Run the command on an engine and read back what it stored."""

    def collect(
        engine: Engine,
        *,
        backend: str = "llamacpp",
        trials: int = 2,
        limits: str = "",
        sampling: str = "",
        key: str | None = None,
        prompt: str = PROMPT,
    ) -> Collected:
        content = tmp_path / "content"
        write_task(content, prompt)
        plan = content / "plan.toml"
        plan.write_text(
            f"""
tasks = ["{TASK}"]
[server]
base_url = "{engine.url}"
backend = "{backend}"
[design]
rounds = 1
trials = {trials}
reload = false
calibrate = false
[limits]
{limits}
[sampling]
temperature = 0
{sampling}
[[models]]
id = "reciting"
key = "{key or engine.alias}"
name = "Reciting"
""",
            encoding="utf-8",
        )
        arguments = ["collect", "--content", str(content), "--run", "r"]
        result = CliRunner().invoke(cli, arguments)
        if not isinstance(result.exception, SystemExit | None):
            raise result.exception
        folder = content / "records" / "r"
        run = load_run(content / "records", "r") if folder.exists() else None
        assert run is None or run.bad == ()
        return Collected(result=result, run=run, folder=folder)

    return collect


def write_task(content: Path, prompt: str):
    folder = content / "tasks" / TASK
    folder.mkdir(parents=True)
    facts = f'id = "{TASK}"\nprompt_language = "ja"\ncode_language = "python"\n'
    (folder / "task.toml").write_text(facts, encoding="utf-8")
    (folder / "prompt.md").write_text(prompt, encoding="utf-8")
