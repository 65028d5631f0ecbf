"""The claims of a page as a table, and what each kind of claim needs to hold."""

from collections.abc import Iterable

from site_builder.analysis.ranks import ALPHA
from site_builder.claim_notes import CLAIM_FIELDS, LanguageClaims, Verdicts
from site_builder.claims.amounts import p_text, percent, plain
from site_builder.claims.claim import Verdict
from site_builder.claims.predicates import PREDICATES, REFERENCE
from site_builder.claims.predicates.limits import NEEDED_COVERAGE
from site_builder.claims.wording import assertion_text, form_key, standing_text
from site_builder.constants import constants
from site_builder.model import Cell, Table
from site_builder.words import Words

WITHOUT_BASIS = frozenset({"family", "left_out"})
"""Facts that tell about others and are no ground of their own."""

BASES = {
    "rank_test": "rank_test",
    "rank_untested": "rank_test",
    "scaled_test": "rank_test",
    "tie": "two_tests",
    "tie_open": "two_tests",
    "interval": "interval",
    "interval_short": "interval",
    "untested": "interval",
    "weight_share": "weights",
    "weight_share_unknown": "weights",
    "counted": "count",
    "models_counted": "count",
    "count_wanted": "count",
    "type": "votes",
    "speed": "rank_test",
    "speed_test": "rank_test",
    "trend": "trend",
    "trend_undecidable": "trend",
    "claim": "claim",
    "missing": "missing",
}
"""What kind of ground each kind of fact is."""

NULL_HYPOTHESIS = "no_trend"
"""The predicate that holds as long as a test finds nothing."""

WITH_TRIALS = frozenset({"counted", "type", "trend", "trend_undecidable"})
"""Facts whose n are trials that were not tested against others."""

SYMBOLS = {"holds": "○", "undecided": "◇", "broken": "×", "missing": "?"}
"""The forms of the marks in the text."""


def claims_table(
    claim_ids: Iterable[str], claims: LanguageClaims, *, path: str
) -> Table:
    """Return what a page claims, in the order in which it does.

    Args:
        claim_ids: The page's claims, in order.
        claims: All of the registry.
        path: Of the page, for links to where each claim first stands.
    """
    words, claimed = claims.words, claims.used(claim_ids)
    note = words(
        "claim.table_note",
        n=words.number(_n_tested(claims.verdicts), 0),
        alpha=plain(ALPHA, words),
    )
    return Table(
        table_id="claims",
        caption=words("claim.table_caption"),
        head=tuple(
            Cell(text=words(f"claim.head_{head}"), is_number=head in {"n", "p"})
            for head in ("statement", "verdict", "n", "p", "basis")
        ),
        rows=tuple(_row(verdict, claims, path) for verdict in claimed),
        notes=(note,) if claimed else (words("claim.table_none"),),
    )


def verdict_cell(verdict: Verdict, words: Words) -> Cell:
    """Return a verdict as tables show it."""
    found = verdict.standing
    return Cell(
        text=standing_text(verdict, words), symbol=SYMBOLS[found], mark=f"claim-{found}"
    )


def _row(verdict: Verdict, claims: LanguageClaims, path: str) -> tuple[Cell, ...]:
    words, names = claims.words, claims.names
    n, p = _n(verdict), verdict.p_adjusted
    kinds = dict.fromkeys(
        BASES[fact.key] for fact in verdict.facts if fact.key not in WITHOUT_BASIS
    )
    basis = (words(f"claim.basis.{kind}") for kind in kinds)
    return (
        Cell(
            text=assertion_text(verdict.claim, words, names),
            href=f"{path}#claim-{verdict.claim.claim_id}-1",
        ),
        verdict_cell(verdict, words),
        Cell(
            text=words("no_range") if n is None else words.number(n, 0), is_number=True
        ),
        Cell(text=words("no_range") if p is None else p_text(p, words), is_number=True),
        Cell(text=words("list_separator").join(basis)),
    )


def _n(verdict: Verdict) -> int | None:
    """Return the trials a claim rests on: the smaller side's, or those counted."""
    if verdict.n is not None:
        return verdict.n
    counted = (f.numbers["n"] for f in verdict.facts if f.key in WITH_TRIALS)
    return min(map(int, counted), default=None)


def _n_tested(verdicts: Verdicts) -> int:
    """Return how many claims of the registry rest on a test of their own."""
    return sum(
        any(fact.key == "family" for fact in verdict.facts)
        for verdict in verdicts.values()
    )


def predicates_table(words: Words) -> Table:
    """Return what each kind of claim needs to hold, from the engine's own registry.

    Raises:
        ContentError: A kind of claim has no words in this language.
    """
    fields = {
        **constants(words),
        "alpha": plain(ALPHA, words),
        "coverage": percent(NEEDED_COVERAGE, words),
    }
    return Table(
        table_id="define-predicates",
        caption=words("claim.predicates_caption"),
        head=tuple(
            Cell(text=words(f"claim.head_{head}"))
            for head in ("predicate", "needs", "tested")
        ),
        rows=tuple(
            (
                Cell(text=form.usage, is_code=True),
                Cell(text=words(f"predicate.{form_key(name, form.kinds)}", **fields)),
                Cell(text=_kind(name, words, is_inferential=form.is_inferential)),
            )
            for name, forms in PREDICATES.items()
            for form in forms
        ),
    )


def claim_fields_table(words: Words) -> Table:
    """Return what each field of ``claims.json`` means."""
    return Table(
        table_id="define-evidence",
        caption=words("claim.fields_caption"),
        head=(
            Cell(text=words("method.head_field")),
            Cell(text=words("method.head_definition")),
        ),
        rows=tuple(
            (Cell(text=key, is_code=True), Cell(text=words(f"claim.data_field.{key}")))
            for key in CLAIM_FIELDS
        ),
    )


def _kind(name: str, words: Words, *, is_inferential: bool) -> str:
    if name == REFERENCE:
        return words("claim.tested_elsewhere")
    if name == NULL_HYPOTHESIS:
        return words("claim.tested_null")
    return words("claim.tested_yes" if is_inferential else "claim.tested_no")
