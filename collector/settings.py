"""A TOML file into a checked value, with errors that name the key and the mend."""

import difflib
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from collector.errors import PlanError

Settings = TypeVar("Settings", bound=BaseModel)


def read_settings(path: Path, shape: type[Settings]) -> Settings:
    """Read a TOML file as the given shape.

    Raises:
        PlanError: Missing, not UTF-8, no TOML, an unknown key or a wrong value; the
            message names the file, the key and, for a misspelt key, the nearest one.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PlanError(f"{path}: there is no such file: check the path") from error
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(
            f"{path}: cannot be read ({error}): save it as UTF-8"
        ) from error
    try:
        return shape.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{path}: is not TOML ({error}): mend that line") from error
    except ValidationError as error:
        faults = [_fault(item, shape) for item in error.errors(include_url=False)]
        raise PlanError("\n".join(f"{path}: {fault}" for fault in faults)) from error


def nearest(word: str, known: list[str]) -> str:
    """Say which known word was probably meant, or list them all."""
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"choose one of {', '.join(known) or '(none)'}"


def _fault(item: object, shape: type[BaseModel]) -> str:
    assert isinstance(item, dict)  # noqa: S101 - pydantic's ErrorDetails, for mypy
    place: tuple[int | str, ...] = item["loc"]
    key = ".".join(str(part) for part in place)
    if item["type"] == "extra_forbidden":
        return f"unknown key {key!r}: {nearest(str(place[-1]), _keys(shape, place))}"
    if item["type"] == "missing":
        return f"the key {key!r} is missing: add it"
    return f"{key} = {item['input']!r}: {item['msg']}: correct the value"


def _keys(shape: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Return the keys allowed where the unknown one stands."""
    current = shape
    for part in place[:-1]:
        if isinstance(part, int):
            continue
        annotation = current.model_fields[part].annotation
        inner = getattr(annotation, "__args__", (annotation,))[0]
        current = inner if isinstance(inner, type) else current
    return list(current.model_fields)
