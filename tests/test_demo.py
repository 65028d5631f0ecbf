"""The whole main job on real input: server, HTTP, records, site."""

import json
import os
import subprocess
import sys
from pathlib import Path

RATES = {
    "qwen3-vl-4b": 900,
    "hermes-4-14b": 700,
    "gemma-3n-e4b": 520,
    "gpt-oss-20b": 560,
}


def test_the_demo_measures_over_http_and_labels_all_it_shows(tmp_path: Path):
    output = tmp_path / "demo"
    done = subprocess.run(
        [sys.executable, "-m", "seikaku", "demo", "--output", str(output)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(output / "index.html") in done.stdout

    rows = json.loads((output / "data/summary.json").read_text(encoding="utf-8"))
    for row in rows:
        assert row["source"] == "demo"
        assert row["name"].startswith("Demo ")
        assert abs(row["decode_tok_s"] / RATES[row["model"]] - 1) < 0.05
        assert row["finish_reason"] == "stop"
    trials = tmp_path / "demo-records" / "demo" / "gpt-oss-20b"
    assert (trials / "json-to-csv-02.json").is_file()
    assert "argparse" in (trials / "json-to-csv-01.py").read_text(encoding="utf-8")
    notices = {"ja": "デモのデータです", "en": "Demo data."}
    for page in output.rglob("index.html"):
        text = page.read_text(encoding="utf-8")
        assert "Qwen" not in text
        if page.relative_to(output).parts[0] in notices:
            assert notices[page.relative_to(output).parts[0]] in text
