"""Numbers and comparisons that were typed by hand, where no new run can change them.

Which words count and compare is said by each language's ``strings.toml``, ``[lint]``.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from site_builder.errors import ContentError
from site_builder.load import Document
from site_builder.problem import Problem
from site_builder.prose.plain_text import NOTHING, REFERENCE, read_plain_text
from site_builder.prose.read import setting_lines
from site_builder.words import Words

LISTS = ("numerals", "joiners", "units", "comparisons", "exceptions")
"""Lists of words a language gives, as ``lint.<name>``: apart by ``|``, where ``*``
stands for letters or, alone, for a word, and ``…`` for a reference."""

_CONTEXT = 20  # characters shown to either side of what was found
_AROUND = f"{REFERENCE} \n)）(（」「"  # of a word that stands beside a reference
_EMPHASIS = "*_~"
_PERCENT = "%％‰‱"
_BETWEEN_DIGITS = ".,:/．，"
_ANY_WORD = r"[\w'’\-]+"
_GAP = r"[\s\-‐‑–]*"
_CASED = "A-Za-zÀ-ÖØ-öø-ÿĀ-ɏͰ-ϿЀ-ӿ"
"""Letters of the scripts that part words by spaces."""

_EDGE = f"(?:(?<![{_CASED}])|(?![{_CASED}]))"
"""Not inside a word: letters of such scripts stand on one side only."""

_NUMBER_REMEDY = (
    "a number typed by hand goes stale: refer to it, such as {{ v(…) | u }}, or write "
    '{{ num(3, "why") }}, or say in {% plain "why" %}…{% endplain %} why it will not'
)
_NUMERAL_REMEDY = (
    "a number spelt out goes stale, too: refer to it, such as {{ v(…) | u }}, or write "
    '{{ num(3, "why") }}, or say in {% plain "why" %}…{% endplain %} why it will not'
)
_COMPARISON_REMEDY = (
    "a comparison may not hold in the next run: put the sentence into "
    '{% claim "id" %}…{% endclaim %}, or say in {% plain "why" %}…{% endplain %} why '
    "no result can change it"
)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A language's lists as patterns; None: the list is empty."""

    counted: re.Pattern[str] | None
    comparisons: re.Pattern[str] | None
    exceptions: re.Pattern[str] | None


@dataclass(frozen=True, order=True, kw_only=True)
class Finding:
    """What was found, where in the text, and what to do about it."""

    start: int
    end: int
    remedy: str


def lint(document: Document, words: Words) -> tuple[Problem, ...]:
    """Return what a document says by hand that only data may say.

    Numbers are found everywhere but in ``{% plain %}``, comparisons everywhere but
    there and in ``{% claim %}``. The texts of the settings are read, too; the file is
    opened for the lines they stand on.

    Raises:
        ContentError: The language lacks a list, or an entry of one is no word.
    """
    rules = read_rules(words)
    lines = setting_lines(document)
    texts = [(text, lines[key]) for key, text in document.meta.items()]
    texts.append((document.body, document.first_line))
    return tuple(
        Problem(
            file=document.path,
            line=first + text.count("\n", 0, found.start),
            message=f"{_quote(text, found)}: {found.remedy}",
        )
        for text, first in texts
        for found in find_typed(text, rules)
    )


def read_rules(words: Words) -> Rules:
    """Read a language's lists.

    Raises:
        ContentError: The language lacks one, or an entry is no word.
    """
    lists = {name: _alternatives(words, name) for name in LISTS}
    counted = None
    if lists["numerals"] and lists["units"]:
        numeral, unit = lists["numerals"], lists["units"]
        joiner = f"|{_whole(lists['joiners'])}" if lists["joiners"] else ""
        counted = re.compile(
            f"{_EDGE}(?:{numeral})(?:{_GAP}(?:{numeral}{joiner}))*{_GAP}"
            f"(?:{unit}){_EDGE}"
        )
    comparisons, exceptions = (
        re.compile(before + _whole(lists[name])) if lists[name] else None
        for name, before in (("comparisons", ""), ("exceptions", _not_after(words)))
    )
    return Rules(counted=counted, comparisons=comparisons, exceptions=exceptions)


def find_typed(source: str, rules: Rules) -> tuple[Finding, ...]:
    """Return the numbers and comparisons of a text in order, none of them twice."""
    prose = read_plain_text(source)
    text = _fold(_erase(prose.text, prose.plain))
    found = [
        *_digits(text),
        *_matches(rules.counted, text, rules=rules, remedy=_NUMERAL_REMEDY),
        *_matches(
            rules.comparisons,
            _erase(text, prose.claims),
            rules=rules,
            remedy=_COMPARISON_REMEDY,
        ),
    ]
    taken: list[Finding] = []
    for finding in found:  # numbers come first: a claim would not excuse them
        if all(finding.end <= t.start or t.end <= finding.start for t in taken):
            taken.append(finding)
    return tuple(sorted(_written_out(finding, text) for finding in taken))


