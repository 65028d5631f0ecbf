"""All that predicates look at, gathered once, and their rank tests, made once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from collector.store import LoadedRun
from site_builder.analysis.ranks import rank_test
from site_builder.analysis.summary import ModelSummary
from site_builder.claims.claim import Fact
from site_builder.claims.predicates.finding import missing
from site_builder.claims.quantities import Sample, read_samples
from site_builder.claims.trial_fields import CountedTrial, counted_trials
from site_builder.findings import CodeEvidence


@dataclass(frozen=True)
class RankTests:
    """One-sided rank tests; those of equal values are made once."""

    known: dict[tuple[tuple[float, ...], tuple[float, ...]], float] = field(
        default_factory=dict
    )

    def p_above(self, first: tuple[float, ...], second: tuple[float, ...]) -> float:
        """Return how likely ranks as high as the first sample's are by chance."""
        # The order of the trials is nothing to a rank test.
        key = (tuple(sorted(first)), tuple(sorted(second)))
        if key not in self.known:
            self.known[key] = rank_test(*key).p_greater
        return self.known[key]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A run, as claims see it.

    Attributes:
        models: In the run's order.
        summaries: By model.
        samples: By quantity and model; a model without a value is absent.
        trials: The counted ones of each model.
        found: What its code shows.
    """

    models: tuple[str, ...]
    summaries: Mapping[str, ModelSummary]
    samples: Mapping[str, Mapping[str, Sample]]
    trials: Mapping[str, tuple[CountedTrial, ...]]
    found: CodeEvidence
    tests: RankTests

    def sample(self, metric: str, model_id: str) -> Sample | None:
        """Return what a model has of a quantity; None: no value, or not in the run."""
        return self.samples[metric].get(model_id)

    def why_no_sample(self, metric: str, model_id: str) -> Fact:
        """Return the fact that tells why there is none."""
        if model_id not in self.models:
            return missing("model", model_id, name=model_id)
        return missing("value", model_id, metric=metric)


def gather(
    run: LoadedRun, summaries: tuple[ModelSummary, ...], found: CodeEvidence
) -> Evidence:
    """Gather what the claims on a run are held against."""
    return Evidence(
        models=tuple(model.model_id for model in run.run.models),
        summaries={summary.model.model_id: summary for summary in summaries},
        samples=read_samples(summaries, found),
        trials=counted_trials(run, found),
        found=found,
        tests=RankTests(),
    )
