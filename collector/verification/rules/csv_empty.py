"""The rule ``csv_empty``: no rows come of no data, and nothing breaks."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from collector.verification.observation import Observation
from collector.verification.rules.clean_error import or_error
from collector.verification.rules.finding import (
    PASS,
    Finding,
    Judge,
    fail,
    has_raised,
    quote,
    what_happened,
)
from collector.verification.rules.table import TableError, read_cells


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def prepare(options: Mapping[str, object], expected: bytes | None) -> Judge:
    """Return the judge; it takes no parameters and no expected file."""
    _Options.model_validate(options)
    if expected is not None:
        raise ValueError("the rule csv_empty takes no expected file: remove it")
    return judge_empty


def judge_empty(observation: Observation) -> Finding:
    """Judge what came of no data: no file, or a header at most, is a pass.

    A clean error is lenient.
    """
    return or_error(_judge(observation), observation)


def _judge(observation: Observation) -> Finding:
    has_failed = has_raised(observation) or observation.has_traceback
    if has_failed or observation.exit_code != 0:
        return fail(what_happened(observation))
    if observation.output is None or observation.output_place == "printed":
        return PASS
    try:
        rows = read_cells(observation.output)
    except TableError as error:
        return fail(str(error))
    if len(rows) > 1:
        return fail(f"there are {len(rows)} lines: {quote(','.join(rows[1]))}")
    return PASS
