"""Whether an order of models hangs on the weights we chose."""

import random
from collections.abc import Mapping, Sequence
from itertools import permutations
from statistics import median

from site_builder.analysis.traits import TRAITS

N_DRAWS = 5000
SEED = 20261123
STABLE_SHARE = 0.95
"""An order may be claimed only if so many of the drawn weights give it."""


def order_shares(
    models: Mapping[str, Sequence[Mapping[str, float]]],
    *,
    draws: int = N_DRAWS,
    seed: int = SEED,
) -> dict[tuple[str, str], float]:
    """Return in how many of the drawn weights the first model is above the second.

    Weights are drawn uniformly from all that are not negative and make 1. An equal
    median counts for neither.

    Args:
        models: Each model's answers, as traits by key; none may be empty.
        draws: How many weights are drawn.
        seed: Of the draws; the same seed gives the same shares.
    """
    source = random.Random(seed)  # noqa: S311 - a sample, not a secret
    answers = {
        key: [[traits[name] for name in TRAITS] for traits in answers]
        for key, answers in models.items()
    }
    above = dict.fromkeys(permutations(models, 2), 0)
    for _ in range(draws if above else 0):
        weights = [source.expovariate(1) for _ in TRAITS]
        scores = {
            key: median(sum(map(float.__mul__, weights, values)) for values in vectors)
            for key, vectors in answers.items()
        }
        for first, second in above:
            above[first, second] += scores[first] > scores[second]
    return {pair: count / draws for pair, count in above.items()}
