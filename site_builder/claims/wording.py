"""Claims and their evidence in the words of one language.

What the engine may say is fixed by its keys; every language has words for each.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from site_builder.claims.amounts import (
    compared,
    decimals_of,
    interval_text,
    metric_name,
    metric_text,
    p_text,
    percent,
    plain,
    ratio,
    tau,
    times,
    whole,
)
from site_builder.claims.claim import Claim, Condition, Fact, Term, Verdict
from site_builder.claims.quantities import is_larger_better
from site_builder.words import Words

Names = Mapping[str, str]
"""The names readers see, by model id."""

FACT_KEYS = (
    "rank_test",
    "rank_untested",
    "scaled_test",
    "tie",
    "tie_open",
    "interval",
    "interval_short",
    "untested",
    "weight_share",
    "weight_share_unknown",
    "counted",
    "models_counted",
    "count_wanted",
    "type",
    "speed",
    "speed_test",
    "trend",
    "trend_undecidable",
    "claim",
    "left_out",
    "family",
    "missing",
)
"""Every kind of evidence the engine gives."""

MISSING = (
    "model",
    "value",
    "others",
    "comparable",
    "ratio",
    "trials",
    "field",
    "type",
    "speed",
    "claim",
)
"""Everything the engine may find wanting."""

_VALUES = {
    "level": "level",
    "answer": "status",
    "type": "archetype",
    "case": "result",
    "outcome": "claim.outcome",
    "option": "yes_no",
    "uses": "yes_no",
}
"""Where words for the values of a field stand; others are shown as written."""


def standing_text(verdict: Verdict, words: Words) -> str:
    """Return the verdict in words; what is missing is told apart."""
    return words(f"claim.verdict.{verdict.standing}")


def assertion_text(claim: Claim, words: Words, names: Names) -> str:
    """Return what a claim asserts, without a full stop."""
    return words("claim.and").join(_says(term, words, names) for term in claim.terms)


def fact_text(fact: Fact, words: Words, names: Names) -> str:
    """Return one line of evidence as a sentence."""
    key = f"claim.fact.{fact.key}"
    if fact.key == "missing":
        key = f"claim.missing.{fact.texts['what']}"
    return words(key, **_fields(fact, words, names))


def form_key(predicate: str, kinds: Sequence[str]) -> str:
    """Return the words' key of a form of a predicate, by the kinds of its arguments."""
    if predicate == "only":
        return "only_condition" if kinds[0] == "condition" else "only_metric"
    if predicate == "no_trend" and "model" in kinds:
        return "no_trend_model"
    return predicate


def condition_text(
    field: str, comparison: str | None, value: str | float | None, words: Words
) -> str:
    """Return a condition in quotes, such as “level: as is”."""
    kind, _, name = field.partition(":")
    label = words(f"claim.field.{kind}", name=_field_name(kind, name, words))
    if comparison:
        shown = value if value is not None else ""
        text = (
            plain(float(shown), words)
            if _is_number(shown)
            else words.entries.get(f"{_VALUES.get(kind, '')}.{shown}", str(shown))
        )
        value_text = compared(comparison, text, words)
        label = words("claim.condition", field=label, value=value_text)
    return words("claim.condition_quoted", condition=label)


def _says(term: Term, words: Words, names: Names) -> str:
    """Return what one term asserts."""
    arguments = term.arguments
    metric = str(arguments[0])
    key, fields = term.predicate, {"metric": metric}
    models = [names.get(a, a) for a in arguments[1:] if isinstance(a, str)]
    limit = arguments[-1] if isinstance(arguments[-1], float) else term.limit
    if isinstance(arguments[0], Condition):
        condition = arguments[0]
        fields = {
            "condition": condition_text(
                condition.field, condition.comparison, condition.value, words
            )
        }
        key = "only_condition" if key == "only" else key
        if limit is not None and term.comparison is not None:
            fields["limit"] = compared(term.comparison, plain(limit, words), words)
    elif key == "type":
        fields = {"type": words.entries.get(f"archetype.{models[-1]}", models[-1])}
        models = [names.get(metric, metric)]
    elif key == "stable_rank":
        models = [names.get(metric, metric), *models]
    elif key == "claim":
        fields = {"id": metric}
    else:
        key, fields = _says_of_metric(term, metric, limit, words)
        if key == "no_trend" and models:
            key = "no_trend_model"
    return words(f"claim.says.{key}", **fields, **_named(models, words))


