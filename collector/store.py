"""Where records lie on disk: save one atomically, read all and name the bad ones.

    <records>/<run>/run.json
    <records>/<run>/<model>/<task>-<nn>.json            a trial
    <records>/<run>/<model>/<task>-<nn>.py              its code, as saved
    <records>/<run>/<model>/<task>-<nn>.verdict.json    what running the code showed

Runs never share a folder, so two machines' records merge by copying.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue, TypeAdapter, ValidationError

from collector.atomic import write_atomically
from collector.errors import RecordError, StorageError
from collector.record import Record, Run, Trial, Verdict
from collector.upgrade import VersionError, upgrade

__all__ = [
    "BadRecord",
    "LoadedRun",
    "RecordError",
    "RunRecords",
    "StorageError",
    "code_path",
    "list_runs",
    "load_run",
    "read_record",
    "run_path",
    "save_code",
    "save_run",
    "save_trial",
    "save_verdict",
    "trial_path",
    "verdict_path",
]

_RECORD: TypeAdapter[Run | Trial | Verdict] = TypeAdapter(Record)
_COMPACT_KEYS = frozenset({"timeline"})
_VERDICT_SUFFIX = ".verdict.json"


@dataclass(frozen=True, kw_only=True)
class BadRecord:
    """A file that could not be used: where it lies, and why, with the remedy."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class RunRecords:
    """A run's folder as listed: its run record and its place."""

    run: Run
    folder: Path


@dataclass(frozen=True, kw_only=True)
class LoadedRun:
    """A run with everything readable in its folder, in a fixed order.

    Attributes:
        trials: Warm-ups included, by model in the run's order, task and number.
        codes: Saved code by (model_id, task_id, number).
        bad: Files that were left out.
    """

    run: Run
    trials: tuple[Trial, ...]
    verdicts: tuple[Verdict, ...]
    codes: dict[tuple[str, str, int], str]
    bad: tuple[BadRecord, ...]


def run_path(records: Path, run_id: str) -> Path:
    """Where a run's own record lies."""
    return records / run_id / "run.json"


def trial_path(records: Path, trial: Trial | Verdict) -> Path:
    """Where a trial lies, or the trial that a verdict judges."""
    stem = f"{trial.task_id}-{trial.number:02d}.json"
    return records / trial.run_id / trial.model_id / stem


def code_path(records: Path, trial: Trial | Verdict) -> Path:
    """Where a trial's code lies."""
    return trial_path(records, trial).with_suffix(".py")


def verdict_path(records: Path, verdict: Verdict) -> Path:
    """Where a verdict lies: beside its trial."""
    return trial_path(records, verdict).with_suffix(_VERDICT_SUFFIX)


def save_run(records: Path, run: Run) -> Path:
    """Write a run's record and return its path; raises StorageError."""
    return _save(run_path(records, run.run_id), run)


def save_trial(records: Path, trial: Trial) -> Path:
    """Write a trial's record and return its path; raises StorageError."""
    return _save(trial_path(records, trial), trial)


def save_verdict(records: Path, verdict: Verdict) -> Path:
    """Write a verdict's record and return its path; raises StorageError."""
    return _save(verdict_path(records, verdict), verdict)


def save_code(records: Path, trial: Trial, code: str | None) -> Path:
    """Write a trial's code as it came and return its path; raises StorageError.

    None removes what an earlier attempt, whose record was never written, left there.
    """
    path = code_path(records, trial)
    if code is not None:
        write_atomically(path, code.encode("utf-8"))
    elif path.exists():
        try:
            path.unlink()
        except OSError as error:
            raise StorageError(
                f"{path}: cannot be removed ({error.strerror or error}): "
                "it belongs to an attempt that was interrupted; remove it"
            ) from error
    return path


