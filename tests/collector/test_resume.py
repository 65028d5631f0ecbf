"""An interrupted run goes on: nothing is lost, nothing is measured twice."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from collector import atomic, store
from collector.choices import Choices
from collector.cli import cli
from collector.collect import collect_run
from collector.errors import CollectorError, PlanError, RunLockedError
from collector.journal import Journal, run_lock
from collector.measure import Clocks
from collector.plan import read_plan, schedule

KILLS = int(os.environ.get("SEIKAKU_KILLS", "5"))

PLAN = """
tasks = ["json-to-csv"]
[server]
backend = "{backend}"
[design]
rounds = 2
trials = 2
seed = 7
calibrate = false
[limits]
silence_s = 5
[sampling]
max_tokens = 24
"""

MODEL = """
[[models]]
id = "{id}"
key = "{key}"
name = "{id}"
"""


def write_plan(folder: Path, models: dict[str, str], *, backend: str) -> Path:
    path = folder / "plan.toml"
    text = PLAN.format(backend=backend)
    text += "".join(MODEL.format(id=name, key=key) for name, key in models.items())
    path.write_text(text, encoding="utf-8")
    return path


def begun(path: Path) -> list[int]:
    """Positions in the order in which their requests were about to be sent."""
    lines = (path / "journal.jsonl").read_text(encoding="utf-8").split("\n")
    entries = [json.loads(line) for line in lines if line]
    return [entry["position"] for entry in entries if entry["event"] == "began"]


def check_whole(folder: Path, plan_path: Path) -> dict[int, int]:
    """Hold a finished run against its schedule; return interruptions by position."""
    loaded = store.load_run(folder.parent, folder.name)
    assert loaded.bad == ()
    slots = schedule(read_plan(plan_path))
    assert sorted(t.position for t in loaded.trials) == [s.position for s in slots]
    attempts = begun(folder)
    for trial in loaded.trials:
        assert len(trial.interruptions) == attempts.count(trial.position) - 1
    return {t.position: len(t.interruptions) for t in loaded.trials}


def test_kill_9_at_random_moments_loses_nothing_and_doubles_nothing(
    tmp_path, known_server
):
    chance = random.Random(20261124)
    plan = write_plan(tmp_path, {"a": "a", "b": "b"}, backend="openai")
    folder = tmp_path / "c" / "records" / "r"
    seen: dict[Path, bytes] = {}
    with known_server({"a": (0.05, 20, 200.0), "b": (0.02, 20, 200.0)}) as server:
        command = [sys.executable, "-m", "collector", "collect", "--resume", "r"]
        command += ["--content", str(tmp_path / "c"), "--plan", str(plan)]
        command += ["--server", server.url]
        for _ in range(KILLS):
            with subprocess.Popen(command, stderr=subprocess.DEVNULL) as child:
                # Half of the kills after the first request of this try.
                if chance.random() < 0.5:
                    server.streaming.clear()
                    server.streaming.wait(10)
                    time.sleep(chance.uniform(0.0, 0.4))
                else:
                    time.sleep(chance.uniform(0.0, 2.0))
                child.kill()
            for path in folder.glob("*/*.json"):
                store.read_record(path)
                assert seen.setdefault(path, path.read_bytes()) == path.read_bytes()
        done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    check_whole(folder, plan)
    assert all(path.read_bytes() == content for path, content in seen.items())


class Stopper:
    """A watcher that stops the run, as Ctrl-C would, when a slot is being measured."""

    def __init__(self, position: int | None = None):
        self.position = position
        self.current = 0
        self.texts = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def tell(self, line):
        pass

    def on_phase(self, slot, phase):
        self.current = slot.position
        if self.position == slot.position and phase == "loading":
            raise KeyboardInterrupt

    def on_text(self, chars, events):
        self.texts += 1
        if self.position == self.current:
            raise KeyboardInterrupt

    def on_trial(self, trial, done, total):
        pass


DEMO_MODELS = {"plain": "demo/plain", "sketch": "demo/sketch"}


def go(tmp_path: Path, server: str, watcher: Stopper, *, resume: str | None = None):
    choices = Choices(
        content=tmp_path / "c",
        plan_path=tmp_path / "plan.toml",
        server=server,
        run_id="r",
        resume=resume,
    )
    told: list[str] = []
    collect_run(choices, watch=lambda _: watcher, tell=told.append)
    return told


@pytest.mark.parametrize("position", [1, 2, 3, 4, 5, 6])
def test_a_resumed_trial_finds_the_cache_that_the_schedule_means(
    tmp_path, position, quick_demo
):
    plan = write_plan(tmp_path, DEMO_MODELS, backend="lmstudio")
    with quick_demo() as server:
        with pytest.raises(KeyboardInterrupt):
            go(tmp_path, server.base_url, Stopper(position))
        told = go(tmp_path, server.base_url, Stopper(), resume="")
    assert told[0] == "going on with the run r"
    folder = tmp_path / "c" / "records" / "r"
    interrupted = check_whole(folder, plan)
    loaded = store.load_run(folder.parent, "r")
    counted = [trial for trial in loaded.trials if not trial.is_warmup]
    assert [trial.cache for trial in counted] == ["cold", "warm"] * 4
    assert {trial.outcome for trial in counted} == {"truncated"}
    if interrupted[position]:
        (trial,) = (t for t in loaded.trials if t.position == position)
        assert [one.kind for one in trial.interruptions] == ["cancelled"]


def test_an_interrupted_stream_is_stopped_at_once_and_noted(tmp_path, quick_demo):
    write_plan(tmp_path, DEMO_MODELS, backend="lmstudio")
    watcher = Stopper(3)
    with quick_demo() as server, pytest.raises(KeyboardInterrupt):
        go(tmp_path, server.base_url, watcher)
    folder = tmp_path / "c" / "records" / "r"
    assert watcher.current == 3
    assert begun(folder) == [1, 2, 3]
    assert "cancelled" in (folder / "journal.jsonl").read_text(encoding="utf-8")
    assert len(list(folder.glob("*/*.json"))) == 2


def test_a_run_that_is_finished_has_nothing_to_go_on_with(tmp_path, quick_demo):
    write_plan(tmp_path, {"plain": "demo/plain"}, backend="lmstudio")
    with quick_demo() as server:
        go(tmp_path, server.base_url, Stopper())
        before = begun(tmp_path / "c" / "records" / "r")
        go(tmp_path, server.base_url, Stopper(), resume="r")
        assert begun(tmp_path / "c" / "records" / "r") == before
        with pytest.raises(PlanError, match="no run is unfinished"):
            go(tmp_path, server.base_url, Stopper(), resume="")


def interrupted_run(tmp_path: Path, server: str) -> Path:
    write_plan(tmp_path, DEMO_MODELS, backend="lmstudio")
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, server, Stopper(5))
    return tmp_path / "c" / "records" / "r"


def test_the_plan_of_a_resumed_run_is_the_one_it_was_begun_with(tmp_path, quick_demo):
    with quick_demo() as server:
        folder = interrupted_run(tmp_path, server.base_url)
        plan = (tmp_path / "plan.toml").read_text(encoding="utf-8")
        changed = plan.replace("rounds = 2", "rounds = 9").replace("= 24", "= 3")
        (tmp_path / "plan.toml").write_text(changed, encoding="utf-8")
        go(tmp_path, server.base_url, Stopper(), resume="r")
    trials = store.load_run(folder.parent, "r").trials
    assert len(trials) == 12
    limits = {t.request.body["max_tokens"] for t in trials if not t.is_warmup}
    assert limits == {24}


def test_a_prompt_that_changed_since_is_not_gone_on_with(tmp_path, quick_demo):
    with quick_demo() as server:
        interrupted_run(tmp_path, server.base_url)
        task = tmp_path / "c" / "tasks" / "json-to-csv"
        task.mkdir(parents=True)
        (task / "prompt.md").write_text("JSON to CSV, please", encoding="utf-8")
        (task / "task.toml").write_text(
            'id = "json-to-csv"\nprompt_language = "en"\ncode_language = "python"\n',
            encoding="utf-8",
        )
        with pytest.raises(PlanError, match="prompt of json-to-csv has changed"):
            go(tmp_path, server.base_url, Stopper(), resume="r")


def test_a_damaged_record_is_named_and_not_written_over(tmp_path, quick_demo):
    with quick_demo() as server:
        folder = interrupted_run(tmp_path, server.base_url)
        damaged = next(iter(folder.glob("*/json-to-csv-01.json")))
        damaged.write_bytes(damaged.read_bytes()[:100])
        with pytest.raises(CollectorError, match=r"json-to-csv-01\.json: is not compl"):
            go(tmp_path, server.base_url, Stopper(), resume="r")
        assert len(damaged.read_bytes()) == 100


def test_two_collectors_on_one_run_are_refused(tmp_path, quick_demo):
    with quick_demo() as server:
        folder = interrupted_run(tmp_path, server.base_url)
        with run_lock(folder), pytest.raises(RunLockedError, match="another collector"):
            go(tmp_path, server.base_url, Stopper(), resume="r")
        go(tmp_path, server.base_url, Stopper(), resume="r")


def test_a_server_that_goes_away_stops_the_run_and_costs_no_trial(
    tmp_path, known_server
):
    plan = write_plan(tmp_path, {"a": "a"}, backend="openai")
    with known_server({"a": (0.0, 3, 100.0)}) as server:

        class Closer(Stopper):
            def on_trial(self, trial, done, total):
                if done == 2:
                    server.close()

        with pytest.raises(CollectorError, match="the server is gone") as caught:
            go(tmp_path, server.url, Closer())
    assert "stopped at 3 (a, json-to-csv #2)" in str(caught.value)
    assert "--resume r" in str(caught.value)
    folder = tmp_path / "c" / "records" / "r"
    assert len(list(folder.glob("a/*.json"))) == 2
    with known_server({"a": (0.0, 3, 100.0)}) as server:
        go(tmp_path, server.url, Stopper(), resume="r")
    check_whole(folder, plan)


def test_a_full_disk_stops_the_run_where_it_is_and_leaves_the_rest_readable(
    tmp_path, known_server, monkeypatch
):
    plan = write_plan(tmp_path, {"a": "a"}, backend="openai")
    real = os.fsync
    left = [7]

    def fsync(number):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        real(number)

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    with known_server({"a": (0.0, 3, 100.0)}) as server:
        with pytest.raises(CollectorError, match="No space left") as caught:
            go(tmp_path, server.url, Stopper())
        assert "stopped at" in str(caught.value)
        folder = tmp_path / "c" / "records" / "r"
        kept = store.load_run(folder.parent, "r")
        assert kept.bad == ()
        assert 0 < len(kept.trials) < 6
        monkeypatch.setattr(atomic.os, "fsync", real)
        go(tmp_path, server.url, Stopper(), resume="r")
    check_whole(folder, plan)


def test_resuming_takes_no_choices_that_the_run_has_made(tmp_path):
    result = CliRunner().invoke(cli, ["collect", "--resume", "r", "--rounds", "2"])
    assert result.exit_code == 2
    assert "without --rounds" in result.output


def test_a_journal_cut_in_two_by_a_crash_is_read_and_gone_on_with(tmp_path):
    journal = Journal(path=tmp_path / "journal.jsonl", now=Clocks().now)
    journal.begin(1)
    journal.cancel(1)
    journal.begin(1)
    with journal.path.open("ab") as file:
        file.write(b'{"position": 2, "ev')
    journal.begin(3)
    found = journal.interruptions()
    assert {p: [i.kind for i in all_] for p, all_ in found.items()} == {
        1: ["cancelled", "lost"],
        3: ["lost"],
    }


def test_code_of_an_attempt_that_left_no_record_does_not_stay(tmp_path, known_server):
    write_plan(tmp_path, {"a": "a"}, backend="openai")
    stale = tmp_path / "c" / "records" / "r" / "a" / "json-to-csv-01.py"
    stale.parent.mkdir(parents=True)
    stale.write_text("from an attempt that was killed", encoding="utf-8")
    with known_server({"a": (0.0, 1, 100.0)}, text="no code") as server:
        go(tmp_path, server.url, Stopper(), resume="r")
    assert not stale.exists()
