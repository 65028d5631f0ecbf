"""Documents as files, and verdicts, for what reads and renders prose."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from site_builder.analysis.summary import summarise
from site_builder.article import escape_markdown
from site_builder.claims.claim import Claim, Term, Verdict
from site_builder.load import Document, read_document
from site_builder.prose.vocabulary import Vocabulary
from site_builder.references import References


def make_verdict(claim_id: str, verdict: str = "holds", **changes) -> Verdict:
    fields = {"is_missing": False, "p": None, "p_adjusted": None, "n": 3, "facts": ()}
    terms = changes.pop("terms", ())
    return Verdict(
        claim=Claim(claim_id=claim_id, assertion="", terms=terms, line=1),
        verdict=verdict,
        **{**fields, **changes},
    )


@pytest.fixture
def write(tmp_path) -> Callable[..., Document]:
    def write_document(body: str, settings: str = "") -> Document:
        path = tmp_path / "article.md"
        head = f"+++\n{settings}+++\n" if settings else ""
        path.write_text(head + body, encoding="utf-8")
        return read_document(path)

    return write_document


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(
        models=frozenset({"fast", "slow", "absent"}),
        claims=frozenset({"fastest", "margin"}),
        constants=frozenset({"most", "alpha"}),
        tables=frozenset({"summary"}),
        figures=frozenset({"rates"}),
        observations=frozenset({"plain", "docstring"}),
        units=frozenset({"tok/s", "s", "x", "points", "trials"}),
    )


@pytest.fixture
def references(measured, english) -> References:
    """What a text may refer to; a claim of each verdict, and one about nothing."""
    summaries = summarise(measured)
    told = {
        "claim.mark": "Evidence: {verdict}",
        "claim.verdict.holds": "holds",
        "claim.verdict.undecided": "open",
        "claim.verdict.broken": "broken",
        "claim.verdict.missing": "missing",
        "claim.open": "(open at n = {n})",
        "claim.open_missing": "(not known)",
    }
    words = replace(english, entries={**english.entries, **told})
    ratio = Term(
        predicate="ratio",
        arguments=("decode_tok_s", "fast", "slow"),
        comparison=">=",
        limit=1.5,
    )
    verdicts = (
        make_verdict("good", terms=(ratio,)),
        make_verdict("also"),
        make_verdict("open", "undecided"),
        make_verdict("bad", "broken"),
        make_verdict("gone", "undecided", is_missing=True, n=None),
    )
    return References(
        run=measured.run,
        summaries={summary.model.model_id: summary for summary in summaries},
        words=words,
        model_path=lambda model_id: f"models/{model_id}/index.html",
        escape=escape_markdown,
        parts={"table": frozenset({"summary"}), "figure": frozenset({"rates"})},
        constants={"most": "100"},
        verdicts={verdict.claim.claim_id: verdict for verdict in verdicts},
        names={"absent": "Absent *1*"},
    )


@pytest.fixture(name="verdict_on")
def verdict_on_fixture() -> Callable[..., Verdict]:
    return make_verdict


@pytest.fixture
def named(references) -> Callable[[str], References]:
    """The references, with another name for the fast model."""

    def rename(name: str) -> References:
        fast = references.summaries["fast"]
        renamed = replace(fast, model=fast.model.model_copy(update={"name": name}))
        return replace(references, summaries={**references.summaries, "fast": renamed})

    return rename


@pytest.fixture
def content() -> Path:
    return Path(__file__).parents[3] / "content"
