"""The first way of calling unknown code that gives the right output."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from collector.extract.syntax import Fault, read
from collector.verification.adapter.jobs import can_take
from collector.verification.adapter.observe import Sight, look
from collector.verification.adapter.plans import CallPlan, plans
from collector.verification.adapter.substitution import substitute
from collector.verification.observation import Observation, Shape, Stimulus
from collector.verification.sandbox.protocol import Sandbox

_ERROR_CHARS = 300


@dataclass(frozen=True, kw_only=True)
class Search:
    """What came of looking for a plan.

    Attributes:
        plan: The one that works, to be used for every case; None: none does.
        tried: Each plan that was tried, in order, with what became of it.
        first_error: What ended the likeliest call that failed; None: nothing did.
        level: How much had to be changed; None: no plan works.
        diff: What was changed, as a unified diff; None: nothing.
        missing_module: A module the code needs and the sandbox has not, if that is
            why no plan works.
    """

    plan: CallPlan | None
    tried: tuple[str, ...]
    first_error: str | None
    level: Literal["as_is", "names_adjusted"] | None
    diff: str | None
    missing_module: str | None = None


def find_plan(
    code: str,
    shape: Shape,
    stimulus: Stimulus,
    sandbox: Sandbox,
    is_right: Callable[[Observation], bool],
) -> Search:
    """Try the ways of calling code, in order, until one gives the right output.

    Nothing of the code is mended. Once it has failed before anything of it was called,
    no other function is tried; once a module is missing at that point, nothing is.

    Raises:
        SandboxError: The sandbox does not work; nothing is said of the code.
    """
    tried: list[str] = []
    first_error = _syntax_error(code)
    missing: str | None = None
    is_import_broken = False
    for plan in plans(code, shape):
        if is_import_broken and plan.how == "function" and not plan.is_adjusted:
            continue
        if not can_take(plan, shape, stimulus):
            continue
        sight = look(plan, code, shape, stimulus, sandbox)
        if is_right(sight.observation):
            return _found(plan, code, shape, [*tried, f"{plan.describe()}: right"])
        fate = _fate(sight)
        tried.append(f"{plan.describe()}: {fate}")
        first_error = first_error or _error(sight)
        missing = missing or sight.missing_module
        if sight.is_import_error and plan.how == "function":
            is_import_broken = True
        if sight.is_import_error and sight.missing_module is not None:
            break
    return Search(
        plan=None,
        tried=tuple(tried),
        first_error=first_error,
        level=None,
        diff=None,
        missing_module=missing,
    )


def _found(plan: CallPlan, code: str, shape: Shape, tried: list[str]) -> Search:
    changed = substitute(code, shape) if plan.is_adjusted else None
    return Search(
        plan=plan,
        tried=tuple(tried),
        first_error=None,
        level="as_is" if changed is None else "names_adjusted",
        diff=None if changed is None else changed.diff,
    )


def _fate(sight: Sight) -> str:
    """Say in a phrase what became of a plan that is not right."""
    seen = sight.observation
    if sight.missing_module is not None:
        return f"needs: {sight.missing_module}"
    if seen.ending != "exit":
        return f"stopped ({seen.ending})"
    error = _error(sight)
    if error is not None:
        return error
    if seen.output is None:
        return "no output"
    return f"another output ({seen.output_place})"


def _error(sight: Sight) -> str | None:
    raised = sight.observation.raised
    if raised is None:
        return None
    first_line = raised.message.partition("\n")[0][:_ERROR_CHARS]
    return f"{raised.type_name}: {first_line}" if first_line else raised.type_name


def _syntax_error(code: str) -> str | None:
    fault = read(code)
    if not isinstance(fault, Fault):
        return None
    place = "" if fault.line is None else f" (line {fault.line})"
    return f"SyntaxError: {fault.message}{place}"
