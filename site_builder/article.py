"""Markdown with references into the HTML parts of one page in one language.

References are filled in first (Jinja, sandboxed, nothing undefined), then the Markdown
is rendered, then the HTML is sanitised, then the claims in it are marked. Every problem
names file and line, and none hides another.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import nh3
from jinja2 import Template
from markdown import Markdown
from markupsafe import Markup

from site_builder.claim_marks import mark_claims
from site_builder.errors import ContentError
from site_builder.load import Document
from site_builder.model import Heading, Part
from site_builder.problem import Problem
from site_builder.prose.calls import check_items
from site_builder.prose.filling import Filled, compile_text, fill
from site_builder.prose.marks import Alphabet, choose_alphabet
from site_builder.prose.read import parse_document, problems_of
from site_builder.prose.scan import Fault
from site_builder.prose.syntax import Parsed
from site_builder.references import References

EXTENSIONS = (
    "attr_list",
    "def_list",
    "fenced_code",
    "footnotes",
    "sane_lists",
    "tables",
    "toc",
)

_MARKDOWN_CHARACTERS = re.compile(r"[\\`*_\[\]<>&{}|~#!\"$@]")


@dataclass(frozen=True, kw_only=True)
class Text:
    """A rendered document: its settings as plain text, its body as parts.

    Attributes:
        claims: Ids of the claims in the body, in the order they appear in it.
        sentences: What each claim says, as plain text, by id; where it stands several
            times, what it says first in the body.
    """

    meta: dict[str, str]
    parts: tuple[Part, ...]
    contents: tuple[Heading, ...]
    claims: tuple[str, ...] = ()
    sentences: Mapping[str, str] = field(default_factory=dict)


def render_document(document: Document, references: References) -> Text:
    """Fill in the references of a document and render its Markdown.

    Raises:
        ContentError: Something in it is wrong; one line for each problem.
    """
    text, problems = render_document_with_problems(document, references)
    if problems:
        raise ContentError("\n".join(str(problem) for problem in problems))
    return text


def render_document_with_problems(
    document: Document,
    references: References,
    *,
    parsed: Mapping[str, Parsed] | None = None,
) -> tuple[Text, tuple[Problem, ...]]:
    """Render a document as far as it goes, and say all that is wrong with it.

    What failed is an ellipsis in the text; a body that cannot be read has no parts.

    Args:
        document: The file.
        references: What it may refer to.
        parsed: Its settings and body as ``read_prose`` parsed them; they are used up.
            None: they are parsed here.
    """
    faults: list[Fault] = []
    if parsed is None:
        parsed = parse_document(document)
    meta, sentences = _settings(document, references, parsed, faults)
    text = Text(meta=meta, parts=(), contents=(), sentences=sentences)
    template = _compile(parsed[""], faults)
    if template is not None:
        filled = fill(template, references)
        faults += filled.faults
        draft = _Draft(filled=filled, alphabet=choose_alphabet(filled.text))
        converted = _convert(draft.source(filled.text))
        body, told = converted.body, dict[str, str]()
        if filled.claims:
            body, told = _with_claims(template, draft, references, faults, plain=body)
        text = replace(
            text,
            parts=tuple(_split(body, draft, faults)),
            contents=converted.contents,
            claims=tuple(dict.fromkeys(claim.claim_id for claim in filled.claims)),
            sentences={**sentences, **told},
        )
    return text, problems_of(document, faults)


def escape_markdown(text: str) -> str:
    """Return text that Markdown and HTML show as it is."""
    return _MARKDOWN_CHARACTERS.sub(lambda match: f"&#{ord(match[0])};", text)


def sanitise(source: str) -> str:
    """Return HTML without anything that could run or load something."""
    attributes = {
        **nh3.ALLOWED_ATTRIBUTES,
        "*": {"id", "class", "lang", "title"},
        "a": {"href", "hreflang", "title"},
    }
    return nh3.clean(
        source,
        tags=nh3.ALLOWED_TAGS | {"section"},
        attributes=attributes,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """A body with its references filled in, and characters it does not have."""

    filled: Filled
    alphabet: Alphabet

    def source(self, text: str) -> str:
        """Return the text; places of tables and charts as no other text can be."""
        for place in self.filled.places:
            text = text.replace(f"@@{place}@@", self.alphabet.place(place))
        return text


@dataclass(frozen=True, kw_only=True)
class _Converted:
    body: str
    contents: tuple[Heading, ...]


def _convert(text: str) -> _Converted:
    """Return clean HTML of a text, and its headings."""
    markdown = Markdown(extensions=EXTENSIONS, output_format="html")
    body = sanitise(markdown.convert(text))
    tokens: list[dict[str, Any]] = getattr(markdown, "toc_tokens", [])
    contents = tuple(
        Heading(anchor=token["id"], title=html.unescape(token["name"]))
        for token in tokens
    )
    return _Converted(body=body, contents=contents)


def _compile(parsed: Parsed, faults: list[Fault]) -> Template | None:
    """Return a text that can be filled in; None: what is wrong was added to faults."""
    found = list(parsed.faults)
    for part in parsed.loose if parsed.template is None else (parsed.template,):
        found.extend(check_items(part, None))
    faults.extend(found)
    if found or parsed.template is None:
        return None
    return compile_text(parsed.template)


def _settings(
    document: Document,
    references: References,
    parsed: Mapping[str, Parsed],
    faults: list[Fault],
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the settings as plain text, and what the claims in them say."""
    plain = replace(references, escape=str)
    meta: dict[str, str] = {}
    sentences: dict[str, str] = {}
    for name, source in document.meta.items():
        template = _compile(parsed[name], faults)
        filled = Filled(text=source) if template is None else fill(template, plain)
        meta[name] = filled.text
        faults += filled.faults
        for claim, wording in zip(filled.claims, filled.wordings, strict=True):
            sentences.setdefault(claim.claim_id, " ".join(wording.split()))
    return meta, sentences


def _with_claims(
    template: Template,
    draft: _Draft,
    references: References,
    faults: list[Fault],
    *,
    plain: str,
) -> tuple[str, dict[str, str]]:
    """Return the body with its claims marked, and what they say."""
    alphabet = draft.alphabet
    source = fill(
        template,
        references,
        lambda number, text: alphabet.start(number) + text + alphabet.end(number),
    ).text
    marked = mark_claims(
        draft.source(source),
        draft.filled.claims,
        alphabet,
        references.words,
        plain=plain,
        convert=lambda text: _convert(text).body,
    )
    faults += marked.faults
    return marked.html, marked.sentences


def _split(source: str, draft: _Draft, faults: list[Fault]) -> Iterator[Part]:
    """Yield the HTML between the places of tables and figures, and the places."""
    place = draft.alphabet.places
    pieces = re.split(f"<p>{place.pattern}</p>", source)
    for index, piece in enumerate(pieces):
        kind, _, name = piece.partition(":")
        if index % 2:
            yield Part(kind="table" if kind == "table" else "figure", name=name)
        elif piece.strip():
            for stray in place.finditer(piece):
                message = f"{stray[1]} stands inside other text: give it a paragraph"
                line = draft.filled.places[stray[1]]
                faults.append(Fault(line=line, message=f"{message} of its own"))
            # Sanitised above, so it may be shown as it is.
            yield Part(kind="html", html=Markup(place.sub("", piece)))  # noqa: S704
