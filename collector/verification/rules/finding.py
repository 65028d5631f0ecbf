"""What a rule says of an observation, and the words it says it in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from collector.verification.observation import Observation

Result = Literal["pass", "lenient", "fail", "timeout"]

REASON_CHARS = 300
"""How much of a reason is kept: what models print may be any text."""

_QUOTED_CHARS = 48


@dataclass(frozen=True)
class Finding:
    """What a rule says of an observation.

    Attributes:
        reason: Why, in a sentence for readers; empty for a plain pass.
    """

    result: Result
    reason: str = ""


Judge = Callable[[Observation], Finding]
"""Judges what one run showed."""

Prepare = Callable[[Mapping[str, object], bytes | None], Judge]
"""Makes a judge of a case's ``[expect]`` table and of its ``expected.*`` file.

It raises pydantic's ValidationError for the table and ValueError for the file.
"""

PASS = Finding("pass")


def fail(reason: str) -> Finding:
    """Return a failure with its reason, cut to what is kept."""
    return Finding("fail", sentence(reason))


def lenient(reason: str) -> Finding:
    """Return a lenient pass with its reason, cut to what is kept."""
    return Finding("lenient", sentence(reason))


def worst(findings: list[Finding]) -> Finding:
    """Return the first failure, else the first lenient pass, else a pass.

    How many more of its kind there are is added to the reason.
    """
    for result in ("fail", "lenient"):
        found = [each for each in findings if each.result == result]
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            return Finding(found[0].result, sentence(found[0].reason + more))
    return PASS


def quote(text: str) -> str:
    """Return a text in quotes, short and without anything a terminal would obey."""
    if len(text) <= _QUOTED_CHARS:
        return repr(text)
    return repr(text[:_QUOTED_CHARS]) + "…"


def sentence(text: str) -> str:
    """Return a text on one line, printable and not longer than a reason may be."""
    shown = "".join(
        character if character.isprintable() else " " if character.isspace() else "�"
        for character in text[: REASON_CHARS + 1]
    )
    if len(shown) <= REASON_CHARS:
        return shown
    return shown[: REASON_CHARS - 1] + "…"


def has_raised(observation: Observation) -> bool:
    """Whether an exception ended the code; ``sys.exit`` is an ending of its own."""
    return observation.raised is not None and (
        observation.raised.type_name != "SystemExit"
    )


def no_output(observation: Observation) -> Finding | None:
    """Return why there is no whole output to judge; None: there is one."""
    if observation.output is None:
        return fail(what_happened(observation))
    if has_raised(observation):
        return fail(f"an output was begun, but {what_happened(observation)}")
    return None


def what_happened(observation: Observation) -> str:
    """Say how a run without the wanted output ended, as the end of a sentence."""
    raised = observation.raised
    if raised is not None and has_raised(observation):
        message = f": {raised.message}" if raised.message else ""
        return f"the code ended with {raised.type_name}{message}"
    words = last_line(observation.stderr) or last_line(observation.stdout)
    said = f": {words}" if words else ""
    if observation.exit_code not in (0, None):
        return f"the code exited with {observation.exit_code}{said}"
    return f"no output was left{said}"


def last_line(text: str) -> str:
    """Return the last line that is not blank; empty: there is none."""
    return next(
        (line.strip() for line in reversed(text.splitlines()) if line.strip()), ""
    )
