"""The files a reader can download: figures, schemas, and the records themselves."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import JsonValue

from collector.record import KINDS, Run, Trial, Verdict, record_schema
from collector.store import LoadedRun
from site_builder.analysis.summary import SUMMARY_METRICS, ModelSummary, summary_rows
from site_builder.findings import CodeEvidence, evidence_row
from site_builder.places import (
    RECORDS,
    answer_path,
    code_path,
    record_path,
    run_path,
)
from site_builder.trial_rows import COLUMNS, trial_rows

SUMMARY_JSON = "data/summary.json"
SUMMARY_CSV = "data/summary.csv"
TRIALS_CSV = "data/trials.csv"
SCHEMA_FOLDER = "data/schema"

SUMMARY_COLUMNS = (
    "model",
    "name",
    *SUMMARY_METRICS,
    "finish_reason",
    "n_trials",
    "source",
    "level",
    "cases_passed",
    "cases_counted",
    "structure_index",
    "archetype",
)

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_COMPACT_KEYS = frozenset({"timeline"})


def data_files(
    run: LoadedRun, summaries: tuple[ModelSummary, ...], found: CodeEvidence
) -> dict[str, bytes]:
    """Return the files by their path inside the site."""
    rows = [
        {**row, **evidence_row(found, summary.model.model_id)}
        for row, summary in zip(summary_rows(summaries), summaries, strict=True)
    ]
    records = record_files(run)
    files = {
        SUMMARY_JSON: (json.dumps(rows, ensure_ascii=False, indent=2) + "\n").encode(),
        SUMMARY_CSV: _csv(SUMMARY_COLUMNS, rows),
        TRIALS_CSV: _csv(COLUMNS, trial_rows(summaries, found, run.codes)),
        zip_path(run.run.run_id): _zip(records),
        f"{SCHEMA_FOLDER}/record.schema.json": record_schema().encode(),
    }
    for kind in KINDS:
        files[f"{SCHEMA_FOLDER}/{kind}.schema.json"] = record_schema(kind).encode()
    return {**files, **records}


def zip_path(run_id: str) -> str:
    """Return the path of the archive with all records of a run."""
    return f"data/{run_id}.zip"


def record_files(run: LoadedRun) -> dict[str, bytes]:
    """Return the run's records as the collector saves them, and the answers' texts."""
    files = {run_path(run.run.run_id): _record(run.run)}
    for trial in run.trials:
        files[record_path(trial)] = _record(trial)
        code = run.codes.get((trial.model_id, trial.task_id, trial.number))
        if code is not None and not trial.is_warmup:
            files[code_path(trial)] = code.encode()
        if trial.answer_text and not trial.is_warmup:
            files[answer_path(trial)] = trial.answer_text.encode()
    for verdict in run.verdicts:
        files[record_path(verdict)] = _record(verdict)
    return files


def _record(record: Run | Trial | Verdict) -> bytes:
    """Write a record as the collector does, so that its file can be read again."""
    fields: dict[str, JsonValue] = record.model_dump(mode="json")
    lines = [
        f"  {json.dumps(key)}: {_value(value, is_compact=key in _COMPACT_KEYS)}"
        for key, value in fields.items()
    ]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _value(value: JsonValue, *, is_compact: bool) -> str:
    if is_compact:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")


def _zip(files: Mapping[str, bytes]) -> bytes:
    """Pack records into the same bytes on every machine.

    They are not compressed: compressors of different versions write different bytes.
    Unpacked into a folder of records they are a run.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path.removeprefix(f"{RECORDS}/"), _ZIP_DATE)
            # Else it names the system it was made on.
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[path])
    return out.getvalue()


def _csv(columns: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> bytes:
    """Write rows as CSV; a value that is not known is an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
