"""Measured runs of the four shipped models, and what may happen to them.

``measured()`` makes a run; every other function takes a run and returns a changed one,
so that they can be chained: ``without_usage(slowed(measured(), QWEN, 0.8), HERMES)``.
Figures lie near the published ones, with small seeded noise that depends on the seed,
the model and the trial's number only: changing one model leaves the others as they are.
"""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from collector.record import (
    Case,
    Chunk,
    Conditions,
    Failure,
    PlannedModel,
    PlanSnapshot,
    Rig,
    Run,
    Server,
    Trial,
    Verdict,
)
from collector.store import (
    LoadedRun,
    save_code,
    save_run,
    save_trial,
    save_verdict,
)

QWEN, HERMES, GEMMA, GPT_OSS = (
    "qwen3-vl-4b",
    "hermes-4-14b",
    "gemma-3n-e4b",
    "gpt-oss-20b",
)
TASK = "json-to-csv"
RUN_ID = "rig-a"
ANSWERS = Path(__file__).parents[1] / "golden" / "answers"
PROSE = "辞書の列を読み、見出しを集め、行を書きます。"
GIB = 2**30


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Medians that a model's trials scatter about.

    Attributes:
        ttft_s: With a cold prompt cache; with a warm one it is a quarter.
    """

    name: str
    tok_s: float
    ttft_s: float
    tokens: int


FIGURES: Mapping[str, Figures] = {
    QWEN: Figures(name="Qwen 3-VL-4B", tok_s=76.02, ttft_s=0.20, tokens=786),
    HERMES: Figures(name="Hermes 4-14B", tok_s=32.68, ttft_s=0.55, tokens=502),
    GEMMA: Figures(name="Gemma 3n-E4B", tok_s=13.55, ttft_s=0.34, tokens=1280),
    GPT_OSS: Figures(name="GPT-OSS 20B", tok_s=14.33, ttft_s=0.82, tokens=1307),
}


def measured(
    n: int = 6,
    *,
    figures: Mapping[str, Figures] = FIGURES,
    seed: int = 1,
    spread: float = 0.01,
    events: int | None = None,
) -> LoadedRun:
    """Make a measured run of n counted trials a model, and a warm-up for each load.

    Trials come as the default plan has them: two a round, the first with a cold prompt
    cache and the second with a warm one, the models' order shuffled in each round.
    All count; the answers are prose without code, and there are no verdicts.

    Args:
        n: Counted trials of each model.
        figures: By model id, in the order readers see them.
        seed: Of noise and order.
        spread: Standard deviation of rates and token counts, as a share of them; the
            first token scatters three times as much.
        events: Arrivals of an answer; None: one for each token.
    """
    positions = _positions(n, tuple(figures), seed)
    trials = []
    for model_id, wanted in figures.items():
        for number in range(1, (n + 1) // 2 + 1):
            source = random.Random(f"{seed}/{model_id}/warm-up/{number}")
            warmup = _trial(model_id, number, wanted, source, spread, 20)
            trials.append(
                warmup.model_copy(
                    update={"task_id": "warmup", "is_warmup": True, "cache": "unknown"}
                )
            )
        for number in range(1, n + 1):
            source = random.Random(f"{seed}/{model_id}/{number}")
            made = _trial(model_id, number, wanted, source, spread, events)
            place = {"position": positions[model_id, number]}
            trials.append(made.model_copy(update=place))
    return _loaded(_run(n, figures, seed), trials)


def alike(
    first: str, second: str, figures: Mapping[str, Figures] = FIGURES
) -> dict[str, Figures]:
    """Return figures in which the second model has those of the first.

    Only the noise tells their trials apart: ``measured(figures=alike(GEMMA, QWEN))``.
    """
    same = replace(figures[first], name=figures[second].name)
    return {**figures, second: same}


def slowed(run: LoadedRun, model_id: str, ratio: float) -> LoadedRun:
    """Multiply a model's rate by a ratio; its waits for the first token are divided."""

    def slow(trial: Trial) -> Trial:
        timeline = tuple(
            Chunk(round(chunk.t_us / ratio), chunk.channel, chunk.chars)
            for chunk in trial.timeline or ()
        )
        return trial.model_copy(update={"timeline": timeline})

    return _changed(run, (model_id,), slow)


