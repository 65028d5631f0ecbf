"""A case's input: a file of its folder, a missing one, or one made from a template."""

import re
from itertools import cycle
from pathlib import Path

from collector.errors import PlanError
from collector.settings import nearest
from collector.verification.tables import CaseFile, GenerateTable

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_NUMBER = "n"


def read_input(folder: Path, facts: CaseFile, suffix: str) -> bytes | None:
    """Return the bytes put before the code under test; None: the file is missing.

    Args:
        folder: The case's folder.
        facts: What its ``case.toml`` says.
        suffix: Ending of input files, such as ``.json``.

    Raises:
        PlanError: Not exactly one of the three is given, or it cannot be read.
    """
    path = folder / f"input{suffix}"
    given = {
        f"the file {path.name}": path.exists(),
        "missing = true": facts.missing,
        "the table [generate]": facts.generate is not None,
    }
    if sum(given.values()) != 1:
        raise PlanError(f"{folder}: give exactly one of {', '.join(given)}")
    if facts.generate is not None:
        return generate(facts.generate, place=folder / "case.toml")
    if facts.missing:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise PlanError(
            f"{path}: cannot be read ({error.strerror}): check its permissions"
        ) from error


def generate(table: GenerateTable, *, place: Path) -> bytes:
    """Return the rows of a template as UTF-8; raises PlanError for unknown names."""
    pieces = _PLACEHOLDER.split(table.row)
    texts, names = pieces[::2], pieces[1::2]
    for name in names:
        if name != _NUMBER and name not in table.cycle:
            known = [_NUMBER, *table.cycle]
            raise PlanError(
                f"{place}: generate.row: ${{{name}}} is not known: "
                f"{nearest(name, known)}"
            )
    numbers = map(str, range(1, table.rows + 1))
    columns = [
        list(numbers) if name == _NUMBER else _repeated(table.cycle[name], table.rows)
        for name in dict.fromkeys(names)
    ]
    places = [list(dict.fromkeys(names)).index(name) for name in names]
    rows = []
    for values in zip(*columns, strict=True) if columns else [()] * table.rows:
        parts = [texts[0]]
        for index, text in zip(places, texts[1:], strict=True):
            parts += (values[index], text)
        rows.append("".join(parts))
    return (table.before + table.between.join(rows) + table.after).encode("utf-8")


def _repeated(entries: list[str], count: int) -> list[str]:
    source = cycle(entries)
    return [next(source) for _ in range(count)]
