"""A plan and an input into a job for the sandbox."""

import csv
import io
import json
from pathlib import Path

from collector.verification.adapter.driver import CANDIDATE
from collector.verification.adapter.plans import CallPlan
from collector.verification.adapter.substitution import (
    input_name,
    output_name,
    substitute,
)
from collector.verification.observation import Shape, Stimulus
from collector.verification.sandbox.protocol import Job

DRIVER = "driver.py"
_FILLERS = ("{in}", "{out}")


def can_take(plan: CallPlan, shape: Shape, stimulus: Stimulus) -> bool:
    """Whether an input reaches the code at all.

    A function that takes the parsed input is not called on a file that does not parse,
    nor one that takes its text on a file that is missing.
    """
    roles = plan.roles()
    if not roles & {"obj", "str"} and not plan.is_piped:
        return True
    if stimulus.content is None:
        return False
    if "obj" not in roles:
        return True
    try:
        _parse(stimulus.content.decode("utf-8-sig"), shape)
    except (ValueError, RecursionError, csv.Error):
        return False
    return True


def build_job(
    plan: CallPlan, code: str, shape: Shape, stimulus: Stimulus, *, result: str
) -> Job:
    """Return the job that carries out a plan on an input.

    The driver writes what it saw to the file ``result``: a name nobody can guess.
    """
    changed = substitute(code, shape) if plan.is_adjusted else None
    files = {
        CANDIDATE: (code if changed is None else changed.code).encode("utf-8"),
        DRIVER: Path(__file__).with_name("driver.py").read_bytes(),
    }
    if stimulus.content is not None:
        files[input_name(shape)] = stimulus.content
    orders = json.dumps(_orders(plan, shape, stimulus, result=result)).encode("ascii")
    return Job(
        script=DRIVER,
        files=files,
        stdin=orders + b"\n" + _stdin(plan, shape, stimulus),
        environment={"PYTHONHASHSEED": str(stimulus.hash_seed)},
        limits=stimulus.limits,
        collects=(shape.output_suffix, result),
    )


def _orders(
    plan: CallPlan, shape: Shape, stimulus: Stimulus, *, result: str
) -> dict[str, object]:
    return {
        "mode": "call" if plan.how == "function" else "run",
        "entry": plan.entry,
        "is_static": plan.is_static,
        "made_with": [vars(argument) for argument in plan.made_with],
        "arguments": [vars(argument) for argument in plan.arguments],
        "argv": [_fill(word, shape) for word in plan.words],
        "input": input_name(shape),
        "output": output_name(shape),
        "output_suffix": shape.output_suffix,
        "parses": shape.parses,
        "result": result,
        "is_japanese_windows": stimulus.is_japanese_windows,
    }


def _stdin(plan: CallPlan, shape: Shape, stimulus: Stimulus) -> bytes:
    if plan.is_piped:
        return stimulus.content or b""
    return "".join(f"{_fill(line, shape)}\n" for line in plan.answers).encode("utf-8")


def _fill(word: str, shape: Shape) -> str:
    names = dict(zip(_FILLERS, (input_name(shape), output_name(shape)), strict=True))
    return names.get(word, word)


def _parse(text: str, shape: Shape) -> object:
    """Parse as the driver does."""
    if shape.parses == "json":
        return json.loads(text)
    if shape.parses == "csv":
        return list(csv.DictReader(io.StringIO(text, newline="")))
    return text
