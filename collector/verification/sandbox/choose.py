"""The sandbox of this machine: the first tier that proves itself, or none."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from collector.errors import SandboxError
from collector.verification.sandbox.bubblewrap import NAME as BUBBLEWRAP
from collector.verification.sandbox.bubblewrap import open_bubblewrap
from collector.verification.sandbox.probe import TierMissingError
from collector.verification.sandbox.protocol import Sandbox
from collector.verification.sandbox.unsafe import open_unsafe
from collector.verification.sandbox.wasi import NAME as WASI
from collector.verification.sandbox.wasi import open_wasi

Opener = Callable[[Mapping[str, str]], Sandbox]

TIERS: Mapping[str, Opener] = {
    BUBBLEWRAP: lambda env: open_bubblewrap(env=env),
    WASI: lambda env: open_wasi(env=env),
}
"""By name, the best first."""


class TierState(NamedTuple):
    """What became of the probe of a tier; remedy None: there is nothing to do."""

    name: str
    is_ok: bool
    message: str
    remedy: str | None


def open_sandbox(
    *,
    env: Mapping[str, str],
    unsafe: bool = False,
    prefer: str | None = None,
    tiers: Mapping[str, Opener] = TIERS,
) -> Sandbox:
    """Return the first tier that holds against a program that tries to get out.

    Args:
        env: Where programs, the cache folder and the guest are looked up.
        unsafe: Whether the user wants no sandbox, for this call; none is tried then.
        prefer: Take this tier or none.
        tiers: What there is, the best first.

    Raises:
        SandboxError: No tier can be used; the message says for each why, and how to
            mend it.
    """
    if unsafe:
        return open_unsafe(is_user_sure=True, env=env)
    if prefer is not None and prefer not in tiers:
        raise SandboxError(
            f"{prefer!r} is no sandbox: choose one of {', '.join(tiers)}"
        )
    failed = []
    for name, opener in tiers.items():
        if prefer in {None, name}:
            try:
                return opener(env)
            except SandboxError as error:
                failed.append(f"  {name}: {error}")
    raise SandboxError(
        "there is no sandbox to run generated code in:\n" + "\n".join(failed)
    )


def probe_all(
    *, env: Mapping[str, str], tiers: Mapping[str, Opener] = TIERS
) -> list[TierState]:
    """Try every tier, and say of each whether it works, and how to mend it."""
    return [_probe(name, opener, env) for name, opener in tiers.items()]


def _probe(name: str, opener: Opener, env: Mapping[str, str]) -> TierState:
    try:
        tier = opener(env).tier
    except TierMissingError as error:
        return TierState(name, False, error.message, error.remedy)  # noqa: FBT003 - by field
    except SandboxError as error:
        return TierState(name, False, str(error), None)  # noqa: FBT003 - by field
    parts = [f"{name} {tier.version}", f"Python {tier.guest_python} inside"]
    if not tier.has_native:
        parts.append(f"about {tier.time_factor:g} times slower, no threads")
    return TierState(name, True, ", ".join(parts), None)  # noqa: FBT003 - by field