def _written_out(finding: Finding, text: str) -> Finding:
    """Let a finding end where what is written for its last character ends."""
    n_more = len(text[finding.end :]) - len(text[finding.end :].lstrip(NOTHING))
    return replace(finding, end=finding.end + n_more)


def _digits(text: str) -> Iterator[Finding]:
    """Yield runs of digits with what stands between them, and signs of per cent."""
    end = 0
    for start, character in enumerate(text):
        if start < end or not (_is_digit(character) or character in _PERCENT):
            continue
        end = start + 1
        for place in range(end, len(text)):
            if _is_digit(text[place]) or text[place] in _PERCENT:
                end = place + 1
            elif text[place] not in _BETWEEN_DIGITS + NOTHING:
                break
        yield Finding(start=start, end=end, remedy=_NUMBER_REMEDY)


@cache
def _is_digit(character: str) -> bool:
    """Whether it is a number or is written with one, such as the sign for a day."""
    if character.isascii():
        return character.isdigit()
    return any(
        unicodedata.category(part).startswith("N")
        for part in (character, *unicodedata.normalize("NFKC", character))
    )


def _matches(
    pattern: re.Pattern[str] | None, text: str, *, rules: Rules, remedy: str
) -> Iterator[Finding]:
    """Yield what a pattern finds, as if there were no emphasis and no exceptions."""
    if pattern is None:
        return
    is_passed_over = {
        character: character in _EMPHASIS or unicodedata.category(character) == "Cf"
        for character in set(text)
    }
    places = [
        place for place, character in enumerate(text) if not is_passed_over[character]
    ]
    read = text.translate(
        {ord(character): None for character, is_it in is_passed_over.items() if is_it}
    )
    if rules.exceptions is not None:
        read = rules.exceptions.sub(lambda found: "\0" * len(found[0]), read)
    for found in pattern.finditer(read):
        start = found.end() - len(found[0].lstrip(_AROUND))
        end = found.start() + len(found[0].rstrip(_AROUND))
        yield Finding(start=places[start], end=places[end - 1] + 1, remedy=remedy)


def _fold(text: str) -> str:
    """Write letters small and full-width ones as plain ones, each in its place."""
    return "".join(map(_folded, text))


@cache
def _folded(character: str) -> str:
    if _is_digit(character):
        return character
    plain = unicodedata.normalize("NFKC", character).lower()
    return plain if len(plain) == 1 else character


def _erase(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    for start, end in spans:
        erased = "".join("\n" if c == "\n" else "\0" for c in text[start:end])
        text = text[:start] + erased + text[end:]
    return text


def _alternatives(words: Words, name: str) -> str:
    """Return a list as a pattern, the longest entry first; empty: it has none."""
    entries = [entry.strip() for entry in words(f"lint.{name}").split("|")]
    if entries == [""]:
        return ""
    for entry in entries:
        if not entry.strip("*… "):
            raise ContentError(
                f"{words.path}: lint.{name}: {entry!r} is no word: take it out, and "
                "part words by one |"
            )
    return "|".join(map(_pattern, sorted(entries, key=len, reverse=True)))


def _pattern(entry: str) -> str:
    pieces = []
    for word in entry.lower().split():
        letters = re.escape(word).replace(r"\*", f"[{_CASED}]*")
        pieces.append(_ANY_WORD if word == "*" else letters)
    return r"[\s\-]+".join(pieces).replace("…", f"{REFERENCE}[)）」]*\\s*")


def _not_after(words: Words) -> str:
    """Keep exceptions from beginning inside a numeral written in signs."""
    signs = [entry for entry in words("lint.numerals").split("|") if len(entry) == 1]
    return f"(?<![{re.escape(''.join(signs))}])" if signs else ""


def _whole(alternatives: str) -> str:
    return f"{_EDGE}(?:{alternatives}){_EDGE}"


def _quote(source: str, finding: Finding) -> str:
    """Show what was found, and where: as it is written, on one line."""
    start, end = max(0, finding.start - _CONTEXT), finding.end + _CONTEXT
    shown = " ".join(source[start:end].split())
    before, after = "…" if start else "", "…" if end < len(source) else ""
    what = " ".join(source[finding.start : finding.end].split())
    return f"{what!r} in “{before}{shown}{after}”"
