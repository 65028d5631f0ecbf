"""What is put before a model's code, and what was seen of it: shared by all stages.

adapter   code → how to call it → a job for the sandbox → an observation
judge     observation and case → what the case found
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from collector.verification.sandbox.protocol import Ending, Limits

OutputPlace = Literal["expected file", "other file", "returned", "printed"]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a task's programs take and give, so that the adapter can find its way.

    Attributes:
        input_suffix: Ending of input files, such as ``.json``.
        output_suffix: Ending of output files, such as ``.csv``.
        entry_words: Words in the names of functions that do the task, with their
            weights; negative for helpers.
        input_words: Words in parameter names that mean the input's path.
        output_words: Words in parameter names that mean the output's path.
        text_words: Words in parameter names that mean the input's text.
        object_words: Words in parameter names that mean the parsed input.
        parses: How the input becomes an object: ``json``, ``csv``, ``lines``, ``text``.
    """

    input_suffix: str
    output_suffix: str
    entry_words: Mapping[str, int]
    input_words: tuple[str, ...]
    output_words: tuple[str, ...]
    text_words: tuple[str, ...]
    object_words: tuple[str, ...]
    parses: Literal["json", "csv", "lines", "text"]


@dataclass(frozen=True, kw_only=True)
class Stimulus:
    """One input for the code under test.

    Attributes:
        content: The input file's bytes; None: the file is missing.
        limits: How much the run may take.
        hash_seed: PYTHONHASHSEED.
        is_japanese_windows: Whether files open as on a Japanese Windows: cp932 by
            default, and line ends translated.
    """

    content: bytes | None
    limits: Limits = field(default_factory=Limits)
    hash_seed: int = 0
    is_japanese_windows: bool = False


@dataclass(frozen=True, kw_only=True)
class Raised:
    """An exception that ended the code under test.

    Attributes:
        type_name: Its class, without its module.
        bases: Its classes' names, from itself to ``BaseException``.
        message: What it says.
        is_own: Whether the class is defined in the code under test.
        is_deliberate: Whether a ``raise`` of the code under test raised it.
    """

    type_name: str
    bases: tuple[str, ...]
    message: str
    is_own: bool
    is_deliberate: bool


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What one run of the code under test showed.

    Attributes:
        output: The result found; None: there was none.
        output_place: Where it was found; None: there was none.
        raised: What ended it; None: nothing did, or it could not be seen.
        has_traceback: Whether a traceback was printed.
        stdout: What the code printed, without what the adapter's own driver did.
        exit_code: None unless it ended by itself.
    """

    ending: Ending
    exit_code: int | None
    output: bytes | None
    output_place: OutputPlace | None
    raised: Raised | None
    has_traceback: bool
    stdout: str
    stderr: str
    wall_s: float
