"""What is known of how a run was measured, as labels and texts in one language."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import get_args

from pydantic import JsonValue

from collector.record import (
    CacheState,
    Instance,
    MeasuringError,
    PlanSnapshot,
    Rig,
    Run,
    Trial,
)
from site_builder.analysis.stability import count_contaminated, is_watched
from site_builder.words import Words

GIB = 2**30

LOAD_KEYS = (
    "parallel",
    "total_slots",
    "flash_attention",
    "eval_batch_size",
    "offload_kv_cache_to_gpu",
    "num_experts",
)
"""Settings of a loaded model that change its speed, in the words of its server."""

COMMIT_DIGITS = 7
MINUS = "\N{MINUS SIGN}"

Fact = tuple[str, str | None]
"""A label and what is known; None: unknown, and worth a row that says so."""


def condition_facts(
    run: Run, trials: Sequence[Trial], words: Words, *, prompts: dict[str, str]
) -> list[Fact]:
    """Return the conditions of a run, in the order readers see them.

    What a published run lacks is named as unknown where its reader would miss it;
    everything else stands only where it is known.
    """
    measured = [trial for trial in trials if not trial.is_warmup]
    server = run.server
    instances = _instances(run, trials)
    facts: list[tuple[str, str | None, bool]] = [
        ("source", words(f"source.{run.source}"), True),
        *_machine(run.rig, words),
        ("server", _joined(server.name, server.version), True),
        ("api", server.api, False),
        ("engine", _engine(run, instances, words), True),
        ("quantization", _quantization(run, instances, words), True),
        ("context_length", _context(run, instances, words), False),
        ("load_config", _load_config(run, instances, words), False),
        ("prompt", words("list_separator").join(prompts.values()) or None, True),
        ("prompt_cache", _prompt_cache(measured, words), False),
        ("date", words.date(run.started_at.date()) if run.started_at else None, True),
    ]
    if run.plan is not None:
        facts += _plan(run.plan, measured, words)
        facts.append(("tool", _joined("Seikaku", _version(run)), True))
    facts.append(("contaminated", _contaminated(measured, words), False))
    return [
        (words(f"conditions.{key}"), text)
        for key, text, is_always_listed in facts
        if is_always_listed or text is not None
    ] + _measuring_errors(run, words)


def _machine(rig: Rig, words: Words) -> list[tuple[str, str | None, bool]]:
    gpu, cpu, power, memory = rig.gpu, rig.cpu, rig.gpu_power_limit_w, rig.memory_bytes
    if gpu is not None and rig.gpu_memory_bytes is not None:
        size = words.number(rig.gpu_memory_bytes / GIB, 0)
        gpu = words("conditions.gpu_with_memory", gpu=gpu, memory=size)
    if cpu is not None and rig.cpu_count is not None:
        count = words.number(rig.cpu_count, 0)
        cpu = words("conditions.cpu_with_count", cpu=cpu, n=count)
    return [
        ("gpu", gpu, True),
        (
            "power_limit",
            None if power is None else f"{words.number(power, 0)} W",
            False,
        ),
        ("driver", rig.driver, True),
        ("cpu", cpu, False),
        (
            "memory",
            None if memory is None else f"{words.number(memory / GIB, 0)} GB",
            False,
        ),
        ("os", rig.os, True),
    ]


def _plan(
    plan: PlanSnapshot, trials: list[Trial], words: Words
) -> list[tuple[str, str | None, bool]]:
    planned = words.number(plan.rounds * plan.trials, 0)
    n_interruptions = sum(len(trial.interruptions) for trial in trials)
    return [
        ("trials", words("conditions.trials_value", n=planned), True),
        ("interruptions", words.number(n_interruptions, 0), True),
        ("order_seed", str(plan.seed), True),
        ("sampling", _sampling(plan.sampling, words), True),
    ]


def _instances(run: Run, trials: Sequence[Trial]) -> dict[str, list[Instance]]:
    """Return the models as they were loaded, by the id of each model of the run."""
    return {
        model.model_id: [
            trial.instance
            for trial in trials
            if trial.model_id == model.model_id and trial.instance is not None
        ]
        for model in run.models
    }


def _by_model(
    run: Run, values: Callable[[str], Sequence[str | None]], words: Words
) -> str | None:
    """Return one text if it holds for all models, else the text of each; or None."""
    separator = words("list_separator")
    texts = {
        model.model_id: separator.join(
            dict.fromkeys(value for value in values(model.model_id) if value)
        )
        for model in run.models
    }
    if len(set(texts.values())) == 1:
        return next(iter(texts.values())) or None
    return words("conditions.model_separator").join(
        words(
            "conditions.of_model",
            name=model.name,
            value=texts[model.model_id] or words("unknown"),
        )
        for model in run.models
    )


def _engine(run: Run, instances: dict[str, list[Instance]], words: Words) -> str | None:
    def engines(model_id: str) -> list[str | None]:
        return [_joined(x.engine, x.engine_version) for x in instances[model_id]]

    loaded = _by_model(run, engines, words)
    return loaded or _joined(run.server.engine, run.server.engine_version)


def _quantization(
    run: Run, instances: dict[str, list[Instance]], words: Words
) -> str | None:
    """As loaded; where the server does not tell, as planned or published."""
    planned = {model.model_id: model.quantization for model in run.models}

    def quantizations(model_id: str) -> list[str | None]:
        loaded = [x.quantization for x in instances[model_id] if x.quantization]
        return [*loaded] or [planned[model_id]]

    return _by_model(run, quantizations, words)


def _context(
    run: Run, instances: dict[str, list[Instance]], words: Words
) -> str | None:
    def contexts(model_id: str) -> list[str | None]:
        return [
            words.quantity(x.context_length, "tokens", 0)
            for x in instances[model_id]
            if x.context_length is not None
        ]

    return _by_model(run, contexts, words)


def _load_config(
    run: Run, instances: dict[str, list[Instance]], words: Words
) -> str | None:
    def settings(model_id: str) -> list[str | None]:
        return [
            f"{key} = {json.dumps(config[key])}"
            for config in map(_config, instances[model_id])
            for key in LOAD_KEYS
            if config.get(key) is not None
        ]

    return _by_model(run, settings, words)


def _config(instance: Instance) -> dict[str, JsonValue]:
    """Return the settings, which LM Studio nests inside the instance's description."""
    description = instance.config or {}
    nested = description.get("config")
    return nested if isinstance(nested, dict) else description


