import hashlib
import json
import socket
import time
from contextlib import closing

import pytest

from collector.calibration.calibrate import truth_server
from collector.calibration.frames import Write
from collector.calibration.schedule import Schedule, bursts
from collector.calibration.truth import Truth, read_truths
from collector.calibration.truth_server import (
    Stamp,
    Timer,
    play,
    read_request,
    tell_truth,
)
from collector.child import ChildServerError

SHORT = Schedule(name="short", tok_s=10, tokens=4, ttft_s=0.5)
BURST = Schedule(name="burst", tok_s=10, tokens=6, ttft_s=0.5, events_per_write=(4, 4))
CHAT = "/v1/chat/completions"
MS = 1_000_000


def stamp(at_ms, due_ms, tokens=1):
    write = Write(due_s=due_ms / 1e3, data=b"x", tokens=tokens, events=tokens)
    return Stamp(at_ns=at_ms * MS, due_ns=due_ms * MS, write=write)


def text_of(schedule, number=0):
    laid_out = bursts(schedule, number)
    return "".join(event.text for burst in laid_out for event in burst.events)


def test_each_write_is_sent_when_it_is_due_and_only_text_is_stamped(fake_timer):
    start_ns = fake_timer.clock_ns()
    plan = [
        Write(due_s=0.1, data=b"comment"),
        Write(due_s=0.2, data=b"a", tokens=1, events=1),
        Write(due_s=0.3, data=b"b", tokens=2, events=1),
    ]
    sent = []

    stamps = play(plan, start_ns=start_ns, send=sent.append, timer=fake_timer)

    assert sent == [b"comment", b"a", b"b"]
    assert [each.write.data for each in stamps] == [b"a", b"b"]
    assert [each.due_ns - start_ns for each in stamps] == [200 * MS, 300 * MS]
    for each in stamps:
        # Two readings of the clock, each 0.05 ms, lie between due and stamp at most.
        assert 0 < each.at_ns - each.due_ns <= 0.1 * MS


def test_a_stamp_is_taken_before_the_write_and_not_after(fake_timer):
    def send_slowly(_data: bytes) -> None:
        fake_timer.sleep(0.01)

    plan = [Write(due_s=0.1, data=b"a", tokens=1, events=1)]

    start_ns = fake_timer.clock_ns()
    (only,) = play(plan, start_ns=start_ns, send=send_slowly, timer=fake_timer)

    assert only.at_ns - start_ns < 101 * MS


def test_a_client_that_goes_away_ends_the_stream(fake_timer):
    sent = []

    def send(data: bytes) -> None:
        if len(sent) == 2:
            raise BrokenPipeError
        sent.append(data)

    plan = [Write(due_s=0.1, data=b"a", tokens=1, events=1)] * 4

    stamps = play(plan, start_ns=0, send=send, timer=fake_timer)

    assert len(stamps) == 2


def test_waiting_sleeps_short_of_the_time_and_polls_the_rest():
    slept, now_ns = [], [0]

    def clock_ns() -> int:
        now_ns[0] += 1000
        return now_ns[0]

    def sleep(span_s: float) -> None:
        slept.append(span_s)
        now_ns[0] += round(span_s * 1e9)

    Timer(clock_ns=clock_ns, sleep=sleep).wait_until(10 * MS)

    assert slept == [pytest.approx(0.009699)]
    assert 10 * MS <= now_ns[0] <= 10 * MS + 1000


def test_the_truth_is_told_in_durations():
    stamps = [stamp(520, 500, tokens=4), stamp(910, 900, tokens=2)]

    truth = tell_truth(BURST, stamps, read_ns=15 * MS, text_sha256="0")

    # Read at 15 ms, first text at 520 ms, the last at 910 ms; 2 tokens came after it.
    assert truth.ttft_s == pytest.approx(0.505)
    assert truth.span_s == pytest.approx(0.390)
    assert truth.tok_s == pytest.approx(2 / 0.390)
    assert truth.late_s == pytest.approx(0.020)
    assert (truth.tokens, truth.first_tokens, truth.events) == (6, 4, 6)
    assert truth.is_whole


