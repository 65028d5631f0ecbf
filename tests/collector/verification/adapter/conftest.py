"""Two tasks that are each other's reverse, and a place to run our own programs in."""

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from collector.verification.observation import Shape, Stimulus
from collector.verification.sandbox.protocol import Outcome, Tier

ROWS = [{"id": 1, "name": "山田"}, {"id": 2, "name": "a,b"}]
JSON_INPUT = json.dumps(ROWS, ensure_ascii=False).encode()
CSV_INPUT = 'id,name\n1,山田\n2,"a,b"\n'.encode()


class PlainProcess:
    """Runs programs of ours as they are; model output never comes here."""

    tier = Tier(name="none", version=None, guest_python="3")

    def __init__(self, python=sys.executable):
        self.python = python
        self.jobs = []

    def run(self, job):
        self.jobs.append(job)
        with TemporaryDirectory() as folder:
            root = Path(folder)
            for name, content in job.files.items():
                (root / name).write_bytes(content)
            began = time.monotonic()
            ended = subprocess.run(
                [self.python, job.script, *job.arguments],
                cwd=root,
                env={"PYTHONUTF8": "1", **job.environment},
                input=job.stdin,
                capture_output=True,
                timeout=30,
                check=False,
            )
            return Outcome(
                ending="exit",
                exit_code=ended.returncode,
                stdout=ended.stdout,
                stderr=ended.stderr,
                files={
                    path.name: path.read_bytes()
                    for path in root.iterdir()
                    if path.name.endswith(job.collects)
                    and path.read_bytes() != job.files.get(path.name)
                },
                wall_s=time.monotonic() - began,
            )


@pytest.fixture
def sandbox():
    return PlainProcess()


@pytest.fixture
def to_csv():
    return Shape(
        input_suffix=".json",
        output_suffix=".csv",
        entry_words={"convert": 2, "json": 1, "csv": 1, "load": -3, "read": -3},
        input_words=("json", "in", "input", "src", "source", "path", "file"),
        output_words=("csv", "out", "output", "dst", "dest", "target"),
        text_words=("json_string", "json_str", "text"),
        object_words=("data", "records", "rows", "items"),
        parses="json",
    )


@pytest.fixture
def to_json():
    return Shape(
        input_suffix=".csv",
        output_suffix=".json",
        entry_words={"convert": 2, "json": 1, "csv": 1, "load": -3, "read": -3},
        input_words=("csv", "in", "input", "src", "source", "path", "file"),
        output_words=("json", "out", "output", "dst", "dest", "target"),
        text_words=("csv_string", "csv_str", "text"),
        object_words=("data", "records", "rows", "items"),
        parses="csv",
    )


@pytest.fixture
def json_stimulus():
    return Stimulus(content=JSON_INPUT)


@pytest.fixture
def csv_stimulus():
    return Stimulus(content=CSV_INPUT)
