"""Whether the names of an assertion exist, and what was probably meant if not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from collector.metrics import METRICS
from site_builder.analysis.archetypes import Archetype
from site_builder.claims.claim import Condition, Term
from site_builder.claims.predicates import form_of
from site_builder.claims.predicates.form import Form
from site_builder.claims.quantities import QUANTITIES
from site_builder.claims.trial_fields import FIELDS, Field
from site_builder.config import nearest

TYPES: frozenset[str] = frozenset(get_args(Archetype))


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The names a writer may use.

    Attributes:
        cases: Ids of the cases that conditions may name; None: any.
        claims: Ids of the registry, wrong entries included.
    """

    models: frozenset[str]
    cases: frozenset[str] | None
    claims: frozenset[str]


def term_faults(term: Term, names: Vocabulary) -> Iterator[str]:
    """Yield what is wrong with the names of a term, and what to do."""
    n_compared = int(term.comparison is not None and term.limit is None)
    form = form_of(term.predicate, len(term.arguments) - n_compared)
    if form is None:
        return
    for index, argument in enumerate(term.arguments):
        if isinstance(argument, Condition):
            faults = _condition_faults(argument, names)
        elif isinstance(argument, str):
            faults = _name_faults(argument, form, index, names)
        else:
            continue
        yield from (f"{term.predicate}: {fault}" for fault in faults)


def _name_faults(name: str, form: Form, index: int, names: Vocabulary) -> Iterator[str]:
    is_type = index >= len(form.kinds) and not form.repeats
    kind = "type" if is_type else form.kind(index)
    noun, known = {
        "metric": ("quantity", QUANTITIES),
        "trial_metric": ("quantity of a trial", frozenset(METRICS)),
        "model": ("model", names.models),
        "claim": ("claim", names.claims),
        "type": ("type", TYPES),
    }[kind]
    if name not in known:
        yield f"unknown {noun} {name!r}: {nearest(name, set(known))}"


def _condition_faults(condition: Condition, names: Vocabulary) -> Iterator[str]:
    key, colon, name = condition.field.partition(":")
    field = FIELDS.get(key)
    if field is None:
        yield f"unknown field {key!r}: {nearest(key, set(FIELDS))}"
        return
    if field.has_name and not name:
        yield f"{key} needs a name after a colon: write it like {_example(key)}"
    elif colon and not field.has_name:
        yield f"{key} has no name after it: write {key} alone"
    elif name:
        yield from _own_name_faults(field, name, names)
    yield from _value_faults(field, condition)


def _own_name_faults(field: Field, name: str, names: Vocabulary) -> Iterator[str]:
    known = field.names or None
    if field.key == "case":
        known = names.cases
    if known is not None and name not in known:
        yield f"unknown {field.key} {name!r}: {nearest(name, set(known))}"


def _value_faults(field: Field, condition: Condition) -> Iterator[str]:
    """Check what a field is held against: its kind decides."""
    comparison, value = condition.comparison, condition.value
    key = condition.field
    if comparison is None:
        if field.kind != "yes_no":
            yield f"{key} is held against nothing: write it like {_example(field.key)}"
        return
    if field.kind == "number":
        if not isinstance(value, float):
            yield f"{key} is a number, and {value!r} is none: write a number"
        return
    if comparison not in ("=", "!="):
        yield f"{key} is no number: hold it against a value with = or !="
    text = f"{value:g}" if isinstance(value, float) else value or ""
    if field.kind == "yes_no" and text not in ("yes", "no"):
        yield f"{key} is yes or no, not {text!r}: write {key} alone, or {key} = no"
    elif field.values and text not in field.values:
        yield f"{key} is never {text!r}: {nearest(text, set(field.values))}"


def _example(key: str) -> str:
    return {
        "outcome": "outcome = complete",
        "finish_reason": "finish_reason = stop",
        "level": "level = as_is",
        "answer": "answer = ok",
        "type": "type = sketcher",
        "case": "case:01-flat = pass",
        "option": "option:bom",
        "uses": "uses:csv.DictWriter",
        "trait": "trait:types >= 0.5",
        "code_lines": "code_lines <= 40",
        "prose_s": "prose_s >= 20",
    }[key]
