"""The same bytes, cut in other places, are the same answer."""

import random

import pytest

from .collecting import Replayed, assert_honest, replay_in_turn
from .frames import (
    HEAD,
    LAST_CHUNK,
    chunked,
    delta,
    ending,
    random_lengths,
    resplit,
    text,
)
from .replay import Script, Send, Step, Wait

M = "m"
PIECES = [
    "```python\n",
    "# 🍣 寿司 é\r\n",
    "",
    "print('\\u0000 data: [DONE]')\n",
    "```",
]
THOUGHT = ["<hm>", "思"]
EVENTS = [
    *(delta(M, reasoning_content=piece) for piece in THOUGHT),
    b": comment\r\n",
    *text(M, *PIECES),
    *ending(M, 9),
]
BODY = b"".join(EVENTS)
N_RANDOM = 12


def as_writes(parts: list[bytes], generator: random.Random) -> list[Step]:
    """Write each part, now and then with a pause that makes it a read of its own."""
    steps: list[Step] = []
    for part in parts:
        steps.append(Send(part))
        if generator.random() < 0.1:
            steps.append(Wait(0.002))
    return steps


def other_chunks(seed: int) -> Script:
    """Other HTTP chunks, each in a write of its own."""
    generator = random.Random(seed)
    lengths = random_lengths(generator, len(BODY), 2 ** generator.randint(2, 10))
    parts = [chunked(part) for part in resplit(BODY, lengths)]
    return as_writes([HEAD, *parts, LAST_CHUNK], generator)


def other_writes(seed: int) -> Script:
    """One chunk for each event, in writes that know nothing of chunks or events."""
    generator = random.Random(seed)
    wire = HEAD + b"".join(map(chunked, EVENTS)) + LAST_CHUNK
    lengths = random_lengths(generator, len(wire), 2 ** generator.randint(2, 10))
    return as_writes(resplit(wire, lengths), generator)


CASES: list[Script] = [
    [Send(HEAD), *(Send(chunked(part)) for part in EVENTS), Send(LAST_CHUNK)],
    [Send(HEAD + chunked(BODY) + LAST_CHUNK)],
    [Send(bytes([byte])) for byte in HEAD + chunked(BODY) + LAST_CHUNK],
    *(other_chunks(seed) for seed in range(N_RANDOM)),
    *(other_writes(seed) for seed in range(N_RANDOM, 2 * N_RANDOM)),
]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory) -> list[Replayed]:
    answers = {str(index): script for index, script in enumerate(CASES)}
    found = replay_in_turn(tmp_path_factory.mktemp("splits"), M, answers)
    return list(found.values())


@pytest.mark.parametrize("index", range(len(CASES)))
def test_any_cutting_of_the_same_bytes_is_the_same_answer(replayed, index):
    answer = replayed[index]
    assert_honest(answer, answer="".join(PIECES), reasoning="".join(THOUGHT), tokens=9)
    trial, first = answer.trial, replayed[0].trial
    assert trial.failure is None
    assert [chunk[1:] for chunk in trial.timeline] == [
        chunk[1:] for chunk in first.timeline
    ]
    assert trial.usage == first.usage
    assert trial.server_stats == first.server_stats
    # Markdown's line ends are one: the code is saved with its own kind of them.
    assert answer.codes == replayed[0].codes
    assert answer.codes[0].splitlines() == "".join(PIECES[1:-1]).splitlines()
