"""One run of unknown code in a sandbox, and what it showed."""

import ast
import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from pydantic import BaseModel, ConfigDict, ValidationError

from collector.extract.syntax import Fault, read
from collector.verification.adapter.jobs import build_job
from collector.verification.adapter.plans import CallPlan
from collector.verification.adapter.substitution import input_name, output_name
from collector.verification.observation import (
    Observation,
    OutputPlace,
    Raised,
    Shape,
    Stimulus,
)
from collector.verification.sandbox.protocol import Outcome, Sandbox

TRACEBACK = "Traceback (most recent call last)"


class _SeenRaised(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    type: str
    module: str
    bases: list[str]
    message: str
    lines: list[int]
    is_innermost: bool
    missing: str | None


class _Seen(BaseModel):
    """What the driver wrote; held to its form, for the code might have forged it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    phase: str
    returned: dict[str, str] | None
    raised: _SeenRaised | None


@dataclass(frozen=True, kw_only=True)
class Sight:
    """An observation with what only the search for a plan needs.

    Attributes:
        is_import_error: Whether the code failed before anything of it was called.
        missing_module: A module that is not installed; None: none was found missing.
    """

    observation: Observation
    is_import_error: bool
    missing_module: str | None


def observe(
    plan: CallPlan, code: str, shape: Shape, stimulus: Stimulus, sandbox: Sandbox
) -> Observation:
    """Run code once in a plan's way on one input.

    The output is looked for in the file that the plan names, in any other new file of
    its kind, in what was returned, and in what was printed. Where an input cannot be
    given in the plan's way (see ``can_take``), what was raised is what its reader
    raised: the code itself was not called.

    Raises:
        SandboxError: The sandbox does not work.
    """
    return look(plan, code, shape, stimulus, sandbox).observation


def look(
    plan: CallPlan, code: str, shape: Shape, stimulus: Stimulus, sandbox: Sandbox
) -> Sight:
    """Run code once, as ``observe`` does, and tell also how far it came."""
    result = f"{secrets.token_hex(16)}.seen"
    outcome = sandbox.run(build_job(plan, code, shape, stimulus, result=result))
    seen = _read(outcome.files.get(result))
    stdout = outcome.stdout.decode("utf-8", "replace")
    stderr = outcome.stderr.decode("utf-8", "replace")
    output, place = _output(plan, shape, outcome, seen)
    raised = None if seen is None else seen.raised
    observation = Observation(
        ending=outcome.ending,
        exit_code=outcome.exit_code,
        output=output,
        output_place=place,
        raised=None if raised is None else _raised(raised, code),
        has_traceback=TRACEBACK in stderr or TRACEBACK in stdout,
        stdout=stdout,
        stderr=stderr,
        wall_s=outcome.wall_s,
    )
    return Sight(
        observation=observation,
        is_import_error=raised is not None
        and seen is not None
        and seen.phase == "import",
        missing_module=None if raised is None else raised.missing,
    )


def _read(written: bytes | None) -> _Seen | None:
    """Return what the driver saw; None: it did not come to write it."""
    if written is None:
        return None
    try:
        return _Seen.model_validate(json.loads(written))
    except (ValueError, RecursionError, ValidationError):
        return None


def _output(
    plan: CallPlan, shape: Shape, outcome: Outcome, seen: _Seen | None
) -> tuple[bytes | None, OutputPlace | None]:
    expected = output_name(shape)
    if plan.names_output() and expected in outcome.files:
        return outcome.files[expected], "expected file"
    other = _other_file(outcome.files, shape)
    if other is not None:
        return other, "other file"
    returned = None if seen is None else _returned(seen.returned)
    if returned is not None:
        return returned, "returned"
    if _is_result(outcome.stdout, shape):
        return outcome.stdout, "printed"
    return None, None


def _other_file(files: Mapping[str, bytes], shape: Shape) -> bytes | None:
    """Return the largest new file of the output's kind; the first by name of equals."""
    found = [
        (-len(content), name)
        for name, content in files.items()
        if name.lower().endswith(shape.output_suffix) and name != input_name(shape)
    ]
    return files[min(found)[1]] if found else None


def _returned(value: Mapping[str, str] | None) -> bytes | None:
    if value is None:
        return None
    if "text" in value:
        return value["text"].encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(value.get("base64", ""))
    except binascii.Error:
        return None


def _is_result(printed: bytes, shape: Shape) -> bool:
    """Whether what was printed may be an output: two lines, or JSON."""
    lines = [line for line in printed.splitlines() if line.strip()]
    if len(lines) >= 2:
        return True
    if shape.output_suffix != ".json" or not lines:
        return False
    try:
        return isinstance(json.loads(printed), (list, dict))
    except (ValueError, RecursionError):
        return False


def _raised(seen: _SeenRaised, code: str) -> Raised:
    return Raised(
        type_name=seen.type,
        bases=tuple(seen.bases),
        message=seen.message,
        is_own=seen.module in ("candidate", "__main__"),
        is_deliberate=_is_deliberate(seen, code),
    )


def _is_deliberate(seen: _SeenRaised, code: str) -> bool:
    """Whether the code itself raised it, or ended the program.

    Either its own innermost line is a ``raise``, or a line further out raises again
    what it had caught under a name.
    """
    if not seen.lines:
        return False
    if seen.type == "SystemExit":
        return True
    tree = read(code)
    if isinstance(tree, Fault):
        return False
    raises = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    again = [node for node in raises if isinstance(node.exc, ast.Name)]
    if any(_holds(node, line) for node in again for line in seen.lines):
        return True
    return seen.is_innermost and any(_holds(node, seen.lines[-1]) for node in raises)


def _holds(node: ast.Raise, line: int) -> bool:
    return node.lineno <= line <= cast("int", node.end_lineno)
