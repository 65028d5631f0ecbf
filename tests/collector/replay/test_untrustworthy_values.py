"""Values of the wrong type, size or script: kept as they came, or refused, never used.

Nothing a server puts into a field may stop the sweep or become a figure.
"""

import json
import math

import pytest

from collector.metrics import METRICS

from .collecting import (
    Replayed,
    Settings,
    assert_honest,
    replay,
    replay_in_turn,
    run_collect,
)
from .frames import (
    DONE,
    chunk_object,
    delta,
    ending,
    event,
    finish,
    stream,
    text,
    usage,
    usage_event,
)
from .replay import ReplayServer, json_reply

M = "m"
AB = text(M, "a", "b")
HALF = "\\ud83c"
"""Half of an emoji, as JavaScript writes it when it cuts a text."""

USAGES: dict[str, tuple[object, int | None]] = {
    "text": ({"completion_tokens": "42"}, None),
    "negative": ({"completion_tokens": -5}, None),
    "true": ({"completion_tokens": True}, None),
    "null": ({"completion_tokens": None}, None),
    "fraction": ({"completion_tokens": 2.5}, None),
    "array": ({"completion_tokens": [2]}, None),
    "absent": ({"prompt_tokens": 57}, None),
    "empty": ({}, None),
    "no_object": ("many", None),
    "a_list": ([2], None),
    "zero": ({"completion_tokens": 0}, 0),
    "one": ({"completion_tokens": 1}, 1),
    "details_text": ({"completion_tokens": 2, "completion_tokens_details": "x"}, 2),
    "total_only": ({"total_tokens": 59}, None),
    "responses_names": ({"input_tokens": 57, "output_tokens": 2}, None),
}

HUGE = {"twenty_digits": 10**20, "four_hundred_digits": 10**400}


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = {"a": value}
    return value


def with_stats(fields: dict[str, object]) -> list[bytes]:
    return [*AB, finish(M), usage_event(M, usage(2), **fields), DONE]


def spelt(frame: bytes, old: str, new: str) -> bytes:
    assert old in frame.decode()
    return frame.replace(old.encode(), new.encode())


# Odd values beside a healthy answer: whatever is made of them, nothing breaks.
ODD: dict[str, list[bytes]] = {
    "nested_100": with_stats({"stats": nested(100)}),
    "nested_300": with_stats({"stats": nested(300)}),
    "nested_900": with_stats({"stats": nested(900)}),
    "nested_usage": [*AB, finish(M), usage_event(M, {"x": nested(300)}), DONE],
    "surrogate_in_stats": [
        *AB,
        finish(M),
        spelt(usage_event(M, usage(2), stats={"x": "S"}), '"S"', f'"{HALF}"'),
        DONE,
    ],
    "surrogate_in_key": [
        *AB,
        finish(M),
        spelt(usage_event(M, usage(2), stats={"S": 1}), '"S"', f'"{HALF}"'),
        DONE,
    ],
    "surrogate_in_finish": [
        *AB,
        spelt(finish(M, "S"), '"S"', f'"{HALF}"'),
        usage_event(M, usage(2)),
        DONE,
    ],
    "surrogate_in_model": [
        *AB,
        spelt(delta("S", content=""), '"model":"S"', f'"model":"{HALF}"'),
        *ending(M, 2),
    ],
    "stats_a_number": with_stats({"stats": 5, "timings": "x", "runtime": [1]}),
    "stats_huge": with_stats({"stats": {"tokens_per_second": 10**400}}),
    "stats_text": with_stats({"stats": {"tokens_per_second": "fast"}}),
    "stats_negative": with_stats(
        {
            "stats": {"tokens_per_second": -1.0, "generation_time": 0},
            "timings": {"predicted_n": 5, "predicted_ms": 0},
        }
    ),
    "empty_key": with_stats({"": {"": ""}}),
    "long_key": with_stats({"k" * 100_000: 1}),
    "long_finish": [*AB, finish(M, "x" * 100_000), *ending(M, 2)[1:]],
    "long_model": [*AB, delta("x" * 100_000, content=""), *ending(M, 2)],
    "long_error": [*AB, event({"error": {"message": "x" * 1_000_000}})],
    "error_with_controls": [*AB, event({"error": {"message": "\x1b[2J\0\x07"}})],
    "error_surrogate": [
        *AB,
        spelt(event({"error": {"message": "S"}}), '"S"', f'"{HALF}"'),
    ],
    "error_message_a_number": [*AB, event({"error": {"message": 5}})],
    "error_nested": [*AB, event({"error": nested(300)})],
    "error_true": [*AB, event({"error": True}), *ending(M, 2)],
    "many_fields": [
        *AB,
        *(event(chunk_object(M, {}, **{f"f{n}": n})) for n in range(300)),
        *ending(M, 2),
    ],
    "model_with_path": [
        *AB,
        delta("../../etc/passwd", content=""),
        *ending(M, 2),
    ],
}


def doubled_key(old: str, new: str) -> list[bytes]:
    """A frame in which one key occurs twice."""
    return [*AB, spelt(delta(M, content="c"), old, new), *ending(M, 3)]


