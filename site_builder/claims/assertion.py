"""The small language of assertions, read into terms; nothing of it is ever run.

    assertion = term { "&" term }
    term      = name "(" argument { "," argument } ")" [ comparison word ]
    argument  = word [ comparison word ]

A word is a name or a number. What the names mean is checked by ``vocabulary.py``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

from site_builder.claims.claim import Argument, Comparison, Condition, Term
from site_builder.claims.predicates import PREDICATES, form_of
from site_builder.claims.predicates.form import Form, Kind
from site_builder.config import nearest

_TOKEN = re.compile(r"\s*(?:([A-Za-z0-9_.:+\-]+)|([<>=!]=?|[(),&]))")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)")
_COMPARISONS: frozenset[str] = frozenset(get_args(Comparison))
_END = ""

_NOUNS: dict[Kind, str] = {
    "metric": "a quantity",
    "trial_metric": "a quantity",
    "model": "a model's id",
    "number": "a number",
    "condition": "a condition such as level = as_is",
    "claim": "a claim's id",
    "type": "a type",
}


class _Fault(Exception):  # noqa: N818 - caught in this module, never seen outside
    """What is wrong with one term, for a writer."""


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """An assertion as read.

    Attributes:
        terms: Those that could be read.
        faults: What is wrong with the others, and what to do.
    """

    terms: tuple[Term, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Word:
    """An argument as written; with a comparison it is a condition."""

    text: str
    comparison: str = ""
    value: str = ""

    def __str__(self) -> str:
        return " ".join(
            part for part in (self.text, self.comparison, self.value) if part
        )


@dataclass
class _Tokens:
    """The words and signs of one term, read from the left."""

    tokens: Sequence[str]
    at: int = field(default=0)

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else _END

    def take(self) -> str:
        token = self.next
        self.at += 1
        return token

    def expect(self, sign: str, where: str) -> None:
        found = self.take()
        if found != sign:
            raise _Fault(f"{where}: {_shown(found)} stands where {sign!r} is due")

    def word(self, where: str) -> str:
        found = self.take()
        if not _is_word(found):
            raise _Fault(f"{where}: {_shown(found)} stands where a word is due")
        return found


def parse_assertion(text: str) -> Parsed:
    """Read an assertion; every term that is wrong is told, not the first only."""
    try:
        tokens = _tokenize(text)
    except _Fault as fault:
        return Parsed(terms=(), faults=(str(fault),))
    terms: list[Term] = []
    faults: list[str] = []
    for part in _parts(tokens):
        try:
            terms.append(_term(_Tokens(part)))
        except _Fault as fault:
            faults.append(str(fault))
    return Parsed(terms=tuple(terms), faults=tuple(faults))


def _tokenize(text: str) -> list[str]:
    tokens = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            rest = text[at:].strip()
            raise _Fault(
                f"{rest[:1]!r} means nothing here: use names, numbers, ( ) , & and "
                f"{' '.join(sorted(_COMPARISONS))} only"
            )
        tokens.append(found[1] or found[2])
        at = found.end()
    return tokens


def _parts(tokens: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for sign in tokens:
        if sign == "&":
            parts.append([])
        else:
            parts[-1].append(sign)
    return parts


def _term(tokens: _Tokens) -> Term:
    if tokens.next == _END:
        raise _Fault(
            "a term is missing: write one, such as first(decode_tok_s, model), and "
            "& between two only"
        )
    name = tokens.word("the assertion")
    if name not in PREDICATES:
        raise _Fault(f"unknown predicate {name!r}: {nearest(name, set(PREDICATES))}")
    tokens.expect("(", name)
    words = _words(tokens, name)
    comparison = value = ""
    if tokens.next in _COMPARISONS or tokens.next in ("==", "!"):
        comparison = _comparison(tokens, name)
        value = tokens.word(name)
    if tokens.next != _END:
        raise _Fault(
            f"{name}: {tokens.next!r} follows its end: put & between two terms"
        )
    form = form_of(name, len(words))
    if form is None:
        raise _Fault(
            f"{name}: it has {len(words)} arguments: write it like {_usage(name)}"
        )
    return _checked(name, form, words, comparison, value)


def _words(tokens: _Tokens, name: str) -> list[_Word]:
    """Read the arguments up to the closing bracket."""
    if tokens.next == ")":
        raise _Fault(f"{name}: it has no arguments: write it like {_usage(name)}")
    words = []
    while True:
        text = tokens.word(name)
        if tokens.next in _COMPARISONS or tokens.next in ("==", "!"):
            sign = _comparison(tokens, name)
            words.append(_Word(text=text, comparison=sign, value=tokens.word(name)))
        else:
            words.append(_Word(text=text))
        if tokens.next != ",":
            tokens.expect(")", name)
            return words
        tokens.take()


def _comparison(tokens: _Tokens, name: str) -> str:
    sign = tokens.take()
    if sign not in _COMPARISONS:
        remedy = "=" if sign == "==" else "!="
        raise _Fault(f"{name}: {sign!r} is no comparison: write {remedy}")
    return sign


def _checked(
    name: str, form: Form, words: list[_Word], comparison: str, value: str
) -> Term:
    arguments = tuple(
        _argument(name, word, form.kind(index)) for index, word in enumerate(words)
    )
    if comparison and not form.comparisons:
        raise _Fault(
            f"{name}: it is held against nothing: take out {comparison} {value}"
        )
    if form.comparisons and comparison not in form.comparisons:
        written = f"{comparison} cannot follow it" if comparison else "it lacks one"
        raise _Fault(
            f"{name}: a comparison must follow, and {written}: "
            f"write one of {' '.join(form.comparisons)}, like {form.usage}"
        )
    limit = None
    if comparison and form.compared == "type":
        arguments += (_argument(name, _Word(text=value), "type"),)
    elif comparison:
        limit = _number(name, value)
    term = Term(
        predicate=name,
        arguments=arguments,
        comparison=_as_comparison(comparison),
        limit=limit,
    )
    wrong = form.check(term)
    if wrong is not None:
        raise _Fault(f"{name}: {wrong}")
    return term


def _argument(name: str, word: _Word, kind: Kind) -> Argument:
    """Turn a word into what its place wants."""
    if kind == "condition":
        return _condition(word)
    if word.comparison:
        raise _Fault(
            f"{name}: the condition {str(word)!r} stands where {_NOUNS[kind]} is due"
        )
    if kind == "number":
        return _number(name, word.text)
    if _NUMBER.fullmatch(word.text):
        raise _Fault(
            f"{name}: the number {word.text} stands where {_NOUNS[kind]} is due"
        )
    return word.text


def _condition(word: _Word) -> Condition:
    value: str | float | None = word.value or None
    if word.value and _NUMBER.fullmatch(word.value):
        value = float(word.value)
    return Condition(
        field=word.text, comparison=_as_comparison(word.comparison), value=value
    )


def _number(name: str, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise _Fault(f"{name}: {text!r} stands where a number is due")
    return float(text)


def _as_comparison(text: str) -> Comparison | None:
    return next((sign for sign in get_args(Comparison) if sign == text), None)


def _usage(name: str) -> str:
    return " or ".join(form.usage for form in PREDICATES[name])


def _is_word(text: str) -> bool:
    return bool(text) and text[0] not in "(),&<>=!"


def _shown(token: str) -> str:
    return repr(token) if token else "the end"
