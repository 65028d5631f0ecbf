"""What a writer may refer to in prose: values, ratios, names, tables, figures.

A reference that names something unknown is an error with the nearest name; one to a
number the run does not tell is an error unless the writer gives a fallback. A model
that is known but not in this run has a name and no values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from collector.record import Run
from site_builder.analysis.statistics import centre
from site_builder.analysis.summary import ModelSummary
from site_builder.claims.claim import Verdict
from site_builder.errors import ContentError
from site_builder.findings import CodeEvidence
from site_builder.known_values import NO_CODE, KnownValues, limits_of, shown_as
from site_builder.prose.vocabulary import FUNCTIONS, unknown_name
from site_builder.quantities import (
    CALIBRATION_FACTS,
    COUNT_UNIT,
    RATIO_DECIMALS,
    RATIO_UNIT,
    Interval,
    Quantity,
    Shown,
    typed_decimals,
)
from site_builder.words import Words


@dataclass(frozen=True, kw_only=True)
class References:
    """The functions a text may call, for one language of one run.

    Attributes:
        model_path: Address of a model's page, from the page the text stands on.
        escape: Makes a text that came from data safe where it is put.
        parts: Names of the tables and figures there are, by kind.
        constants: The constants of our rules, as text, by name.
        found: What the code of the run shows.
        verdicts: What the trials say of each claim of the registry, by id.
        names: Names readers see, by id, of all models a text may name; those of the
            run need not be among them.
    """

    run: Run
    summaries: Mapping[str, ModelSummary]
    words: Words
    model_path: Callable[[str], str]
    escape: Callable[[str], str]
    parts: Mapping[str, frozenset[str]]
    constants: Mapping[str, str] = field(default_factory=dict)
    found: CodeEvidence = NO_CODE
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return them by the names texts use."""
        return {name: getattr(self, name) for name in FUNCTIONS}

    def variables(self) -> dict[str, str | bool]:
        """Return what texts may use without calling it."""
        return {
            "n_models": self.words.number(len(self.summaries), 0),
            "source": self.run.source,
            "unknown": self.escape(self.words("unknown")),
            "is_verified": self.found.is_verified,
            "has_structure": self.found.has_structure,
        }

    def v(
        self, metric: str, model: str, *, fallback: str | None = None
    ) -> Quantity | str:
        """Return a model's value of a metric."""
        sample = self._known.sample(metric, model)
        if sample is None:
            return self._unknown(f'v("{metric}", "{model}")', fallback)
        return self._quantity(sample.median, shown_as(metric, sample.median))

    def ratio(
        self, metric: str, model: str, other: str, *, fallback: str | None = None
    ) -> Quantity | str:
        """Return how many times the other model's value a model's value is.

        Values that were found in different ways, such as with another state of the
        prompt cache, have no ratio.
        """
        one, base = self._known.sample(metric, model), self._known.sample(metric, other)
        if one is None or base is None or base.median == 0 or one.basis != base.basis:
            reference = f'ratio("{metric}", "{model}", "{other}")'
            return self._unknown(reference, fallback)
        return self._quantity(
            one.median / base.median, Shown(unit=RATIO_UNIT, decimals=RATIO_DECIMALS)
        )

    def interval(
        self, metric: str, model: str, *, fallback: str | None = None
    ) -> Interval | str:
        """Return where a model's median lies; with one trial it is not known."""
        sample = self._known.sample(metric, model)
        between = None if sample is None else centre(sample.values)
        if between is None or between.n < 2:
            return self._unknown(f'interval("{metric}", "{model}")', fallback)
        shown = shown_as(metric, between.low, between.high)
        return Interval(
            low=between.low,
            high=between.high,
            unit=shown.unit,
            decimals=shown.decimals,
            words=self.words,
        )

    def n(
        self, metric: str, model: str, *, fallback: str | None = None
    ) -> Quantity | str:
        """Return how many trials of a model have a value of a metric."""
        if self._known.sample(metric, model) is None and model not in self.summaries:
            return self._unknown(f'n("{metric}", "{model}")', fallback)
        return self._quantity(
            self._known.n_trials(metric, model), Shown(unit=COUNT_UNIT, decimals=0)
        )

    def limit(self, claim: str) -> Quantity:
        """Return the number a claim of the registry asserts."""
        limits = dict.fromkeys(limits_of(self._verdict(claim).claim.terms))
        if len(limits) != 1:
            found = "no number" if not limits else f"{len(limits)} numbers"
            raise ContentError(
                f'limit("{claim}"): the claim asserts {found}: '
                'write num(number, "reason"), or split the claim'
            )
        ((value, unit),) = limits
        return Quantity(
            value=value, unit=unit, decimals=typed_decimals(value), words=self.words
        )

    def num(self, number: float, reason: str) -> Quantity:  # noqa: ARG002 - for writers
        """Return a number the writer typed, with the reason why it may stand there."""
        return Quantity(
            value=number, unit=None, decimals=typed_decimals(number), words=self.words
        )

    def name(self, model: str) -> str:
        """Return the name readers see."""
        if model in self.summaries:
            return self.escape(self.summaries[model].model.name)
        self._known.check_model(model)
        return self.escape(self.names[model])

    def model_link(self, model: str) -> str:
        """Return a link to the model's page; its name where this run has none."""
        name = self.name(model)
        if model not in self.summaries:
            return name
        return f"[{name}]({self.model_path(model)})"

    def rig(self, fact: str) -> str:
        """Return a fact of the machine, or the word for unknown."""
        facts = self.run.rig.model_dump()
        if fact not in facts:
            raise ContentError(unknown_name("rig fact", fact, facts))
        value = facts[fact]
        return self.escape(self.words("unknown") if value is None else str(value))

    def constant(self, name: str) -> str:
        """Return a constant of our rules as text."""
        if name not in self.constants:
            raise ContentError(unknown_name("constant", name, self.constants))
        return self.escape(self.constants[name])

    def observations(self, model: str, *, fallback: str | None = None) -> str:
        """Return what a publication said of a model's code, in words."""
        self._known.check_model(model)
        seen = self.summaries[model].observations if model in self.summaries else ()
        if not seen:
            return self._unknown(f'observations("{model}")', fallback)
        told = [self.words(f"observation.{key}") for key in seen]
        return self.escape(self.words("list_separator").join(told))

    def calibration(
        self, fact: str, tok_s: float, *, fallback: str | None = None
    ) -> Quantity | str:
        """Return a fact of our own measuring error on a schedule of this rate."""
        if fact not in CALIBRATION_FACTS:
            raise ContentError(
                unknown_name("calibration fact", fact, CALIBRATION_FACTS)
            )
        error = self._known.measuring_error(tok_s)
        if error is None:
            return self._unknown(f'calibration("{fact}", {tok_s:g})', fallback)
        shown = CALIBRATION_FACTS[fact]
        return self._quantity(
            shown.read(error), Shown(unit=shown.unit, decimals=shown.decimals)
        )

    def table(self, name: str) -> str:
        """Return the place of a table."""
        return self._place("table", name)

    def figure(self, name: str) -> str:
        """Return the place of a chart."""
        return self._place("figure", name)

    def is_calibrated(self, *tok_s: float) -> bool:
        """Return whether our own error was determined at each of these rates."""
        return all(self._known.measuring_error(rate) is not None for rate in tok_s)

    def is_known(self, metric: str, *models: str) -> bool:
        """Return whether each of these models has a value of a metric."""
        return None not in [self._known.sample(metric, model) for model in models]

    def in_run(self, *models: str) -> bool:
        """Return whether each of these models is in this run."""
        for model in models:
            self._known.check_model(model)
        return all(model in self.summaries for model in models)

    def reported(self, model: str, *observations: str) -> bool:
        """Return whether a publication said all this of a model's code."""
        self._known.check_model(model)
        known = self.words.section("observation")
        for key in observations:
            if key not in known:
                raise ContentError(unknown_name("observation", key, known))
        seen = self.summaries[model].observations if model in self.summaries else ()
        return set(observations) <= set(seen)

    def verdict(self, claim: str) -> str:
        """Return what the trials say of a claim: holds, undecided or broken."""
        return self._verdict(claim).verdict

    @cached_property
    def _known(self) -> KnownValues:
        return KnownValues(
            run=self.run, summaries=self.summaries, found=self.found, names=self.names
        )

    def _verdict(self, claim: str) -> Verdict:
        if claim not in self.verdicts:
            raise ContentError(unknown_name("claim", claim, self.verdicts))
        return self.verdicts[claim]

    def _place(self, kind: Literal["table", "figure"], name: str) -> str:
        if name not in self.parts[kind]:
            raise ContentError(unknown_name(kind, name, self.parts[kind]))
        return f"@@{kind}:{name}@@"

    def _quantity(self, value: float, shown: Shown) -> Quantity:
        return Quantity(
            value=value, unit=shown.unit, decimals=shown.decimals, words=self.words
        )

    def _unknown(self, reference: str, fallback: str | None) -> str:
        if fallback is None:
            raise ContentError(
                f"{reference} is not known in the run {self.run.run_id!r}: leave the "
                "reference out, measure it, or give fallback=unknown"
            )
        return fallback
