"""``claims.toml`` into the claims of an article; all that is wrong is told at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from site_builder.claims.assertion import parse_assertion
from site_builder.claims.claim import Claim
from site_builder.claims.predicates import REFERENCE
from site_builder.claims.registry_lines import Entry, read_entries
from site_builder.claims.vocabulary import Vocabulary, term_faults
from site_builder.config import nearest, read_text
from site_builder.problem import Problem

KEYS = frozenset({"assert", "note"})
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, kw_only=True)
class Registry:
    """The claims an article may use.

    Attributes:
        claims: By id, in the file's order; entries with a fault are left out.
    """

    path: Path
    claims: Mapping[str, Claim]


def read_registry(
    path: Path, *, models: frozenset[str], cases: frozenset[str] | None = None
) -> tuple[Registry, tuple[Problem, ...]]:
    """Read the registry and everything that is wrong with it; no file is no claim.

    Args:
        path: ``claims.toml``.
        models: The models a writer may name.
        cases: Ids of the cases of all tasks; None: they are not checked.

    Raises:
        ContentError: The file cannot be read.
    """
    if not path.exists():
        return Registry(path=path, claims={}), ()
    entries, problems = read_entries(path, read_text(path))
    names = Vocabulary(
        models=models, cases=cases, claims=frozenset(e.claim_id for e in entries)
    )
    claims: dict[str, Claim] = {}
    for entry in entries:
        claim, faults = _claim(entry, names, path)
        problems += faults
        if claim is not None:
            claims[entry.claim_id] = claim
    sound = dict(claims)
    for circle in _circles(claims):
        first = sound[circle[0]]
        written = " → ".join((*circle, circle[0]))
        problems.append(
            Problem(
                file=path,
                line=first.line,
                message=f"claims refer to each other in a circle: {written}: "
                "let one of them stand on its own",
            )
        )
        claims = {key: claim for key, claim in claims.items() if key not in circle}
    return Registry(path=path, claims=claims), tuple(sorted(problems, key=_place))


def _place(problem: Problem) -> int:
    return problem.line or 0


def _claim(
    entry: Entry, names: Vocabulary, path: Path
) -> tuple[Claim | None, list[Problem]]:
    """Return the claim of an entry, or what is wrong with it."""
    faults = [(entry.line, fault) for fault in _entry_faults(entry)]
    claim = None
    assertion = entry.content.get("assert") if isinstance(entry.content, dict) else None
    if isinstance(assertion, str):
        line = entry.line_of("assert")
        parsed = parse_assertion(assertion)
        faults += [(line, fault) for fault in parsed.faults]
        for term in parsed.terms:
            faults += [(line, fault) for fault in term_faults(term, names)]
        claim = Claim(
            claim_id=entry.claim_id,
            assertion=assertion,
            terms=parsed.terms,
            line=entry.line,
        )
    problems = [
        Problem(file=path, line=line, message=f"{entry.claim_id}: {fault}")
        for line, fault in faults
    ]
    return (None if faults else claim), problems


def _entry_faults(entry: Entry) -> Iterator[str]:
    """Yield what is wrong with an entry itself, and what to do."""
    if not _ID.fullmatch(entry.claim_id):
        yield "is no id: use small letters, digits and hyphens"
    if not isinstance(entry.content, dict):
        yield f"is no entry: write [{entry.claim_id}] and assert = '…' below it"
        return
    for key in entry.content:
        if key not in KEYS:
            yield f"unknown key {key!r}: {nearest(key, set(KEYS))}"
    if "assert" not in entry.content:
        yield "the key 'assert' is missing: add it"
    for key in sorted(KEYS & entry.content.keys()):
        if not isinstance(entry.content[key], str):
            yield f"{key} is no text: put it in quotes"


def _circles(claims: Mapping[str, Claim]) -> list[tuple[str, ...]]:
    """Return the circles of references, each from its first claim on."""
    circles: list[tuple[str, ...]] = []
    done: set[str] = set()

    def follow(claim_id: str, path: tuple[str, ...]) -> None:
        if claim_id in path:
            circles.append(path[path.index(claim_id) :])
            return
        if claim_id in done or claim_id not in claims:
            return
        for other in references(claims[claim_id]):
            follow(other, (*path, claim_id))
        done.add(claim_id)

    for claim_id in claims:
        follow(claim_id, ())
    return circles


def references(claim: Claim) -> tuple[str, ...]:
    """Return the ids of the claims that a claim refers to."""
    return tuple(
        str(term.arguments[0]) for term in claim.terms if term.predicate == REFERENCE
    )
