"""Which sections were last seen to say the same in all languages.

What was confirmed is told from what was written since by hashes of the sources. Broken
claims that were accepted are kept beside it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from site_builder.config import nearest
from site_builder.errors import ContentError
from site_builder.problem import Problem
from site_builder.prose.reading import Reading, Readings
from site_builder.prose.reviews_file import Acceptance, Hashes, Reviews

ALL = "all"

_Where = tuple[str, str | None]
"""A document's key and a section's anchor; None: the whole document."""


def outdated(readings: Readings, reviews: Reviews) -> tuple[Problem, ...]:
    """Return the sections whose languages may no longer say the same.

    Sections that one language alone has are left to ``check_parity``, documents that
    could not be read to their readings. Where nothing was ever confirmed there is
    nothing to be outdated by.
    """
    if not reviews.sections:
        return ()
    problems: list[Problem] = []
    for key, versions in readings.items():
        read = [reading for reading in versions if reading.sections]
        confirmed = reviews.sections.get(key, {})
        known = {language for hashes in confirmed.values() for language in hashes}
        reviewed = [reading for reading in read if reading.language in known]
        unknown = [reading for reading in read if reading.language not in known]
        if len(read) > 1 and not reviewed:
            first, *others = read
            what = "has never been confirmed"
            problems.append(_problem(first, (key, None), what, others=others))
        elif reviewed:
            problems += [
                _problem(
                    reading,
                    (key, None),
                    f"is new in {reading.language}",
                    others=reviewed,
                )
                for reading in unknown
            ]
            problems += _outdated_sections(key, reviewed, confirmed)
    return tuple(problems)


def confirm(readings: Readings, reviews: Reviews, which: frozenset[str]) -> Reviews:
    """Return the reviews with these sections confirmed as they are now.

    What no document has any more is dropped.

    Args:
        readings: All documents.
        reviews: What was confirmed before.
        which: ``article#conclusion``, ``article#`` for the text before the first
            heading, ``models/a`` for a whole document, or ``all``.

    Raises:
        ContentError: There is no such section, or its document cannot be read.
    """
    _check_names(readings, which)
    sections: dict[str, Mapping[str, Hashes]] = {}
    for key, versions in readings.items():
        old = reviews.sections.get(key, {})
        now = _hashes(versions)
        chosen = {a for a in now if which & {ALL, key, f"{key}#{a}"}}
        kept: Mapping[str, Hashes] = {
            anchor: now[anchor] if anchor in chosen else old[anchor]
            for anchor in now
            if anchor in chosen or anchor in old
        }
        if not all(reading.sections for reading in versions):
            kept = old
        if kept:
            sections[key] = kept
    return replace(reviews, sections=sections)


def accept(reviews: Reviews, claim_id: str, *, assertion: str, run_id: str) -> Reviews:
    """Return the reviews with a broken claim accepted as it is in this run."""
    acceptance = Acceptance(assertion=assertion, run_id=run_id)
    return replace(reviews, accepted={**reviews.accepted, claim_id: acceptance})


def is_accepted(
    reviews: Reviews, claim_id: str, *, assertion: str, run_id: str
) -> bool:
    """Whether a broken claim was accepted, and nothing has changed since."""
    acceptance = Acceptance(assertion=assertion, run_id=run_id)
    return reviews.accepted.get(claim_id) == acceptance


def _hashes(versions: Iterable[Reading]) -> dict[str, dict[str, str]]:
    """Return the hashes of a document by anchor."""
    hashes: dict[str, dict[str, str]] = defaultdict(dict)
    for reading in versions:
        for section in reading.sections:
            hashes[section.anchor][reading.language] = section.prose_sha256
    return hashes


def _check_names(readings: Readings, which: Iterable[str]) -> None:
    known = {ALL, *readings} | {
        f"{key}#{anchor}"
        for key, versions in readings.items()
        for anchor in _hashes(versions)
    }
    faults = [
        f"--confirm {name}: there is no such section: {nearest(name, known)}"
        for name in sorted(which)
        if name not in known
    ]
    faults += [
        f"{reading.document.path}: cannot be confirmed, as it could not be read: mend "
        "it first"
        for key, versions in readings.items()
        for reading in versions
        if not reading.sections
        and any(name in {ALL, key} or name.startswith(f"{key}#") for name in which)
    ]
    if faults:
        raise ContentError("\n".join(faults))


def _outdated_sections(
    key: str, reviewed: list[Reading], confirmed: Mapping[str, Hashes]
) -> Iterator[Problem]:
    """Yield what changed in the languages that were confirmed at some time."""
    for anchor, now in _hashes(reviewed).items():
        having = [reading for reading in reviewed if reading.language in now]
        if len(having) == 1:
            continue
        last = confirmed.get(anchor, {})
        changed = [
            r for r in having if last.get(r.language) not in {None, now[r.language]}
        ]
        new = [r for r in having if r.language not in last]
        same = [r for r in having if r not in changed and r not in new]
        yield from _section_problems((key, anchor), changed, new, same)


def _section_problems(
    section: _Where, changed: list[Reading], new: list[Reading], same: list[Reading]
) -> Iterator[Problem]:
    if not changed and not same:
        yield _problem(new[0], section, "has never been confirmed", others=new[1:])
    elif not same:
        what = "was changed in every language since it was confirmed"
        yield _problem(changed[0], section, what, others=[*changed[1:], *new])
    else:
        what = "may be outdated: it was changed elsewhere since it was confirmed"
        for reading in same if changed else ():
            yield _problem(reading, section, what, others=changed)
        for reading in new:
            what = f"is new in {reading.language}"
            yield _problem(reading, section, what, others=[*changed, *same])


def _problem(
    reading: Reading, where: _Where, what: str, *, others: Iterable[Reading]
) -> Problem:
    """Say what to do about a section or a document."""
    key, anchor = where
    is_whole = not anchor and len(reading.sections) == 1
    name = key if anchor is None or is_whole else f"{key}#{anchor}"
    places = ", ".join(_place(other, anchor) for other in others)
    return Problem(
        file=reading.document.path,
        line=None if anchor is None else _line(reading, anchor),
        message=f"{name} {what}: look at it beside {places}, mend what no longer says "
        f"the same, then run seikaku check --confirm {name}",
    )


def _place(reading: Reading, anchor: str | None) -> str:
    path = reading.document.path
    return str(path) if anchor is None else f"{path}:{_line(reading, anchor)}"


def _line(reading: Reading, anchor: str) -> int:
    return next(s.line for s in reading.sections if s.anchor == anchor)