# JSON leaves open which of two equal keys is meant: all that reads it takes the last.
DOUBLED: dict[str, tuple[list[bytes], str | None]] = {
    "content": (doubled_key('"content":"c"', '"content":"lost","content":"c"'), None),
    "model": (doubled_key('"model":"m"', '"model":"m","model":"other"'), "other"),
}


def usage_answer(counts: object) -> list[bytes]:
    return [*AB, finish(M), usage_event(M, counts), DONE]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory) -> dict[str, Replayed]:
    cases = {f"usage_{name}": usage_answer(u) for name, (u, _) in USAGES.items()}
    cases |= {
        f"huge_{name}": usage_answer({"completion_tokens": count})
        for name, count in HUGE.items()
    }
    cases |= ODD
    cases |= {f"doubled_{name}": parts for name, (parts, _) in DOUBLED.items()}
    cases["healthy_last"] = [*AB, *ending(M, 2)]
    answers = {name: stream(parts) for name, parts in cases.items()}
    return replay_in_turn(tmp_path_factory.mktemp("values"), M, answers)


@pytest.mark.parametrize("name", list(USAGES))
def test_a_count_that_is_no_count_is_unknown_and_the_answer_still_counts(
    replayed, name
):
    answer = replayed[f"usage_{name}"]
    assert_honest(answer, answer="ab", tokens=USAGES[name][1])
    assert answer.trial.failure is None


@pytest.mark.parametrize("name", list(HUGE))
def test_an_absurd_count_breaks_nothing_and_gives_no_rate(replayed, name):
    answer = replayed[f"huge_{name}"]
    assert answer.metric("completion_tokens") in {None, HUGE[name]}
    assert answer.metric("decode_tok_s") is None


@pytest.mark.parametrize("name", list(ODD))
def test_odd_values_break_nothing_and_lose_no_text(replayed, name):
    answer = replayed[name]
    tokens = answer.metric("completion_tokens")
    assert tokens in {None, 2}
    assert_honest(answer, answer="ab", tokens=tokens)
    for metric in METRICS.values():
        value = metric.compute(answer.trial)
        assert value is None or (math.isfinite(value) and value >= 0)


@pytest.mark.parametrize(
    "name",
    [
        "error_message_a_number",
        "error_nested",
        "error_surrogate",
        "error_true",
        "error_with_controls",
        "long_error",
        "long_finish",
        "long_model",
        "model_with_path",
        "surrogate_in_finish",
        "surrogate_in_model",
    ],
)
def test_an_error_or_a_wrong_name_does_not_count_however_it_is_written(replayed, name):
    answer = replayed[name]
    assert answer.trial.failure is not None
    assert len(answer.trial.failure.message) <= 1000


@pytest.mark.parametrize("name", ["stats_a_number", "stats_text", "empty_key"])
def test_odd_but_readable_figures_of_the_server_are_kept_verbatim(replayed, name):
    answer = replayed[name]
    assert answer.trial.failure is None
    (sent,) = [json.loads(part.removeprefix(b"data: ")) for part in ODD[name][-2:-1]]
    for key in sent.keys() - {"id", "object", "created", "model", "choices", "usage"}:
        assert answer.trial.server_stats[key] == sent[key]


@pytest.mark.parametrize("name", list(DOUBLED))
def test_of_two_equal_keys_the_last_one_is_meant(replayed, name):
    answer = replayed[f"doubled_{name}"]
    served = DOUBLED[name][1]
    assert_honest(answer, answer="abc", tokens=3)
    assert answer.kind == (None if served is None else "model_mismatch")
    assert answer.trial.served_model == (served or M)


def test_what_a_server_says_gives_no_orders_to_the_terminal(tmp_path):
    told = event({"error": {"message": "\x1b[2J\x1b]0;owned\x07 no"}})
    named = [*text("\x1b[31mother", "a"), *ending("\x1b[31mother", 1)]
    scripts = {M: [stream([told]), stream([*AB, told]), stream(named)]}
    with ReplayServer(scripts) as server:
        result = run_collect(tmp_path, server, [M], Settings(trials=2))
    assert result.exit_code == 3
    assert "\x1b" not in result.output
    assert "\x07" not in result.output
    assert "no" in result.output


def test_the_sweep_went_on_to_its_end(replayed):
    answer = replayed["healthy_last"]
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None


@pytest.mark.parametrize(
    "listing",
    [
        {"object": "list", "data": {"id": "m"}},
        {"object": "list", "data": [{"id": 5}, None, "m", {"id": "m"}]},
        {"data": None},
        [],
        "m",
        None,
    ],
)
def test_a_list_of_models_that_is_none_does_not_break_the_start(tmp_path, listing):
    paths = {"/v1/models": json_reply(200, listing)}
    answers = {M: stream([*AB, *ending(M, 2)])}
    answer = replay(tmp_path, answers, paths=paths)[M]
    assert_honest(answer, answer="ab", tokens=2)
    assert answer.trial.failure is None