def read_record(path: Path) -> Run | Trial | Verdict:
    """Read one record of any version up to the present one.

    Raises:
        RecordError: Unreadable, no JSON, newer, or not as the schema wants it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordError(
            f"{path}: cannot be read ({error.strerror}): check its permissions"
        ) from error
    try:
        document = json.loads(content)
        if not isinstance(document, dict):
            raise RecordError(
                f"{path}: holds {type(document).__name__}, not a JSON object: "
                "restore it or delete it"
            )
        upgraded = upgrade(document)
        if upgraded is not document:
            content = json.dumps(upgraded).encode()
        return _RECORD.validate_json(content)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RecordError(
            f"{path}: is not complete JSON ({error}): restore it or delete it"
        ) from error
    except VersionError as error:
        raise RecordError(f"{path}: {error}") from error
    except ValidationError as error:
        raise RecordError(f"{path}: {_first_fault(error)}") from error


def list_runs(records: Path) -> tuple[list[RunRecords], list[BadRecord]]:
    """List the runs of a records folder by name, and the run files that are bad.

    A folder that does not exist holds no runs.
    """
    runs: list[RunRecords] = []
    bad: list[BadRecord] = []
    for path in sorted(records.glob("*/run.json")):
        try:
            runs.append(RunRecords(run=_read_run(path), folder=path.parent))
        except RecordError as error:
            bad.append(_bad(path, error))
    return runs, bad


def load_run(records: Path, run_id: str) -> LoadedRun:
    """Read a run and all its trials; bad files are named and left out.

    Raises:
        RecordError: The run's own record is missing or bad.
    """
    path = records / run_id / "run.json"
    if not path.is_file():
        known = ", ".join(sorted(p.parent.name for p in records.glob("*/run.json")))
        raise RecordError(
            f"{path}: there is no run {run_id!r}: "
            f"choose one of {known or 'none yet; run seikaku collect first'}"
        )
    run = _read_run(path)
    order = {model.model_id: index for index, model in enumerate(run.models)}
    trials: list[Trial] = []
    verdicts: list[Verdict] = []
    bad: list[BadRecord] = []
    for file in sorted(path.parent.glob("*/*.json")):
        if file.name.startswith("."):
            continue
        try:
            record = _read_member(file, run=run, records=records)
        except RecordError as error:
            bad.append(_bad(file, error))
            continue
        if isinstance(record, Trial):
            trials.append(record)
        else:
            verdicts.append(record)
    trials.sort(key=lambda t: (order[t.model_id], t.task_id, t.number))
    verdicts.sort(key=lambda v: (order[v.model_id], v.task_id, v.number))
    return LoadedRun(
        run=run,
        trials=tuple(trials),
        verdicts=tuple(verdicts),
        codes=_read_codes(records, trials, bad),
        bad=tuple(bad),
    )


def _read_run(path: Path) -> Run:
    record = read_record(path)
    if not isinstance(record, Run):
        raise RecordError(
            f"{path}: is a {record.kind}, not a run: move it to its place"
        )
    if record.run_id != path.parent.name:
        raise RecordError(
            f"{path}: says run_id {record.run_id!r}, but lies in the folder "
            f"{path.parent.name!r}: rename the folder or restore the file"
        )
    return record


def _read_member(path: Path, *, run: Run, records: Path) -> Trial | Verdict:
    record = read_record(path)
    if isinstance(record, Run):
        raise RecordError(f"{path}: is a run, not a trial or verdict: move it away")
    expected = (
        trial_path(records, record)
        if isinstance(record, Trial)
        else verdict_path(records, record)
    )
    if expected != path:
        raise RecordError(
            f"{path}: says it belongs at {expected}: move it there or delete it"
        )
    if record.model_id not in {model.model_id for model in run.models}:
        raise RecordError(
            f"{path}: run.json does not list the model {record.model_id!r}: "
            "restore run.json or delete the file"
        )
    return record


def _read_codes(
    records: Path, trials: list[Trial], bad: list[BadRecord]
) -> dict[tuple[str, str, int], str]:
    codes: dict[tuple[str, str, int], str] = {}
    for trial in trials:
        path = code_path(records, trial)
        try:
            text = path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            reason = f"cannot be read as UTF-8 ({error}): restore it or delete it"
            bad.append(BadRecord(path=path, reason=reason))
            continue
        codes[trial.model_id, trial.task_id, trial.number] = text
    return codes


def _save(path: Path, record: Run | Trial | Verdict) -> Path:
    fields: dict[str, JsonValue] = record.model_dump(mode="json")
    lines = [
        f"  {json.dumps(key)}: {_dump(value, is_compact=key in _COMPACT_KEYS)}"
        for key, value in fields.items()
    ]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    write_atomically(path, text.encode("utf-8"))
    return path


def _dump(value: JsonValue, *, is_compact: bool) -> str:
    if is_compact:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")


def _first_fault(error: ValidationError) -> str:
    faults = error.errors(include_url=False)
    first = faults[0]
    place = ".".join(str(part) for part in first["loc"]) or "the record"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{place}: {first['msg']}{more}: restore the file or delete it"


def _bad(path: Path, error: RecordError) -> BadRecord:
    return BadRecord(path=path, reason=str(error).removeprefix(f"{path}: "))
