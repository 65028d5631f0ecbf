"""A folder, and a builder that makes a site of it and tells of each build."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from site_builder.preview.disk import WatchedFiles
from site_builder.preview.result import Fault, Result
from site_builder.preview.worker import Built, Worker

LONGEST_S = 10.0
"""Longer than any wait that ends well."""


class Log:
    """The builds that ended, for a test to wait for."""

    def __init__(self) -> None:
        self.builds: list[Built] = []
        self._changed = threading.Condition()

    def __call__(self, built: Built) -> None:
        with self._changed:
            self.builds.append(built)
            self._changed.notify_all()

    def wait(self, is_there: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_there, LONGEST_S), self.edited()

    def wait_for(self, number: int) -> Built:
        self.wait(lambda: len(self.builds) >= number)
        return self.builds[number - 1]

    def edited(self) -> list[set[str]]:
        """The names of the files that led to each build after the first."""
        return [{path.name for path in built.shown.edited} for built in self.builds][1:]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "content"
    (folder / "ja" / "models").mkdir(parents=True)
    (folder / "ja" / "article.md").write_text("one", encoding="utf-8")
    (folder / "ja" / "models" / "a.md").write_text("note", encoding="utf-8")
    (folder / "probe").write_text("0", encoding="utf-8")
    return folder


@pytest.fixture
def build(content: Path) -> Callable[[], Result]:
    """Every Markdown file as it stands; one that begins with ``!`` cannot be built."""

    def build_site() -> Result:
        texts = {
            path.relative_to(content).with_suffix(".txt").as_posix(): path.read_bytes()
            for path in sorted(content.rglob("*.md"))
        }
        faulty = [name for name, text in texts.items() if text.startswith(b"!")]
        if faulty:
            faults = tuple(Fault(file=name, line=1, what="broken") for name in faulty)
            return Result(files=None, problems=faults)
        return Result(files=texts)

    return build_site


@pytest.fixture
def start(content: Path, build, log: Log) -> Iterator[Callable[..., Worker]]:
    """Start a worker; it has built once when this returns, and ends with the test."""
    workers: list[Worker] = []

    def start_worker(build=build, look_s: float = 60.0, **more) -> Worker:
        files = WatchedFiles(roots=(content,), **more)
        worker = Worker(build, files, publish=log, clock=time.monotonic, look_s=look_s)
        worker.start()
        workers.append(worker)
        log.wait_for(1)
        return worker

    yield start_worker
    for worker in workers:
        worker.stop()


@pytest.fixture
def edits(content: Path, log: Log) -> Callable[[], list[set[str]]]:
    """Say what led to builds so far: events come in order, so a last one ends them."""

    def edits_so_far() -> list[set[str]]:
        (content / "probe").write_text(str(len(log.builds)), encoding="utf-8")
        log.wait(lambda: any("probe" in names for names in log.edited()))
        return log.edited()

    return edits_so_far
