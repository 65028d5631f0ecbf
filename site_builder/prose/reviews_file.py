"""``reviews.lock``: what was confirmed and accepted, from the file and back."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from site_builder.errors import ContentError, OutputError

VERSION = 1

Hashes = Mapping[str, str]
"""Hash of a section's source by language."""


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """A broken claim somebody accepted: for this assertion, with this run."""

    assertion: str
    run_id: str


@dataclass(frozen=True, kw_only=True)
class Reviews:
    """What was confirmed and accepted.

    Attributes:
        sections: By document key and anchor.
        accepted: By claim id.
    """

    sections: Mapping[str, Mapping[str, Hashes]] = field(default_factory=dict)
    accepted: Mapping[str, Acceptance] = field(default_factory=dict)


def read_reviews(path: Path) -> Reviews:
    """Read the file; a missing one confirms nothing.

    Raises:
        ContentError: It is damaged. Nothing may be written over it then, as that would
            lose what was confirmed.
    """
    try:
        return _parse(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Reviews()
    except (OSError, ValueError) as error:
        raise ContentError(
            f"{path}: is no list of confirmed sections ({error}): restore it from your "
            f"repository, or delete it, look at all texts, and run seikaku check "
            "--confirm all"
        ) from error


def write_reviews(path: Path, reviews: Reviews) -> None:
    """Write the file, a line for each section; the old one is replaced at once.

    Raises:
        OutputError: It cannot be written; the old one is still there.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with aside.open("wb") as file:
                file.write(_dump(reviews).encode())
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error}): "
            "make the folder writable or free space"
        ) from error


def _dump(reviews: Reviews) -> str:
    """Write a line for each section and claim, in order, so that changes read well."""
    accepted = {
        claim_id: {"assertion": a.assertion, "run": a.run_id, "verdict": "broken"}
        for claim_id, a in reviews.accepted.items()
    }
    documents = (
        f"  {_json(key)}: {_object(reviews.sections[key], '    ')}"
        for key in sorted(reviews.sections)
    )
    sections = "{\n  " + ",\n  ".join(documents) + "\n  }" if reviews.sections else "{}"
    return (
        f'{{\n  "accepted": {_object(accepted, "  ")},\n'
        f'  "sections": {sections},\n  "version": {VERSION}\n}}\n'
    )


def _object(entries: Mapping[str, Mapping[str, str]], indent: str) -> str:
    """Write an object whose entries stand on a line each."""
    rows = (f"{indent}  {_json(key)}: {_json(entries[key])}" for key in sorted(entries))
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}" if entries else "{}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _parse(data: Any) -> Reviews:
    """Read the file's value; raises ValueError saying what is wrong with it."""
    if not isinstance(data, dict) or data.keys() != {"accepted", "sections", "version"}:
        raise ValueError("it must have accepted, sections, and version")
    if data["version"] != VERSION:
        raise ValueError(
            f"its version is {data['version']!r}, this program knows {VERSION}"
        )
    accepted = _table(data["accepted"], "accepted")
    for claim_id, entry in accepted.items():
        if entry.keys() != {"assertion", "run", "verdict"}:
            raise ValueError(f"{claim_id!r} must have assertion, run, and verdict")
    if not isinstance(data["sections"], dict):
        raise ValueError("sections is no object")  # noqa: TRY004 - read_reviews'
    return Reviews(
        sections={key: _table(item, key) for key, item in data["sections"].items()},
        accepted={
            claim_id: Acceptance(assertion=entry["assertion"], run_id=entry["run"])
            for claim_id, entry in accepted.items()
        },
    )


def _table(item: Any, name: str) -> dict[str, dict[str, str]]:
    if not isinstance(item, dict):
        raise ValueError(f"{name!r} is no object")  # noqa: TRY004 - likewise
    for key, entry in item.items():
        if not isinstance(entry, dict) or not all(
            isinstance(text, str) for text in entry.values()
        ):
            raise ValueError(f"{key!r} of {name!r} is no object of texts")
    return item