def cut(run: LoadedRun, n: int, *models: str) -> LoadedRun:
    """Keep the first n counted trials of these models; without any, of all models."""
    chosen = models or _ids(run)
    kept = [
        trial
        for trial in run.trials
        if trial.is_warmup or trial.model_id not in chosen or trial.number <= n
    ]
    return _loaded(run.run, kept, run)


def dropped(run: LoadedRun, *models: str) -> LoadedRun:
    """Take models out of the run, as if they had never been planned."""
    left = tuple(m for m in run.run.models if m.model_id not in models)
    kept = [trial for trial in run.trials if trial.model_id not in models]
    return _loaded(run.run.model_copy(update={"models": left}), kept, run)


def all_failed(run: LoadedRun, *models: str) -> LoadedRun:
    """Let every trial of these models break off; without any, of all models."""
    failure = Failure(kind="disconnected", message="the connection was closed")
    change = {"outcome": "failed", "failure": failure, "finish_reason": None}
    return _changed(run, models or _ids(run), lambda t: t.model_copy(update=change))


def without_usage(run: LoadedRun, *models: str) -> LoadedRun:
    """Let the server count no tokens for these models; without any, for all models.

    There is no rate and no count then, while the times are known.
    """
    change = {"usage": None}
    return _changed(run, models or _ids(run), lambda t: t.model_copy(update=change))


def truncated(run: LoadedRun, model_id: str, *numbers: int) -> LoadedRun:
    """Let these trials of a model be cut at the token limit."""
    failure = Failure(kind="limit", message="cut at max_tokens")
    change = {"outcome": "truncated", "failure": failure, "finish_reason": "length"}

    def shorten(trial: Trial) -> Trial:
        return trial.model_copy(update=change) if trial.number in numbers else trial

    return _changed(run, (model_id,), shorten)


def answering(run: LoadedRun, answers: Mapping[str, Sequence[str]]) -> LoadedRun:
    """Give models these answers, trial by trial, beginning anew where they run out.

    What an answer lacks in length for its tokens is thinking.
    """

    def answer(trial: Trial) -> Trial:
        own = answers[trial.model_id]
        return _with_text(trial, own[(trial.number - 1) % len(own)])

    return _changed(run, tuple(answers), answer)


def coding(run: LoadedRun, codes: Mapping[str, Sequence[str]]) -> LoadedRun:
    """Let models answer with these programs, fenced, and save them beside the trials.

    Programs are given trial by trial, beginning anew where they run out.
    """
    answers = {
        model_id: [f"{PROSE}\n\n```python\n{code}```\n" for code in own]
        for model_id, own in codes.items()
    }
    answered = answering(run, answers)
    saved = {
        (trial.model_id, trial.task_id, trial.number): own[
            (trial.number - 1) % len(own)
        ]
        for trial in answered.trials
        if not trial.is_warmup and (own := codes.get(trial.model_id))
    }
    return replace(answered, codes={**answered.codes, **saved})


def worked_codes(n: int = 6) -> dict[str, list[str]]:
    """Return n different programs a model: the four worked answers of the tests.

    Qwen sketches, Hermes is plain, Gemma teaches, GPT-OSS builds. The programs of a
    model differ by a constant at their end only.
    """
    names = {QWEN: "sketch", HERMES: "plain", GEMMA: "teacher", GPT_OSS: "builder"}
    return {
        model_id: [f"{_code(name)}\n\nVERSION = {number}\n" for number in range(n)]
        for model_id, name in names.items()
    }


