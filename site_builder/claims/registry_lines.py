"""The entries of ``claims.toml`` with their lines, which TOML does not tell."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from site_builder.problem import Problem

_HEADER = re.compile(r"""\s*\[\s*(["']?)([^\]"']+?)\1\s*\]\s*(?:#.*)?$""")
_KEY = re.compile(r"""\s*(["']?)([A-Za-z0-9_-]+)\1\s*[.=]""")
_LONG_TEXT = re.compile(r"'''.*?(?:'''|\Z)|\"\"\".*?(?:\"\"\"|\Z)", re.DOTALL)
_TOML_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry as written.

    Attributes:
        content: What TOML makes of it; a table, if the writer did right.
        line: On which it begins.
        key_lines: On which its keys stand.
    """

    claim_id: str
    content: Any
    line: int
    key_lines: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        """Return the line of a key, or of the entry where it has none of its own."""
        return self.key_lines.get(key, self.line)


@dataclass(frozen=True, kw_only=True)
class _Chunk:
    """The lines of the file from one header to the next."""

    claim_id: str | None
    line: int
    lines: tuple[str, ...]


def read_entries(path: Path, text: str) -> tuple[list[Entry], list[Problem]]:
    """Return the entries of the file, and what keeps others from being read.

    Where the whole is no TOML, each entry is read by itself, so that one slip does not
    hide what else is wrong.
    """
    lines = _without_long_texts(text).split("\n")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return _read_apart(path, _chunks(lines), text.split("\n"))
    chunks = {chunk.claim_id: chunk for chunk in _chunks(lines)}
    return [
        _entry(key, value, chunks.get(key), lines) for key, value in content.items()
    ], []


def _without_long_texts(text: str) -> str:
    """Blank what stands in three quotes, as a note may look like an entry."""
    return _LONG_TEXT.sub(lambda found: "\n" * found[0].count("\n"), text)


def _chunks(lines: list[str]) -> list[_Chunk]:
    """Cut the file at its headers."""
    starts: list[tuple[int, str | None]] = [(0, None)]
    for index, line in enumerate(lines):
        header = _HEADER.match(line)
        if header is not None:
            starts.append((index, header[2]))
    ends = [index for index, _ in starts[1:]] + [len(lines)]
    return [
        _Chunk(claim_id=name, line=start + 1, lines=tuple(lines[start:end]))
        for (start, name), end in zip(starts, ends, strict=True)
    ]


def _entry(
    claim_id: str, content: Any, chunk: _Chunk | None, lines: list[str]
) -> Entry:
    if chunk is None:
        at = _key_lines(lines, 1).get(claim_id, 1)
        return Entry(claim_id=claim_id, content=content, line=at)
    return Entry(
        claim_id=claim_id,
        content=content,
        line=chunk.line,
        key_lines=_key_lines(chunk.lines, chunk.line),
    )


def _key_lines(lines: list[str] | tuple[str, ...], first: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, line in enumerate(lines, first):
        key = _KEY.match(line)
        if key is not None:
            found.setdefault(key[2], number)
    return found


def _read_apart(
    path: Path, chunks: list[_Chunk], written: list[str]
) -> tuple[list[Entry], list[Problem]]:
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for chunk in chunks:
        try:
            end = chunk.line - 1 + len(chunk.lines)
            content = tomllib.loads("\n".join(written[chunk.line - 1 : end]))
        except tomllib.TOMLDecodeError as error:
            problems.append(_not_toml(path, chunk, str(error)))
            continue
        for key, value in content.items():
            if key not in entries:
                entries[key] = _entry(key, value, chunk, list(chunk.lines))
                continue
            first = entries[key].line
            problems.append(
                Problem(
                    file=path,
                    line=chunk.line,
                    message=f"{key}: the id is taken by line {first}: "
                    "give this claim another one, or delete it",
                )
            )
    return list(entries.values()), problems


def _not_toml(path: Path, chunk: _Chunk, error: str) -> Problem:
    place = _TOML_PLACE.search(error)
    inner = int(place[1]) if place is not None and place[1] else len(chunk.lines)
    what = _TOML_PLACE.sub("", error)
    return Problem(
        file=path,
        line=chunk.line + inner - 1,
        message=f"this is not TOML ({what}): mend that line",
    )
