"""Checks of the plan's models: offered, loaded, and as the plan wants them."""

from collections.abc import Iterator

from collector.backends.protocol import Backend, Wish
from collector.backends.quantization import same_quantization
from collector.doctor.finding import Finding
from collector.doctor.identify import Offer
from collector.doctor.server import Sight, loads_models
from collector.errors import ServerError
from collector.plan import ModelPlan, Plan
from collector.record import Instance
from collector.settings import nearest

_LATEST = ":latest"


def check_models(plan: Plan, backend: Backend, sight: Sight) -> Iterator[Finding]:
    """Hold each model of the plan against what the server offers and has loaded."""
    if sight.preflight is None:
        yield Finding(
            check="models",
            status="unknown",
            message="not asked for: the server comes first",
        )
        return
    loads = loads_models(plan, sight)
    for model in plan.models:
        yield _not_offered(model, sight) or _check(model, backend, sight, loads=loads)


def _not_offered(model: ModelPlan, sight: Sight) -> Finding | None:
    keys = None if sight.preflight is None else sight.preflight.model_keys
    if keys is None or model.key in keys or _base(model.key) in keys:
        return None
    return Finding(
        check=_name(model),
        status="problem",
        message=f"the server has no model {model.key!r}: "
        f"{nearest(model.key, list(keys))}",
        remedy="download it, or correct key in the plan",
    )


def _check(model: ModelPlan, backend: Backend, sight: Sight, *, loads: bool) -> Finding:
    offer = _find(model, sight.offers or ())
    if offer is not None and (finding := _context_beyond(model, offer)):
        return finding
    if loads and not _is_alone(model, sight):
        found = None if offer is None else offer.quantization
        return _judge(model, found, "offered, collect loads it")
    # A run that loads the model gives it the context itself.
    context_length = None if loads else model.context_length
    wish = Wish(
        key=model.key, quantization=model.quantization, context_length=context_length
    )
    try:
        instance = backend.confirm(wish, None)
    except ServerError as error:
        return Finding(
            check=_name(model),
            status="warning" if loads else "problem",
            message=str(error),
        )
    if instance is None:
        return Finding(
            check=_name(model),
            status="unknown",
            message="the server does not tell whether it is loaded, nor how",
        )
    state = f"loaded as {instance.instance_id!r}{_context(instance)}"
    state += ", collect loads it anew" if loads else ""
    return _judge(model, instance.quantization, state)


def _judge(model: ModelPlan, quantization: str | None, state: str) -> Finding:
    """Add to a model's state whether its quantisation is the planned one."""
    planned = model.quantization
    if planned is None:
        return Finding(check=_name(model), status="ok", message=state)
    if quantization is None:
        return Finding(
            check=_name(model),
            status="unknown",
            message=f"{state}; not told: whether it is {planned}",
        )
    if same_quantization(planned, quantization):
        return Finding(
            check=_name(model), status="ok", message=f"{state}, {planned} as planned"
        )
    return Finding(
        check=_name(model),
        status="warning",
        message=f"{state}; it is {quantization!r}, the plan expects {planned!r}",
        remedy="choose the other file, or correct quantization in the plan",
    )


def _context_beyond(model: ModelPlan, offer: Offer) -> Finding | None:
    wanted, most = model.context_length, offer.context_max
    if wanted is None or most is None or wanted <= most:
        return None
    return Finding(
        check=_name(model),
        status="problem",
        message=f"it can have {most} tokens of context, the plan wants {wanted}",
        remedy="lower context_length in the plan",
    )


def _is_alone(model: ModelPlan, sight: Sight) -> bool:
    """Whether it is all that is loaded; also where nobody tells."""
    if sight.loaded is None:
        return True
    return [_plain(key) for key, _ in sight.loaded] == [_plain(model.key)]


def _find(model: ModelPlan, offers: tuple[Offer, ...]) -> Offer | None:
    return next((offer for offer in offers if offer.key == _base(model.key)), None)


def _context(instance: Instance) -> str:
    length = instance.context_length
    return "" if length is None else f" for {length} tokens"


def _name(model: ModelPlan) -> str:
    return f"model {model.id}"


def _base(key: str) -> str:
    """Return a key of LM Studio without its variant."""
    return key.partition("@")[0]


def _plain(key: str) -> str:
    """Return a key without what servers leave out: variant, or Ollama's default."""
    return _base(key).removesuffix(_LATEST)
