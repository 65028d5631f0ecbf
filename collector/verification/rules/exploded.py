"""Lists spread over rows: one row for each entry, the other cells repeated."""

from collections.abc import Sequence

from collector.verification.rules.nested import find_leaves, pool_of
from collector.verification.rules.table import Table
from collector.verification.rules.values import Value, compare_cell


def is_exploded(
    table: Table, expected: Sequence[dict[str, Value]], flat: Sequence[str]
) -> bool:
    """Whether the table has a row for each entry of each row's list.

    Args:
        table: What was found.
        expected: Rows with at most one list each; an empty list keeps one row.
        flat: Keys whose values must stand in every one of them.
    """
    rest = list(table.rows)
    for row in expected:
        entries = next((each for each in row.values() if isinstance(each, list)), [])
        wanted: list[Value] = entries or [[]]
        if len(rest) < len(wanted):
            return False
        group, rest = rest[: len(wanted)], rest[len(wanted) :]
        for cells, entry in zip(group, wanted, strict=True):
            if not _holds(dict(zip(table.header, cells, strict=False)), row, flat):
                return False
            if find_leaves(entry, pool_of(cells))[0] == "fail":
                return False
    return not rest


def _holds(cells: dict[str, str], row: dict[str, Value], flat: Sequence[str]) -> bool:
    return all(compare_cell(cells.get(key, ""), row.get(key)) != "fail" for key in flat)
