"""An output's bytes into the cells of a CSV table."""

import csv
import io
from dataclasses import dataclass


class TableError(ValueError):
    """The output is no CSV table; the message says why, for readers."""


@dataclass(frozen=True)
class Table:
    """A CSV table: a header and what follows it."""

    header: list[str]
    rows: list[list[str]]


def decode(output: bytes) -> str:
    """Return the text of UTF-8 with or without a byte order mark; raises TableError."""
    try:
        return output.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = output[error.start]
        raise TableError(
            f"the output is not UTF-8: byte 0x{byte:02x} at {error.start}"
        ) from error


def read_cells(output: bytes) -> list[list[str]]:
    """Return the rows of a CSV file; empty lines after the last are left out.

    Raises:
        TableError: No UTF-8, no CSV, or an empty line between rows.
    """
    try:
        rows = list(csv.reader(io.StringIO(decode(output), newline="")))
    except csv.Error as error:
        raise TableError(f"the output is not CSV: {error}") from error
    while rows and not rows[-1]:
        rows.pop()
    if [] in rows:
        raise TableError(f"there is an empty line after line {rows.index([])}")
    return rows


def read_table(output: bytes) -> Table:
    """Return an output's header and rows; raises TableError, also for no header."""
    rows = read_cells(output)
    if not rows:
        raise TableError("the output is empty")
    header, *rest = rows
    for name in header:
        if header.count(name) > 1:
            raise TableError(f"the column {name[:40]!r} occurs twice")
    return Table(header, rest)
