"""A visit to the plan's server and this machine, from a plan to findings."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collector.backends.protocol import Backend, Exchange
from collector.backends.registry import make_backend
from collector.doctor.capture import Subject, capture
from collector.doctor.checks import run_checks
from collector.doctor.finding import Finding
from collector.doctor.probes import Probes, make_probes
from collector.doctor.redact import Redactor
from collector.doctor.server import look
from collector.gpu import open_gpu
from collector.plan import Plan
from collector.version import tool_version

TOKEN_VARIABLE = "LM_API_TOKEN"  # noqa: S105 - its name


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Whom to visit, and with what.

    Attributes:
        env: The environment's variables.
    """

    plan: Plan
    backend: Backend
    probes: Probes
    env: Mapping[str, str]


def plan_visit(plan: Plan, *, env: Mapping[str, str], encoding: str | None) -> Visit:
    """Return a visit to the server that a plan names; raises PlanError."""
    return Visit(
        plan=plan,
        backend=make_backend(plan.server.backend, plan.server.base_url),
        probes=make_probes(plan.server.base_url, env=env, encoding=encoding),
        env=env,
    )


def find(visit: Visit, *, records: Path) -> tuple[Finding, ...]:
    """Return all that the checks find; nothing is changed."""
    gpu = open_gpu()
    try:
        return run_checks(
            visit.plan,
            visit.backend,
            records=records,
            gpu=None if gpu is None else gpu.read(),
            probes=visit.probes,
        )
    finally:
        if gpu is not None:
            gpu.close()


def save_capture(visit: Visit, path: Path) -> Exchange:
    """Ask the plan's first model one short question and write all that comes back.

    Raises:
        StorageError: The file cannot be written.
    """
    return capture(
        visit.backend.stream,
        Subject(
            model_key=visit.plan.models[0].key,
            identity=look(visit.plan, visit.backend, visit.probes).identity,
            tool_version=tool_version(),
        ),
        path=path,
        clock=time.perf_counter_ns,
        redactor=Redactor(token=visit.env.get(TOKEN_VARIABLE), home=_home()),
    )


def _home() -> str | None:
    try:
        return str(Path.home())
    except RuntimeError:
        return None
