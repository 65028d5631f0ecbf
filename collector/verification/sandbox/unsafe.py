"""Tier ``none``: an ordinary process. It protects from nothing, and says so."""

import json
import math
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from collector.errors import SandboxError
from collector.verification.sandbox.confine import (
    Command,
    conclude,
    python_environment,
    run_command,
)
from collector.verification.sandbox.folder import fresh_folder
from collector.verification.sandbox.protocol import Ending, Job, Limits, Outcome, Tier

NAME = "none"

_LIMITED = """\
import json, os, resource, sys
for name, pair in json.loads(sys.argv[1]).items():
    resource.setrlimit(getattr(resource, name), pair)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Between our process and the program: POSIX passes limits on, Windows has none."""


@dataclass(frozen=True, kw_only=True)
class Unsafe:
    """The tier without protection; ``open_unsafe`` makes it."""

    tier: Tier
    environment: Mapping[str, str]

    def run(self, job: Job) -> Outcome:
        """Run a job; see ``Sandbox``. It can do whatever this user can do."""
        with fresh_folder(job) as folder:
            program = (sys.executable, "-s", "-B", str(folder.work / job.script))
            ours = python_environment(
                job, home=str(folder.work), temporary=str(folder.temporary)
            )
            ended = run_command(
                Command(
                    arguments=(*_limited(job.limits), *program, *job.arguments),
                    environment=dict(self.environment) | ours,
                    cwd=folder.work,
                    stdin=job.stdin,
                    limits=job.limits,
                    watched=[folder.work, folder.temporary],
                )
            )
            ending: Ending = "exit" if ended.code >= 0 else "signal"
            if sys.platform != "win32" and ended.code == -signal.SIGXCPU:
                ending = "time"
            code = ended.code if ending == "exit" else None
            return conclude(job, ended, folder, ending=ending, exit_code=code)


def open_unsafe(*, is_user_sure: bool, env: Mapping[str, str]) -> Unsafe:
    """Return the tier without protection.

    Args:
        is_user_sure: Whether the user has asked for this, for this call.
        env: Variables of this program, of which the job gets none but the search
            path and what Windows needs.

    Raises:
        SandboxError: The user has not.
    """
    if not is_user_sure:
        raise SandboxError(
            "generated code is not run without a sandbox unless you say so for this "
            "call: see `seikaku sandbox probe`"
        )
    given = {name: env[name] for name in ("PATH", "SYSTEMROOT") if name in env}
    return Unsafe(
        tier=Tier(name=NAME, version=None, guest_python=sys.version.split()[0]),
        environment=given,
    )


def _limited(limits: Limits) -> tuple[str, ...]:
    if sys.platform == "win32":
        return ()
    cpu_s = max(1, math.ceil(limits.cpu_s))
    wanted = {
        "RLIMIT_CORE": (0, 0),
        # First a signal that says why, then one that cannot be caught.
        "RLIMIT_CPU": (cpu_s, cpu_s + 1),
        "RLIMIT_FSIZE": (limits.file_bytes, limits.file_bytes),
    }
    if sys.platform == "linux":  # macOS refuses it
        wanted["RLIMIT_AS"] = (limits.memory_bytes, limits.memory_bytes)
    return (sys.executable, "-I", "-c", _LIMITED, json.dumps(wanted))
