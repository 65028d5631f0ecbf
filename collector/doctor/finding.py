"""What one check found, and what follows from all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "problem", "unknown"]

EXIT_OK = 0
EXIT_PROBLEM = 1


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found.

    Attributes:
        check: Name of the check.
        status: A problem stops a run or spoils it; a warning does not; unknown: there
            was nothing to be learned.
        message: What was found, in a sentence.
        remedy: What to do; None: nothing, or the message says it.
    """

    check: str
    status: Status
    message: str
    remedy: str | None = None


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 1 if there is any problem, 0 otherwise."""
    has_problem = any(finding.status == "problem" for finding in findings)
    return EXIT_PROBLEM if has_problem else EXIT_OK
