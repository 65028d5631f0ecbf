"""Findings into the verdict of a trial, and whether an old verdict still holds."""

import hashlib
from dataclasses import dataclass

from collector.extract import Extraction, extract
from collector.extract.syntax import Fault, read
from collector.record import Trial, Verdict
from collector.verification.judge import JUDGE_VERSION
from collector.verification.sandbox.protocol import Tier
from collector.verification.suite import Suite
from collector.verification.verify import Findings, nothing_run

_CUT = "the answer was cut at the token limit"


@dataclass(frozen=True, kw_only=True)
class Item:
    """A trial to be judged.

    Attributes:
        code: What is judged: the code as saved, or as the answer holds it; None:
            there is none.
        settled: What can be said without running anything; None: it must be run.
        old: The verdict there is; None: none yet.
    """

    trial: Trial
    code: str | None
    suite: Suite
    settled: Findings | None
    old: Verdict | None


def make_item(
    trial: Trial, saved: str | None, suite: Suite, old: Verdict | None
) -> Item:
    """Return what is to be judged of a trial.

    Args:
        trial: An answer that is whole, or was cut at the limit.
        saved: Its code as saved; None: none was.
        suite: The cases of its task.
        old: The verdict there is.
    """
    found = None
    if trial.answer_text is not None:
        found = extract(trial.answer_text, trial.finish_reason)
    code = saved if saved is not None or found is None else found.code
    return Item(
        trial=trial,
        code=code,
        suite=suite,
        settled=_settle(code, found, suite),
        old=old,
    )


def is_judged(trial: Trial, saved: str | None) -> bool:
    """Whether a trial gets a verdict: it is no warm-up, did not fail, and answered."""
    if trial.is_warmup or (saved is None and trial.answer_text is None):
        return False
    return trial.failure is None or trial.failure.kind == "limit"


def make_verdict(item: Item, findings: Findings, tier: Tier | None) -> Verdict:
    """Return the verdict of a trial.

    Args:
        item: The trial and its code.
        findings: What was found.
        tier: Where it was run; None: nothing was.
    """
    ran = tier if findings.is_executed else None
    return Verdict(
        run_id=item.trial.run_id,
        model_id=item.trial.model_id,
        task_id=item.trial.task_id,
        number=item.trial.number,
        code_sha256=code_sha256(item.code),
        task_sha256=item.suite.sha256,
        judge_version=JUDGE_VERSION,
        level=findings.level,
        reason=findings.reason,
        call=findings.call,
        tried=findings.tried,
        diff=findings.diff,
        sandbox=None if ran is None else ran.name,
        sandbox_version=None if ran is None else ran.version,
        guest_python=None if ran is None else ran.guest_python,
        notes=findings.notes,
        cases=findings.cases,
    )


def is_current(item: Item, tier: Tier | None) -> bool:
    """Whether the old verdict says what judging anew would.

    Args:
        item: A trial; if it is settled, no tier matters.
        tier: Where it would be run; None: there is no sandbox, so that a verdict of
            any tier on the same code and task is the best there is.
    """
    old = item.old
    if old is None or old.code_sha256 != code_sha256(item.code):
        return False
    if old.task_sha256 != item.suite.sha256:
        return False
    if tier is None and item.settled is None:
        return old.sandbox is not None
    if old.judge_version != JUDGE_VERSION:
        return False
    if item.settled is not None:
        return old == make_verdict(item, item.settled, None)
    assert tier is not None  # noqa: S101 - seen above; for mypy
    return (old.sandbox, old.sandbox_version, old.guest_python) == (
        tier.name,
        tier.version,
        tier.guest_python,
    )


def code_sha256(code: str | None) -> str | None:
    """Return the SHA-256 of code in UTF-8; None: there is none."""
    if code is None:
        return None
    return hashlib.sha256(code.encode("utf-8")).hexdigest()


def _settle(
    code: str | None, found: Extraction | None, suite: Suite
) -> Findings | None:
    """Return what is known without running; None: the code must be run."""
    if found is not None and found.status == "truncated" and code == found.code:
        return nothing_run(suite, "fails", f"{_CUT} before its code was whole")
    if code is None:
        return nothing_run(suite, "fails", _why_no_code(found))
    fault = read(code)
    if not isinstance(fault, Fault):
        return None
    where = "" if fault.line is None else f"line {fault.line}: "
    reason = f"the code is not Python: {where}{fault.message}"
    return nothing_run(suite, "fails", reason)


def _why_no_code(found: Extraction | None) -> str:
    if found is not None and "cut_at_limit" in found.notes:
        return f"{_CUT} before any code"
    if found is not None and found.status == "empty":
        return "the answer is empty"
    return "the answer holds no code"
