"""A task's folder into what its answers are verified with: tasks are data, not code.

<task>/task.toml             id, languages, [shape], needs, [limits]
<task>/prompt.md             what models are asked
<task>/reference/answer.md   an answer of ours that passes every counted case
<task>/cases/<NN-name>/      case.toml, and input.* and expected.* where it has them
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from collector.errors import PlanError
from collector.settings import nearest, read_settings
from collector.task import read_task_file
from collector.verification.inputs import read_input
from collector.verification.observation import Shape, Stimulus
from collector.verification.rules.finding import Judge
from collector.verification.rules.registry import RULES
from collector.verification.sandbox.protocol import Limits
from collector.verification.tables import CaseFile, Need, TaskFile

_CASE_NAME = re.compile(r"^(\d\d)-[a-z0-9][a-z0-9-]*$")
_NOT_OURS = frozenset({"__pycache__", "Thumbs.db", "desktop.ini"})
"""Names that an installer or a system leaves in folders."""


@dataclass(frozen=True, kw_only=True)
class SuiteCase:
    """One input and what is wanted of it.

    Attributes:
        case_id: Name of its folder, such as ``01-flat``.
        rule: Name of the rule that judges.
        judge: The rule, with this case's parameters and expectation.
        checks_order: Whether it is run with a second hash seed to compare columns.
    """

    case_id: str
    group: str
    rule: str
    judge: Judge
    stimulus: Stimulus
    is_counted: bool
    checks_order: bool
    needs: frozenset[Need]


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A task's cases, in order; the first finds the way of calling.

    Attributes:
        needs: What every answer needs of a sandbox.
        sha256: Over all files of the task's folder.
        reference: An answer of ours that passes every counted case strictly.
    """

    task_id: str
    shape: Shape
    needs: frozenset[Need]
    cases: tuple[SuiteCase, ...]
    reference: str
    sha256: str


def read_suite(folder: Path) -> Suite:
    """Read what a task's answers are verified with.

    Raises:
        PlanError: The task has no ``[shape]`` or no cases, or a file is wrong; the
            message names the file and the key.
    """
    facts = read_task_file(folder)
    if facts.shape is None:
        raise PlanError(
            f"{folder / 'task.toml'}: the table [shape] is missing: "
            "say what the task's programs take and give"
        )
    places = _case_folders(folder / "cases")
    return Suite(
        task_id=facts.id,
        shape=facts.shape.shape(),
        needs=frozenset(facts.needs),
        cases=tuple(_read_case(place, facts) for place in places),
        reference=_read_reference(folder / "reference" / "answer.md"),
        sha256=suite_sha256(folder),
    )


def suite_sha256(folder: Path) -> str:
    """Return the SHA-256 over the names and bytes of all files of a task's folder.

    Names are relative with ``/`` and sorted; hidden files do not count.
    """
    total = hashlib.sha256()
    for name, path in sorted(_files(folder)):
        content = path.read_bytes()
        # Lengths first: no two folders give the same bytes.
        total.update(f"{len(name.encode())}:{name}{len(content)}:".encode())
        total.update(content)
    return total.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if path.is_file() and not any(
            part.startswith(".") or part in _NOT_OURS for part in relative.parts
        ):
            yield relative.as_posix(), path


def _case_folders(cases: Path) -> list[Path]:
    if not cases.is_dir():
        raise PlanError(f"{cases}: there is no such folder: add cases to the task")
    found = sorted(p for p in cases.iterdir() if p.is_dir() and p.name[0] != ".")
    if not found:
        raise PlanError(f"{cases}: holds no case: add one, such as 01-plain")
    numbers: dict[str, Path] = {}
    for path in found:
        match = _CASE_NAME.match(path.name)
        if match is None:
            raise PlanError(
                f"{path}: is no name of a case: "
                "give two digits, a hyphen and small letters, such as 01-plain"
            )
        if match[1] in numbers:
            raise PlanError(
                f"{path}: the number {match[1]} is taken by "
                f"{numbers[match[1]].name}: give it another"
            )
        numbers[match[1]] = path
    return found


def _read_case(folder: Path, task: TaskFile) -> SuiteCase:
    assert task.shape is not None  # noqa: S101 - read_suite has looked; for mypy
    path = folder / "case.toml"
    facts = read_settings(path, CaseFile)
    limits = facts.limits.over(task.limits.over(Limits()))
    return SuiteCase(
        case_id=folder.name,
        group=facts.group,
        rule=facts.rule,
        judge=_prepare(folder, facts),
        stimulus=Stimulus(
            content=read_input(folder, facts, task.shape.input_suffix),
            limits=limits,
            is_japanese_windows=facts.is_japanese_windows,
        ),
        is_counted=facts.is_counted,
        checks_order=facts.check == "order",
        needs=frozenset(facts.needs),
    )


def _prepare(folder: Path, facts: CaseFile) -> Judge:
    """Return the case's rule, ready to judge; raises PlanError."""
    place = folder / "case.toml"
    prepare = RULES.get(facts.rule)
    if prepare is None:
        raise PlanError(
            f"{place}: rule = {facts.rule!r}: there is no such rule: "
            f"{nearest(facts.rule, list(RULES))}"
        )
    expected = _read_expected(folder)
    try:
        return prepare(facts.expect, None if expected is None else expected[1])
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in ("expect", *fault["loc"]))
        raise PlanError(f"{place}: {key}: {fault['msg']}: correct it") from error
    except ValueError as error:
        name = folder / "expected.json" if expected is None else expected[0]
        raise PlanError(f"{name}: {error}: mend it for {facts.rule}") from error


def _read_expected(folder: Path) -> tuple[Path, bytes] | None:
    found = sorted(folder.glob("expected.*"))
    if not found:
        return None
    if len(found) > 1:
        raise PlanError(f"{found[1]}: a case has one expected file: remove one")
    try:
        return found[0], found[0].read_bytes()
    except OSError as error:
        raise PlanError(
            f"{found[0]}: cannot be read ({error.strerror}): check its permissions"
        ) from error


def _read_reference(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(
            f"{path}: the reference answer cannot be read ({error}): "
            "write one that passes every case"
        ) from error
