"""Servers that keep the client waiting: each trial ends in time and lets go of them."""

import pytest

from .collecting import Replayed, Settings, assert_honest, replay
from .frames import HEAD, LAST_CHUNK, chunked, delta, ending, sends, stream, text
from .replay import Repeat, Script, Send, Step, Wait

SILENCE_S = 0.3
TRIAL_S = 0.8
GAP_S = 0.05
PATIENT_S = 0.6
"""The silence allowed to servers that are slow, but in time."""

LATE_S = 0.3
"""How much later than the limit a client may leave on a busy machine."""

JSON_HEAD = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"


def trickle(data: bytes) -> Step:
    """The same bytes again and again, never long after the last."""
    return Repeat((Send(data), Wait(GAP_S)))


FOREVER = Repeat((Wait(60.0),))


def too_late() -> dict[str, Script]:
    """What must be given up."""
    role = sends([delta("x", role="assistant", content="")])
    ping = chunked(b": still here\n\n")
    return {
        # Nothing at all arrives.
        "no_head": [FOREVER],
        "no_body": [Send(HEAD), FOREVER],
        "silent_after_text": [Send(HEAD), *sends(words("silent_after_text")), FOREVER],
        "half_a_head": [Send(HEAD[:40]), FOREVER],
        "no_error_body": [
            Send(JSON_HEAD % 500 + b"Content-Length: 90\r\n\r\n"),
            FOREVER,
        ],
        # Bytes arrive, but no text.
        "role_only": [Send(HEAD), *role, FOREVER],
        "comments": [Send(HEAD), trickle(ping)],
        "comments_after_text": [
            Send(HEAD),
            *sends(words("comments_after_text")),
            trickle(ping),
        ],
        "unending_event": [
            Send(HEAD),
            Send(chunked(b'data: {"choices": [')),
            trickle(chunked(b" ")),
        ],
        "empty_deltas": [
            Send(HEAD),
            trickle(chunked(delta("empty_deltas", content=""))),
        ],
        "one_byte_of_framing": [Send(HEAD), trickle(b"0")],
        "trailers": [Send(HEAD), Send(b"0\r\n"), trickle(b"X-More: 1\r\n")],
        "slow_head": [Send(HEAD[:-2]), trickle(b"X-More: 1\r\n")],
        "slow_error": [
            Send(JSON_HEAD % 500 + b"Content-Length: 9000\r\n\r\n"),
            trickle(b" "),
        ],
        "slow_page": [
            Send(JSON_HEAD % 200 + b"Transfer-Encoding: chunked\r\n\r\n"),
            trickle(chunked(b" ")),
        ],
        "informational": [trickle(b"HTTP/1.1 102 Processing\r\n\r\n")],
        # Text arrives, but there is no end to it.
        "endless": [Send(HEAD), trickle(chunked(delta("endless", content="x")))],
    }


def in_time() -> dict[str, Script]:
    """What must be waited for, and not a moment longer."""
    return {
        "slow_prefill": [
            Send(HEAD),
            Wait(0.7 * PATIENT_S),
            *stream([*words("slow_prefill"), *ending("slow_prefill", 2)])[1:],
        ],
        "pauses": [
            Send(HEAD),
            *(step for piece in words("pauses") for step in _late(piece)),
            *sends(ending("pauses", 2)),
            Send(LAST_CHUNK),
        ],
        "stays_open_after_done": [
            Send(HEAD),
            *sends([*words("stays_open_after_done")]),
            *sends(ending("stays_open_after_done", 2)),
            FOREVER,
        ],
        "talks_on_after_done": [
            Send(HEAD),
            *sends([*words("talks_on_after_done")]),
            *sends(ending("talks_on_after_done", 2)),
            trickle(chunked(delta("talks_on_after_done", content="more"))),
        ],
    }


def _late(piece: bytes) -> list[Step]:
    return [Wait(0.6 * PATIENT_S), Send(chunked(piece))]


def words(model: str) -> list[bytes]:
    return text(model, "a", "b")


@pytest.fixture(scope="module")
def replayed(tmp_path_factory) -> dict[str, Replayed]:
    hasty = Settings(silence_s=SILENCE_S, trial_s=TRIAL_S)
    patient = Settings(silence_s=PATIENT_S)
    folder = tmp_path_factory.mktemp("silent")
    found = replay(folder / "too_late", too_late(), settings=hasty)
    return found | replay(folder / "in_time", in_time(), settings=patient)


