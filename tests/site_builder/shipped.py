"""The shipped content on runs of every kind, and the verdicts to expect there.

They are recomputed from raw values, by dealing them all; what the code of a run shows
is written down by hand.
"""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from collector.store import LoadedRun
from site_builder.analysis.summary import summarise
from site_builder.article import Text
from site_builder.claims.claim import Verdict
from site_builder.claims.judge import judge_claims
from site_builder.claims.registry import read_registry
from site_builder.config import read_config
from site_builder.findings import find_evidence
from site_builder.load import load
from site_builder.problem import Problem
from site_builder.texts import TextKey, read_texts, render_texts
from tests.site_builder.scenarios import (
    GEMMA,
    GPT_OSS,
    HERMES,
    QWEN,
    RUN_ID,
    alike,
    all_failed,
    coding,
    cut,
    dropped,
    judged,
    measured,
    save,
    slowed,
    worked_codes,
)

CONTENT = Path(__file__).parents[2] / "content"
MODELS = (QWEN, HERMES, GEMMA, GPT_OSS)
PASS = dict.fromkeys(("01-flat", "15-invalid-json", "16-missing-file"), "pass")
FAIL = dict.fromkeys(PASS, "fail")
SPEED = "decode_tok_s"
FIRST = "ttft_s"
TOKENS = "completion_tokens"
SPAN = "generation_s"

# What the worked answers show. The teacher among them catches everything at once and,
# in a scenario, comes with the short prose of all: two of the images are not met.
WORKED = {
    **dict.fromkeys(
        ("sketch-writer", "sketch-short", "sketch-terse", "plain-unadorned"), "holds"
    ),
    **dict.fromkeys(("builder-contract", "builder-surroundings"), "holds"),
    **dict.fromkeys(("teacher-guards", "teacher-talk"), "broken"),
}
RUNS = dict.fromkeys(("sketch-runs", "plain-runs", "teacher-runs", "builder-runs"))
OWNER = {"sketch": QWEN, "plain": HERMES, "teacher": GEMMA, "builder": GPT_OSS}
STRUCTURE = ("best-structure", "thick-pair")


def worked(run, *, results=PASS, level="as_is"):
    """Let every model answer in its part, and run what it wrote."""
    coded = coding(run, worked_codes())
    levels = {model: [level] for model in MODELS}
    return judged(coded, {model: [results] for model in MODELS}, levels=levels)


def turned(run):
    """Let the sketch and the building change places."""
    codes = worked_codes()
    codes = {**codes, QWEN: codes[GPT_OSS], GPT_OSS: codes[QWEN]}
    return coding(run, codes)


def falling(run):
    """Let every later trial be slower."""

    def late(trial):
        factor = 1 + 0.05 * (trial.position or 0)
        timeline = tuple(
            chunk._replace(t_us=round(chunk.t_us * factor)) for chunk in trial.timeline
        )
        return trial.model_copy(update={"timeline": timeline})

    return replace(run, trials=tuple(map(late, run.trials)))


def as_demo(run):
    """Say of a run that a script was measured."""
    return replace(run, run=run.run.model_copy(update={"source": "demo"}))


