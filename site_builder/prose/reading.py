"""What a document refers to and claims, section by section, as read from its source."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from site_builder.load import Document
from site_builder.problem import Problem
from site_builder.prose.syntax import Parsed


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A call in a text, such as ``v("ttft_s", "a")``.

    Attributes:
        arguments: Positional ones as written; keyword ones do not count for parity.
    """

    function: str
    arguments: tuple[str | float, ...]
    line: int

    def __str__(self) -> str:
        """Write it as the text has it."""
        written = (f'"{a}"' if isinstance(a, str) else f"{a:g}" for a in self.arguments)
        return f"{self.function}({', '.join(written)})"


@dataclass(frozen=True, kw_only=True)
class ClaimUse:
    """A claim block.

    Attributes:
        branches: Wordings given: ``holds`` and, where the author wrote them,
            ``undecided``, ``broken`` and ``missing``. A blank one is none.
    """

    claim_id: str
    line: int
    branches: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Section:
    """What stands between two headings.

    Attributes:
        anchor: Of the heading; empty: the text before the first one, and the settings.
        conditions: The tests of its ``{% if %}`` blocks, in order, as text.
        prose_sha256: Hash of its source, layout left out.
    """

    anchor: str
    line: int
    references: tuple[Reference, ...]
    claims: tuple[ClaimUse, ...]
    conditions: tuple[str, ...]
    prose_sha256: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A document as read.

    Attributes:
        key: The document's name without its language, such as ``models/qwen3-vl-4b``.
        language: Folder of its language.
        problems: What was wrong with its syntax; sections are empty where it could
            not be read at all.
        parsed: Its settings by name and, by the empty name, its body; rendering goes
            on from here.
    """

    key: str
    language: str
    document: Document
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...]
    parsed: Mapping[str, Parsed] = field(default_factory=dict)


Readings = Mapping[str, tuple[Reading, ...]]
"""By document key: one reading for each language, the primary one first."""
