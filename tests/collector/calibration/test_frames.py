import json

import pytest

from collector.calibration.frames import writes
from collector.calibration.schedule import FULL, KANA, Schedule, bursts


def body_of(plan):
    """Undo the chunked encoding; the chunks, and their bytes joined."""
    rest = b"".join(write.data for write in plan)
    chunks = []
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            assert rest == b"\r\n"
            return chunks, b"".join(chunks)
        chunks.append(rest[:length])
        assert rest[length : length + 2] == b"\r\n"
        rest = rest[length + 2 :]


def events_of(body):
    assert body.endswith(b"\n\n")
    frames = body.decode("utf-8").removesuffix("\n\n").split("\n\n")
    return [frame for frame in frames if not frame.startswith(":")]


def text_of(schedule):
    return [event.text for burst in bursts(schedule, 0) for event in burst.events]


def schedule_with(**changes):
    return Schedule(name="s", tok_s=10, tokens=4, ttft_s=0.5, **changes)


def test_a_stream_is_events_a_finish_the_counts_and_the_end_mark():
    schedule = schedule_with()

    _, body = body_of(writes(schedule, 0))

    *chunks, mark = events_of(body)
    contents = [json.loads(chunk.removeprefix("data: ")) for chunk in chunks]
    deltas = [content["choices"][0]["delta"] for content in contents[:5]]
    assert deltas == [{"content": text} for text in text_of(schedule)] + [{}]
    assert contents[4]["choices"][0]["finish_reason"] == "stop"
    assert contents[5]["choices"] == []
    assert contents[5]["usage"]["completion_tokens"] == 4
    assert {content["model"] for content in contents} == {"s"}
    assert mark == "data: [DONE]"


def test_the_writes_with_text_say_so_and_the_end_is_due_with_the_last():
    plan = writes(schedule_with(), 0)

    assert [write.tokens for write in plan] == [1, 1, 1, 1, 0, 0]
    assert [write.events for write in plan] == [1, 1, 1, 1, 0, 0]
    assert [write.due_s for write in plan] == pytest.approx(
        [0.5, 0.6, 0.7, 0.8, 0.8, 0.8]
    )


def test_events_of_a_burst_lie_in_one_write_each_in_its_own_chunk():
    plan = writes(schedule_with(events_per_write=(4, 4)), 0)

    chunks, _ = body_of(plan)
    assert (plan[0].tokens, plan[0].events) == (4, 4)
    assert plan[0].data.count(b"data: ") == 4
    assert [chunk.count(b"data: ") for chunk in chunks] == [1] * 7


def test_events_of_a_burst_may_share_a_chunk():
    plan = writes(schedule_with(events_per_write=(4, 4), is_one_chunk=True), 0)

    chunks, _ = body_of(plan)
    assert [chunk.count(b"data: ") for chunk in chunks] == [4, 1, 1, 1]


def test_a_late_count_comes_after_its_delay_and_nothing_else_does():
    plan = writes(schedule_with(usage_delay_s=0.5), 0)

    assert [write.due_s for write in plan[-2:]] == pytest.approx([0.8, 1.3])
    assert b'"finish_reason":"stop"' in plan[-2].data
    assert b"usage" in plan[-1].data


def test_a_role_without_text_comes_before_the_first_token():
    plan = writes(schedule_with(role_at_s=0.005), 0)

    assert (plan[0].due_s, plan[0].tokens) == (0.005, 0)
    assert b'"delta":{"role":"assistant","content":""}' in plan[0].data


def test_comments_come_before_the_first_text_and_between_texts():
    plan = writes(schedule_with(has_comments=True), 0)

    comments = [write for write in plan if b": keep-alive" in write.data]
    assert [write.due_s for write in comments] == pytest.approx(
        [0.25, 0.55, 0.65, 0.75]
    )
    assert not any(write.tokens for write in comments)
    _, body = body_of(plan)
    assert len(events_of(body)) == 7


def test_characters_are_cut_in_two_and_whole_again_in_the_body():
    schedule = schedule_with(cut="character", characters=KANA)

    plan = writes(schedule, 0)

    chunks, body = body_of(plan)
    for first, second in zip(plan[0:8:2], plan[1:8:2], strict=True):
        with pytest.raises(UnicodeDecodeError, match=r"unexpected end|invalid"):
            first.data.removesuffix(b"\r\n").decode("utf-8")
        assert (first.tokens, second.tokens) == (0, 1)
        assert second.due_s - first.due_s == pytest.approx(0.05)
    texts = [
        json.loads(event.removeprefix("data: "))["choices"][0]["delta"]["content"]
        for event in events_of(body)[:4]
    ]
    assert texts == text_of(schedule)
    # The first and third event lie in two chunks each, the others in one.
    assert len(chunks) == 2 + 1 + 2 + 1 + 3


def test_an_event_may_be_cut_in_the_middle_of_its_json():
    plan = writes(schedule_with(cut="json"), 0)

    _, body = body_of(plan)
    assert b"\n\n" not in plan[0].data
    assert plan[1].data.rstrip().endswith(b"}")
    assert len(events_of(body)) == 7
    for event in events_of(body)[:-1]:
        json.loads(event.removeprefix("data: "))


@pytest.mark.parametrize("schedule", FULL, ids=lambda each: each.name)
def test_writes_are_in_the_order_of_their_times(schedule):
    plan = writes(schedule, 0)

    dues_s = [write.due_s for write in plan]
    assert dues_s == sorted(dues_s)
    assert sum(write.tokens for write in plan) == schedule.tokens
