import hashlib
from datetime import datetime, timedelta, timezone

import pytest

from collector.calibration.calibrate import (
    CalibrationError,
    Comparison,
    calibrate,
    compare,
    describe,
    describe_error,
    measuring_error,
    measuring_errors,
)
from collector.calibration.schedule import CHECKS, WARM_UP, Schedule, bursts
from collector.calibration.truth import Truth
from collector.errors import CollectorError
from collector.record import Calibration, Chunk, Conditions, Failure, Trial
from collector.selftest import measure_once

TEN = Schedule(name="ten", tok_s=10, tokens=5, ttft_s=0.5)
TWENTY = Schedule(name="twenty", tok_s=20, tokens=5, ttft_s=0.5)
PLACE = {"run_id": "c", "model_id": "c", "task_id": "c", "number": 1}


def trial_of(times_ms, *, cpu_s=None, text="abcde", pressure=None, **changes):
    """Five tokens, five arrivals of a character each."""
    fields = {
        "outcome": "complete",
        "timeline": tuple(Chunk(round(t * 1000), "answer", 1) for t in times_ms),
        "usage": {"completion_tokens": 5},
        "answer_text": text,
        "reasoning_text": "",
        "end_us": round(times_ms[-1] * 1000),
        "conditions": Conditions(collector_cpu_s=cpu_s, cpu_pressure_ratio=pressure),
    }
    return Trial(**PLACE, **{**fields, **changes})


def truth_of(schedule, *, ttft_s=0.5, span_s=0.4, text="abcde", is_whole=True):
    return Truth(
        name=schedule.name,
        is_whole=is_whole,
        ttft_s=ttft_s,
        span_s=span_s,
        tokens=5,
        first_tokens=1,
        events=5,
        late_s=0.0,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def compared(times_ms, *, schedule=TEN, cpu_s=None, **truth):
    return Comparison(
        schedule=schedule,
        trial=trial_of(times_ms, cpu_s=cpu_s),
        truth=truth_of(schedule, **truth),
    )


def three_streams():
    """First token 1, 3 and -2 ms off; 400, 402 and 390 ms for the rest."""
    return [
        compared([501, 600, 700, 800, 901], cpu_s=0.001),
        compared([503, 600, 700, 800, 905], cpu_s=0.002),
        compared([498, 600, 700, 800, 888], cpu_s=0.003),
    ]


def test_errors_are_measured_less_true_and_the_largest_keeps_its_sign():
    error = measuring_error(three_streams())

    assert (error.tok_s, error.n, error.chunks) == (10, 3, 5)
    assert error.ttft_error_median_s == pytest.approx(0.001)
    assert error.ttft_error_max_s == pytest.approx(0.003)
    assert error.rate_error_median_ratio == pytest.approx(0.0, abs=1e-9)
    assert error.rate_error_max_ratio == pytest.approx(400 / 390 - 1)
    # 6 ms for 15 chunks.
    assert error.cpu_per_chunk_s == pytest.approx(0.0004)


def test_a_negative_error_may_be_the_largest():
    error = measuring_error(
        [compared([495, 600, 700, 800, 900]), compared([501, 600, 700, 800, 901])]
    )

    assert error.ttft_error_max_s == pytest.approx(-0.005)
    assert error.rate_error_max_ratio == pytest.approx(400 / 405 - 1)


def test_the_true_rate_is_that_of_the_writes_and_not_of_the_schedule():
    # The server was late with the last write: 0.5 s for 4 tokens, as measured.
    error = measuring_error([compared([500, 600, 700, 800, 1000], span_s=0.5)])

    assert error.rate_error_median_ratio == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("cpu_s", [None, 0.0])
def test_processor_time_that_cannot_be_told_is_none(cpu_s):
    streams = [compared([501, 600, 700, 800, 901], cpu_s=cpu_s)]

    assert measuring_error(streams).cpu_per_chunk_s is None


def test_each_schedule_has_an_error_of_its_own_in_the_order_of_appearance():
    other = compared([500, 550, 600, 650, 700], schedule=TWENTY, span_s=0.2)
    mixed = [other, *three_streams(), other]

    errors = measuring_errors(mixed)

    assert [(each.name, error.n) for each, error in errors] == [
        ("twenty", 2),
        ("ten", 3),
    ]
    assert errors[0][1].rate_error_median_ratio == pytest.approx(0, abs=1e-9)


def test_an_error_is_described_in_a_line():
    error = measuring_error(three_streams())

    assert describe_error(error) == (
        "first token +1.00 ms (max +3.00), rate +0.000 % (max +2.564) "
        "at 10 tok/s; CPU 400 µs per chunk"
    )
    without = error.model_copy(update={"cpu_per_chunk_s": None})
    assert describe_error(without).endswith("at 10 tok/s")
    calibration = Calibration(at="2026-11-24T00:00:00Z", errors=(error, without))
    assert describe(calibration).splitlines() == [
        describe_error(error),
        describe_error(without),
    ]


class Fake:
    """Measures a served schedule with a trial made up from the truth."""

    def __init__(self, **changes):
        self.asked = []
        self.changes = changes

    def __call__(self, ask, server):
        def measure_once(_base_url, name):
            number = self.asked.count(name)
            self.asked.append(name)
            ask(server, "/v1/chat/completions", {"model": name})
            schedule = server.schedules[name]
            events = [
                (burst.due_s, event.text)
                for burst in bursts(schedule, number)
                for event in burst.events
            ]
            timeline = tuple(
                Chunk(round(due_s * 1e6) + 300, "answer", len(text))
                for due_s, text in events
            )
            fields = {
                "outcome": "complete",
                "timeline": timeline,
                "usage": {"completion_tokens": schedule.tokens},
                "answer_text": "".join(text for _, text in events),
                **self.changes,
            }
            return Trial(**PLACE, **fields)

        return measure_once


def run(fake, serve, ask, n=2):
    server = serve(WARM_UP, TEN, TWENTY)
    return list(
        compare(fake(ask, server), server.base_url, schedules=[TEN, TWENTY], n=n)
    )


def test_schedules_take_turns_after_one_stream_that_is_not_scored(serve, ask):
    fake = Fake()

    streams = run(fake, serve, ask)

    assert fake.asked == ["warm-up", "ten", "twenty", "ten", "twenty"]
    assert [each.truth.name for each in streams] == ["ten", "twenty"] * 2
    for _, error in measuring_errors(streams):
        # 0.3 ms late by construction; the server's fake clock is coarse.
        assert error.ttft_error_median_s == pytest.approx(0.0003, abs=0.0003)
        assert abs(error.rate_error_max_ratio) < 0.001


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"answer_text": "x"}, "its text is not the text that was sent"),
        ({"usage": None}, "it has no first token or no rate"),
        (
            {
                "outcome": "failed",
                "failure": Failure(kind="stalled", message="no text for 1 s"),
            },
            "stalled: no text for 1 s",
        ),
    ],
)
def test_a_stream_that_comes_through_wrong_is_an_error(changes, fault, serve, ask):
    with pytest.raises(CalibrationError, match=fault):
        run(Fake(**changes), serve, ask)
    assert issubclass(CalibrationError, CollectorError)


