"""One claim down to the trials: its assertion, evidence, raw values, and test."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from site_builder.analysis.ranks import ALPHA
from site_builder.check import Content
from site_builder.check_report import CheckReport, ClaimRow
from site_builder.check_show import (
    UNKNOWN,
    claim_object,
    probability,
    sentences_table,
    standing_words,
    summary_line,
)
from site_builder.check_values import Value
from site_builder.claims.claim import Condition, Term
from site_builder.claims.wording import assertion_text, fact_text
from site_builder.config import nearest
from site_builder.errors import ContentError
from site_builder.load import Sources
from site_builder.words import Words

_RANK = "exact one-sided rank test"
_COUNTED = "none: it says what happened in these trials"

TESTS: Mapping[str, str] = {
    "first": f"{_RANK} against every other model; the largest p counts",
    "last": f"{_RANK} against every other model; the largest p counts",
    "ratio": f"{_RANK} against the other model's values times the limit",
    "tie": f"{_RANK} at either end of the limit; the larger p counts",
    "above": "exact one-sided sign test, and the interval of the median",
    "below": "exact one-sided sign test, and the interval of the median",
    "only": "exact one-sided sign test of every model; the largest p counts",
    "order": f"{_RANK} of each model against the next; the largest p counts",
    "stable_rank": f"{_RANK} over the different codes, and random weights",
    "no_trend": "Kendall's tau against the order of trials; the claim is that of none",
    "claim": "that of the other claim",
    **dict.fromkeys(("every", "none", "count", "models", "type"), _COUNTED),
}
"""What each predicate is tested with."""

Values = Mapping[str, tuple[Value, ...]]
"""What trials show, by what was asked of them."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a claim stands among those tested together, the smallest p first.

    Attributes:
        p: The largest of its own tests.
        rank: From 1.
        n: Claims tested together.
        threshold: What its p may be at most, if those before it have passed.
    """

    p: float
    rank: int
    n: int
    threshold: float


def find_row(report: CheckReport, claim_id: str) -> ClaimRow:
    """Return a claim's row; raises ContentError with the nearest name."""
    for row in report.claims:
        if row.claim_id == claim_id:
            return row
    known = {row.claim_id for row in report.claims}
    raise ContentError(
        f"--explain {claim_id}: there is no such claim: {nearest(claim_id, known)}"
    )


def explanation_json(row: ClaimRow, report: CheckReport, values: Values) -> str:
    """Return a claim with its tests, its place among all, and raw values as JSON."""
    place = place_of(row, report)
    found = {
        "run": report.run_id,
        "claim": claim_object(row),
        "tests": [test_of(term) for term in row.verdict.claim.terms],
        "holm": None if place is None else asdict(place),
        "values": {
            key: [asdict(value) for value in own] for key, own in values.items()
        },
    }
    return json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False)


def print_explanation(
    row: ClaimRow,
    report: CheckReport,
    content: Content,
    values: Values,
    *,
    console: Console,
) -> None:
    """Print a claim with all that its verdict rests on.

    Args:
        row: The claim.
        report: What the others say: they are corrected for together.
        content: The words, and the names.
        values: What trials show of it.
        console: Where to.
    """
    words, verdict = _words(content.sources), row.verdict
    names = content.sources.languages[0].names
    console.print(Text(f"{row.claim_id}: {standing_words(row)}", "bold"))
    console.print(_indented(f"asserted: {verdict.claim.assertion}"))
    console.print(_indented(assertion_text(verdict.claim, words, names)))
    console.print(Padding(sentences_table(row), (0, 0, 0, 2)))
    console.print(Text("Evidence", "bold"))
    for fact in verdict.facts:
        console.print(_indented(fact_text(fact, words, names)))
    console.print(Text("Test", "bold"))
    for term in verdict.claim.terms:
        console.print(_indented(f"{term.predicate}: {test_of(term)}"))
    place = place_of(row, report)
    if place is not None:
        console.print(_indented(_place_line(place, row)))
    for asked, shown in values.items():
        console.print(Text(f"Trials: {asked}", "bold"))
        console.print(_values_table(shown))
    console.print(Text(summary_line(report)))


def test_of(term: Term) -> str:
    """Return what a term is tested with."""
    is_counted = any(isinstance(argument, Condition) for argument in term.arguments)
    return _COUNTED if is_counted else TESTS[term.predicate]


def place_of(row: ClaimRow, report: CheckReport) -> Place | None:
    """Return where a claim stands in Holm's order; None: it adds no test."""
    own = {
        other.claim_id: fact.numbers["p"]
        for other in report.claims
        for fact in other.verdict.facts
        if fact.key == "family"
    }
    if row.claim_id not in own:
        return None
    rank = 1 + sorted(own, key=lambda claim_id: own[claim_id]).index(row.claim_id)
    return Place(
        p=own[row.claim_id],
        rank=rank,
        n=len(own),
        threshold=ALPHA / (len(own) - rank + 1),
    )


def _place_line(place: Place, row: ClaimRow) -> str:
    return (
        f"p {probability(place.p)}, rank {place.rank} of {place.n} claims tested "
        f"together (Holm): at most {place.threshold:.4f} is needed; "
        f"adjusted p {probability(row.verdict.p_adjusted)}"
    )


def _values_table(values: tuple[Value, ...]) -> Table:
    table = Table()
    table.add_column("model", overflow="fold")
    for head in ("trial", "round", "cache", "value"):
        table.add_column(head, justify="right")
    for value in values:
        table.add_row(
            Text(value.model_id),
            str(value.number),
            UNKNOWN if value.round is None else str(value.round),
            value.cache,
            Text(_shown(value)),
        )
    return table


def _shown(value: Value) -> str:
    if value.shown is None:
        return "unknown"
    if isinstance(value.shown, bool):
        return "yes" if value.shown else "no"
    return value.shown if isinstance(value.shown, str) else f"{value.shown:.6g}"


def _indented(text: str) -> Padding:
    return Padding(Text(text), (0, 0, 0, 2))


def _words(sources: Sources) -> Words:
    """Return English words, as commands speak English; without them the primary's."""
    known = {language.words.language: language.words for language in sources.languages}
    return known.get("en", sources.languages[0].words)
