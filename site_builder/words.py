"""One language's words, units and numbers."""

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

from site_builder.config import nearest, read_toml
from site_builder.errors import ContentError


@dataclass(frozen=True, kw_only=True)
class Words:
    """A language's ``strings.toml`` by dotted keys, and how it writes numbers.

    Attributes:
        language: The folder's name, a language tag such as ``ja``.
        path: The file, for messages.
        entries: Text by dotted key, such as ``metric.ttft_s``.
    """

    language: str
    path: Path
    entries: Mapping[str, str]
    locale: Locale

    def __call__(self, key: str, **fields: object) -> str:
        """Return a text with its ``{fields}`` filled in.

        Raises:
            ContentError: The language lacks the key, or the text a field.
        """
        if key not in self.entries:
            raise ContentError(
                f"{self.path}: no words for {key!r}: add them "
                f"({nearest(key, set(self.entries))})"
            )
        if not fields:
            return self.entries[key]
        try:
            return self.entries[key].format(**fields)
        except (KeyError, IndexError, ValueError) as error:
            raise ContentError(
                f"{self.path}: {key}: {self.entries[key]!r} has a field that is not "
                f"there: use {', '.join(fields)} only"
            ) from error

    def section(self, prefix: str) -> dict[str, str]:
        """Return all entries under a prefix, without it."""
        start = prefix + "."
        return {
            key.removeprefix(start): text
            for key, text in self.entries.items()
            if key.startswith(start)
        }

    def number(self, value: float, decimals: int) -> str:
        """Write a number with so many decimals and the language's separators."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return str(format_decimal(value, format=pattern, locale=self.locale))

    def quantity(self, value: float, unit: str, decimals: int) -> str:
        """Write a number with its unit, as prose has it."""
        return self(f"unit.{unit}", n=self.number(value, decimals))

    def date(self, day: date) -> str:
        """Write a day in full."""
        return format_date(day, format="long", locale=self.locale)


def read_words(path: Path) -> Words:
    """Read a language's ``strings.toml``; its folder names the language.

    Raises:
        ContentError: The file is wrong, or the folder's name is no language.
    """
    language = path.parent.name
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise ContentError(
            f"{path.parent}: {language!r} is no language tag: name the folder like "
            "ja, en or zh-Hant"
        ) from error
    entries = dict(_flatten(read_toml(path), path))
    return Words(language=language, path=path, entries=entries, locale=locale)


def check_same_keys(languages: tuple[Words, ...]) -> None:
    """Raise ContentError for every text one language has and another lacks.

    The fields of a text must be the same too.
    """
    faults: list[str] = []
    all_keys = sorted({key for words in languages for key in words.entries})
    for key in all_keys:
        having = [words for words in languages if key in words.entries]
        faults.extend(
            f"{words.path}: {key!r} is missing; {having[0].path} has it: translate it"
            for words in languages
            if key not in words.entries
        )
        wanted = _fields(having[0].entries[key])
        for words in having[1:]:
            found = _fields(words.entries[key])
            if found != wanted:
                faults.append(
                    f"{words.path}: {key!r} has the fields {sorted(found)}, "
                    f"{having[0].path} has {sorted(wanted)}: use the same"
                )
    if faults:
        raise ContentError("\n".join(faults))


def _flatten(
    table: dict[str, Any], path: Path, prefix: str = ""
) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, path, f"{prefix}{key}.")
        elif isinstance(value, str):
            yield f"{prefix}{key}", value
        else:
            raise ContentError(f"{path}: {prefix}{key} is no text: put it in quotes")


def _fields(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return {"(unbalanced braces)"}
