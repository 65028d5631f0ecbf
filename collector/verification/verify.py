"""A program held against a task's cases in a sandbox: what each case found."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from collector.record import Case, Slug
from collector.verification.adapter.jobs import can_take
from collector.verification.adapter.observe import observe
from collector.verification.adapter.plans import CallPlan
from collector.verification.adapter.search import Search, find_plan
from collector.verification.judge import judge_case
from collector.verification.observation import Observation, Stimulus
from collector.verification.rules.finding import Finding, sentence
from collector.verification.sandbox.protocol import Sandbox, Tier
from collector.verification.suite import Suite, SuiteCase

Level = Literal["as_is", "names_adjusted", "fails", "not_executed"]

COLUMN_ORDER_VARIES: Slug = "column_order_varies"
"""Note: the columns' order depends on the run."""

_LIKELY = frozenset({"pass", "lenient"})


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What running a program showed; the fields are those of ``record.Verdict``."""

    level: Level
    reason: str = ""
    call: str | None = None
    tried: tuple[str, ...] = ()
    diff: str | None = None
    notes: tuple[Slug, ...] = ()
    cases: tuple[Case, ...] = ()
    is_executed: bool = True


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """All that the cases of one program have in common."""

    plan: CallPlan
    code: str
    suite: Suite
    sandbox: Sandbox

    def look(self, stimulus: Stimulus) -> Observation:
        return observe(self.plan, self.code, self.suite.shape, stimulus, self.sandbox)


def verify_code(
    code: str, suite: Suite, sandbox: Sandbox, *, jobs: int = 1
) -> Findings:
    """Find out how a program is called, then run every case once.

    The first case finds the way of calling; it is then frozen. A case that fails is
    run a second time, and is ``flaky`` if that ends in another way.

    Args:
        code: What compiles as Python.
        suite: The task's cases.
        sandbox: Where everything is run.
        jobs: Cases run at the same time, each in a process of its own.

    Raises:
        SandboxError: The sandbox itself does not work.
    """
    tier = sandbox.tier
    if lacking := _lacking(suite.needs, tier):
        return nothing_run(suite, "not_executed", lacking)
    probe = suite.cases[0]
    stimulus = scaled(probe.stimulus, tier)
    search = find_plan(
        code,
        suite.shape,
        stimulus,
        sandbox,
        lambda seen: judge_case(probe, seen, stimulus.limits).result in _LIKELY,
    )
    if search.plan is None or search.level is None:
        return _no_way(search, suite, tier)
    bench = _Bench(plan=search.plan, code=code, suite=suite, sandbox=sandbox)
    ran = _run_cases(bench, jobs)
    return Findings(
        level=search.level,
        call=search.plan.describe(),
        tried=search.tried,
        diff=search.diff,
        notes=(COLUMN_ORDER_VARIES,) if any(varies for _, varies in ran) else (),
        cases=tuple(case for case, _ in ran),
    )


def nothing_run(suite: Suite, level: Level, reason: str) -> Findings:
    """Return findings in which no case was run, each for the same reason."""
    return Findings(
        level=level,
        reason=sentence(reason),
        cases=tuple(_not_run(case, reason) for case in suite.cases),
        is_executed=False,
    )


def scaled(stimulus: Stimulus, tier: Tier) -> Stimulus:
    """Return the stimulus with the time that a slower tier needs for the same work."""
    limits = stimulus.limits
    return replace(
        stimulus,
        limits=replace(
            limits,
            wall_s=limits.wall_s * tier.time_factor,
            cpu_s=limits.cpu_s * tier.time_factor,
        ),
    )


def _run_cases(bench: _Bench, jobs: int) -> list[tuple[Case, bool]]:
    """Run all cases and return what they found, in the suite's order.

    Those that may take longest begin first, so that none is waited for at the end.
    """
    cases = bench.suite.cases
    order = sorted(cases, key=lambda case: -case.stimulus.limits.wall_s)
    with _workers(jobs) as pool:
        begun = {case.case_id: pool.submit(_run_case, bench, case) for case in order}
        return [begun[case.case_id].result() for case in cases]


@contextmanager
def _workers(jobs: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that wait for sandboxes; on an error, what has not begun is dropped."""
    pool = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="case")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _run_case(bench: _Bench, case: SuiteCase) -> tuple[Case, bool]:
    """Run a case, and say whether its columns' order varies."""
    hindrance = _lacking(case.needs, bench.sandbox.tier) or _not_taken(bench, case)
    if hindrance:
        return _not_run(case, hindrance), False
    stimulus = scaled(case.stimulus, bench.sandbox.tier)
    seen = bench.look(stimulus)
    found = judge_case(case, seen, stimulus.limits)
    result, reason = found.result, found.reason
    if result not in _LIKELY:
        again = judge_case(case, bench.look(stimulus), stimulus.limits)
        if again.result != result:
            return _case(case, "flaky", _both(found, again), seen), False
    varies = case.checks_order and _varies(bench, stimulus, seen)
    return _case(case, result, reason, seen), varies


def _varies(bench: _Bench, stimulus: Stimulus, seen: Observation) -> bool:
    """Whether another hash seed gives another header: a set has no order."""
    if seen.output is None:
        return False
    other = bench.look(replace(stimulus, hash_seed=stimulus.hash_seed + 1))
    if other.output is None:
        return False
    return _first_line(other.output) != _first_line(seen.output)


def _first_line(output: bytes) -> bytes:
    return (output.splitlines() or [b""])[0]


def _both(first: Finding, second: Finding) -> str:
    texts = [f.reason or "it passed" for f in (first, second)]
    return sentence(f"first: {texts[0][:120]}; then: {texts[1][:120]}")


def _case(
    case: SuiteCase,
    result: Literal["pass", "lenient", "fail", "timeout", "flaky"],
    reason: str,
    seen: Observation,
) -> Case:
    return Case(
        case_id=case.case_id,
        result=result,
        reason=reason,
        is_counted=case.is_counted,
        wall_s=seen.wall_s,
    )


def _not_run(case: SuiteCase, reason: str) -> Case:
    return Case(
        case_id=case.case_id,
        result="not_run",
        reason=sentence(reason),
        is_counted=case.is_counted,
    )


def _lacking(needs: frozenset[str], tier: Tier) -> str:
    """Say what a tier lacks; empty: it lacks nothing."""
    if "native" in needs and not tier.has_native:
        return (
            "it needs threads, subprocesses or compiled packages, "
            f"which the sandbox {tier.name} does not have"
        )
    return ""


def _not_taken(bench: _Bench, case: SuiteCase) -> str:
    """Say why the frozen plan cannot be given an input; empty: it can.

    A function that takes the parsed input is never asked to open a file.
    """
    if can_take(bench.plan, bench.suite.shape, case.stimulus):
        return ""
    return f"called as {bench.plan.describe()}, it cannot be given this input"


def _no_way(search: Search, suite: Suite, tier: Tier) -> Findings:
    """Return what is said of a program that no way of calling brought to work.

    A package that the sandbox lacks is not the program's fault.
    """
    first = search.first_error or (search.tried or ("there is nothing to call",))[0]
    if search.missing_module is None:
        level: Level = "fails"
        reason = f"no way of calling it worked: {first}"
    else:
        level = "not_executed"
        reason = (
            f"it needs the package {search.missing_module}, which the sandbox "
            f"{tier.name} with Python {tier.guest_python} does not have"
        )
    return replace(
        nothing_run(suite, level, reason), tried=search.tried, is_executed=True
    )
