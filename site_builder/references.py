"""What a writer may refer to in prose: values, ratios, names, tables, figures.

A reference that names something unknown is an error with the nearest name; one to a
number the run does not tell is an error unless the writer gives a fallback.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.metrics import METRICS
from collector.record import MeasuringError, Run
from site_builder.analysis.summary import ModelSummary
from site_builder.config import nearest
from site_builder.errors import ContentError
from site_builder.words import Words

RATIO_UNIT = "x"
RATIO_DECIMALS = 1

SAME_RATE_RATIO = 0.01
"""Schedules whose rates differ by no more are the one a writer means."""


@dataclass(frozen=True, kw_only=True)
class _CalibrationFact:
    unit: str
    decimals: int
    read: Callable[[MeasuringError], float]


_CALIBRATION_FACTS = {
    "tok_s": _CalibrationFact(unit="tok/s", decimals=0, read=lambda e: e.tok_s),
    "ttft_error_ms": _CalibrationFact(
        unit="ms", decimals=2, read=lambda e: 1000 * abs(e.ttft_error_median_s)
    ),
    "ttft_error_max_ms": _CalibrationFact(
        unit="ms", decimals=2, read=lambda e: 1000 * abs(e.ttft_error_max_s)
    ),
    "rate_error_percent": _CalibrationFact(
        unit="percent", decimals=2, read=lambda e: 100 * abs(e.rate_error_median_ratio)
    ),
    "rate_error_max_percent": _CalibrationFact(
        unit="percent", decimals=2, read=lambda e: 100 * abs(e.rate_error_max_ratio)
    ),
}
"""Our own measuring error as prose tells it: its size, without its sign."""


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
        constants: The constants of our rules, as text, by name.
        is_verified: Whether it is known how some model's code fares when it is run.
        has_structure: Whether the structure index of some model is known.
    """

    run: Run
    summaries: Mapping[str, ModelSummary]
    words: Words
    model_path: Callable[[str], str]
    escape: Callable[[str], str]
    parts: Mapping[str, frozenset[str]]
    constants: Mapping[str, str] = field(default_factory=dict)
    is_verified: bool = False
    has_structure: bool = False

    def functions(self) -> dict[str, Any]:
        """Return them by the names texts use."""
        return {
            "v": self.v,
            "ratio": self.ratio,
            "name": self.name,
            "model_link": self.model_link,
            "rig": self.rig,
            "calibration": self.calibration,
            "is_calibrated": self.is_calibrated,
            "table": lambda name: self._place("table", name),
            "figure": lambda name: self._place("figure", name),
            "constant": self.constant,
            "is_verified": self.is_verified,
            "has_structure": self.has_structure,
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

    def constant(self, name: str) -> str:
        """Return a constant of our rules as text."""
        if name not in self.constants:
            known = nearest(name, set(self.constants))
            raise ContentError(f'constant("{name}"): there is none: {known}')
        return self.escape(self.constants[name])

    def calibration(
        self, fact: str, tok_s: float, *, fallback: str | None = None
    ) -> Quantity | str:
        """Return a fact of our own measuring error on a schedule of this rate."""
        if fact not in _CALIBRATION_FACTS:
            known = nearest(fact, set(_CALIBRATION_FACTS))
            raise ContentError(f'calibration("{fact}", {tok_s}): {known}')
        error = self._measuring_error(tok_s)
        if error is None:
            return self._unknown(f'calibration("{fact}", {tok_s})', fallback)
        shown = _CALIBRATION_FACTS[fact]
        return Quantity(
            value=shown.read(error),
            unit=shown.unit,
            decimals=shown.decimals,
            words=self.words,
        )

    def is_calibrated(self, *tok_s: float) -> bool:
        """Return whether our own error was determined at each of these rates."""
        return all(self._measuring_error(rate) is not None for rate in tok_s)

    def _measuring_error(self, tok_s: float) -> MeasuringError | None:
        errors = () if self.run.calibration is None else self.run.calibration.errors
        return next(
            (e for e in errors if abs(e.tok_s / tok_s - 1) <= SAME_RATE_RATIO), None
        )

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
