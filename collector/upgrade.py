"""Bring a record of an older schema version to the present one, step by step.

Works on plain dictionaries before validation, so that an old record is never judged
by today's fields and a newer one is refused for its version, not for a field.
"""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from collector.record import SCHEMA_VERSION

Document = dict[str, JsonValue]
Step = Callable[[Document], Document]


def _from_1(document: Document) -> Document:
    """Leave all as it is: what version 2 added may be absent, which means unknown."""
    return document


STEPS: Mapping[int, Step] = {1: _from_1}
"""From version n to n + 1, by n."""


class VersionError(ValueError):
    """The version is missing, is no version, or is newer than this program reads."""


def upgrade(
    document: Document,
    *,
    steps: Mapping[int, Step] = STEPS,
    current: int = SCHEMA_VERSION,
) -> Document:
    """Return the document as the current version would have written it.

    A document of the current version is returned as it is.

    Raises:
        VersionError: The version is missing, not a positive integer, or newer.
    """
    version = document.get("schema_version")
    if version is None:
        raise VersionError(
            "schema_version is missing: this is not a Seikaku record, "
            "or it was edited; restore it or delete it"
        )
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise VersionError(
            f"schema_version is {version!r}, not a whole number from 1: "
            "restore the file or delete it"
        )
    if version > current:
        raise VersionError(
            f"schema_version {version} is newer than this program reads ({current}): "
            "update Seikaku (pip install --upgrade seikaku)"
        )
    for old in range(version, current):
        document = {**steps[old](document), "schema_version": old + 1}
    return document
