"""What a writer has to mend, and where."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True, kw_only=True)
class Problem:
    """One thing to mend.

    Attributes:
        line: Line of the file, from 1; None: it concerns the whole file.
        message: What is wrong and what to do, for a writer.
    """

    file: Path
    line: int | None
    message: str

    def __str__(self) -> str:
        """Write it as editors and terminals link it."""
        place = str(self.file) if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"
