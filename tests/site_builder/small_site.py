"""A small content folder: two languages, two models, five claims, all of it clean."""

import shutil
from pathlib import Path

from collector.store import LoadedRun

from .scenarios import FIGURES, HERMES, QWEN, measured, save

ROOT = Path(__file__).parents[2]

CLAIMS = """\
[fastest]
assert = "first(decode_tok_s, qwen3-vl-4b)"

[margin]
assert = "ratio(decode_tok_s, qwen3-vl-4b, hermes-4-14b) >= 2"

[long-silence]
assert = "above(ttft_s, hermes-4-14b, 0.4)"

[all-whole]
assert = "every(outcome = complete, qwen3-vl-4b, hermes-4-14b)"

[never-cut]
assert = "none(finish_reason = length, hermes-4-14b)"
"""

ENGLISH = """\
+++
title = "A pair of models"
description = "What {{ n_models }} models do."
+++

{{ name("qwen3-vl-4b") }} and {{ name("hermes-4-14b") }} get one request.

## Speed {#speed}

{% claim "fastest" %}Qwen is the fastest.
{% undecided %}Qwen leads.
{% broken %}Qwen does not lead.{% endclaim %}

{% claim "margin" %}It gains {{ limit("margin") | u("x") }}.
{% undecided %}It may gain that.
{% broken %}It gains less.{% endclaim %}

## Waiting {#waiting}

{% claim "long-silence" %}Hermes keeps silent.
{% undecided %}Hermes may keep silent.
{% broken %}Hermes speaks.{% endclaim %}

It takes {{ v("generation_s", "hermes-4-14b") | u }}.

## Endings {#endings}

{% claim "all-whole" %}Every answer is whole.
{% broken %}An answer was cut.{% endclaim %}

{% claim "never-cut" %}Hermes ends by itself.
{% broken %}Hermes was cut.{% endclaim %}
"""

JAPANESE = """\
+++
title = "モデルの比較"
description = "{{ n_models }}モデルの比較です。"
+++

{{ name("qwen3-vl-4b") }}と{{ name("hermes-4-14b") }}に、ある依頼をしました。

## 速さ {#speed}

{% claim "fastest" %}最速はQwenです。
{% undecided %}Qwenが先頭です。
{% broken %}Qwenは先頭ではありません。{% endclaim %}

{% claim "margin" %}{{ limit("margin") | u("x") }}の速さです。
{% undecided %}そこまでの差かもしれません。
{% broken %}そこまでの差はありません。{% endclaim %}

## 待ち時間 {#waiting}

{% claim "long-silence" %}Hermesは黙っています。
{% undecided %}Hermesは黙りがちかもしれません。
{% broken %}Hermesはすぐ話します。{% endclaim %}

生成には{{ v("generation_s", "hermes-4-14b") | u }}かかります。

## 終わり方 {#endings}

{% claim "all-whole" %}どの回答も完結しています。
{% broken %}途切れた回答があります。{% endclaim %}

{% claim "never-cut" %}Hermesは自ら終えます。
{% broken %}Hermesは途切れました。{% endclaim %}
"""

METHOD = {
    "en": """\
+++
title = "Method"
description = "How."
+++

## How {#how}

So.
""",
    "ja": """\
+++
title = "方法"
description = "測り方"
+++

## 測り方 {#how}

略。
""",
}
NOTES = {"en": "A model.\n", "ja": "モデルです。\n"}


def two_models(n: int = 6) -> LoadedRun:
    """Make a run of Qwen, at about 76 tok/s, and Hermes, at about 33."""
    figures = {key: FIGURES[key] for key in (QWEN, HERMES)}
    return measured(n, figures=figures, events=60)


def small_site(folder: Path, run: LoadedRun | None = None) -> Path:
    """Write the content folder with its run; return it."""
    write(folder / "site.toml", 'primary_language = "ja"\n')
    write(folder / "claims.toml", CLAIMS)
    for language, article in (("en", ENGLISH), ("ja", JAPANESE)):
        write(folder / language / "article.md", article)
        write(folder / language / "method.md", METHOD[language])
        for model_id in (QWEN, HERMES):
            path = folder / language / "models" / f"{model_id}.md"
            write(path, NOTES[language])
        words = ROOT / "content" / language / "strings.toml"
        shutil.copy(words, folder / language / "strings.toml")
    save(run or two_models(), folder / "records")
    return folder


def replace_run(folder: Path, run: LoadedRun) -> None:
    """Let the folder hold this run and no other."""
    shutil.rmtree(folder / "records")
    save(run, folder / "records")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (text.count(old), old)
    write(path, text.replace(old, new))
