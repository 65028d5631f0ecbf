"""When to build: touches of files in, a decision out; clock and disk are passed in.

Only content counts. A touch is a reason to look; what is built follows from digests.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

QUIET_S = 0.03
"""How long nothing must have been touched; one save is several touches."""

UNFINISHED_S = 0.25
"""The same where a file is empty or gone: editors truncate, or rename, then write."""

LONGEST_S = 1.0
"""Time after which touches that never end no longer put a build off."""

EMPTY = "empty"
"""Digest of a file without a byte."""


@dataclass(frozen=True, kw_only=True)
class Touch:
    """A file or folder that something was done to, and when by the monotonic clock."""

    path: Path
    at_s: float


class Disk(Protocol):
    """What is looked up on the disk."""

    def digest(self, path: Path) -> str | None:
        """Return what identifies a file's content; None: there is no such file."""

    def below(self, path: Path) -> Iterable[Path]:
        """Return the files in a folder and its folders; of a file, itself."""


@dataclass(frozen=True, kw_only=True)
class State:
    """What is known between two decisions.

    Attributes:
        known: Digests of the files as the last build, or a later one, finds them.
        pending: Touched since.
        unsure: Those touched while a build ran: it may have read something between
            two states, so equal digests prove nothing.
        first_s: First touch of those pending; None: none.
        last_s: Last touch of those pending; None: none.
        built_s: When the last build ended.
    """

    known: Mapping[Path, str] = field(default_factory=dict)
    pending: frozenset[Path] = frozenset()
    unsure: frozenset[Path] = frozenset()
    first_s: float | None = None
    last_s: float | None = None
    built_s: float = float("-inf")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Build because of these files, or wait.

    Attributes:
        changed: Empty: do not build.
        wait_until_s: When to decide again; None: at the next touch.
    """

    changed: frozenset[Path] = frozenset()
    wait_until_s: float | None = None


def decide(
    touches: Iterable[Touch], state: State, *, now_s: float, disk: Disk
) -> tuple[Decision, State]:
    """Say whether to build now, and what is known afterwards.

    Args:
        touches: What was touched since the last decision.
        state: As the last decision left it, or ``built`` after a build.
        now_s: The monotonic clock.
        disk: Where content is looked up.
    """
    state = _take(touches, state)
    if state.first_s is None or state.last_s is None:
        return Decision(), state
    latest_s = state.first_s + LONGEST_S
    quiet_s = min(state.last_s + QUIET_S, latest_s)
    if now_s < quiet_s:
        return Decision(wait_until_s=quiet_s), state
    found, unsure = _look(state, disk)
    changed = frozenset(
        path
        for path, digest in found.items()
        if path in unsure or digest != state.known.get(path)
    )
    finished_s = min(state.last_s + UNFINISHED_S, latest_s)
    if now_s < finished_s and any(found[path] in {None, EMPTY} for path in changed):
        return Decision(wait_until_s=finished_s), state
    known = {path: digest for path, digest in state.known.items() if path not in found}
    known.update({path: digest for path, digest in found.items() if digest is not None})
    return Decision(changed=changed), State(known=known, built_s=state.built_s)


def built(state: State, *, now_s: float) -> State:
    """Return what is known when a build has ended."""
    return replace(state, built_s=now_s)


def _take(touches: Iterable[Touch], state: State) -> State:
    taken = tuple(touches)
    if not taken:
        return state
    times = [touch.at_s for touch in taken]
    firsts = times if state.first_s is None else [*times, state.first_s]
    lasts = times if state.last_s is None else [*times, state.last_s]
    return replace(
        state,
        pending=state.pending | {touch.path for touch in taken},
        unsure=state.unsure
        | {touch.path for touch in taken if touch.at_s <= state.built_s},
        first_s=min(firsts),
        last_s=max(lasts),
    )


def _look(state: State, disk: Disk) -> tuple[dict[Path, str | None], set[Path]]:
    """Return the digests of the files concerned, and which of them are unsure."""
    found: dict[Path, str | None] = {}
    unsure: set[Path] = set()
    for touched in state.pending:
        files = set(disk.below(touched))
        if touched in state.known:
            files.add(touched)
        elif touched not in files:  # a folder, or gone: what was below is gone too
            prefix = f"{touched}{os.sep}"
            files.update(path for path in state.known if str(path).startswith(prefix))
        found.update({path: disk.digest(path) for path in files if path not in found})
        if touched in state.unsure:
            unsure |= files
    return found, unsure
