"""Run the real command against replayed answers, and hold what it recorded to account.

All answers of a file are replayed in one run, each as a model of its own, because a
run's start costs more than most answers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from collector.cli import cli
from collector.metrics import METRICS
from collector.record import Trial
from collector.store import LoadedRun, load_run

from .frames import short_answer
from .replay import Hit, ReplayServer, Script

TOKEN_METRICS = ("completion_tokens", "decode_tok_s")


@dataclass(frozen=True)
class Replayed:
    """One answer and what became of it.

    Attributes:
        trials: The trials of its model without the warm-up, by number.
        hits: The requests for a stream that reached the server for them.
        codes: The code saved from each answer that held one, in order.
    """

    model: str
    trials: tuple[Trial, ...]
    hits: tuple[Hit, ...]
    codes: tuple[str, ...]

    @property
    def trial(self) -> Trial:
        assert len(self.trials) == 1
        return self.trials[0]

    @property
    def kind(self) -> str | None:
        return None if self.trial.failure is None else self.trial.failure.kind

    def metric(self, key: str) -> float | None:
        return METRICS[key].compute(self.trial)


@dataclass(frozen=True)
class Settings:
    """What of the plan a test changes.

    Attributes:
        keys: The server's name of a model, where it is not the model's own.
        more: Further lines for a model's table in the plan.
    """

    backend: str = "openai"
    trials: int = 1
    reload: bool = False
    silence_s: float = 5.0
    trial_s: float = 10.0
    sampling: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)


DEFAULTS = Settings()


def write_plan(folder: Path, models: Sequence[str], settings: Settings) -> Path:
    lines = [
        'tasks = ["json-to-csv"]',
        "[server]",
        f'backend = "{settings.backend}"',
        "[design]",
        "rounds = 1",
        f"trials = {settings.trials}",
        f"reload = {str(settings.reload).lower()}",
        "calibrate = false",
        "[limits]",
        f"silence_s = {settings.silence_s}",
        f"trial_s = {settings.trial_s}",
        "[sampling]",
        settings.sampling,
    ]
    for model in models:
        key = settings.keys.get(model, model)
        lines += ["[[models]]", f'id = "{model}"', f'key = "{key}"', 'name = "M"']
        lines += [settings.more.get(model, "")]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "plan.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def arguments(folder: Path, plan: Path, url: str) -> list[str]:
    content = str(folder / "content")
    return [
        *("collect", "--content", content, "--plan", str(plan)),
        *("--run", "r", "--server", url),
    ]


def run_collect(
    folder: Path, server: ReplayServer, models: Sequence[str], settings: Settings
) -> Result:
    plan = write_plan(folder, models, settings)
    result = CliRunner().invoke(cli, arguments(folder, plan, server.url))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def read_run(folder: Path) -> LoadedRun:
    """The run as it lies on the disk; every record must be readable."""
    loaded = load_run(folder / "content" / "records", "r")
    assert loaded.bad == ()
    return loaded


def replay(
    folder: Path,
    answers: Mapping[str, Script],
    *,
    settings: Settings = DEFAULTS,
    warm_up: Callable[[str], Script] = short_answer,
    **server_options: Any,
) -> dict[str, Replayed]:
    """Collect each answer as the one counted trial of a model of that name."""
    key_of = {model: settings.keys.get(model, model) for model in answers}
    scripts = {
        key_of[model]: [warm_up(key_of[model]), answer]
        for model, answer in answers.items()
    }
    with ReplayServer(scripts, **server_options) as server:
        result = run_collect(folder, server, list(answers), settings)
        assert result.exit_code in {0, 3}, result.output
    return gather(folder, server, key_of)


def replay_in_turn(
    folder: Path, model: str, answers: Mapping[str, Script]
) -> dict[str, Replayed]:
    """Collect the answers as the trials of one model, in order."""
    scripts = [short_answer(model), *answers.values()]
    with ReplayServer({model: scripts}) as server:
        result = run_collect(folder, server, [model], Settings(trials=len(answers)))
        hits = server.chats(model)[1:]
    assert result.exit_code in {0, 3}, result.output
    # A request too many would shift all answers after it.
    assert len(hits) == len(answers)
    loaded = read_run(folder)
    trials = [trial for trial in loaded.trials if not trial.is_warmup]
    return {
        name: Replayed(
            model=model,
            trials=(trial,),
            hits=(hit,),
            codes=tuple(
                code
                for (_, _, number), code in loaded.codes.items()
                if number == trial.number
            ),
        )
        for name, trial, hit in zip(answers, trials, hits, strict=True)
    }


def gather(
    folder: Path, server: ReplayServer, key_of: Mapping[str, str]
) -> dict[str, Replayed]:
    loaded = read_run(folder)
    return {
        model: Replayed(
            model=key,
            trials=tuple(
                trial
                for trial in loaded.trials
                if trial.model_id == model and not trial.is_warmup
            ),
            hits=tuple(server.chats(key)[1:]),
            codes=tuple(
                code
                for (model_id, _, _), code in loaded.codes.items()
                if model_id == model
            ),
        )
        for model, key in key_of.items()
    }


def assert_honest(
    replayed: Replayed,
    *,
    answer: str = "",
    reasoning: str = "",
    tokens: int | None = None,
    n_hits: int = 1,
) -> None:
    """No wrong trial counts, nothing is invented, and nothing that came is lost.

    Args:
        answer: All answer text the server sent before the fault, if there was one.
        reasoning: Likewise the thinking.
        tokens: The server's count of the answer's tokens; None: it sent none.
    """
    assert len(replayed.hits) == n_hits
    for trial in replayed.trials:
        assert (trial.answer_text or "") == answer
        assert (trial.reasoning_text or "") == reasoning
        assert METRICS["completion_tokens"].compute(trial) == tokens
        if trial.failure is None:
            _assert_counts_rightly(trial, key=replayed.model)
        _assert_times_are_possible(trial)
        if not (trial.usage or {}).get("completion_tokens"):
            for key in TOKEN_METRICS:
                assert not METRICS[key].compute(trial)


def _assert_counts_rightly(trial: Trial, *, key: str) -> None:
    assert trial.outcome == "complete"
    assert trial.status_code == 200
    assert trial.finish_reason == "stop"
    assert trial.has_end_mark is True
    assert trial.served_model in {key, key.partition("@")[0]}
    assert trial.requests_sent == 1


def _assert_times_are_possible(trial: Trial) -> None:
    timeline = trial.timeline or ()
    for channel, whole in (
        ("answer", trial.answer_text),
        ("reasoning", trial.reasoning_text),
    ):
        chars = sum(chunk.chars for chunk in timeline if chunk.channel == channel)
        assert chars == len(whole or "")
    times = [chunk.t_us for chunk in timeline]
    if trial.headers_us is not None:
        times.insert(0, trial.headers_us)
    if trial.end_us is not None:
        times.append(trial.end_us)
    assert all(earlier <= later for earlier, later in pairwise(times))
