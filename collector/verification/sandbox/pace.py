"""How much slower a guest runs than the Python that runs this program."""

import subprocess
import sys
from collections.abc import Callable

from collector.errors import SandboxError
from collector.verification.sandbox.protocol import Job, Limits, Outcome

FACTOR_MAX = 50.0
"""More is a machine that was busy just then."""

_WORK = """\
import time

def work():
    began_s = time.perf_counter()
    words, total = {}, 0
    for number in range(12_000):
        key = str(number % 997)
        words[key] = words.get(key, 0) + number
        total += len(key.encode("utf-8")) + number % 7
    ",".join(sorted(words)).split(",")
    return time.perf_counter() - began_s

print(min(work() for _ in range(5)))
"""


def time_factor(run: Callable[[Job], Outcome]) -> float:
    """Return the time the same work takes inside over that outside, at least 1.

    Raises:
        SandboxError: The work did not come to its end.
    """
    outside = subprocess.run(  # noqa: S603 - our own interpreter and text
        (sys.executable, "-I", "-c", _WORK),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    files = {"work.py": _WORK.encode()}
    inside = run(Job(script="work.py", files=files, limits=Limits(wall_s=60.0)))
    try:
        factor = float(inside.stdout) / float(outside.stdout)
    except (ValueError, ZeroDivisionError) as error:
        raise SandboxError(
            f"the guest's pace could not be measured ({inside.ending})"
        ) from error
    return round(min(max(factor, 1.0), FACTOR_MAX), 2)
