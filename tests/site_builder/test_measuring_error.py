"""The article tells our own error where it was determined, and only there."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from seikaku import cli

CONTENT = Path(__file__).parents[2] / "content"


def measuring_error(tok_s: float, ttft_s: float) -> dict[str, float]:
    return {
        "tok_s": tok_s,
        "n": 3,
        "chunks": 50,
        "ttft_error_median_s": ttft_s,
        "ttft_error_max_s": -4 * ttft_s,
        "rate_error_median_ratio": 0.0003,
        "rate_error_max_ratio": -0.0017,
    }


CALIBRATION = {
    "at": "2026-11-24T01:02:03Z",
    "errors": [measuring_error(76.0, 0.00041), measuring_error(1000.0, 0.00052)],
}


def built(folder: Path, **changes: object) -> dict[str, str]:
    """Build the article on the published run with changes to its record."""
    content = folder / "content"
    shutil.copytree(CONTENT, content)
    path = content / "records" / "published" / "run.json"
    record = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(record), encoding="utf-8")
    arguments = ["build", "--content", str(content), "--output", str(folder / "site")]
    result = CliRunner().invoke(cli, [*arguments, "--run", "published"])
    assert result.exit_code == 0, result.output
    return {
        language: (folder / "site" / language / "index.html").read_text("utf-8")
        for language in ("ja", "en")
    }


def test_the_paragraph_and_the_rows_show_the_calibration(tmp_path):
    pages = built(tmp_path, source="measured", calibration=CALIBRATION)
    assert "by 0.41 ms in the median and by 1.64 ms when it went" in pages["en"]
    assert (
        "At 1,000 tok/s, the first token was off by 0.52 ms and 2.08 ms"
        in (pages["en"])
    )
    assert "ずれは中央値で0.41ミリ秒、最大で1.64ミリ秒、" in pages["ja"]
    assert "ずれは0.03%と0.17%でした" in pages["ja"]
    assert "Our own measuring error at 1,000 tok/s" in pages["en"]
    assert "計測自体の誤差（1,000 tok/sのとき）" in pages["ja"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"source": "measured"},
        {"source": "demo", "calibration": {**CALIBRATION, "errors": []}},
        {
            "source": "measured",
            "calibration": {**CALIBRATION, "errors": CALIBRATION["errors"][:1]},
        },
    ],
)
def test_without_both_rates_there_is_no_such_paragraph(tmp_path, changes):
    pages = built(tmp_path, **changes)
    assert "Measuring has an error of its own" not in pages["en"]
    assert "測ること自体にも誤差があります" not in pages["ja"]


def test_both_languages_refer_to_the_same_errors():
    found = [
        Counter(
            re.findall(
                r'calibration\("\w+", \d+\) \| u',
                (CONTENT / language / "article.md").read_text(encoding="utf-8"),
            )
        )
        for language in ("ja", "en")
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 10
