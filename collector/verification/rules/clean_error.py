"""The rule ``clean_error``: bad input is refused in a way its user can understand."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from collector.verification.observation import Observation, Raised
from collector.verification.rules.finding import (
    PASS,
    Finding,
    Judge,
    fail,
    has_raised,
    last_line,
    lenient,
    what_happened,
)

_SPECIFIC = frozenset({"ValueError", "TypeError", "OSError"})
"""With their subclasses, such as JSONDecodeError and FileNotFoundError."""


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def prepare(options: Mapping[str, object], expected: bytes | None) -> Judge:
    """Return the judge; it takes no parameters and no expected file."""
    _Options.model_validate(options)
    if expected is not None:
        raise ValueError("the rule clean_error takes no expected file: remove it")
    return judge_error


def judge_error(observation: Observation) -> Finding:
    """Judge how bad input was met.

    A specific exception, one raised on purpose, or a message with an exit code other
    than 0 is a pass. A traceback that ends in a specific exception, or a message with
    exit code 0, is lenient. An accidental exception, silence, or an output left
    behind is a failure.
    """
    left = _what_is_left(observation)
    if left is not None:
        return fail(left)
    raised = observation.raised
    if raised is not None and has_raised(observation):
        return _judge_exception(raised, observation)
    if observation.has_traceback:
        return _judge_traceback(observation)
    return _judge_words(_words(observation), observation.exit_code)


def or_error(finding: Finding, observation: Observation) -> Finding:
    """Return a lenient pass where a failure is a clean error, else the finding."""
    if finding.result != "fail":
        return finding
    error = judge_error(observation)
    if error.result == "fail":
        return finding
    how = error.reason or what_happened(observation)
    return lenient(f"the input was refused: {how}")


def _what_is_left(observation: Observation) -> str | None:
    """Say which output was left for bad input; a printed or short text is a message."""
    output, place = observation.output, observation.output_place
    if output is None or place == "printed":
        return None
    if place == "returned":
        text = output.strip()
        is_message = text and b"\n" not in text and text[:1] not in (b"{", b"[")
        return None if is_message else "an output was returned for bad input"
    left = f"a file of {len(output)} bytes was left behind for bad input"
    if has_raised(observation):
        return f"{left}, and {what_happened(observation)}"
    return left


def _judge_exception(raised: Raised, observation: Observation) -> Finding:
    said = f"{raised.type_name}: {raised.message}"
    if not (raised.is_own or raised.is_deliberate or _SPECIFIC & set(raised.bases)):
        return fail(f"the code fell over with {said}")
    if observation.has_traceback:
        return lenient(f"a traceback that ends in {said}")
    return PASS


def _judge_words(words: str, exit_code: int | None) -> Finding:
    if not words:
        return fail(f"silence: no output, no message, exit code {exit_code}")
    if exit_code == 0:
        return lenient(f"exit code 0 with a message: {words}")
    return PASS


def _judge_traceback(observation: Observation) -> Finding:
    """Judge an exception of which only the printed traceback was seen."""
    line = last_line(observation.stderr) or last_line(observation.stdout)
    name = line.partition(":")[0].rpartition(".")[2]
    if name in _SPECIFIC | _KNOWN_SUBCLASSES:
        return lenient(f"a traceback that ends in {line}")
    return fail(f"a traceback that ends in {line}")


_KNOWN_SUBCLASSES = frozenset(
    {"FileNotFoundError", "PermissionError", "JSONDecodeError", "UnicodeDecodeError"}
)


def _words(observation: Observation) -> str:
    """Return the last line said to the user; empty: nothing was said."""
    raised = observation.raised
    if raised is not None and raised.message and not raised.message.isdigit():
        return raised.message
    output = observation.output
    returned = output.decode("utf-8", "replace") if output is not None else ""
    return (
        last_line(observation.stderr) or last_line(observation.stdout) or returned
    ).strip()
