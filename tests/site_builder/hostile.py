"""Answers that try to leave their place on a page, and runs that hold them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from collector.store import LoadedRun
from site_builder.build import BuildPlan, build

from .scenarios import GEMMA, GPT_OSS, HERMES, QWEN, answering, measured
from .small_site import ROOT, small_site

FENCE = "```"
MARKUP = (
    "</code></pre></details></main><script>window.taken=1</script>\n"
    '<img src=x onerror="window.taken=2"><svg onload="window.taken=3"></svg>\n'
    "[a](javascript:window.taken=4) [b](data:text/html,<script>window.taken=5</script>)"
    " ![c](https://evil.example/c.png) [d](https://evil.example/d) &lt;script&gt;\n"
)
CONTROLS = "\x1b[31mred\x1b[0m \u202eoverride\u202c nul\x00 zero\u200bwidth &#x202e;"
ANSWER = (
    f"# Title\n\n{MARKUP}\n{CONTROLS}\n\n````md\n{FENCE}python\nx </script>\n{FENCE}\n"
    f"````\n\n| | b |\n|:-:|--:|\n| <b>1</b> | 2 |\n\n{'L' * 10_000}\n\n"
    f"{FENCE}python\nprint('y')  # </pre><script>window.taken=6</script>\n{FENCE}\n"
    "{{ 7 * 7 }} {% raw %} ]]> -->\n"
)
CODE = (
    f'x = "{"L" * 10_000}"\n'
    "print('</code></pre><script>window.taken=7</script>')  # \u202e\x1b[31m\x00\n"
    "\n\nif x:\n\tpass\n"
)
LONG_CODE = "".join(f"value_{n} = [{n}, '{n}', {n}.0]\n" for n in range(1, 3001))
LONG_ANSWER = "".join(f"Line {n} of it, and some words.\n" for n in range(1, 16_001))
"""Half a million characters."""

NAME = "<b>ひ</b>とつ</script> " + "無" * 300


def hostile_run(n: int = 3) -> LoadedRun:
    """Make a run of four models whose answers and code are as bad as can be."""
    answered = answering(
        measured(n, events=40),
        {
            QWEN: [f"<think>\n<i>hm</i>\n</think>\n{ANSWER}", LONG_ANSWER, ANSWER],
            HERMES: ["Only prose."],
            GEMMA: [f"{ANSWER}\n{number}" for number in range(n)],
            GPT_OSS: ["- item **b** `c`\n" * 1500, "", "thought</think>said"],
        },
    )
    return with_codes(
        answered,
        {QWEN: [CODE, CODE, LONG_CODE], GEMMA: [f"{CODE}# {i}\n" for i in range(n)]},
    )


def with_codes(run: LoadedRun, codes: Mapping[str, Sequence[str]]) -> LoadedRun:
    """Save these programs beside the trials, beginning anew where they run out."""
    saved = {
        (trial.model_id, trial.task_id, trial.number): own[
            (trial.number - 1) % len(own)
        ]
        for trial in run.trials
        if not trial.is_warmup and (own := codes.get(trial.model_id))
    }
    return replace(run, codes=saved)


def built(folder: Path, run: LoadedRun, **plan: str) -> dict[str, bytes]:
    """Build a site of a run without claims; return its files by path."""
    content = folder / "content"
    small_site(content, run)
    (content / "claims.toml").unlink()
    for language in ("ja", "en"):
        article = content / language / "article.md"
        text = '+++\ntitle = "T"\ndescription = "D"\n+++\n\nText.\n\n## A {#a}\n\nB.\n'
        article.write_text(text, encoding="utf-8")
        for note in (content / language / "models").iterdir():
            note.unlink()
    output = folder / "site"
    build(
        BuildPlan(
            content=content,
            records=content / "records",
            templates=ROOT / "templates",
            output=output,
            run_id=run.run.run_id,
            **plan,
        )
    )
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file()
    }