def test_a_stream_that_was_not_sent_whole_is_an_error(serve, ask):
    server = serve(WARM_UP, TEN)
    server.truths.append(truth_of(TEN, is_whole=False))

    with pytest.raises(CalibrationError, match="did not send it whole"):
        list(
            compare(
                lambda *_: trial_of([501, 600, 700, 800, 901]),
                server.base_url,
                schedules=[TEN],
                n=1,
            )
        )


def test_calibrating_measures_this_very_code_against_a_server_in_a_child():
    tokyo = timezone(timedelta(hours=9))

    calibration = calibrate(
        measure_once,
        now=lambda: datetime(2026, 11, 24, 9, 30, tzinfo=tokyo),
        schedules=CHECKS[1:],
        n=2,
    )

    assert calibration.at == "2026-11-24T00:30:00Z"
    (error,) = calibration.errors
    assert (error.tok_s, error.n, error.chunks) == (1000, 2, 300)
    # Wide, for machines that do other things meanwhile; 0.2 ms and 0.02 % where idle.
    assert abs(error.ttft_error_median_s) < 0.03
    assert abs(error.rate_error_median_ratio) < 0.05
    assert error.cpu_per_chunk_s is None or 0 < error.cpu_per_chunk_s < 0.005
    pressure = calibration.cpu_pressure_ratio
    assert pressure is None or 0 <= pressure <= 1


def test_pressure_is_that_of_all_trials_weighted_by_their_time():
    from collector.calibration import calibrate as module

    busy = trial_of([100, 200, 300, 400, 1000], pressure=0.5)
    idle = trial_of([100, 200, 300, 400, 3000], pressure=0.1)

    # 0.5 s of 1 s and 0.3 s of 3 s.
    assert module._pressure([busy, idle]) == pytest.approx(0.2)
    assert module._pressure([busy, trial_of([1, 2, 3, 4, 5])]) is None
    assert module._pressure([]) is None