def test_a_stream_that_was_cut_short_is_told_as_such():
    assert not tell_truth(SHORT, [stamp(1, 1)], read_ns=0, text_sha256="0").is_whole
    nothing = tell_truth(SHORT, [], read_ns=5, text_sha256="0")
    assert (nothing.is_whole, nothing.tokens, nothing.ttft_s) == (False, 0, 0.0)


def test_a_request_is_read_when_its_last_byte_is(fake_timer):
    head = b"POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\nab"
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        theirs.sendall(head)
        clock_ns = iter([1, 2, 3])

        def late_rest() -> int:
            now_ns = next(clock_ns)
            if now_ns == 1:
                theirs.sendall(b"cd")
            return now_ns

        request = read_request(ours, late_rest)

    assert request is not None
    assert (request.method, request.path, request.body) == ("POST", "/x", b"abcd")
    assert request.read_ns == 2


@pytest.mark.parametrize("nonsense", [b"", b"\x16\x03\x01\r\n\r\n"])
def test_what_is_no_request_ends_the_connection(nonsense):
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        theirs.sendall(nonsense)
        theirs.shutdown(socket.SHUT_WR)
        assert read_request(ours, time.perf_counter_ns) is None


def test_the_model_name_chooses_the_schedule_and_the_truth_is_told(serve, ask):
    server = serve(SHORT, BURST)

    bodies = [ask(server, CHAT, {"model": name})[1] for name in ("burst", "short")]

    truths = read_truths(server.base_url)
    assert [truth.name for truth in truths] == ["burst", "short"]
    assert [truth.first_tokens for truth in truths] == [4, 1]
    for truth in truths:
        assert truth.is_whole
        # The fake clock moves 0.05 ms at each reading.
        assert truth.ttft_s == pytest.approx(0.5, abs=0.0003)
        assert truth.tok_s == pytest.approx(10, rel=0.001)
    assert bodies[0].count(b'"content":') == 6
    assert bodies[1].endswith(b"data: [DONE]\n\n")


def test_each_stream_of_a_schedule_has_a_text_of_its_own(serve, ask):
    server = serve(SHORT, BURST)

    for name in ("short", "burst", "short"):
        ask(server, CHAT, {"model": name})

    digests = [truth.text_sha256 for truth in read_truths(server.base_url)]
    assert digests == [
        hashlib.sha256(text.encode()).hexdigest()
        for text in (text_of(SHORT), text_of(BURST), text_of(SHORT, 1))
    ]


def test_late_token_counts_are_late(serve, ask, fake_timer):
    late = Schedule(name="l", tok_s=10, tokens=2, ttft_s=0.5, usage_delay_s=0.5)
    server = serve(late)
    began_ns = fake_timer.clock_ns()

    ask(server, CHAT, {"model": "l"})

    # 0.5 s to the first text, 0.1 s to the second, 0.5 s to the end; a little for
    # the readings of the clock.
    assert fake_timer.clock_ns() - began_ns == pytest.approx(1100 * MS, abs=5 * MS)
    (truth,) = read_truths(server.base_url)
    assert truth.span_s == pytest.approx(0.1, abs=0.0003)


def test_the_models_are_the_schedules_and_other_routes_are_refused(serve, ask):
    server = serve(SHORT)

    listing = json.loads(ask(server, "/v1/models")[1])
    assert [model["id"] for model in listing["data"]] == ["short"]
    status, body = ask(server, "/health")
    assert (status, "Unexpected endpoint" in body.decode()) == (200, True)
    assert ask(server, CHAT, {"model": "tall"})[0] == 404
    assert ask(server, CHAT, ["short"])[0] == 404
    assert read_truths(server.base_url) == []


def test_the_server_in_its_child_tells_the_truth_and_ends_with_the_block():
    with truth_server() as base_url:
        assert read_truths(base_url) == []

    with pytest.raises(ChildServerError, match="did not tell what it sent"):
        read_truths(base_url)


def test_a_truth_survives_the_wire(serve):
    truth = Truth(
        name="short",
        is_whole=True,
        ttft_s=0.1,
        span_s=0.2,
        tokens=4,
        first_tokens=1,
        events=4,
        late_s=0.0,
        text_sha256="0",
    )
    server = serve(SHORT)
    server.truths.append(truth)

    assert read_truths(server.base_url) == [truth]
