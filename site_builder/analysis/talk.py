"""What is said to a reader: comments in the code, prose around it."""

import re

from site_builder.analysis.canonical import Source
from site_builder.analysis.counts import Talk

MAX_PROSE_CHARS = 200_000

_CJK = re.compile(
    "[\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\uac00-\ud7a3\U00020000-\U0003ffff]"
)
"""Kanji, kana and hangul; punctuation is not counted in either script."""

_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ][A-Za-zÀ-ÖØ-öø-ɏ0-9_'’]*")


def count_talk(source: Source, prose: str) -> Talk:
    """Count comment lines, code lines and what there is to read outside the code."""
    text = prose[:MAX_PROSE_CHARS]
    return Talk(
        n_comment_lines=source.n_comment_lines,
        n_code_lines=source.n_code_lines,
        n_cjk_chars=len(_CJK.findall(text)),
        n_words=len(_WORD.findall(text)),
    )
