"""A document into what each section refers to and claims, without running it."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from site_builder.load import FENCE, Document
from site_builder.problem import Problem
from site_builder.prose.arguments import calls_of
from site_builder.prose.calls import check_items, write_test
from site_builder.prose.reading import ClaimUse, Reading, Reference, Section
from site_builder.prose.scan import Fault, mask, scan
from site_builder.prose.syntax import Asked, Claimed, Item, Parsed, parse_text, walk
from site_builder.prose.vocabulary import Vocabulary

_HEADING = re.compile(r"#{1,6}(?!#)\s*\S")
_ANCHOR = re.compile(r"\{:?[^{}]*?#([\w.:-]+)[^{}]*\}\s*#*\s*$")
_FENCED = re.compile(
    r"^(`{3,}|~{3,})[^\n]*\n.*?(?<=\n)\1[ ]*$", re.MULTILINE | re.DOTALL
)
_SETTING = re.compile(r"""\s*["']?([\w-]+)["']?\s*=\s*("{3}|'{3})?(.*)""")


@dataclass(kw_only=True)
class _Found:
    """What is being gathered of a section."""

    anchor: str
    line: int
    source: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    claims: list[ClaimUse] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)

    def add(self, item: Item) -> None:
        """Add a reference, the test of an if, or a claim."""
        if isinstance(item, Claimed):
            use = ClaimUse(
                claim_id=item.claim_id, line=item.line, branches=item.branches
            )
            self.claims.append(use)
            return
        if isinstance(item, Asked):
            self.conditions.append(write_test(item.expression))
        for call in calls_of(item.expression):
            arguments = tuple(a for a in call.arguments if a is not None)
            self.references.append(
                Reference(function=call.function, arguments=arguments, line=call.line)
            )

    def section(self) -> Section:
        """Return the section with all that was gathered."""
        prose = " ".join(" ".join(self.source).split())
        return Section(
            anchor=self.anchor,
            line=self.line,
            references=tuple(self.references),
            claims=tuple(self.claims),
            conditions=tuple(self.conditions),
            prose_sha256=hashlib.sha256(prose.encode("utf-8")).hexdigest(),
        )


def read_prose(
    document: Document, *, key: str, language: str, vocabulary: Vocabulary
) -> Reading:
    """Read a document; everything wrong with it is among the problems.

    Args:
        document: The file.
        key: Its name without the language, such as ``models/qwen3-vl-4b``.
        language: The folder of its language.
        vocabulary: The names it may use.
    """
    faults: list[Fault] = []
    found = list(_sections(document, faults))
    texts = parse_document(document)
    is_read = True
    for name, parsed in texts.items():
        faults.extend(parsed.faults)
        for part in parsed.loose if parsed.template is None else (parsed.template,):
            faults.extend(check_items(part, vocabulary))
        if parsed.template is None:
            is_read = False
            continue
        for item in walk(parsed.template):
            section = found[0] if name else _section_at(found, item.line)
            section.add(item)
    return Reading(
        key=key,
        language=language,
        document=document,
        sections=tuple(section.section() for section in found) if is_read else (),
        problems=problems_of(document, faults),
        parsed=texts,
    )


def parse_document(document: Document) -> dict[str, Parsed]:
    """Parse the settings of a document, by name, and its body, by the empty one."""
    lines = setting_lines(document)
    return {
        **{
            name: parse_text(text, first_line=lines[name])
            for name, text in document.meta.items()
        },
        "": parse_text(document.body, first_line=document.first_line),
    }


def problems_of(document: Document, faults: Iterable[Fault]) -> tuple[Problem, ...]:
    """Return faults as problems of a file, each once, by line."""
    unique = sorted({(fault.line, fault.message) for fault in faults})
    return tuple(
        Problem(file=document.path, line=line, message=message)
        for line, message in unique
    )


def setting_lines(document: Document) -> dict[str, int]:
    """Return the line each setting's text begins on; 1 where it cannot be told."""
    lines = dict.fromkeys(document.meta, 1)
    if not document.meta or not document.path.is_file():
        return lines
    source = document.path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(source[: document.first_line - 1], 1):
        found = _SETTING.match(line)
        if line.strip() != FENCE and found and lines.get(found[1]) == 1:
            is_below = bool(found[2]) and not found[3].strip()
            lines[found[1]] = number + is_below
    return lines


def _sections(document: Document, faults: list[Fault]) -> Iterator[_Found]:
    """Yield the sections of a text with their source; the settings are of the first."""
    settings = [f"{name} = {text}" for name, text in document.meta.items()]
    found = _Found(anchor="", line=document.first_line, source=settings)
    seen: set[str] = set()
    lines = document.body.split("\n")
    outline = _outline(document.body).split("\n")
    for number, (line, shown) in enumerate(
        zip(lines, outline, strict=True), document.first_line
    ):
        if _HEADING.match(shown):
            anchor = _ANCHOR.search(shown)
            if anchor is None:
                message = "the heading has no anchor: add one such as {#speed}"
                faults.append(Fault(line=number, message=message))
            elif anchor[1] in seen:
                message = f"the anchor #{anchor[1]} stands twice: choose another"
                faults.append(Fault(line=number, message=message))
            else:
                seen.add(anchor[1])
                yield found
                found = _Found(anchor=anchor[1], line=number)
        found.source.append(line)
    yield found


def _outline(body: str) -> str:
    """Return the text without tags, comments and code, line by line as it was."""
    pieces = [piece for piece in scan(body) if piece.kind in ("tag", "comment")]
    bare = mask(body, pieces, filler="")
    return _FENCED.sub(lambda found: "\n" * found[0].count("\n"), bare)


def _section_at(found: list[_Found], line: int) -> _Found:
    return next(item for item in reversed(found) if item.line <= line)