def assert_left(answer: Replayed, *, after_s: float) -> None:
    """The server saw the connection close at about that time."""
    hit = answer.hits[0]
    assert hit.left_at_s is not None
    assert after_s - 0.1 <= hit.left_at_s - hit.at_s < after_s + LATE_S


@pytest.mark.parametrize(
    ("name", "came"),
    [
        ("no_head", ""),
        ("half_a_head", ""),
        ("no_body", ""),
        ("silent_after_text", "ab"),
    ],
)
def test_a_silent_server_is_given_up_once_the_silence_is_too_long(replayed, name, came):
    answer = replayed[name]
    assert_honest(answer, answer=came, tokens=None)
    assert (answer.trial.outcome, answer.kind) == ("failed", "timeout")
    assert_left(answer, after_s=SILENCE_S)
    assert answer.metric("decode_tok_s") is None


@pytest.mark.parametrize(
    ("name", "came"),
    [
        ("role_only", ""),
        ("comments", ""),
        ("comments_after_text", "ab"),
        ("unending_event", ""),
        ("empty_deltas", ""),
        ("trailers", ""),
        ("slow_head", ""),
        ("slow_page", ""),
        ("informational", ""),
    ],
)
def test_bytes_without_text_do_not_hold_a_trial_up(replayed, name, came):
    answer = replayed[name]
    assert_honest(answer, answer=came, tokens=None)
    assert answer.trial.outcome == "failed"
    assert answer.kind in {"stalled", "timeout", "overlong"}
    hit = answer.hits[0]
    assert hit.left_at_s is not None
    assert hit.left_at_s - hit.at_s < TRIAL_S + LATE_S


@pytest.mark.parametrize("name", ["no_error_body", "slow_error"])
def test_an_error_whose_words_do_not_come_is_still_that_error(replayed, name):
    answer = replayed[name]
    assert_honest(answer, tokens=None)
    assert answer.trial.status_code == 500
    assert answer.kind in {"server_error", "timeout", "stalled", "overlong"}
    hit = answer.hits[0]
    assert hit.left_at_s is not None
    assert hit.left_at_s - hit.at_s < TRIAL_S + LATE_S


@pytest.mark.parametrize("name", ["comments", "comments_after_text", "unending_event"])
def test_a_stream_that_only_seems_alive_is_stalled(replayed, name):
    answer = replayed[name]
    assert answer.kind == "stalled"
    assert_left(answer, after_s=SILENCE_S)


def test_a_chunk_size_without_end_is_given_up_or_malformed(replayed):
    answer = replayed["one_byte_of_framing"]
    assert_honest(answer, tokens=None)
    assert answer.kind in {"stalled", "malformed_stream"}


def test_an_endless_answer_is_overlong_and_its_text_is_kept(replayed):
    answer = replayed["endless"]
    came = answer.trial.answer_text
    assert set(came) == {"x"}
    assert 10 <= len(came) <= TRIAL_S / GAP_S + 2
    assert_honest(answer, answer=came, tokens=None)
    assert answer.kind == "overlong"
    assert_left(answer, after_s=TRIAL_S)


@pytest.mark.parametrize("name", ["slow_prefill", "pauses"])
def test_silence_within_the_limit_is_no_fault(replayed, name):
    answer = replayed[name]
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None


def test_the_wait_for_a_long_prompt_is_in_the_first_tokens_time(replayed):
    ttft_s = replayed["slow_prefill"].metric("ttft_s")
    assert 0.7 * PATIENT_S - 0.005 <= ttft_s < PATIENT_S


@pytest.mark.parametrize("name", ["stays_open_after_done", "talks_on_after_done"])
def test_after_the_end_mark_nothing_more_is_awaited_or_read(replayed, name):
    answer = replayed[name]
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None
    hit = answer.hits[0]
    assert hit.left_at_s is not None
    assert hit.left_at_s - hit.at_s < PATIENT_S - 0.1


def test_an_abandoned_server_is_asked_exactly_once_for_each_trial(replayed):
    assert {
        name: len(answer.hits) for name, answer in replayed.items()
    } == dict.fromkeys(replayed, 1)
