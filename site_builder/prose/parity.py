"""Whether the languages say the same: sections, claims, tests and references."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from site_builder.problem import Problem
from site_builder.prose.reading import Reading, Readings, Section

COUNTED = frozenset(
    {
        *("v", "ratio", "interval", "n", "limit", "num", "calibration"),
        *("constant", "rig", "table", "figure"),
    }
)
"""Functions a section calls as often in every language; names and links are free."""

_ALL_BRANCHES = ("holds", "undecided", "broken", "missing")


def check_parity(readings: Readings) -> tuple[Problem, ...]:
    """Return each difference between a language and the primary one, once.

    A document that could not be read is compared by its name only: what is wrong with
    it is told by its reading.
    """
    languages = _languages(readings)
    problems: list[Problem] = []
    for key, versions in readings.items():
        by_language = {reading.language: reading for reading in versions}
        problems += _missing_documents(key, by_language, languages)
        if not versions or not _is_read(versions[0]):
            continue
        for other in versions[1:]:
            if _is_read(other):
                problems += _compare(versions[0], other)
    return tuple(problems)


def check_unused(
    claims: Mapping[str, int], readings: Readings, *, registry: Path
) -> tuple[Problem, ...]:
    """Return the claims of the registry that no text states.

    A claim that only some languages state is a difference, told by ``check_parity``.

    Args:
        claims: Line of the registry by claim id.
        readings: All documents.
        registry: The file, for messages.

    Returns:
        None where a text could not be read, as it may state them.
    """
    if not all(_is_read(r) for versions in readings.values() for r in versions):
        return ()
    used = {
        use.claim_id
        for versions in readings.values()
        for reading in versions
        for section in reading.sections
        for use in section.claims
    }
    return tuple(
        Problem(
            file=registry,
            line=line,
            message=f"no text states the claim {claim_id!r}: state it with "
            f'{{% claim "{claim_id}" %}} in every language, or take the entry out',
        )
        for claim_id, line in claims.items()
        if claim_id not in used
    )


def _languages(readings: Readings) -> tuple[str, ...]:
    """Return the languages that any document has, in the order they are met."""
    met = (r.language for versions in readings.values() for r in versions)
    return tuple(dict.fromkeys(met))


def _is_read(reading: Reading) -> bool:
    return bool(reading.sections)


def _missing_documents(
    key: str, versions: Mapping[str, Reading], languages: Iterable[str]
) -> Iterator[Problem]:
    for language in languages:
        if language not in versions and versions:
            having = next(iter(versions.values()))
            yield Problem(
                file=having.document.path,
                line=None,
                message=f"{key} is written in {', '.join(versions)} and not in "
                f"{language}: translate it, or take it out of every language",
            )


def _compare(primary: Reading, other: Reading) -> Iterator[Problem]:
    mine = {section.anchor: section for section in primary.sections}
    theirs = {section.anchor: section for section in other.sections}
    yield from _lone_sections(primary, other, theirs)
    yield from _lone_sections(other, primary, mine)
    shared = [key for key in mine if key in theirs]
    their_order = [key for key in theirs if key in mine]
    for key, their_key in zip(shared, their_order, strict=True):
        if key != their_key:
            section = theirs[their_key]
            yield _problem(
                other,
                section.line,
                f"{_named(section)} stands where {_place(primary, mine[key].line)} "
                f"has {_named(mine[key])}: put the sections into the same order",
            )
            break
    for key in shared:
        yield from _compare_sections(primary, mine[key], other, theirs[key])


def _lone_sections(
    having: Reading, lacking: Reading, known: Mapping[str, Section]
) -> Iterator[Problem]:
    before: Section | None = None
    for section in having.sections:
        if section.anchor not in known:
            after = "" if before is None else f" after line {before.line}"
            yield _problem(
                having,
                section.line,
                f"{_named(section)} is not in {lacking.document.path}: write it there"
                f"{after} with the heading's anchor {{#{section.anchor}}}, or take it "
                "out here",
            )
        before = known.get(section.anchor, before)


def _compare_sections(
    primary: Reading, mine: Section, other: Reading, theirs: Section
) -> Iterator[Problem]:
    """Compare what the same section holds in two languages."""
    pair = ((primary, mine), (other, theirs))
    for kind, read in (
        ("the claim", _claims),
        ("the test", _conditions),
        ("the reference", _references),
    ):
        first, second = read(mine), read(theirs)
        yield from _lone(kind, first, second, pair)
        yield from _lone(kind, second, first, (pair[1], pair[0]))
        if kind != "the reference":
            yield from _compare_order(kind, first, second, pair)
    yield from _compare_branches(pair)


_Pair = tuple[tuple[Reading, Section], tuple[Reading, Section]]
_Written = list[tuple[str, int]]
"""What a section has, as it is written, and the lines."""


def _claims(section: Section) -> _Written:
    return [(f"{use.claim_id!r}", use.line) for use in section.claims]


def _conditions(section: Section) -> _Written:
    return [(f"{{% if {test} %}}", section.line) for test in section.conditions]


def _references(section: Section) -> _Written:
    """Return what counts; of a typed number its reason is a language's own."""
    counted = [ref for ref in section.references if ref.function in COUNTED]
    return [
        (str(replace(ref, arguments=ref.arguments[:1])), ref.line)
        if ref.function == "num"
        else (str(ref), ref.line)
        for ref in counted
    ]


