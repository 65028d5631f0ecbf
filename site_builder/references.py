"""What a writer may refer to in prose: values, ratios, names, tables, figures.

A reference that names something unknown is an error with the nearest name; one to a
number the run does not tell is an error unless the writer gives a fallback.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from collector.metrics import METRICS
from collector.record import Run
from site_builder.analysis.summary import ModelSummary
from site_builder.config import nearest
from site_builder.errors import ContentError
from site_builder.words import Words

RATIO_UNIT = "x"
RATIO_DECIMALS = 1


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number a writer referred to; printed bare it has no unit."""

    value: float
    unit: str
    decimals: int
    words: Words

    def __str__(self) -> str:
        """Write the number as the language does."""
        return self.words.number(self.value, self.decimals)


@dataclass(frozen=True, kw_only=True)
class References:
    """The functions a text may call, for one language of one run.

    Attributes:
        model_path: Address of a model's page, from the page the text stands on.
        escape: Makes a text that came from data safe where it is put.
        parts: Names of the tables and figures there are, by kind.
    """

    run: Run
    summaries: Mapping[str, ModelSummary]
    words: Words
    model_path: Callable[[str], str]
    escape: Callable[[str], str]
    parts: Mapping[str, frozenset[str]]

    def functions(self) -> dict[str, Any]:
        """Return them by the names texts use."""
        return {
            "v": self.v,
            "ratio": self.ratio,
            "name": self.name,
            "model_link": self.model_link,
            "rig": self.rig,
            "table": lambda name: self._place("table", name),
            "figure": lambda name: self._place("figure", name),
            "n_models": self.words.number(len(self.summaries), 0),
            "source": self.run.source,
        }

    def v(
        self, metric: str, model: str, *, fallback: str | None = None
    ) -> Quantity | str:
        """Return a model's value of a metric."""
        value = self._value(metric, model)
        if value is not None:
            shown = METRICS[metric]
            return Quantity(
                value=value, unit=shown.unit, decimals=shown.decimals, words=self.words
            )
        return self._unknown(f'v("{metric}", "{model}")', fallback)

    def ratio(
        self, metric: str, model: str, other: str, *, fallback: str | None = None
    ) -> Quantity | str:
        """Return how many times the other model's value a model's value is."""
        value, base = self._value(metric, model), self._value(metric, other)
        if value is not None and base is not None and base != 0:
            return Quantity(
                value=value / base,
                unit=RATIO_UNIT,
                decimals=RATIO_DECIMALS,
                words=self.words,
            )
        return self._unknown(f'ratio("{metric}", "{model}", "{other}")', fallback)

    def name(self, model: str) -> str:
        """Return the name readers see."""
        return self.escape(self._summary(model).model.name)

    def model_link(self, model: str) -> str:
        """Return a link to the model's page."""
        return f"[{self.name(model)}]({self.model_path(model)})"

    def rig(self, fact: str) -> str:
        """Return a fact of the machine, or the word for unknown."""
        facts = self.run.rig.model_dump()
        if fact not in facts:
            raise ContentError(f'rig("{fact}"): {nearest(fact, set(facts))}')
        value = facts[fact]
        return self.escape(self.words("unknown") if value is None else str(value))

    def _place(self, kind: str, name: str) -> str:
        if name not in self.parts[kind]:
            known = nearest(name, set(self.parts[kind]))
            raise ContentError(f'{kind}("{name}"): there is none: {known}')
        return f"@@{kind}:{name}@@"

    def _value(self, metric: str, model: str) -> float | None:
        if metric not in METRICS:
            known = nearest(metric, set(METRICS))
            raise ContentError(f"there is no metric {metric!r}: {known}")
        return self._summary(model).value(metric)

    def _summary(self, model: str) -> ModelSummary:
        if model not in self.summaries:
            raise ContentError(
                f"the run {self.run.run_id!r} has no model {model!r}: "
                f"{nearest(model, set(self.summaries))}"
            )
        return self.summaries[model]

    def _unknown(self, reference: str, fallback: str | None) -> str:
        if fallback is None:
            raise ContentError(
                f"{reference} is not known in the run {self.run.run_id!r}: leave the "
                'reference out, measure it, or give fallback="…"'
            )
        return fallback


def with_unit(
    quantity: Quantity | str, unit: str | None = None, decimals: int | None = None
) -> str:
    """Write a quantity with its unit: the filter ``u`` of texts.

    Args:
        quantity: What ``v`` or ``ratio`` returned; a fallback is left as it is.
        unit: The unit the writer expects; None: whichever it has.
        decimals: Digits after the point; None: the metric's own.

    Raises:
        ContentError: It has another unit, or is no quantity.
    """
    if isinstance(quantity, str):
        return quantity
    if not isinstance(quantity, Quantity):
        raise ContentError(f"{quantity!r} | u: is no value: use v(…) or ratio(…)")
    if unit not in {None, quantity.unit}:
        raise ContentError(f'u("{unit}"): the value is in {quantity.unit}: write that')
    shown = quantity.decimals if decimals is None else decimals
    return quantity.words.quantity(quantity.value, quantity.unit, shown)