def judged(
    run: LoadedRun,
    results: Mapping[str, Sequence[Mapping[str, str]]],
    *,
    levels: Mapping[str, Sequence[str]] | None = None,
    sandbox: str = "bubblewrap",
) -> LoadedRun:
    """Add a verdict on each counted trial of some models, all of one sandbox.

    Args:
        run: With the codes it is about (``coding``).
        results: By model and trial, the result of each case by its id; given trial by
            trial, beginning anew where they run out.
        levels: By model and trial likewise; ``as_is`` where it is not given.
        sandbox: Tier that executed the code.
    """
    verdicts = [verdict for verdict in run.verdicts if verdict.model_id not in results]
    for trial in run.trials:
        if trial.is_warmup or trial.model_id not in results:
            continue
        own = results[trial.model_id]
        known = (levels or {}).get(trial.model_id, ("as_is",))
        at = trial.number - 1
        key = (trial.model_id, trial.task_id, trial.number)
        verdicts.append(
            _verdict(
                trial,
                run.codes.get(key),
                own[at % len(own)],
                level=known[at % len(known)],
                sandbox=sandbox,
            )
        )
    return replace(run, verdicts=tuple(verdicts))


def permuted(run: LoadedRun, seed: int) -> LoadedRun:
    """Deal each model's counted measurements anew to its trials of the same cache.

    Numbers and positions stay; which trial was measured when is what changes.
    """
    source = random.Random(seed)
    trials = list(run.trials)
    groups: dict[tuple[str, str], list[int]] = {}
    for index, trial in enumerate(trials):
        if not trial.is_warmup:
            groups.setdefault((trial.model_id, trial.cache), []).append(index)
    for indices in groups.values():
        others = source.sample(indices, len(indices))
        for index, other in zip(indices, others, strict=True):
            own = run.trials[index]
            place = {"number": own.number, "round": own.round, "position": own.position}
            trials[index] = run.trials[other].model_copy(update=place)
    return replace(run, trials=tuple(trials))


def save(run: LoadedRun, records: Path) -> Path:
    """Write a run as records, with codes and verdicts; return its folder."""
    path = save_run(records, run.run)
    for trial in run.trials:
        save_trial(records, trial)
        if not trial.is_warmup:
            key = (trial.model_id, trial.task_id, trial.number)
            save_code(records, trial, run.codes.get(key))
    for verdict in run.verdicts:
        save_verdict(records, verdict)
    return path.parent


def _run(n: int, figures: Mapping[str, Figures], seed: int) -> Run:
    return Run(
        run_id=RUN_ID,
        source="measured",
        started_at=datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC),
        tool_version="0.1.0",
        models=tuple(
            PlannedModel(
                model_id=model_id,
                key=f"maker/{model_id}",
                name=wanted.name,
                quantization="Q4_K_M",
            )
            for model_id, wanted in figures.items()
        ),
        plan=PlanSnapshot(
            backend="lmstudio",
            rounds=max(1, (n + 1) // 2),
            trials=2,
            seed=seed,
            reload=True,
            sampling={"temperature": 0.7, "max_tokens": 4096},
            tasks=(TASK,),
        ),
        prompts={TASK: "b" * 64},
        rig=Rig(gpu="NVIDIA GeForce RTX 3060", gpu_memory_bytes=12 * GIB),
        server=Server(name="LM Studio", version="0.4.22", api="/api/v1"),
    )


