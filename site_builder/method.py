"""The tables of the method page: every number of the site with its definition.

They are built from the registries, so that nothing can be shown without a definition.
"""

from collections.abc import Iterable, Mapping
from typing import get_args

from collector.metrics import FLAGS, METRICS
from site_builder.analysis.archetypes import Archetype, Settlement
from site_builder.analysis.judging import Status
from site_builder.analysis.summary import SUMMARY_METRICS
from site_builder.analysis.traits import GROUPS, TRAITS
from site_builder.claim_table import claim_fields_table, predicates_table
from site_builder.constants import constants
from site_builder.evidence import LEVELS, RESULTS
from site_builder.model import Cell, Table
from site_builder.profile import trait_definition, trait_name
from site_builder.profile_answers import FACTS
from site_builder.words import Words

CALIBRATION = ("tok_s", "ttft_error", "rate_error")
TIERS = ("bubblewrap", "wasi", "none")

EVIDENCE_FIELDS = (
    "level",
    "cases_passed",
    "cases_counted",
    "structure_index",
    "archetype",
)
FIELDS = (
    "model",
    "name",
    *SUMMARY_METRICS,
    "finish_reason",
    "n_trials",
    "source",
    *EVIDENCE_FIELDS,
)
"""The keys of each object of ``summary.json``, in order."""

DEFINED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "flag": ("flag", tuple(FLAGS)),
    "calibration": ("definition.calibration_label", CALIBRATION),
    "level": ("level", LEVELS),
    "result": ("result", RESULTS),
    "tier": ("sandbox", TIERS),
    "status": ("status", get_args(Status)),
    "fact": ("fact", FACTS),
    "archetype": ("archetype", get_args(Archetype)),
    "settlement": ("settlement", get_args(Settlement)),
}
"""What is defined in words alone: its kind, where its names stand, its keys."""

_CAPTIONS = {
    "flag": "flags",
    "calibration": "calibration",
    "level": "levels",
    "result": "results",
    "tier": "tiers",
    "status": "statuses",
    "fact": "facts",
    "archetype": "types",
    "settlement": "settlements",
}

METHOD_TABLES = frozenset(
    {
        *_CAPTIONS.values(),
        "metrics",
        "traits",
        "groups",
        "fields",
        "predicates",
        "evidence",
    }
)


def method_tables(words: Words) -> dict[str, Table]:
    """Return the tables by the names the text places them with.

    Raises:
        ContentError: Something has no definition in this language.
    """
    fields = constants(words)
    tables = {
        _CAPTIONS[kind]: _table(
            _CAPTIONS[kind],
            words,
            ("key", "definition"),
            (
                (
                    _symboled(kind, key, words(f"{labels}.{key}"), words),
                    Cell(text=words(f"definition.{kind}.{key}", **fields)),
                )
                for key in keys
            ),
        )
        for kind, (labels, keys) in DEFINED.items()
    }
    return tables | {
        "metrics": _metrics(words, fields),
        "traits": _traits(words),
        "groups": _groups(words, fields),
        "fields": _fields(words, fields),
        "predicates": predicates_table(words),
        "evidence": claim_fields_table(words),
    }


def _table(
    name: str,
    words: Words,
    heads: tuple[str, ...],
    rows: Iterable[tuple[Cell, ...]],
) -> Table:
    return Table(
        table_id=f"define-{name}",
        caption=words(f"method.{name}_caption"),
        head=tuple(
            Cell(text=words(f"method.head_{head}"), is_number=head == "weight")
            for head in heads
        ),
        rows=tuple(rows),
    )


def _symboled(kind: str, key: str, text: str, words: Words) -> Cell:
    """Return a name as tables show it: results with their symbols."""
    if kind != "result":
        return Cell(text=text)
    mark = key.replace("_", "-")
    return Cell(text=text, symbol=words(f"symbol.{key}"), mark=mark)


def _metrics(words: Words, fields: Mapping[str, str]) -> Table:
    return _table(
        "metrics",
        words,
        ("key", "unit", "field", "definition"),
        (
            (
                Cell(text=words(f"metric.{key}")),
                Cell(text=words(f"unit_label.{metric.unit}")),
                Cell(text=key, is_code=True),
                Cell(text=words(f"definition.metric.{key}", **fields)),
            )
            for key, metric in METRICS.items()
        ),
    )


def _traits(words: Words) -> Table:
    return _table(
        "traits",
        words,
        ("key", "weight", "definition", "rule"),
        (
            (
                Cell(text=trait_name(key, words)),
                Cell(text=words.number(trait.weight, 0), is_number=True),
                Cell(text=trait_definition(key, words)),
                Cell(text=trait.formula, is_code=True, tongue="en"),
            )
            for key, trait in TRAITS.items()
        ),
    )


def _groups(words: Words, fields: Mapping[str, str]) -> Table:
    joint = words("list_separator")
    members = {
        group: [trait for trait in TRAITS.values() if trait.group == group]
        for group in GROUPS
    }
    return _table(
        "groups",
        words,
        ("key", "weight", "source", "definition"),
        (
            (
                Cell(text=words(f"group.{group}")),
                Cell(
                    text=words.number(sum(t.weight for t in traits), 0), is_number=True
                ),
                Cell(text=joint.join(trait_name(t.key, words) for t in traits)),
                Cell(text=words(f"definition.group.{group}", **fields)),
            )
            for group, traits in members.items()
        ),
    )


def _fields(words: Words, fields: Mapping[str, str]) -> Table:
    return _table(
        "fields",
        words,
        ("field", "definition"),
        (
            (
                Cell(text=key, is_code=True),
                Cell(text=words(f"definition.field.{key}", **fields)),
            )
            for key in FIELDS
        ),
    )
