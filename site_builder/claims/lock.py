"""``claims.lock``: what each claim said when last published, to tell what changed."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args

from site_builder.claims.claim import Fact, Verdict, VerdictName
from site_builder.errors import OutputError
from site_builder.problem import Problem

VERSION = 1

FAMILY = "family"
"""Key of the fact that tells what all claims together made of a p."""

_MEND = "restore it from your repository, or write it anew with seikaku check --lock"


@dataclass(frozen=True, kw_only=True)
class LockedClaim:
    """A claim as it was published.

    Attributes:
        assertion: As the registry had it.
        run_id: The run it was held against.
        data_sha256: Hash of the values the verdict rests on.
        sentences: What the article said, by language.
    """

    verdict: VerdictName
    assertion: str
    run_id: str
    data_sha256: str
    sentences: Mapping[str, str]


Lock = Mapping[str, LockedClaim]
"""Published claims by id."""


def read_lock(path: Path) -> tuple[Lock, tuple[Problem, ...]]:
    """Return the published claims, and what is wrong with the file.

    A file that is missing holds none; of a damaged one nothing is used.
    """
    try:
        return _parse(path.read_text(encoding="utf-8")), ()
    except FileNotFoundError:
        return {}, ()
    except (OSError, ValueError) as error:
        message = f"is no list of published claims ({error}): {_MEND}"
        return {}, (Problem(file=path, line=None, message=message),)


def write_lock(path: Path, claims: Lock) -> None:
    """Write the published claims; a reader sees the old file or the new one, whole.

    Raises:
        OutputError: The file cannot be written; the old one is still there.
    """
    entries = {claim_id: asdict(claims[claim_id]) for claim_id in sorted(claims)}
    text = json.dumps(
        {"version": VERSION, "claims": entries},
        ensure_ascii=False,
        indent=2,
        sort_keys=True,
    )
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with aside.open("wb") as file:
                file.write(f"{text}\n".encode())
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


def data_sha256(facts: Iterable[Fact]) -> str:
    """Return the hash of the values a verdict rests on.

    Numbers count to twelve digits, so that another machine's last one does not. What
    Holm's correction made of all claims does not count: it is no value of this one.
    """
    rows = [
        {
            "key": fact.key,
            "metric": fact.metric,
            "models": fact.models,
            "numbers": {name: f"{n:.12g}" for name, n in fact.numbers.items()},
            "texts": dict(fact.texts),
        }
        for fact in facts
        if fact.key != FAMILY
    ]
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def locked(
    verdict: Verdict, sentences: Mapping[str, str], *, run_id: str
) -> LockedClaim:
    """Return a claim as it is to be published."""
    return LockedClaim(
        verdict=verdict.verdict,
        assertion=verdict.claim.assertion,
        run_id=run_id,
        data_sha256=data_sha256(verdict.facts),
        sentences=dict(sentences),
    )


def _parse(text: str) -> Lock:
    """Read the file's text; raises ValueError saying what is wrong with it."""
    data = json.loads(text)
    if not isinstance(data, dict) or not isinstance(data.get("claims"), dict):
        raise ValueError("it has no object 'claims'")  # noqa: TRY004 - read_lock's
    if data.get("version") != VERSION:
        raise ValueError(
            f"its version is {data.get('version')!r}, this program knows {VERSION}"
        )
    return {
        claim_id: _claim(claim_id, item) for claim_id, item in data["claims"].items()
    }


def _claim(claim_id: str, item: Any) -> LockedClaim:
    names = {field.name for field in fields(LockedClaim)}
    if not isinstance(item, dict) or item.keys() != names:
        raise ValueError(f"{claim_id!r} must have {', '.join(sorted(names))}")
    sentences = item["sentences"]
    texts = [value for name, value in item.items() if name != "sentences"]
    if not isinstance(sentences, dict) or not all(
        isinstance(text, str) for text in (*texts, *sentences.values())
    ):
        raise ValueError(f"{claim_id!r} has an entry that is no text")
    if item["verdict"] not in get_args(VerdictName):
        raise ValueError(f"{claim_id!r} has the verdict {item['verdict']!r}")
    return LockedClaim(**item)
