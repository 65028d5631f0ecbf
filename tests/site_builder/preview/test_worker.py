"""Builds follow the folder, whatever happens to it, and end without a trace."""

import shutil
import threading
import time
from pathlib import Path

import pytest
from watchdog.observers import Observer

from collector.atomic import write_atomically
from site_builder.preview import watch
from site_builder.preview.result import Result
from site_builder.preview.watch import Watcher


def text_of(built) -> bytes | None:
    return built.result.files.get("ja/article.txt")


class SlowBuild:
    """A build that a test holds up and lets go."""

    def __init__(self, build) -> None:
        self.build = build
        self.began = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.may_end.set()
        self.read: list[Result] = []

    def __call__(self) -> Result:
        result = self.build()
        self.read.append(result)
        self.began.release()
        assert self.may_end.wait(10)
        return result

    def hold(self) -> None:
        while self.began.acquire(blocking=False):
            pass
        self.may_end.clear()

    def wait_until_it_began(self) -> None:
        assert self.began.acquire(timeout=10)


def test_saves_during_a_build_lead_to_exactly_one_more(
    content, build, start, log, edits
):
    article = content / "ja" / "article.md"
    slow = SlowBuild(build)
    start(build=slow)
    slow.hold()
    article.write_bytes(b"two")
    slow.wait_until_it_began()
    for text in (b"three", b"four", b"five"):
        article.write_bytes(text)
    slow.may_end.set()
    assert text_of(log.wait_for(3)) == b"five"
    assert edits() == [{"article.md"}, {"article.md"}, {"probe"}]


def test_content_that_was_different_only_while_it_was_built_is_built_again(
    content, build, start, log
):
    article = content / "ja" / "article.md"
    slow = SlowBuild(build)
    start(build=slow)
    slow.hold()
    article.write_bytes(b"two")
    slow.wait_until_it_began()
    article.write_bytes(b"three")
    article.write_bytes(b"two")
    # Told of it only after the build, the worker would rightly see nothing new.
    time.sleep(0.5)
    slow.may_end.set()
    assert text_of(log.wait_for(3)) == b"two"


def test_a_failed_build_is_told_and_the_next_save_mends_it(content, start, log):
    article = content / "ja" / "article.md"
    start()
    article.write_bytes(b"!")
    failed = log.wait_for(2)
    assert failed.result.files is None
    assert failed.shown.files == {"ja/article.txt": b"one", "ja/models/a.txt": b"note"}
    article.write_bytes(b"two")
    assert log.wait_for(3).shown.is_current


def test_a_builder_that_raises_does_not_end_the_preview(content, build, start, log):
    article = content / "ja" / "article.md"

    def build_or_raise() -> Result:
        if article.read_bytes() == b"bug":
            raise ZeroDivisionError
        return build()

    start(build=build_or_raise)
    article.write_bytes(b"bug")
    assert "ZeroDivisionError" in log.wait_for(2).result.trace
    article.unlink()
    assert log.wait_for(3).result.problems[0].what.startswith("FileNotFoundError")
    article.write_bytes(b"two")
    assert text_of(log.wait_for(4)) == b"two"


def test_a_first_build_that_fails_is_followed_by_one_that_does_not(content, start, log):
    article = content / "ja" / "article.md"
    article.write_bytes(b"!")
    start()
    assert log.builds[0].shown.files is None
    article.write_bytes(b"two")
    assert text_of(log.wait_for(2)) == b"two"


def test_new_folders_and_removed_ones_are_followed(content, start, log):
    start()
    (content / "zh" / "models").mkdir(parents=True)
    (content / "zh" / "models" / "b.md").write_bytes(b"new")
    assert log.wait_for(2).result.files["zh/models/b.txt"] == b"new"
    shutil.rmtree(content / "zh")
    assert "zh/models/b.txt" not in log.wait_for(3).result.files


