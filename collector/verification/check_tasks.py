"""Tasks held against their own reference answers: a case that is wrong shows here."""

from collections.abc import Sequence
from pathlib import Path

from collector.errors import PlanError
from collector.extract import extract
from collector.verification.sandbox.protocol import Sandbox
from collector.verification.suite import Suite, read_suite
from collector.verification.verify import Findings, verify_code


def list_tasks(folders: Sequence[Path]) -> list[Path]:
    """Return the folders of all tasks by name; of two of a name, the nearer one."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*/task.toml")):
            found.setdefault(path.parent.name, path.parent)
    return [found[name] for name in sorted(found)]


def check_task(folder: Path, sandbox: Sandbox, *, jobs: int) -> tuple[Suite, Findings]:
    """Return a task's cases and what they say of its reference answer.

    Raises:
        PlanError: A file is wrong, or the reference does not pass every counted case
            strictly; the message names the case's file and the reason.
    """
    suite = read_suite(folder)
    place = folder / "reference" / "answer.md"
    code = extract(suite.reference).code
    if code is None:
        raise PlanError(f"{place}: holds no code: write an answer that passes")
    findings = verify_code(code, suite, sandbox, jobs=jobs)
    faults = [
        f"{folder / 'cases' / case.case_id / 'case.toml'}: the reference answer: "
        f"{case.result}: {case.reason}"
        for case in findings.cases
        if case.is_counted and case.result not in ("pass", "not_run")
    ]
    if findings.level != "as_is":
        faults.insert(0, f"{place}: {findings.level}: {findings.reason}")
    if faults:
        raise PlanError("\n".join(faults) + f"\nmend the case, or {place}")
    return suite, findings
