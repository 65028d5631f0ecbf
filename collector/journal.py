"""Which trials of a run were begun: what a dead collector leaves behind.

    <records>/<run>/journal.jsonl    a line for each beginning, and for each Ctrl-C

A line is on the disk before its request is sent. A trial that was begun and has no
record was interrupted; its next attempt records that.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from collector.errors import RunLockedError, StorageError
from collector.record import Interruption

JOURNAL_NAME = "journal.jsonl"
LOCK_NAME = ".lock"


@dataclass(frozen=True, kw_only=True)
class Journal:
    """The journal of one run."""

    path: Path
    now: Callable[[], datetime]

    def begin(self, position: int) -> None:
        """Write down that a slot's trial begins; raises StorageError."""
        self._append(position, "began")

    def cancel(self, position: int) -> None:
        """Write down that someone stopped it; raises StorageError."""
        self._append(position, "cancelled")

    def interruptions(self) -> dict[int, tuple[Interruption, ...]]:
        """Return every beginning so far by the slot's position, oldest first.

        For a slot without a record each of them was interrupted. A line that a crash
        cut in two is passed over: nothing had been sent yet when it was written.
        """
        found: dict[int, list[Interruption]] = {}
        for position, event, at in self._lines():
            attempts = found.setdefault(position, [])
            if event == "began":
                attempts.append(Interruption(started_at=at, kind="lost"))
            elif attempts:
                attempts[-1] = attempts[-1].model_copy(update={"kind": "cancelled"})
        return {position: tuple(attempts) for position, attempts in found.items()}

    def _lines(self) -> Iterator[tuple[int, str, str]]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise StorageError(
                f"{self.path}: cannot be read ({error.strerror}): check its permissions"
            ) from error
        for line in content.split(b"\n"):
            try:
                entry = json.loads(line)
                yield int(entry["position"]), str(entry["event"]), str(entry["at"])
            except (ValueError, TypeError, KeyError):
                continue

    def _append(self, position: int, event: Literal["began", "cancelled"]) -> None:
        at = self.now().astimezone(UTC).isoformat(timespec="milliseconds")
        entry = json.dumps({"position": position, "event": event, "at": at})
        try:
            with self.path.open("ab") as file:
                # A line that a crash cut in two must not swallow this one.
                file.write(f"\n{entry}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(
                f"{self.path}: cannot be written ({error.strerror or error}): "
                "free space or give a folder you may write to, then resume"
            ) from error


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Hold a run for this process; the system lets go of it when the process ends.

    Raises:
        RunLockedError: Another collector holds it.
        StorageError: The folder cannot be written to.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only who measures

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK_NAME, timeout=0)
        lock.acquire()
    except Timeout as error:
        raise RunLockedError(
            f"{folder}: another collector is at work on this run: "
            "wait for it, or give another name with --run"
        ) from error
    except OSError as error:
        raise StorageError(
            f"{folder}: cannot be written to ({error.strerror or error}): "
            "give a folder you may write to"
        ) from error
    try:
        yield
    finally:
        lock.release()