def _trial(
    model_id: str,
    number: int,
    wanted: Figures,
    source: random.Random,
    spread: float,
    events: int | None,
) -> Trial:
    """Make a trial whose metrics lie about the figures."""
    is_cold = number % 2 == 1
    tokens = round(wanted.tokens * source.lognormvariate(0, spread))
    rate = wanted.tok_s * source.lognormvariate(0, spread)
    first_s = (
        wanted.ttft_s * source.lognormvariate(0, 3 * spread) * (1 if is_cold else 0.25)
    )
    n_events = events or tokens
    step_s = tokens / n_events / rate
    trial = Trial(
        run_id=RUN_ID,
        model_id=model_id,
        task_id=TASK,
        number=number,
        round=(number + 1) // 2,
        cache="cold" if is_cold else "warm",
        outcome="complete",
        requests_sent=1,
        status_code=200,
        timeline=tuple(
            Chunk(round(1e6 * (first_s + at * step_s)), "answer", 1)
            for at in range(n_events)
        ),
        finish_reason="stop",
        has_end_mark=True,
        usage={"completion_tokens": tokens, "prompt_tokens": 30},
        conditions=Conditions(cpu_pressure_ratio=0.01),
    )
    return _with_text(trial, PROSE * (2 * tokens // len(PROSE) + 1))


def _with_text(trial: Trial, answer: str) -> Trial:
    """Spread a text evenly over the arrivals, after as much thinking as is wanting."""
    times = [chunk.t_us for chunk in trial.timeline or ()]
    tokens = (trial.usage or {}).get("completion_tokens")
    wanted = max(len(times), tokens if isinstance(tokens, int) else 0) + 1
    thinking = "考" * max(0, wanted - len(answer))
    total = len(thinking) + len(answer)
    ends = [round(total * (at + 1) / len(times)) for at in range(len(times))]
    timeline = tuple(
        Chunk(t_us, "reasoning" if end <= len(thinking) else "answer", end - start)
        for t_us, start, end in zip(times, [0, *ends], ends, strict=False)
    )
    texts = {"reasoning_text": thinking, "answer_text": answer}
    return trial.model_copy(update={"timeline": timeline, **texts})


def _positions(
    n: int, models: tuple[str, ...], seed: int
) -> dict[tuple[str, int], int]:
    """Place every trial in a schedule whose order of models changes each round."""
    source = random.Random(seed)
    places: dict[tuple[str, int], int] = {}
    for first in range(1, n + 1, 2):
        for model_id in source.sample(models, len(models)):
            for number in range(first, min(first + 1, n) + 1):
                places[model_id, number] = len(places) + 1
    return places


def _verdict(
    trial: Trial,
    code: str | None,
    results: Mapping[str, str],
    *,
    level: str,
    sandbox: str,
) -> Verdict:
    ran = code is not None and level != "not_executed"
    return Verdict.model_validate(
        {
            "run_id": trial.run_id,
            "model_id": trial.model_id,
            "task_id": trial.task_id,
            "number": trial.number,
            "code_sha256": None
            if code is None
            else hashlib.sha256(code.encode()).hexdigest(),
            "task_sha256": "a" * 64,
            "judge_version": "judge/1",
            "level": level,
            "sandbox": sandbox if ran else None,
            "sandbox_version": "0.8.0" if ran else None,
            "guest_python": "3.11.2" if ran else None,
            "cases": tuple(
                Case.model_validate(
                    {
                        "case_id": case_id,
                        "result": result,
                        "reason": "" if result == "pass" else f"it is {result}",
                        "is_counted": case_id != "19-japanese-windows",
                    }
                )
                for case_id, result in results.items()
            ),
        }
    )


def _code(name: str) -> str:
    text = (ANSWERS / f"{name}.md").read_text(encoding="utf-8")
    return text.split("```python\n", 1)[1].split("```", 1)[0].rstrip("\n")


def _changed(
    run: LoadedRun, models: Sequence[str], change: Callable[[Trial], Trial]
) -> LoadedRun:
    trials = [
        change(trial) if trial.model_id in models and not trial.is_warmup else trial
        for trial in run.trials
    ]
    return replace(run, trials=tuple(trials))


def _loaded(
    run: Run, trials: Sequence[Trial], before: LoadedRun | None = None
) -> LoadedRun:
    """Return a run of these trials, with what was known of them before."""
    kept = {(trial.model_id, trial.task_id, trial.number) for trial in trials}
    verdicts = before.verdicts if before else ()
    codes = before.codes if before else {}
    return LoadedRun(
        run=run,
        trials=tuple(trials),
        verdicts=tuple(
            v for v in verdicts if (v.model_id, v.task_id, v.number) in kept
        ),
        codes={key: code for key, code in codes.items() if key in kept},
        bad=(),
    )


def _ids(run: LoadedRun) -> tuple[str, ...]:
    return tuple(model.model_id for model in run.run.models)