def _says_of_metric(
    term: Term, metric: str, limit: float | None, words: Words
) -> tuple[str, dict[str, str]]:
    """Return the words' key and the fields of an assertion about a quantity."""
    key = term.predicate
    fields = {"metric": metric_name(metric, words)}
    if key in {"first", "last", "order"}:
        is_highest = is_larger_better(metric) != (key == "last")
        fields["end"] = words("claim.end." + ("highest" if is_highest else "lowest"))
    elif key == "ratio" and limit is not None and term.comparison is not None:
        fields["limit"] = compared(term.comparison, times(limit, words), words)
    elif key == "tie" and limit is not None:
        fields["limit"] = percent(limit, words)
    elif limit is not None:
        fields["limit"] = metric_text(metric, limit, words, decimals=decimals_of(limit))
    return ("only_metric" if key == "only" else key), fields


def _named(models: list[str], words: Words) -> dict[str, str]:
    """Return the fields by which words name models."""
    if not models:
        return {"who": words("claim.all_models")}
    fields = {
        "models": words("list_separator").join(models),
        "model": models[0],
        "first": models[0],
        "who": models[0],
    }
    return fields if len(models) == 1 else {**fields, "second": models[1]}


def _fields(fact: Fact, words: Words, names: Names) -> dict[str, str]:
    """Return every field that the words of a fact may use."""
    fields = _named([names.get(model, model) for model in fact.models], words)
    if fact.metric:
        fields["metric"] = metric_name(fact.metric, words)
    for name, value in fact.numbers.items():
        fields[name] = _number(fact, name, value, words)
    if fact.key in {"interval", "interval_short"}:
        fields["interval"] = interval_text(
            fact.metric, fact.numbers["low"], fact.numbers["high"], words
        )
    return fields | _texts(fact, fields.get("limit", ""), words)


def _texts(fact: Fact, limit: str, words: Words) -> dict[str, str]:
    texts = dict(fact.texts)
    fields: dict[str, str] = {"name": texts.get("name", "")}
    if "condition" in texts:
        fields["condition"] = condition_text(
            texts["field"], texts["comparison"], texts["value"], words
        )
    if "side" in texts:
        fields["side"] = words(f"claim.side.{texts['side']}", limit=limit)
    if fact.key == "type":
        for key in ("type", "wanted"):
            fields[key] = words.entries.get(f"archetype.{texts[key]}", words("unknown"))
        fields["settlement"] = words(f"settlement.{texts['settlement']}")
    elif "wanted" in texts:
        comparison, _, number = texts["wanted"].partition(" ")
        fields["wanted"] = compared(comparison, plain(float(number), words), words)
    if fact.key == "claim":
        verdict = words(f"claim.verdict.{texts['verdict']}")
        fields |= {"id": texts["id"], "verdict": verdict}
    if texts.get("what") == "field":
        kind, _, name = texts["name"].partition(":")
        label = words(f"claim.field.{kind}", name=_field_name(kind, name, words))
        fields["name"] = label
    return fields


def _number(fact: Fact, name: str, value: float, words: Words) -> str:
    """Write a number of a fact as its name and the fact's key ask for."""
    write = _BY_FACT.get((fact.key, name)) or _BY_NAME.get(name)
    if write is not None:
        return write(value, words)
    decimals = decimals_of(value) if name == "limit" else None
    return metric_text(fact.metric, value, words, decimals=decimals)


def _field_name(kind: str, name: str, words: Words) -> str:
    """Return the words for the part of a field after its colon."""
    if kind == "trait":
        return words.entries.get(f"trait.{name}", name)
    if kind != "case":
        return name
    titles = (
        text
        for key, text in words.entries.items()
        if key.startswith("case.") and key.endswith(f".{name}")
    )
    return next(titles, name)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


_BY_NAME: dict[str, Callable[[float, Words], str]] = {
    **dict.fromkeys(("p", "p_adjusted"), p_text),
    **dict.fromkeys(("n", "n_first", "n_second", "n_claims"), whole),
    **dict.fromkeys(("k", "unknown", "needed_n"), whole),
    **dict.fromkeys(("ratio", "low_limit", "high_limit"), ratio),
    **dict.fromkeys(("coverage", "share", "needed"), percent),
    "alpha": plain,
    "tau": tau,
}
_BY_FACT: dict[tuple[str, str], Callable[[float, Words], str]] = {
    ("scaled_test", "limit"): times,
    ("tie", "low"): ratio,
    ("tie", "high"): ratio,
    ("count_wanted", "limit"): plain,
    ("speed", "needed"): times,
    ("speed_test", "needed"): plain,
}