def _prompt_cache(trials: list[Trial], words: Words) -> str | None:
    counts = Counter(trial.cache for trial in trials)
    if counts.keys() <= {"unknown"}:
        return None
    return words("list_separator").join(
        words(
            "conditions.prompt_cache_value",
            state=words(f"cache.{state}"),
            n=words.number(counts[state], 0),
        )
        for state in get_args(CacheState)
        if counts[state]
    )


def _contaminated(trials: list[Trial], words: Words) -> str | None:
    count = count_contaminated(trials)
    if count is None:
        return None
    total = sum(map(is_watched, trials))
    return words(
        "conditions.contaminated_value",
        n=words.number(count, 0),
        total=words.number(total, 0),
    )


def _measuring_errors(run: Run, words: Words) -> list[Fact]:
    errors = () if run.calibration is None else run.calibration.errors
    return [
        (
            words(
                "conditions.measuring_error",
                rate=words.quantity(error.tok_s, "tok/s", 0),
            ),
            _measuring_error(error, words),
        )
        for error in errors
    ]


def _measuring_error(error: MeasuringError, words: Words) -> str:
    def signed(value: float, unit: str) -> str:
        sign = "+" if round(value, 2) > 0 else MINUS if round(value, 2) < 0 else ""
        return sign + words.quantity(abs(value), unit, 2)

    return words(
        "conditions.measuring_error_value",
        ttft=signed(error.ttft_error_median_s * 1000, "ms"),
        ttft_max=signed(error.ttft_error_max_s * 1000, "ms"),
        rate=signed(error.rate_error_median_ratio * 100, "percent"),
        rate_max=signed(error.rate_error_max_ratio * 100, "percent"),
        n=words.number(error.n, 0),
    )


def _joined(name: str | None, version: str | None) -> str | None:
    return " ".join(part for part in (name, version) if part) or None


def _version(run: Run) -> str | None:
    if run.tool_commit is None:
        return run.tool_version
    commit, dash, dirty = run.tool_commit.partition("-")
    return _joined(run.tool_version, f"({commit[:COMMIT_DIGITS]}{dash}{dirty})")


def _sampling(sampling: dict[str, JsonValue], words: Words) -> str:
    if not sampling:
        return words("conditions.sampling_default")
    return words("list_separator").join(f"{k} = {v}" for k, v in sampling.items())
