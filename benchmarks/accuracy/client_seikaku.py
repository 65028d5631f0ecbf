"""Seikaku: the very code that measures trials, and its metrics."""

import client

from collector.metrics import decode_tok_s, ttft_s
from collector.selftest import measure_once


def measure(base_url: str, name: str) -> client.Figures:
    """Measure one stream."""
    trial = measure_once(base_url, name)
    first_s, rate_tok_s = ttft_s(trial), decode_tok_s(trial)
    if first_s is None or rate_tok_s is None:
        raise ValueError(f"no figures: {trial.failure}")
    return first_s, rate_tok_s


client.run(measure)
