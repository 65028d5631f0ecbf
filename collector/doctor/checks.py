"""All checks, in the order in which a person would mend what they find."""

from pathlib import Path

from collector.backends.protocol import Backend
from collector.doctor import machine
from collector.doctor.finding import Finding
from collector.doctor.models import check_models
from collector.doctor.probes import Probes
from collector.doctor.server import (
    check_instances,
    check_jit,
    check_server,
    check_token,
    look,
)
from collector.plan import Plan
from collector.record import GpuReading


def run_checks(
    plan: Plan,
    backend: Backend,
    *,
    records: Path,
    gpu: GpuReading | None,
    probes: Probes,
) -> tuple[Finding, ...]:
    """Look at the server and this machine, change nothing, and say what was found.

    Args:
        plan: What is to be measured.
        backend: The plan's server.
        records: Folder for all runs; it need not exist yet.
        gpu: A reading of this machine's GPU; None: it cannot be read.
        probes: Ways to ask server and machine.
    """
    sight = look(plan, backend, probes)
    is_local = None if sight.preflight is None else sight.preflight.server.is_local
    return (
        *check_server(plan, sight),
        *check_token(sight),
        *check_models(plan, backend, sight),
        *check_instances(plan, sight),
        *check_jit(plan, sight),
        machine.check_gpu(gpu, is_local=is_local),
        *machine.check_disk(records, probes),
        machine.check_sandbox(probes),
        machine.check_fonts(probes),
        machine.check_console(probes),
        machine.check_clock(probes),
        machine.check_proxies(probes),
    )
