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
if sys.argv[1] == "bare":
    import matplotlib.font_manager
    matplotlib.font_manager.fontManager.ttflist.clear()
    matplotlib.font_manager.fontManager.afmlist.clear()
words = json.loads(sys.argv[2])
points = tuple(
    ModelPoint(name=name, hue=hue, decode_tok_s=rate, ttft_s=0.5, generation_s=rate,
               structure_position=position)
    for name, hue, rate, position in (
        ("Qwen 3", 1, 76.02, "speed_end"), ("日本語 & $x$", 2, 14.33, None),
        ("Third", 3, 13.55, None), ("Fourth", 4, None, "middle"))
)
chart = ChartInput(points=points, words=words, format_number=lambda v, d: f"{v:.{d}f}")
for chart_id in CHART_IDS:
    for narrow in (False, True):
        print(render_svg(chart_id, chart, title="t", description="d", narrow=narrow))
"""


def run_python(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        check=True,
    )


def test_neither_hash_seed_nor_fonts_nor_settings_change_a_byte(tmp_path, english):
    words = json.dumps(english)
    (tmp_path / "matplotlibrc").write_text(
        "font.size: 30\nlines.linewidth: 9\nsvg.fonttype: path\naxes.grid: True\n"
        "axes.facecolor: red\npath.sketch: 5, 10, 1\nfont.family: serif\n"
    )
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    usual = run_python(DRAW_ALL, "usual", words, PYTHONHASHSEED="1")
    bare = run_python(
        DRAW_ALL,
        "bare",
        words,
        PYTHONHASHSEED="2",
        HOME=str(tmp_path),
        MPLCONFIGDIR=str(tmp_path),
        FONTCONFIG_FILE=str(tmp_path / "fonts.conf"),
        SOURCE_DATE_EPOCH="0",
        LANG="C",
        TZ="Asia/Tokyo",
    )
    assert usual.stdout == bare.stdout
    assert usual.stdout.count(b"<svg ") == 8
    assert "日本語 &amp; $x$".encode() in usual.stdout


def test_drawing_twice_gives_the_same_and_changes_no_settings(draw, published):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    first = draw("speed-structure", published).svg
    assert draw("speed-structure", published).svg == first
    assert dict(mpl.rcParams) == before


def test_nothing_is_imported_before_something_is_drawn():
    code = (
        "import sys, site_builder.charts as c\n"
        "assert c.CHART_IDS and c.CHART_WORDS\n"
        "assert not {'matplotlib', 'numpy'} & set(sys.modules), 'imported early'"
    )
    run_python(code)


def test_pyplot_is_never_imported(english):
    run_python(
        DRAW_ALL + "\nassert 'matplotlib.pyplot' not in sys.modules",
        "usual",
        json.dumps(english),
    )
