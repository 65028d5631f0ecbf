"""What was found in each answer of a model: its type, and facts beside the index."""

from site_builder.analysis.structure import Structure
from site_builder.constants import score
from site_builder.findings import Portrait, TrialCode
from site_builder.model import Cell, Table
from site_builder.words import Words

FACTS = (
    "sloc",
    "n_tokens",
    "complexity_max",
    "findings_per_100_lines",
    "n_placeholders",
    "n_opened_without_encoding",
    "n_csv_without_newline",
    "third_party",
)
"""The facts shown, in order; failure modes and options stand with the traits."""

UNREADABLE = "unreadable"
"""The status shown of code that Python takes, but that is too large or too deep."""


def facts_table(portrait: Portrait, words: Words, *, name: str, number: int) -> Table:
    """Return what stands beside the index, answer by answer."""
    return Table(
        table_id=f"facts-{number}",
        caption=words("profile.facts_caption", name=name),
        head=(
            Cell(text=words("profile.trial")),
            Cell(text=words("profile.answer")),
            *(
                Cell(text=words(f"fact.{key}"), is_number=key != "third_party")
                for key in FACTS
            ),
        ),
        rows=tuple(
            (
                Cell(text=_trial(item, words)),
                Cell(text=words(f"status.{_status(item)}")),
                *(_fact(item, key, words) for key in FACTS),
            )
            for item in portrait.trials
        ),
    )


def types_table(portrait: Portrait, words: Words, *, name: str, number: int) -> Table:
    """Return the type of each answer, the rule that fired and its numbers."""
    head = ("trial", "type", "rule", "numbers")
    rows = []
    for item in portrait.trials:
        structure = _structure(item)
        if structure is None:
            continue
        vote = structure.vote
        numbers = words("list_separator").join(
            words(
                "profile.number",
                group=words(f"group.{group}"),
                value=score(value, words),
            )
            for group, value in vote.numbers.items()
        )
        rows.append(
            (
                Cell(text=_trial(item, words)),
                Cell(text=words(f"archetype.{vote.archetype}")),
                Cell(text=words("profile.rule_n", n=words.number(vote.rule, 0))),
                Cell(text=numbers),
            )
        )
    return Table(
        table_id=f"types-{number}",
        caption=words("profile.types_caption", name=name),
        head=tuple(Cell(text=words(f"profile.{key}")) for key in head),
        rows=tuple(rows),
    )


def _structure(item: TrialCode) -> Structure | None:
    return None if item.findings is None else item.findings.structure


def _status(item: TrialCode) -> str:
    is_unreadable = item.findings is not None and item.findings.structure is None
    return UNREADABLE if is_unreadable else item.answer.status


def _fact(item: TrialCode, key: str, words: Words) -> Cell:
    structure = _structure(item)
    is_number = key != "third_party"
    value = None if structure is None else getattr(structure.facts, key)
    if value is None:
        return Cell(text=words("unknown"), is_number=is_number)
    if key == "third_party":
        return Cell(text=words("list_separator").join(value) or words("yes_no.no"))
    return Cell(text=words.number(value, _decimals(key)), is_number=True)


def _decimals(key: str) -> int:
    return 1 if key == "findings_per_100_lines" else 0


def _trial(item: TrialCode, words: Words) -> str:
    return words("verification.trial_n", n=item.answer.trial.number)
