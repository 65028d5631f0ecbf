"""Measure known schedules with the code that measures models, and say how far off.

The code under test is passed in as ``MeasureOnce``; everything else is arithmetic.
"""

import hashlib
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from collector.calibration.schedule import CHECKS, WARM_UP, Schedule
from collector.calibration.truth import Truth, read_truths
from collector.child import child_server
from collector.errors import CollectorError
from collector.metrics import decode_tok_s, ttft_s
from collector.record import Calibration, Conditions, MeasuringError, Trial

MeasureOnce = Callable[[str, str], Trial]
"""Sends one request to the server at a base URL, for a model name; a measured trial."""

STREAMS = 3
"""Streams of each schedule: as few as have a median."""


class CalibrationError(CollectorError):
    """A known stream could not be measured: something here is broken."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One stream as it was measured and as it was sent."""

    schedule: Schedule
    trial: Trial
    truth: Truth


def truth_server() -> AbstractContextManager[str]:
    """Run the truth server while a ``with`` block runs, and give it its base URL.

    Raises:
        ChildServerError: It did not start; the message has what it printed.
    """
    return child_server("collector.calibration")


def calibrate(
    measure_once: MeasureOnce,
    *,
    now: Callable[[], datetime],
    schedules: Sequence[Schedule] = CHECKS,
    n: int = STREAMS,
) -> Calibration:
    """Return our measuring error on this machine, after about three seconds.

    Args:
        measure_once: The code that measures trials.
        now: The time of day, with its zone.
        schedules: What to measure, each with a rate of its own.
        n: Streams of each schedule.

    Raises:
        CalibrationError: A stream did not come through whole.
        ChildServerError: The truth server did not start or did not answer.
    """
    at = now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with truth_server() as base_url:
        compared = list(compare(measure_once, base_url, schedules=schedules, n=n))
    return Calibration(
        at=at,
        errors=tuple(error for _, error in measuring_errors(compared)),
        cpu_pressure_ratio=_pressure(each.trial for each in compared),
    )


def compare(
    measure_once: MeasureOnce,
    base_url: str,
    *,
    schedules: Sequence[Schedule],
    n: int,
) -> Iterator[Comparison]:
    """Yield ``n`` streams of each schedule, in turns, after one that is not scored.

    Turns spread whatever else the machine does over all schedules alike.

    Raises:
        CalibrationError: A stream did not come through whole.
        ChildServerError: The truth server did not answer.
    """
    measure_once(base_url, WARM_UP.name)
    for _ in range(n):
        for schedule in schedules:
            trial = measure_once(base_url, schedule.name)
            truth = read_truths(base_url)[-1]
            comparison = Comparison(schedule=schedule, trial=trial, truth=truth)
            _check(comparison)
            yield comparison


def measuring_errors(
    compared: Sequence[Comparison],
) -> list[tuple[Schedule, MeasuringError]]:
    """Return the error of each schedule, in the order of their first streams."""
    schedules = {each.schedule.name: each.schedule for each in compared}
    return [
        (
            schedule,
            measuring_error(
                [each for each in compared if each.schedule.name == schedule.name]
            ),
        )
        for schedule in schedules.values()
    ]


def measuring_error(compared: Sequence[Comparison]) -> MeasuringError:
    """Return what our measuring got wrong over streams of one schedule."""
    ttft_errors_s = [_ttft_error_s(each) for each in compared]
    rate_errors_ratio = [_rate_error_ratio(each) for each in compared]
    return MeasuringError(
        tok_s=compared[0].schedule.tok_s,
        n=len(compared),
        chunks=round(statistics.median(each.truth.events for each in compared)),
        ttft_error_median_s=statistics.median(ttft_errors_s),
        ttft_error_max_s=max(ttft_errors_s, key=abs),
        rate_error_median_ratio=statistics.median(rate_errors_ratio),
        rate_error_max_ratio=max(rate_errors_ratio, key=abs),
        cpu_per_chunk_s=_cpu_per_chunk_s(compared),
    )


def describe(calibration: Calibration) -> str:
    """Return a calibration in one line for each schedule, for a terminal."""
    return "\n".join(describe_error(error) for error in calibration.errors)


def describe_error(error: MeasuringError) -> str:
    """Return a measuring error in one line."""
    median_ms, max_ms = error.ttft_error_median_s * 1e3, error.ttft_error_max_s * 1e3
    median_percent = error.rate_error_median_ratio * 100
    max_percent = error.rate_error_max_ratio * 100
    cpu = (
        ""
        if error.cpu_per_chunk_s is None
        else f"; CPU {error.cpu_per_chunk_s * 1e6:.0f} µs per chunk"
    )
    return (
        f"first token {median_ms:+.2f} ms (max {max_ms:+.2f}), "
        f"rate {median_percent:+.3f} % (max {max_percent:+.3f}) "
        f"at {error.tok_s:g} tok/s{cpu}"
    )


def _check(comparison: Comparison) -> None:
    """Refuse a stream that did not come through as it was sent."""
    trial, truth, name = comparison.trial, comparison.truth, comparison.schedule.name
    if trial.failure is not None:
        fault = f"{trial.failure.kind}: {trial.failure.message}"
    elif truth.name != name or not truth.is_whole:
        fault = "the truth server did not send it whole"
    elif _text_sha256(trial) != truth.text_sha256:
        fault = "its text is not the text that was sent"
    elif ttft_s(trial) is None or decode_tok_s(trial) is None:
        fault = "it has no first token or no rate"
    else:
        return
    raise CalibrationError(
        f"the known stream {name!r} was measured wrongly ({fault}): "
        "run `seikaku selftest`; report it if that fails on an idle machine"
    )


def _text_sha256(trial: Trial) -> str:
    text = (trial.reasoning_text or "") + (trial.answer_text or "")
    return hashlib.sha256(text.encode()).hexdigest()


def _ttft_error_s(comparison: Comparison) -> float:
    measured_s = ttft_s(comparison.trial)
    if measured_s is None:
        raise AssertionError("compare() lets no such trial through")
    return measured_s - comparison.truth.ttft_s


def _rate_error_ratio(comparison: Comparison) -> float:
    measured_tok_s = decode_tok_s(comparison.trial)
    if measured_tok_s is None:
        raise AssertionError("compare() lets no such trial through")
    return measured_tok_s / comparison.truth.tok_s - 1


def _cpu_per_chunk_s(compared: Sequence[Comparison]) -> float | None:
    """Return processor seconds over chunks; None where the clock is too coarse."""
    conditions = [each.trial.conditions or Conditions() for each in compared]
    seconds = [each.collector_cpu_s for each in conditions]
    if any(spent_s is None for spent_s in seconds):
        return None
    total_s = sum(spent_s for spent_s in seconds if spent_s is not None)
    # Windows counts in steps of 16 ms: nothing at all means less than one of them.
    return total_s / sum(each.truth.events for each in compared) if total_s else None


def _pressure(trials: Iterable[Trial]) -> float | None:
    """Return the share of all trials' time in which tasks waited; None: not told."""
    waited_us = total_us = 0.0
    for trial in trials:
        conditions = trial.conditions or Conditions()
        if conditions.cpu_pressure_ratio is None or trial.end_us is None:
            return None
        waited_us += conditions.cpu_pressure_ratio * trial.end_us
        total_us += trial.end_us
    return waited_us / total_us if total_us else None
