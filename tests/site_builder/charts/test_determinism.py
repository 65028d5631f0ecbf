"""The same input gives the same bytes, whatever machine draws it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import site_builder

ROOT = Path(site_builder.__file__).parents[1]
DRAW_ALL = """
import json, sys
from site_builder.charts import CHART_IDS, ChartInput, ModelPoint, render_svg
from site_builder.charts.data import CaseMark, Course, Spread
words = json.loads(sys.argv[1])
third = Spread(median=1 / 3, low=0.1, high=2 / 3)
points = tuple(
    ModelPoint(name=name, hue=hue, decode_tok_s=rate, ttft_s=0.5, generation_s=rate,
               structure_position=position, rates=(rate or 1, 3.0), rate_interval=third,
               course=Course(points=((0.1, 0), (1 / 3, 7), (hue, 99))), load_s=1 / 3,
               traits=(third,), cases=(CaseMark(result="fail", is_mixed=True),))
    for name, hue, rate, position in (
        ("Qwen 3", 1, 76.02, "speed_end"), ("日本語 & $x$", 2, 14.33, None),
        ("Third", 3, 13.55, None), ("Fourth", 4, None, "middle"))
)
chart = ChartInput(points=points, words=words, format_number=lambda v, d: f"{v:.{d}f}",
                   results={"fail": "fails"}, trait_names=("Types",))
for chart_id in CHART_IDS:
    for narrow in (False, True):
        print(render_svg(chart_id, chart, title="t", description="d", narrow=narrow))
assert "matplotlib" not in sys.modules
"""


def run_python(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        check=True,
    )


def test_neither_hash_seed_nor_fonts_nor_locale_change_a_byte(tmp_path, english):
    words = json.dumps(english)
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    usual = run_python(DRAW_ALL, words, PYTHONHASHSEED="1")
    bare = run_python(
        DRAW_ALL,
        words,
        PYTHONHASHSEED="2",
        HOME=str(tmp_path),
        FONTCONFIG_FILE=str(tmp_path / "fonts.conf"),
        SOURCE_DATE_EPOCH="0",
        LANG="C",
        TZ="Asia/Tokyo",
        PYTHONUTF8="1",
    )
    assert usual.stdout == bare.stdout
    assert usual.stdout.count(b"<svg ") == 12
    assert "日本語 &amp; $x$".encode() in usual.stdout
