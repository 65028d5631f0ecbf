"""What was counted for one trait of one answer, in words."""

from dataclasses import asdict

from site_builder.analysis.counts import Counts
from site_builder.analysis.traits import Trait, reading_s
from site_builder.words import Words


def counted(counts: Counts, trait: Trait, words: Words) -> str:
    """Return the numbers that a trait of an answer follows from."""
    found = asdict(getattr(counts, trait.group))
    fields = {key: _told(key, value, words) for key, value in found.items()}
    fields |= {
        f"n_{key}": words.number(len(value), 0)
        for key, value in found.items()
        if isinstance(value, tuple)
    }
    robustness, talk = counts.robustness, counts.talk
    is_broad = robustness.catches_exception or robustness.catches_bare
    fields["is_broad"] = _told("is_broad", is_broad, words)
    fields["n_lines"] = words.number(talk.n_comment_lines + talk.n_code_lines, 0)
    fields["reading"] = words.number(reading_s(talk), 0)
    return words(f"trait_counts.{trait.key}", **fields)


def _told(key: str, value: object, words: Words) -> str:
    if key == "cli":
        return words(f"cli.{value}")
    if isinstance(value, bool):
        return words("yes_no.yes" if value else "yes_no.no")
    if isinstance(value, int):
        return words.number(value, 0)
    return words("unknown")
