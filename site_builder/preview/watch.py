"""Touches of files, from the system's events and from a slow look at everything.

Events are quick but not certain: queues overflow, limits are reached, network drives
send none, a folder that was replaced has lost its watch. The look finds what they miss.
"""

import logging
import os
import warnings
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Self

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from site_builder.preview.disk import Stamp, WatchedFiles
from site_builder.preview.settle import Touch

LOOK_S = 2.0
"""Shortest time between two looks at all files."""

LOOK_RATIO = 500.0
"""A look's time to the time until the next: 0.2 % of a processor at most."""

# Without the reading of files, of which a build does a lot.
_KINDS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]

_Place = tuple[int, int]


class Watcher(FileSystemEventHandler):
    """Passes on every touch of a watched file; a context manager."""

    def __init__(
        self,
        files: WatchedFiles,
        *,
        touched: Callable[[Touch], None],
        clock: Callable[[], float],
        look_s: float = LOOK_S,
    ) -> None:
        self._files = files
        self._touched = touched
        self._clock = clock
        self._look_s = look_s
        self._observer = _new_observer()
        self._watches: dict[Path, tuple[_Place, ObservedWatch | None]] = {}
        self._stamps: dict[Path, Stamp] = {}
        self._told: set[Path] = set()
        self._look_at_s = 0.0

    def __enter__(self) -> Self:
        """Begin to watch; what is touched from now on is passed on."""
        _hush()
        if self._observer is not None:
            self._observer.start()
        self._watch_again()
        self._stamps = self._files.stamps()
        self._look_at_s = self._clock() + self._look_s
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; no thread is left."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take an event from the system; runs in a thread of watchdog's."""
        now_s = self._clock()
        for name in {event.src_path, event.dest_path}:
            path = Path(os.fsdecode(name))
            if name and self._files.is_ours(path):
                self._told.add(path)
                self._touched(Touch(path=path, at_s=now_s))

    def look(self) -> None:
        """Look at all files, if it is time, and pass on what no event told of."""
        began_s = self._clock()
        if began_s < self._look_at_s:
            return
        told, self._told = self._told, set()
        stamps = self._files.stamps()
        changed = {
            path
            for path in stamps.keys() | self._stamps.keys()
            if stamps.get(path) != self._stamps.get(path)
        }
        self._stamps = stamps
        self._watch_again(deaf={path for path in changed if path not in told})
        now_s = self._clock()
        self._look_at_s = now_s + max(self._look_s, LOOK_RATIO * (now_s - began_s))
        for path in changed:
            self._touched(Touch(path=path, at_s=began_s))

    def _watch_again(self, *, deaf: AbstractSet[Path] = frozenset()) -> None:
        """Watch the folders that are there now.

        One put in another's place is another, and one with ``deaf`` files, which
        changed unheard, has lost the watch of a folder inside.
        """
        for root in self._files.roots:
            place = _place(root)
            before, watch = self._watches.get(root, (None, None))
            if place == before and not any(path.is_relative_to(root) for path in deaf):
                continue
            if watch is not None and self._observer is not None:
                self._observer.unschedule(watch)
            self._watches.pop(root, None)
            if place is not None:
                self._watches[root] = (place, self._schedule(root))

    def _schedule(self, root: Path) -> ObservedWatch | None:
        if self._observer is None:
            return None
        try:
            return self._observer.schedule(
                self, str(root), recursive=True, event_filter=_KINDS
            )
        except OSError:  # the system's limit, or gone again; the look remains
            return None


def _hush() -> None:
    """Keep watchdog's reports of its losses from the terminal; the look mends them.

    Version 7.1 warns and goes deaf when nested folders appear quickly.
    """
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"watchdog\.")


def _new_observer() -> BaseObserver | None:
    try:
        return Observer()
    except OSError:  # the system's limit of observers; the look remains
        return None


def _place(folder: Path) -> _Place | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