def _lines(written: _Written) -> dict[str, list[int]]:
    lines: dict[str, list[int]] = defaultdict(list)
    for text, line in written:
        lines[text].append(line)
    return lines


def _lone(kind: str, more: _Written, fewer: _Written, pair: _Pair) -> Iterator[Problem]:
    """Tell what the first of the pair has more often."""
    (having, section), (lacking, their_section) = pair
    there = _lines(fewer)
    for text, lines in _lines(more).items():
        n_there = len(there.get(text, ()))
        if len(lines) <= n_there:
            continue
        where = _place(lacking, their_section.line)
        message = f"{kind} {text} is not in {where}: write it there, too"
        if n_there:
            listed = ", ".join(map(str, there[text]))
            message = (
                f"{kind} {text} stands here {len(lines)} times and in "
                f"{lacking.document.path} (line {listed}) {n_there}: write it as often"
            )
        yield _problem(
            having, lines[n_there], f"{_named(section)}: {message}, or take it out here"
        )


def _compare_order(
    kind: str, first: _Written, second: _Written, pair: _Pair
) -> Iterator[Problem]:
    """Tell the first place at which what both have stands in another order."""
    (primary, section), (other, _) = pair
    shared = zip(_shared(first, second), _shared(second, first), strict=True)
    for (mine, my_line), (theirs, their_line) in shared:
        if mine != theirs:
            message = (
                f"{_named(section)}: {kind} {theirs} stands where "
                f"{_place(primary, my_line)} has {mine}: put them into the same order"
            )
            yield _problem(other, their_line, message)
            return


def _shared(written: _Written, others: _Written) -> _Written:
    """Return what the others have as often, in order."""
    left = {text: len(lines) for text, lines in _lines(others).items()}
    kept = []
    for text, line in written:
        if left.get(text, 0):
            left[text] -= 1
            kept.append((text, line))
    return kept


def _compare_branches(pair: _Pair) -> Iterator[Problem]:
    """Compare the wordings of the claims that both have."""
    (primary, mine), (other, theirs) = pair
    waiting = defaultdict(list)
    for use in theirs.claims:
        waiting[use.claim_id].append(use)
    for use in mine.claims:
        if not waiting[use.claim_id]:
            continue
        their_use = waiting[use.claim_id].pop(0)
        sides = ((primary, use, other, their_use), (other, their_use, primary, use))
        for having, here, lacking, there in sides:
            lone = [b for b in _ALL_BRANCHES if b in here.branches - there.branches]
            if lone:
                message = (
                    f"{_named(mine)}: the claim {use.claim_id!r} has a wording for "
                    f"{', '.join(lone)} in {_place(having, here.line)} and none here: "
                    "write it, or take it out there"
                )
                yield _problem(lacking, there.line, message)


def _named(section: Section) -> str:
    if not section.anchor:
        return "the text before the first heading"
    return f"section #{section.anchor}"


def _place(reading: Reading, line: int) -> str:
    return f"{reading.document.path}:{line}"


def _problem(reading: Reading, line: int, message: str) -> Problem:
    return Problem(file=reading.document.path, line=line, message=message)
