"""When a build begins, with a clock and a disk that move only when told."""

from pathlib import Path

import pytest

from site_builder.preview.settle import (
    EMPTY,
    LONGEST_S,
    QUIET_S,
    UNFINISHED_S,
    Decision,
    State,
    Touch,
    built,
    decide,
)

ARTICLE = Path("/c/ja/article.md")
NOTE = Path("/c/ja/models/a.md")
SITE = Path("/c/site.toml")


class FakeDisk:
    """Digests by path; a folder is what lies below it."""

    def __init__(self) -> None:
        self.files = {ARTICLE: "one", NOTE: "note", SITE: "site"}

    def digest(self, path: Path) -> str | None:
        return self.files.get(path)

    def below(self, path: Path):
        return [file for file in self.files if file == path or path in file.parents]


@pytest.fixture
def disk() -> FakeDisk:
    return FakeDisk()


@pytest.fixture
def state(disk) -> State:
    return State(known=dict(disk.files), built_s=90.0)


def touches(at_s: float, *paths: Path) -> list[Touch]:
    return [Touch(path=path, at_s=at_s) for path in paths]


def test_nothing_touched_waits_for_a_touch(disk, state):
    assert decide([], state, now_s=100.0, disk=disk) == (Decision(), state)


def test_a_save_is_built_when_nothing_was_touched_for_a_while(disk, state):
    disk.files[ARTICLE] = "two"
    decision, state = decide(touches(100.0, ARTICLE), state, now_s=100.0, disk=disk)
    assert decision == Decision(wait_until_s=100.0 + QUIET_S)
    decision, state = decide([], state, now_s=100.0 + QUIET_S, disk=disk)
    assert decision == Decision(changed=frozenset({ARTICLE}))
    assert decide([], state, now_s=200.0, disk=disk)[0] == Decision()


def test_each_touch_puts_the_build_off_until_the_longest_wait(disk, state):
    disk.files[ARTICLE] = "two"
    at_s = 100.0
    while at_s < 100.0 + LONGEST_S:
        decision, state = decide(touches(at_s, ARTICLE), state, now_s=at_s, disk=disk)
        assert decision.changed == frozenset()
        assert decision.wait_until_s == min(at_s + QUIET_S, 100.0 + LONGEST_S)
        at_s += QUIET_S / 2
    decision, _ = decide(touches(at_s, ARTICLE), state, now_s=at_s, disk=disk)
    assert decision.changed == {ARTICLE}


def test_a_touch_without_a_change_builds_nothing(disk, state):
    decision, after = decide(
        touches(99.0, ARTICLE, NOTE), state, now_s=100.0, disk=disk
    )
    assert decision == Decision()
    assert after.pending == frozenset()


def test_a_change_taken_back_before_the_build_builds_nothing(disk, state):
    disk.files[ARTICLE] = "two"
    _, state = decide(touches(100.0, ARTICLE), state, now_s=100.0, disk=disk)
    disk.files[ARTICLE] = "one"
    assert decide([], state, now_s=100.5, disk=disk)[0] == Decision()


def test_several_files_are_one_build_without_those_that_did_not_change(disk, state):
    disk.files[ARTICLE] = "two"
    disk.files[SITE] = "other"
    all_three = touches(99.0, ARTICLE, NOTE, SITE)
    decision, _ = decide(all_three, state, now_s=100.0, disk=disk)
    assert decision.changed == {ARTICLE, SITE}


@pytest.mark.parametrize("half_way", [EMPTY, None])
def test_a_file_that_is_empty_or_gone_is_given_time_to_be_finished(
    disk, state, half_way
):
    disk.files[ARTICLE] = half_way
    if half_way is None:
        del disk.files[ARTICLE]
    decision, state = decide(touches(100.0, ARTICLE), state, now_s=100.1, disk=disk)
    assert decision == Decision(wait_until_s=100.0 + UNFINISHED_S)
    disk.files[ARTICLE] = "two"
    decision, _ = decide(touches(100.2, ARTICLE), state, now_s=100.24, disk=disk)
    assert decision.changed == {ARTICLE}


def test_a_file_that_stays_away_is_built_without_and_then_forgotten(disk, state):
    del disk.files[ARTICLE]
    now_s = 100.0 + UNFINISHED_S
    decision, state = decide(touches(100.0, ARTICLE), state, now_s=now_s, disk=disk)
    assert decision.changed == {ARTICLE}
    assert state.known == disk.files


def test_a_temporary_file_that_came_and_went_builds_nothing(disk, state):
    gone = Path("/c/ja/sedA1b2C3")
    assert decide(touches(99.0, gone), state, now_s=100.0, disk=disk)[0] == Decision()


def test_a_touched_folder_stands_for_the_files_in_it_and_those_that_were(disk, state):
    new = Path("/c/ja/models/b.md")
    disk.files[new] = "new"
    del disk.files[NOTE]
    touched = touches(99.0, Path("/c/ja/models"))
    decision, after = decide(touched, state, now_s=100.0, disk=disk)
    assert decision.changed == {new, NOTE}
    assert set(after.known) == {ARTICLE, SITE, new}


def test_a_folder_whose_name_begins_like_another_is_not_it(disk, state):
    other = Path("/c/ja/models-old/a.md")
    state = State(known={**state.known, other: "x"}, built_s=90.0)
    disk.files[other] = "y"  # not looked at: nothing touched it
    del disk.files[NOTE]
    touched = touches(99.0, Path("/c/ja/models"))
    assert decide(touched, state, now_s=100.0, disk=disk)[0].changed == {NOTE}


def test_a_touch_during_a_build_builds_again_even_if_the_content_came_back(disk, state):
    """The build may have read what stood there in between."""
    state = built(state, now_s=100.0)
    decision, state = decide(touches(99.9, ARTICLE), state, now_s=100.1, disk=disk)
    assert decision.changed == {ARTICLE}
    state = built(state, now_s=101.0)
    late = touches(101.1, ARTICLE)
    assert decide(late, state, now_s=102.0, disk=disk)[0] == Decision()
