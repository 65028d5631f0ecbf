"""A run under way for programs: one JSON object a line on standard output."""

import json
from typing import Self, TextIO

from collector.metrics import FLAGS, METRICS
from collector.plan import Slot
from collector.record import Trial


class JsonLines:
    """Writes a line for each finished trial.

    Args:
        stream: For the lines.
        aside: For what is said to a person.
    """

    def __init__(self, stream: TextIO, aside: TextIO) -> None:
        self._stream = stream
        self._aside = aside

    def __enter__(self) -> Self:
        """Return itself: there is nothing to begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave everything as it is."""

    def tell(self, line: str) -> None:
        """Say it aside."""
        print(line, file=self._aside, flush=True)

    def on_phase(self, slot: Slot, phase: str) -> None:
        """Pass over what has no result yet."""

    def on_text(self, chars: int, events: int) -> None:
        """Pass over it: writing would disturb the stream that is measured."""

    def on_trial(self, trial: Trial, done: int, total: int) -> None:
        """Write what became of a trial."""
        line = trial_object(trial, done=done, total=total)
        print(json.dumps(line, ensure_ascii=False), file=self._stream, flush=True)


def trial_object(trial: Trial, *, done: int, total: int) -> dict[str, object]:
    """Return a trial's figures by their keys; a value that is not known is None."""
    return {
        "event": "trial",
        "run_id": trial.run_id,
        "model_id": trial.model_id,
        "task_id": trial.task_id,
        "number": trial.number,
        "is_warmup": trial.is_warmup,
        "done": done,
        "total": total,
        "cache": trial.cache,
        "outcome": trial.outcome,
        "failure": None if trial.failure is None else trial.failure.model_dump(),
        "metrics": {key: metric.compute(trial) for key, metric in METRICS.items()},
        "flags": [key for key, is_raised in FLAGS.items() if is_raised(trial)],
    }
