"""Assertions judged on runs whose rates are given, so that p can be worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.record import Chunk, PlannedModel, Trial
from collector.store import LoadedRun
from site_builder.analysis.summary import ModelSummary, summarise
from site_builder.claims.assertion import parse_assertion
from site_builder.claims.claim import Claim, Verdict
from site_builder.claims.judge import judge_claims
from site_builder.claims.registry import Registry
from site_builder.findings import CodeEvidence, find_evidence
from tests.site_builder.scenarios import TASK, measured


def rated(rates: Mapping[str, Sequence[float]]) -> LoadedRun:
    """Make a run in which each model's trials have exactly these rates, in order.

    Every trial has 11 tokens, one each, and a first token after half a second.
    """
    like = measured(1, events=2)
    models = tuple(
        PlannedModel(model_id=model_id, key=None, name=model_id.upper())
        for model_id in rates
    )
    trials = [
        _trial(model_id, number, rate, position=len(rates) * number + column)
        for column, (model_id, own) in enumerate(rates.items())
        for number, rate in enumerate(own, 1)
    ]
    return LoadedRun(
        run=like.run.model_copy(update={"models": models}),
        trials=tuple(trials),
        verdicts=(),
        codes={},
        bad=(),
    )


def _trial(model_id: str, number: int, rate: float, *, position: int) -> Trial:
    times = [500_000 + round(1e6 * at / rate) for at in range(11)]
    return Trial(
        run_id="rig-a",
        model_id=model_id,
        task_id=TASK,
        number=number,
        position=position,
        cache="cold",
        outcome="complete",
        timeline=tuple(Chunk(at, "answer", 4) for at in times),
        reasoning_text="",
        answer_text="abcd" * 11,
        finish_reason="stop",
        usage={"completion_tokens": 11},
    )


def registry(assertions: Mapping[str, str]) -> Registry:
    """Make a registry of sound assertions."""
    claims = {}
    for line, (claim_id, assertion) in enumerate(assertions.items(), 1):
        parsed = parse_assertion(assertion)
        assert parsed.faults == ()
        claims[claim_id] = Claim(
            claim_id=claim_id, assertion=assertion, terms=parsed.terms, line=line
        )
    return Registry(path=Path("claims.toml"), claims=claims)


@dataclass(frozen=True)
class Known:
    """A run with what follows from it, so that it need not be read for each claim."""

    run: LoadedRun
    summaries: tuple[ModelSummary, ...]
    found: CodeEvidence


def known(run: LoadedRun) -> Known:
    """Read a run once."""
    summaries = summarise(run)
    return Known(run, summaries, find_evidence(run, summaries))


def judge(run: LoadedRun | Known, *assertions: str, **named: str) -> list[Verdict]:
    """Judge a family of assertions on a run, in the order given."""
    family = {f"c{at}": text for at, text in enumerate(assertions)} | named
    read = run if isinstance(run, Known) else known(run)
    return list(
        judge_claims(registry(family), read.run, read.summaries, read.found).values()
    )


def verdict(run: LoadedRun | Known, assertion: str) -> Verdict:
    """Judge one assertion by itself, so that Holm changes nothing."""
    (found,) = judge(run, assertion)
    return found


def facts(found: Verdict, key: str) -> list[Mapping[str, float]]:
    """Return the numbers of the facts of one key."""
    return [fact.numbers for fact in found.facts if fact.key == key]


def gaps(found: Verdict) -> list[tuple[str, tuple[str, ...]]]:
    """Return what is missing, and of which models."""
    return [(f.texts["what"], f.models) for f in found.facts if f.key == "missing"]
