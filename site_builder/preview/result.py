"""What a build gives the preview: the files or not, and what there is to mend."""

import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from site_builder.errors import SiteError

_PLACE = re.compile(r"(?P<file>[^\n]*?)(?::(?P<line>\d+|None))?: (?P<rest>.+)")
_LINE_OF_TOML = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing to mend, as text; any of it may hold the author's own characters.

    Attributes:
        file: Empty: it concerns no file.
        line: From 1; None: the whole file.
        what: What is wrong.
        remedy: What to do; empty: ``what`` says it.
    """

    file: str
    line: int | None
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        return ": ".join(filter(None, (f"{self.file}{line}", self.what, self.remedy)))


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a build.

    Attributes:
        files: The whole site by path; None: it could not be built.
        problems: Why not; with files: what to mend before they are published.
        base_url: Address the site is built for, with a last slash; empty: none.
        home: Path of the primary article.
        trace: The traceback of a bug; empty: there was none.
    """

    files: Mapping[str, bytes] | None
    problems: tuple[Fault, ...] = ()
    base_url: str = ""
    home: str = "index.html"
    trace: str = ""


def attempt(build: Callable[[], Result]) -> Result:
    """Build; whatever is raised becomes a problem, as a preview must outlive it."""
    try:
        return build()
    except SiteError as error:
        return Result(files=None, problems=faults_of(str(error)))
    except Exception as error:  # noqa: BLE001 - a bug, or a file that vanished: shown
        return Result(files=None, problems=(_bug(error),), trace=traceback.format_exc())


def faults_of(message: str) -> tuple[Fault, ...]:
    """Return the faults that an error's message lists, one a line."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return tuple(_fault(line) for line in lines)


def fault_at(file: str, line: int | None, message: str) -> Fault:
    """Return a fault at a known place; the message ends in what to do."""
    what, colon, remedy = message.rpartition(": ")
    if not colon:
        what, remedy = message, ""
    return Fault(file=file, line=line, what=what, remedy=remedy)


def _fault(text: str) -> Fault:
    match = _PLACE.fullmatch(text)
    if match is None or not _is_file(match["file"]):
        return fault_at("", None, text.removesuffix(":"))
    inside = _LINE_OF_TOML.search(match["rest"])
    number = match["line"] or (inside[1] if inside else None)
    line = int(number) if number and number.isdecimal() else None
    return fault_at(match["file"], line, match["rest"])


def _is_file(text: str) -> bool:
    """Tell a path from the first words of a sentence or an option's name."""
    return "=" not in text and ("/" in text or "\\" in text or bool(Path(text).suffix))


def _bug(error: Exception) -> Fault:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return Fault(
        file=frame.filename,
        line=frame.lineno,
        what=f"{type(error).__name__}: {error}",
        remedy="this is no fault of yours: save once more, and report it if it stays",
    )
