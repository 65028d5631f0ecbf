"""The files a reader can download: figures, schema, code."""

import csv
import io
import json

from collector.record import KINDS, record_schema
from collector.store import LoadedRun
from site_builder.analysis.summary import ModelSummary, summary_rows
from site_builder.findings import CodeEvidence, evidence_row

SUMMARY_JSON = "data/summary.json"
SUMMARY_CSV = "data/summary.csv"
SCHEMA_FOLDER = "data/schema"


def data_files(
    run: LoadedRun, summaries: tuple[ModelSummary, ...], found: CodeEvidence
) -> dict[str, bytes]:
    """Return the files by their path inside the site."""
    rows = [
        {**row, **evidence_row(found, summary.model.model_id)}
        for row, summary in zip(summary_rows(summaries), summaries, strict=True)
    ]
    files = {
        SUMMARY_JSON: (json.dumps(rows, ensure_ascii=False, indent=2) + "\n").encode(),
        SUMMARY_CSV: _csv(rows).encode(),
        f"{SCHEMA_FOLDER}/record.schema.json": record_schema().encode(),
    }
    for kind in KINDS:
        files[f"{SCHEMA_FOLDER}/{kind}.schema.json"] = record_schema(kind).encode()
    for (model_id, task_id, number), code in run.codes.items():
        name = f"{task_id}-{number:02d}.py"
        files[f"data/records/{run.run.run_id}/{model_id}/{name}"] = code.encode()
    return files


def _csv(rows: list[dict[str, object]]) -> str:
    """Write rows as CSV; a value that is not known is an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
