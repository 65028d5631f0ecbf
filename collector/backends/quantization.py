"""Whether the quantisation that the plan names is the one that was loaded; pure."""

from collector.backends.protocol import Wish
from collector.record import Instance


def quantization_warning(wish: Wish, instance: Instance | None) -> str | None:
    """Say that another quantisation is loaded than the plan expects.

    Spelling does not count: ``Q4_K_M`` is ``q4-k-m``.

    Returns:
        None if they agree, or if either is not known.
    """
    loaded = None if instance is None else instance.quantization
    if wish.quantization is None or loaded is None:
        return None
    if same_quantization(wish.quantization, loaded):
        return None
    return (
        f"{wish.key}: the plan expects the quantization {wish.quantization!r}, "
        f"{loaded!r} is loaded: correct the plan, or choose the other file in LM Studio"
    )


def same_quantization(first: str, second: str) -> bool:
    """Whether two names of a quantisation differ in spelling at most."""
    return _plain(first) == _plain(second)


def _plain(name: str) -> str:
    return name.strip().casefold().replace("-", "").replace("_", "")
