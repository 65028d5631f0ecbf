"""Claims in the HTML of a text: the wording, and a button that opens its evidence."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from html import escape

from site_builder.claims.claim import Verdict
from site_builder.errors import ContentError
from site_builder.prose.filling import UsedClaim
from site_builder.prose.marked_html import Mark, apply_marks
from site_builder.prose.marks import Alphabet, settle
from site_builder.prose.scan import Fault
from site_builder.words import Words


@dataclass(frozen=True, kw_only=True)
class MarkedText:
    """The HTML of a text, its claims marked.

    Attributes:
        sentences: What each claim says first, as plain text, by id.
    """

    html: str
    sentences: dict[str, str]
    faults: tuple[Fault, ...]


def mark_claims(
    source: str,
    claims: Sequence[UsedClaim],
    alphabet: Alphabet,
    words: Words,
    *,
    plain: str,
    convert: Callable[[str], str],
) -> MarkedText:
    """Return a text as HTML with its claims marked.

    A mark that would change anything else is left out, and is a fault.

    Args:
        source: The text with the ends of every wording in it.
        claims: By their numbers in the source.
        alphabet: What the ends are written in.
        words: The page's language.
        plain: The text without any mark as clean HTML.
        convert: Makes clean HTML of a text.
    """

    def with_ends(numbers: Collection[int]) -> str | None:
        found = convert(settle(source, alphabet, numbers))
        return found if alphabet.strip(found) == plain else None

    everything = range(len(claims))
    body = with_ends(everything)
    if body is None:
        body = with_ends([n for n in everything if with_ends([n]) is not None]) or plain
    faults: list[Fault] = []
    marked = apply_marks(body, _marks(claims, words, faults), alphabet)
    sentences: dict[str, str] = {}
    for claim, wording in zip(claims, marked.wordings, strict=True):
        if wording is None:
            faults.append(Fault(line=claim.line, message=_lost(claim)))
        else:
            sentences.setdefault(claim.claim_id, wording)
    return MarkedText(html=marked.html, sentences=sentences, faults=tuple(faults))


def _marks(
    claims: Sequence[UsedClaim], words: Words, faults: list[Fault]
) -> list[Mark]:
    """Return the marks of all claims; words that are missing are added to faults."""
    marks, seen = [], Counter[str]()
    for claim in claims:
        seen[claim.claim_id] += 1
        try:
            label, note = _label(claim.verdict, words), _note(claim.verdict, words)
        except ContentError as error:
            faults.append(Fault(line=claim.line, message=str(error)))
            label, note = "", ""
        anchor = f"claim-{claim.claim_id}-{seen[claim.claim_id]}"
        kinds = f"claim claim-{claim.verdict.verdict}"
        if claim.verdict.is_missing:
            kinds += " claim-missing"
        button = (
            f'{note}<button type="button" class="claim-mark" '
            f'popovertarget="evidence-{escape(claim.claim_id)}" '
            f'aria-label="{escape(label)}"></button>'
        )
        opening = f'<span class="{kinds}" id="{escape(anchor)}">'
        marks.append(Mark(opening=opening, button=button))
    return marks


def _label(verdict: Verdict, words: Words) -> str:
    name = "missing" if verdict.is_missing else verdict.verdict
    return words("claim.mark", verdict=words(f"claim.verdict.{name}"))


def _note(verdict: Verdict, words: Words) -> str:
    """Return what says in words that a claim is open; empty: it is not."""
    if verdict.verdict != "undecided":
        return ""
    if verdict.is_missing:
        text = words("claim.open_missing")
    elif verdict.n is None:
        text = words("claim.open_plain")
    else:
        text = words("claim.open", n=words.number(verdict.n, 0))
    space = words("sentence_separator")
    return f'{space}<small class="claim-open">{escape(text)}</small>'


def _lost(claim: UsedClaim) -> str:
    return (
        f"the claim {claim.claim_id!r} cannot be marked here: it needs text of its own "
        "outside link addresses, and marks such as *…* wholly inside it or around it"
    )
