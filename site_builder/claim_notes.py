"""What bears out each claim of a page, in one language, and all of it as data."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from site_builder.claims.claim import Verdict
from site_builder.claims.wording import (
    Names,
    assertion_text,
    fact_text,
    standing_text,
)
from site_builder.data_files import SUMMARY_JSON
from site_builder.model import ClaimNote, Link
from site_builder.places import model_path
from site_builder.words import Words

CLAIMS_JSON = "data/claims.json"
CLAIM_FIELDS = (
    "id",
    "assertion",
    "verdict",
    "is_missing",
    "p",
    "p_adjusted",
    "n",
    "facts",
)
"""The keys of each object of ``claims.json``, in order."""

_EQUATION = re.compile(r"(?<=[np]) ([=<]) (?=[0-9])")

Verdicts = Mapping[str, Verdict]


@dataclass(frozen=True, kw_only=True)
class LanguageClaims:
    """The claims of a registry, as the pages of one language show them.

    Attributes:
        verdicts: Of every claim of the registry, by id.
        names: Of every model that a claim may be about.
        paged: Ids of the models that have a page.
    """

    verdicts: Verdicts
    words: Words
    names: Names
    paged: frozenset[str]

    def used(self, claim_ids: Iterable[str]) -> tuple[Verdict, ...]:
        """Return the verdicts on claims, each once, in the order of first use."""
        return tuple(self.verdicts[claim_id] for claim_id in dict.fromkeys(claim_ids))


def claim_notes(
    claim_ids: Iterable[str], claims: LanguageClaims
) -> tuple[ClaimNote, ...]:
    """Return a note for each claim of a page; one that is made twice has one note."""
    return tuple(_note(verdict, claims) for verdict in claims.used(claim_ids))


def claims_json(verdicts: Verdicts) -> bytes:
    """Return every claim with its verdict and evidence as JSON."""
    rows = [_row(verdict) for verdict in verdicts.values()]
    return (json.dumps(rows, ensure_ascii=False, indent=2) + "\n").encode()


def _note(verdict: Verdict, claims: LanguageClaims) -> ClaimNote:
    words, names = claims.words, claims.names
    facts = [fact_text(fact, words, names) for fact in verdict.facts]
    if verdict.p is None and not verdict.is_missing:
        facts.append(words("claim.not_inferred"))
    elif verdict.n is not None:
        facts.append(words("claim.note_n", n=words.number(verdict.n, 0)))
    concerned = dict.fromkeys(key for fact in verdict.facts for key in fact.models)
    return ClaimNote(
        claim_id=verdict.claim.claim_id,
        standing=verdict.standing,
        title=words("claim.note_title", verdict=standing_text(verdict, words)),
        assertion=words(
            "claim.asserted", assertion=assertion_text(verdict.claim, words, names)
        ),
        facts=tuple(map(_bound, facts)),
        links=(
            *(
                Link(
                    text=names.get(model_id, model_id),
                    path=model_path(words.language, model_id),
                )
                for model_id in concerned
                if model_id in claims.paged
            ),
            Link(text=words("claim.data"), path=CLAIMS_JSON),
            Link(text=words("claim.figures"), path=SUMMARY_JSON),
        ),
    )


def _bound(text: str) -> str:
    """Keep ``n = 6`` and ``p < 0.001`` on one line."""
    return _EQUATION.sub("\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", text)


def _row(verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.claim.claim_id,
        "assertion": verdict.claim.assertion,
        "verdict": verdict.verdict,
        "is_missing": verdict.is_missing,
        "p": verdict.p,
        "p_adjusted": verdict.p_adjusted,
        "n": verdict.n,
        "facts": [_plain(asdict(fact)) for fact in verdict.facts],
    }


def _plain(fact: dict[str, Any]) -> dict[str, Any]:
    """Return a fact without what it does not have."""
    return {key: value for key, value in fact.items() if value}
