"""The thread that builds: waits for touches, decides, builds, hands over."""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from site_builder.preview.disk import WatchedFiles
from site_builder.preview.result import Result, attempt
from site_builder.preview.settle import State, Touch, built, decide
from site_builder.preview.shown import Shown, advance
from site_builder.preview.watch import LOOK_S, Watcher


@dataclass(frozen=True, kw_only=True)
class Built:
    """A build that ended, for whoever reports it.

    Attributes:
        before: What was shown until now; None: this is the first build.
        took_s: Time the build took.
    """

    result: Result
    before: Shown | None
    shown: Shown
    took_s: float


class Worker:
    """Builds once, and again after every change, until it is stopped."""

    def __init__(
        self,
        build: Callable[[], Result],
        files: WatchedFiles,
        *,
        publish: Callable[[Built], None],
        clock: Callable[[], float],
        look_s: float = LOOK_S,
    ) -> None:
        self._build = build
        self._files = files
        self._publish = publish
        self._clock = clock
        self._look_s = look_s
        self._touches: queue.SimpleQueue[Touch | None] = queue.SimpleQueue()
        self._is_stopped = False
        # A build cannot be broken off; one that is under way must not hold up an exit
        # that was asked for twice.
        self._thread = threading.Thread(
            target=self._run, name="seikaku-build", daemon=True
        )

    def start(self) -> None:
        """Begin with a build."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, after the build that may be under way."""
        self._is_stopped = True
        self._touches.put(None)
        self._thread.join()

    def _run(self) -> None:
        with Watcher(
            self._files,
            touched=self._touches.put,
            clock=self._clock,
            look_s=self._look_s,
        ) as watcher:
            known = {path: self._files.digest(path) for path in self._files.stamps()}
            state = State(
                known={path: digest for path, digest in known.items() if digest}
            )
            shown, state = self._build_once(None, frozenset(), state)
            wait_s = self._look_s
            while not self._is_stopped:
                touches = tuple(self._taken(wait_s))
                watcher.look()
                now_s = self._clock()
                decision, state = decide(touches, state, now_s=now_s, disk=self._files)
                wait_s = self._look_s
                if decision.changed and not self._is_stopped:
                    shown, state = self._build_once(shown, decision.changed, state)
                    wait_s = 0.0
                elif decision.wait_until_s is not None:
                    wait_s = max(0.0, decision.wait_until_s - now_s)

    def _build_once(
        self, before: Shown | None, edited: frozenset[Path], state: State
    ) -> tuple[Shown, State]:
        began_s = self._clock()
        result = attempt(self._build)
        ended_s = self._clock()
        shown = advance(before, result, edited)
        took_s = ended_s - began_s
        self._publish(Built(result=result, before=before, shown=shown, took_s=took_s))
        return shown, built(state, now_s=ended_s)

    def _taken(self, wait_s: float) -> Iterator[Touch]:
        """Yield what was touched; waits for the first touch only."""
        try:
            touch = self._touches.get(timeout=wait_s)
            while True:
                if touch is not None:
                    yield touch
                touch = self._touches.get_nowait()
        except queue.Empty:
            return
