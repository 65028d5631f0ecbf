"""What one run of a case found: how it ended, then the case's own rule; pure."""

from collector.verification.observation import Observation
from collector.verification.rules.finding import Finding, fail, sentence
from collector.verification.sandbox.protocol import Ending, Limits
from collector.verification.suite import SuiteCase

JUDGE_VERSION = "judge/1"
"""Changes when a rule, or the way cases are run, changes."""

_MIB = 2**20


def judge_case(case: SuiteCase, observation: Observation, limits: Limits) -> Finding:
    """Judge what one run of a case showed.

    Args:
        case: The input and its rule.
        observation: What the run showed.
        limits: Those the run had, so that the reason can name them.
    """
    if observation.ending == "time":
        return Finding("timeout", f"it was stopped after {limits.wall_s:g} s")
    if observation.ending != "exit":
        return fail(_why_stopped(observation.ending, limits))
    found = case.judge(observation)
    return Finding(found.result, sentence(found.reason))


def _why_stopped(ending: Ending, limits: Limits) -> str:
    match ending:
        case "memory":
            return f"it needed more than {limits.memory_bytes // _MIB} MiB of memory"
        case "output":
            return f"it printed more than {limits.output_bytes // _MIB} MiB"
        case "disk":
            return f"it wrote more than {limits.folder_bytes // _MIB} MiB"
        case "files":
            return f"it made more than {limits.files} files"
        case _:
            return "the interpreter crashed"