def test_a_content_folder_that_was_replaced_is_followed(content, start, log):
    """As when another branch is checked out, or a folder is synchronised."""
    start(look_s=0.05)
    other = content.with_name("other")
    shutil.copytree(content, other)
    (other / "ja" / "article.md").write_bytes(b"two")
    content.rename(content.with_name("old"))
    other.rename(content)
    log.wait(lambda: text_of(log.builds[-1]) == b"two")
    (content / "ja" / "article.md").write_bytes(b"three")
    log.wait(lambda: text_of(log.builds[-1]) == b"three")


def test_a_content_folder_that_vanishes_may_come_back(content, start, log):
    start(look_s=0.05)
    shutil.rmtree(content)
    log.wait(lambda: log.builds[-1].result.files == {})
    (content / "ja").mkdir(parents=True)
    (content / "ja" / "article.md").write_bytes(b"two")
    log.wait(lambda: text_of(log.builds[-1]) == b"two")


def refuse_to_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    def schedule(*_, **__):
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(Observer, "schedule", schedule)


def refuse_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    def new():
        raise OSError(24, "inotify instance limit reached")

    monkeypatch.setattr(watch, "Observer", new)


@pytest.mark.parametrize("refuse", [refuse_to_watch, refuse_to_begin])
def test_edits_are_found_where_the_system_tells_of_none(
    content, start, log, monkeypatch, refuse
):
    refuse(monkeypatch)
    start(look_s=0.05)
    (content / "ja" / "article.md").write_bytes(b"two")
    assert text_of(log.wait_for(2)) == b"two"
    (content / "ja" / "article.md").unlink()
    assert text_of(log.wait_for(3)) is None


def test_a_folder_whose_watch_was_lost_is_heard_again(content, start, log, monkeypatch):
    heard = []
    scheduled = Observer.schedule

    def schedule(self, *arguments, **more):
        heard.append(arguments[1])
        return scheduled(self, *arguments, **more)

    dispatch = Watcher.dispatch
    monkeypatch.setattr(Observer, "schedule", schedule)
    monkeypatch.setattr(Watcher, "dispatch", lambda self, event: None)
    start(look_s=0.05)
    (content / "ja" / "article.md").write_bytes(b"two")
    log.wait_for(2)
    monkeypatch.setattr(Watcher, "dispatch", dispatch)
    assert heard == [str(content)] * 2


def test_trials_appear_while_a_collector_writes_them(content, start, log):
    """Even where watchdog loses folders that appear one inside the other."""
    start(look_s=0.05)
    records = content / "records" / "run" / "model"

    def collect() -> None:
        for number in range(40):
            write_atomically(records / f"task-{number:02d}.md", b"x" * 4096)

    collecting = threading.Thread(target=collect)
    collecting.start()
    log.wait(lambda: len(log.builds[-1].result.files) == 42)
    collecting.join()
    names = set().union(*log.edited())
    assert names == {f"task-{number:02d}.md" for number in range(40)}
    for built in log.builds:
        trials = [text for name, text in built.result.files.items() if "task" in name]
        assert all(len(text) == 4096 for text in trials)


def test_what_is_written_to_an_excluded_folder_builds_nothing(content, start, edits):
    output = content / "site"
    start(excluded=(output,))
    output.mkdir()
    (output / "index.md").write_bytes(b"x")
    assert edits() == [{"probe"}]


def test_no_thread_is_left(content, start, log):
    before = set(threading.enumerate())
    worker = start()
    (content / "ja" / "article.md").write_bytes(b"two")
    log.wait_for(2)
    assert set(threading.enumerate()) > before
    worker.stop()
    assert set(threading.enumerate()) == before


def test_folders_inside_others_are_watched_once(tmp_path: Path):
    from site_builder.preview.disk import outermost

    content, other = tmp_path / "content", tmp_path / "content-2"
    nested = (content / "records", content, other, content)
    assert outermost(nested) == (content.resolve(), other.resolve())
