"""Records: every version is read, a bad file is named with its remedy, none is lost."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector import store
from collector.errors import RecordError, StorageError
from collector.record import (
    SCHEMA_VERSION,
    Chunk,
    PlannedModel,
    Rig,
    Run,
    Server,
    Trial,
    record_schema,
)
from collector.upgrade import VersionError, upgrade

GOLDEN = Path(__file__).parents[1] / "golden" / "records"
TEXT = st.text(alphabet="aé日🍣\n\t\"\\<&\x00 '", max_size=20)


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
@pytest.mark.parametrize("kind", ["run", "trial", "verdict"])
def test_the_golden_record_of_every_version_is_read(version, kind):
    record = store.read_record(GOLDEN / f"v{version}" / f"{kind}.json")
    assert record.kind == kind
    assert record.schema_version == SCHEMA_VERSION


@pytest.mark.parametrize(
    ("name", "reason", "remedy"),
    [
        ("from_the_future", "schema_version 999 is newer", "update Seikaku"),
        ("no_version", "schema_version is missing", "restore it or delete it"),
        ("version_is_text", "schema_version is '1'", "restore the file"),
        ("unknown_field", "explanation", "restore the file"),
        ("failed_without_a_failure", "a failure is given exactly", "restore"),
        ("times_run_backwards", "run backwards", "restore"),
        ("unknown_as_a_word", "load_s", "restore"),
        ("cut_in_the_middle", "is not complete JSON", "restore it or delete it"),
        ("a_list", "holds list, not a JSON object", "restore it"),
        ("number_is_not_finite", "restore the file", "delete it"),
    ],
)
def test_a_bad_record_is_refused_with_name_reason_and_remedy(name, reason, remedy):
    path = GOLDEN / "bad" / f"{name}.json"
    with pytest.raises(RecordError) as caught:
        store.read_record(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert reason in message
    assert remedy in message


def test_every_bad_file_is_tested():
    assert len(list((GOLDEN / "bad").iterdir())) == 10


def test_an_old_document_takes_every_step_in_order():
    steps = {1: lambda d: {**d, "a": "one"}, 2: lambda d: {**d, "b": d["a"] + "+two"}}
    upgraded = upgrade({"schema_version": 1}, steps=steps, current=3)
    assert upgraded == {"schema_version": 3, "a": "one", "b": "one+two"}


@pytest.mark.parametrize("version", [None, 0, -1, True, 1.0, 4])
def test_a_version_that_is_none_or_too_new_is_refused(version):
    with pytest.raises(VersionError):
        upgrade({"schema_version": version}, steps={}, current=3)


@given(
    answer=TEXT,
    thought=TEXT,
    gaps=st.lists(st.integers(0, 10**6), max_size=5),
    usage=st.none() | st.dictionaries(TEXT, st.integers(), max_size=3),
)
def test_what_is_saved_is_what_is_read(tmp_path_factory, answer, thought, gaps, usage):
    times = [sum(gaps[: index + 1]) for index in range(len(gaps))]
    trial = Trial(
        run_id="r",
        model_id="m",
        task_id="t",
        number=1,
        outcome="complete",
        timeline=tuple(Chunk(t, "answer", 1) for t in times),
        answer_text=answer,
        reasoning_text=thought,
        usage=usage,
    )
    path = store.save_trial(tmp_path_factory.mktemp("records"), trial)
    assert store.read_record(path) == trial


def make_run(records: Path) -> Run:
    run = Run(
        run_id="golden",
        source="measured",
        models=(PlannedModel(model_id="m", key="k", name="M"),),
        rig=Rig(),
        server=Server(),
    )
    store.save_run(records, run)
    return run


def test_bad_files_are_listed_and_the_rest_is_used(tmp_path):
    make_run(tmp_path)
    folder = tmp_path / "golden" / "m"
    folder.mkdir()
    shutil.copy(GOLDEN / "v1/trial.json", folder / "json-to-csv-01.json")
    shutil.copy(GOLDEN / "v1/verdict.json", folder / "json-to-csv-01.verdict.json")
    shutil.copy(GOLDEN / "v1/trial.json", folder / "json-to-csv-07.json")
    shutil.copy(GOLDEN / "bad/cut_in_the_middle.json", folder / "json-to-csv-02.json")
    (folder / ".json-to-csv-03.json.ab12.tmp").write_bytes(b"half")
    (folder / "json-to-csv-01.py").write_text("print('答え')\n", encoding="utf-8")

    loaded = store.load_run(tmp_path, "golden")

    assert [trial.number for trial in loaded.trials] == [1]
    assert len(loaded.verdicts) == 1
    assert loaded.codes == {("m", "json-to-csv", 1): "print('答え')\n"}
    assert {bad.path.name for bad in loaded.bad} == {
        "json-to-csv-02.json",
        "json-to-csv-07.json",
    }
    assert any("says it belongs at" in bad.reason for bad in loaded.bad)


def test_a_run_that_is_not_there_names_those_that_are(tmp_path):
    make_run(tmp_path)
    with pytest.raises(RecordError, match="choose one of golden"):
        store.load_run(tmp_path, "other")


def test_a_write_that_fails_leaves_nothing_behind(tmp_path):
    blocked = tmp_path / "r" / "run.json"
    blocked.mkdir(parents=True)
    run = make_run(tmp_path).model_copy(update={"run_id": "r"})
    with pytest.raises(StorageError, match="cannot be written"):
        store.save_run(tmp_path, run)
    assert list((tmp_path / "r").iterdir()) == [blocked]


def test_the_schema_describes_every_kind_and_field():
    schema = json.loads(record_schema())
    assert set(schema["discriminator"]["mapping"]) == {"run", "trial", "verdict"}
    trial = json.loads(record_schema("trial"))
    assert set(trial["properties"]) == set(Trial.model_fields)
    assert "description" in trial["properties"]["load_s"]