SCENARIOS = {
    "as measured": lambda: worked(measured()),
    "ten per cent slower": lambda: worked(slowed(measured(), QWEN, 0.9)),
    "sixty per cent slower": lambda: worked(slowed(measured(), QWEN, 0.4)),
    "three trials": lambda: worked(cut(measured(), 3)),
    "equal": lambda: worked(measured(figures=alike(QWEN, HERMES), spread=0)),
    "near": lambda: worked(measured(figures=alike(QWEN, GPT_OSS))),
    "one model missing": lambda: dropped(worked(measured()), HERMES),
    "nothing came": lambda: all_failed(worked(measured())),
    "code fails": lambda: worked(measured(), results=FAIL, level="fails"),
    "parts exchanged": lambda: turned(measured()),
    "drift": lambda: falling(worked(measured())),
    "demo": lambda: as_demo(coding(measured(2), worked_codes(2))),
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The shipped content on one run."""

    run: LoadedRun
    verdicts: Mapping[str, Verdict]
    texts: Mapping[TextKey, Text]
    problems: tuple[Problem, ...]


@cache
def shown(scenario):
    """Judge the shipped claims on a scenario's run and render the texts.

    What does not depend on the run is checked once, on the published one.
    """
    config = read_config(CONTENT / "site.toml")
    if scenario == "published":
        records = CONTENT / "records"
        sources = load(CONTENT, records=records, config=config, run_id="published")
    else:
        with TemporaryDirectory() as folder:
            save(SCENARIOS[scenario](), Path(folder))
            sources = load(CONTENT, records=Path(folder), config=config, run_id=RUN_ID)
    summaries = summarise(sources.run)
    found = find_evidence(sources.run, summaries)
    registry, _ = read_registry(
        sources.claims_path, models=sources.known_models, cases=sources.cases
    )
    verdicts = judge_claims(registry, sources.run, summaries, found)
    readings = read_texts(sources, claims=frozenset(registry.claims))
    rendered = render_texts(sources, summaries, found, verdicts, readings)
    return Shown(
        run=sources.run,
        verdicts=verdicts,
        texts=rendered.texts,
        problems=rendered.problems,
    )


ALL = ("published", *SCENARIOS)


def raw_value(trial, metric):
    """Return a value of a trial by its definition; a scenario sends a token a time."""
    if trial.published is not None:
        printed = trial.published
        return {
            SPEED: printed.tok_s,
            FIRST: printed.ttft_s,
            TOKENS: printed.total_tokens,
            SPAN: printed.total_tokens / printed.tok_s,
        }[metric]
    first, last = trial.timeline[0].t_us / 1e6, trial.timeline[-1].t_us / 1e6
    n = trial.usage["completion_tokens"]
    return {
        SPEED: (n - 1) / (last - first),
        FIRST: first,
        TOKENS: n,
        SPAN: last - first,
    }[metric]


def raw_values(run):
    """Return the values of every metric and model; a model without any is left out."""
    found = {metric: {} for metric in (SPEED, FIRST, TOKENS, SPAN)}
    for metric, by_model in found.items():
        for trial in run.trials:
            if trial.is_warmup or trial.failure is not None:
                continue
            if metric == FIRST and trial.cache == "warm":
                continue
            by_model.setdefault(trial.model_id, []).append(raw_value(trial, metric))
    return found


def p_larger(first, second):
    """Return how many ways of dealing give the first ranks as high, as a share."""
    pooled = sorted((*first, *second))
    ranks = {
        value: statistics.fmean(i for i, v in enumerate(pooled) if v == value)
        for value in pooled
    }
    observed = sum(ranks[value] for value in first)
    sums = [
        sum(ranks[pooled[i]] for i in chosen)
        for chosen in combinations(range(len(pooled)), len(first))
    ]
    return sum(total >= observed - 1e-9 for total in sums) / len(sums)


def times(values, factor):
    return [factor * value for value in values]


def ahead(*pairs):
    """Return the point and p of a statement that each first is above its second."""
    is_so = all(
        statistics.median(a) > statistics.median(b) and not same(a, b) for a, b in pairs
    )
    return is_so, max(p_larger(a, b) for a, b in pairs)


def same(first, second):
    return math.isclose(statistics.median(first), statistics.median(second))


def timing_claims(run):
    """Return point and p of every claim about times and counts; None: not known."""
    found = raw_values(run)

    def ratio(metric, model, other, least):
        return found[metric][model], times(found[metric][other], least)

    def alone(metric, model, *, is_largest):
        own = found[metric][model]
        rest = [v for m, v in found[metric].items() if m != model]
        if not rest:
            raise KeyError(model)
        return ahead(*((own, v) if is_largest else (v, own) for v in rest))

    def between():
        order = [found[SPEED][m] for m in (QWEN, HERMES, GPT_OSS)]
        return ahead(*pairwise(order))

    def level():
        near = found[SPEED]
        return ahead(
            (near[GEMMA], times(near[GPT_OSS], 0.9)),
            (times(near[GPT_OSS], 1.1), near[GEMMA]),
        )

    told = {
        "fastest": lambda: alone(SPEED, QWEN, is_largest=True),
        "fast-margin": lambda: ahead(ratio(SPEED, QWEN, GPT_OSS, 3)),
        "hermes-between": between,
        "slow-pair": level,
        "first-token": lambda: alone(FIRST, QWEN, is_largest=False),
        "last-token": lambda: alone(FIRST, GPT_OSS, is_largest=True),
        "longer-wait": lambda: ahead(ratio(SPAN, GPT_OSS, QWEN, 5)),
        "pace-and-length": lambda: ahead(
            ratio(SPEED, HERMES, GEMMA, 1.2), ratio(TOKENS, GEMMA, HERMES, 1.5)
        ),
        "longer-texts": lambda: ahead(
            *(
                ratio(TOKENS, a, b, 1.3)
                for a in (GEMMA, GPT_OSS)
                for b in (QWEN, HERMES)
            )
        ),
        "sketch-longer": lambda: ahead(ratio(TOKENS, QWEN, HERMES, 1.2)),
    }
    results = {}
    for claim_id, tell in told.items():
        try:
            results[claim_id] = tell()
        except KeyError:
            results[claim_id] = None
    return results


def expected_timing(scenario, run):
    """Return the verdicts that the raw values give, after Holm over the registry."""
    told = timing_claims(run)
    ps = {key: 1.0 if found is None else found[1] for key, found in told.items()}
    # The claims on structure are of the family, too. With n different codes a model,
    # all ranks apart, p is one dealing in all; it never stands above the timings' own.
    n = len({trial.number for trial in run.trials if not trial.is_warmup})
    has_codes = bool(run.codes) and scenario != "nothing came"
    structure_p = 1 / math.comb(2 * n, n) if has_codes else 1.0
    ps |= dict.fromkeys(STRUCTURE, structure_p)
    adjusted, worst = {}, 0.0
    for place, key in enumerate(sorted(ps, key=lambda k: ps[k])):
        worst = max(worst, min(1.0, (len(ps) - place) * ps[key]))
        adjusted[key] = worst
    return {key: standing(found, adjusted[key]) for key, found in told.items()}


def standing(found, p):
    if found is None:
        return "missing"
    if not found[0]:
        return "broken"
    return "holds" if p <= 0.05 + 1e-9 else "undecided"


def expected_code(scenario):
    """Return what the code of a scenario shows, as known beforehand."""
    if scenario in ("published", "nothing came"):
        return dict.fromkeys((*WORKED, *RUNS, *STRUCTURE, "teacher-refuses"), "missing")
    expected = dict(WORKED)
    if scenario in ("demo", "parts exchanged"):
        expected |= dict.fromkeys((*RUNS, "teacher-refuses"), "missing")
    else:
        verdict = "broken" if scenario == "code fails" else "holds"
        expected |= dict.fromkeys((*RUNS, "teacher-refuses"), verdict)
    if scenario == "parts exchanged":
        # The builder's program is long, and is built on DictWriter as well.
        expected |= dict.fromkeys(
            ("sketch-short", "builder-contract", "builder-surroundings"), "broken"
        )
        expected |= dict.fromkeys(STRUCTURE, "broken")
    if scenario == "one model missing":
        expected |= dict.fromkeys(("plain-unadorned", "plain-runs"), "missing")
        expected |= dict.fromkeys(STRUCTURE, "missing")
    return expected


def verdicts_of(content):
    return {
        claim_id: "missing" if verdict.is_missing else verdict.verdict
        for claim_id, verdict in content.verdicts.items()
    }
