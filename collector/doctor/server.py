"""Checks of the server and its models: asked once, then judged by pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from collector.backends.protocol import Backend, Preflight
from collector.backends.registry import BACKENDS
from collector.doctor.finding import Finding
from collector.doctor.identify import (
    Identity,
    Offer,
    identify,
    listed_keys,
    read_offers,
    running_in_ollama,
    wants_token,
)
from collector.doctor.probes import Probes, Reply
from collector.errors import ServerError
from collector.plan import Plan

ANY_BACKEND = "openai"
"""The backend that takes every server, and knows nothing of it."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What the server answered; None: nothing, or nothing that tells.

    Attributes:
        is_token_wanted: Whether it refuses a request without a token.
        is_token_taken: Whether it accepts ours; None: not wanted, or we have none.
        preflight: What the plan's backend makes of it.
        error: Why it makes nothing of it.
        offers: LM Studio's own list of models.
        listed: Keys of the list that is OpenAI's.
        loaded: Key and name of everything in its memory.
    """

    is_token_wanted: bool | None = None
    is_token_taken: bool | None = None
    identity: Identity | None = None
    preflight: Preflight | None = None
    error: str | None = None
    offers: tuple[Offer, ...] | None = None
    listed: frozenset[str] = frozenset()
    loaded: tuple[tuple[str, str], ...] | None = None


def look(plan: Plan, backend: Backend, probes: Probes) -> Sight:
    """Ask the server all that the checks want to know; nothing is loaded by it."""
    path = f"{urlsplit(plan.server.base_url).path}/models"
    reply = probes.get(path, False)
    is_wanted = None if reply is None else wants_token(reply)
    is_taken = None
    if is_wanted and probes.env.get("LM_API_TOKEN"):
        reply = probes.get(path, True)
        is_taken = None if reply is None else not wants_token(reply)

    def get(path: str) -> Reply | None:
        return probes.get(path, is_taken is True)

    identity = None if reply is None else identify(get, models_path=path)
    family = None if identity is None else identity.backend
    preflight, error = None, None
    try:
        if identity is None or _is_planned(plan, identity):
            preflight = backend.preflight()
    except ServerError as caught:
        error = str(caught)
    offers = read_offers(get) if family == "lmstudio" else None
    running = running_in_ollama(get) if family == "ollama" else None
    return Sight(
        is_token_wanted=is_wanted,
        is_token_taken=is_taken,
        identity=identity,
        preflight=preflight,
        error=error,
        offers=offers,
        listed=listed_keys(reply),
        loaded=_loaded(offers, running),
    )


def _loaded(
    offers: tuple[Offer, ...] | None, running: tuple[str, ...] | None
) -> tuple[tuple[str, str], ...] | None:
    if offers is not None:
        return tuple((offer.key, name) for offer in offers for name in offer.instances)
    return None if running is None else tuple((name, name) for name in running)


def loads_models(plan: Plan, sight: Sight) -> bool:
    """Whether a run loads each model itself, alone, before it is measured."""
    preflight = sight.preflight
    return plan.design.reload and preflight is not None and preflight.can_load


def check_server(plan: Plan, sight: Sight) -> Iterator[Finding]:
    """Say who answers, and whether it is who the plan says."""
    address, planned = plan.server.base_url, plan.server.backend
    identity = sight.identity
    if identity is not None and not _is_planned(plan, identity):
        yield Finding(
            check="server",
            status="problem",
            message=f"{address}: {_name(identity)} answers, the plan says {planned!r}",
            remedy=_choose_backend(identity),
        )
        return
    if sight.error is not None and not _has_token_problem(sight):
        yield Finding(check="server", status="problem", message=sight.error)
        return
    if identity is None and _has_token_problem(sight):
        yield Finding(
            check="server",
            status="unknown",
            message=f"{address}: a server answers, and tells no more without a token",
        )
    elif identity is None:
        yield Finding(
            check="server",
            status="ok" if planned == ANY_BACKEND else "warning",
            message=f"{address}: a server answers; which family it is of, "
            "it does not show",
            remedy=None
            if planned == ANY_BACKEND
            else f"check the address: the plan says {planned!r}",
        )
    elif planned == ANY_BACKEND and identity.backend in BACKENDS:
        yield Finding(
            check="server",
            status="warning",
            message=f"{address}: {_name(identity)} answers; as {planned!r} it is not "
            "asked what it has loaded",
            remedy=_choose_backend(identity),
        )
    else:
        yield Finding(
            check="server", status="ok", message=f"{address}: {_name(identity)} answers"
        )
    for note in () if sight.preflight is None else sight.preflight.notes:
        yield Finding(check="server", status="warning", message=note)


def check_token(sight: Sight) -> Iterator[Finding]:
    """Say whether a token is wanted and ours is taken; its value is never shown."""
    if sight.is_token_wanted is None:
        return
    if not sight.is_token_wanted:
        yield Finding(check="token", status="ok", message="the server wants no token")
    elif sight.is_token_taken:
        yield Finding(
            check="token",
            status="ok",
            message="the server wants a token and takes the one in LM_API_TOKEN",
        )
    else:
        ours = "none is set" if sight.is_token_taken is None else "ours is refused"
        yield Finding(
            check="token",
            status="problem",
            message=f"the server wants a token; {ours}",
            remedy="make a token in LM Studio (Developer, Server Settings) and set the "
            "environment variable LM_API_TOKEN to it",
        )


def check_instances(plan: Plan, sight: Sight) -> Iterator[Finding]:
    """Say what is loaded, and whether any model is so twice; where it is told."""
    if sight.loaded is None:
        return
    names = ", ".join(repr(name) for _, name in sight.loaded)
    keys = [key for key, _ in sight.loaded]
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    loads = loads_models(plan, sight)
    message = f"{len(keys)} loaded" + (f": {names}" if names else "")
    if doubled:
        message += f"; {', '.join(map(repr, doubled))} more than once"
    if loads and keys:
        message += "; collect unloads all first"
    is_spoilt = len(keys) > 1 and not loads
    yield Finding(
        check="instances",
        status="problem" if is_spoilt else "warning" if doubled else "ok",
        message=message,
        remedy="unload all but the one model to measure" if is_spoilt else None,
    )


def check_jit(plan: Plan, sight: Sight) -> Iterator[Finding]:
    """Say whether LM Studio would load a model at a request for it.

    With that switched on, it lists all downloaded models by OpenAI's route, otherwise
    the loaded ones only.
    """
    if sight.offers is None:
        return
    idle = {offer.key for offer in sight.offers if not offer.instances}
    if not idle:
        return
    if not idle & sight.listed:
        yield Finding(
            check="JIT loading", status="ok", message="off: a request loads nothing"
        )
        return
    loads = loads_models(plan, sight)
    yield Finding(
        check="JIT loading",
        status="ok" if loads else "warning",
        message="on: a request for a model that is not loaded would load it first"
        + ("; collect loads each model before its requests" if loads else ""),
        remedy=None
        if loads
        else "load the model beforehand, set design.reload = true, or switch "
        "just-in-time loading off in LM Studio",
    )


def _is_planned(plan: Plan, identity: Identity) -> bool:
    return plan.server.backend in {identity.backend, ANY_BACKEND}


def _name(identity: Identity) -> str:
    version = "" if identity.version is None else f" {identity.version}"
    return f"{identity.name}{version}"


def _choose_backend(identity: Identity) -> str:
    backend = identity.backend if identity.backend in BACKENDS else ANY_BACKEND
    return f'set server.backend = "{backend}", or correct the address'


def _has_token_problem(sight: Sight) -> bool:
    return sight.is_token_wanted is True and sight.is_token_taken is not True
