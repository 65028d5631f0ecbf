"""Markdown with references into the HTML parts of one page in one language.

References are filled in first (Jinja, sandboxed, nothing undefined), then the Markdown
is rendered, then the HTML is sanitised. Errors name file and line.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import nh3
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markdown import Markdown
from markupsafe import Markup

from site_builder.errors import ContentError
from site_builder.load import Document
from site_builder.model import Heading, Part
from site_builder.references import References, with_unit

EXTENSIONS = ("attr_list", "def_list", "footnotes", "sane_lists", "tables", "toc")

_TEMPLATE_FILE = "<template>"  # what jinja2 calls a template made from a string
_PART = re.compile(r"<p>@@(table|figure):([a-z0-9-]+)@@</p>")
_STRAY_PART = re.compile(r"@@((?:table|figure):[a-z0-9-]+)@@")
_MARKDOWN_CHARACTERS = re.compile(r"[\\`*_\[\]<>&{}|~#!\"$@]")


@dataclass(frozen=True, kw_only=True)
class Text:
    """A rendered document: its settings as plain text, its body as parts."""

    meta: dict[str, str]
    parts: tuple[Part, ...]
    contents: tuple[Heading, ...]


def render_document(document: Document, references: References) -> Text:
    """Fill in the references of a document and render its Markdown.

    Raises:
        ContentError: A reference or the syntax is wrong; names the file and the line.
    """
    environment = _environment()
    plain = replace(references, escape=str).functions()
    meta = {
        key: _fill(environment, text, plain, document=document, line=1)
        for key, text in document.meta.items()
    }
    markdown = Markdown(extensions=EXTENSIONS, output_format="html")
    body = _fill(
        environment,
        document.body,
        references.functions(),
        document=document,
        line=document.first_line,
    )
    parts = tuple(_split(sanitise(markdown.convert(body)), document))
    tokens: list[dict[str, Any]] = getattr(markdown, "toc_tokens", [])
    contents = tuple(
        Heading(anchor=token["id"], title=html.unescape(token["name"]))
        for token in tokens
    )
    return Text(meta=meta, parts=parts, contents=contents)


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


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        # Headings carry {#anchors}, which open a comment by default.
        comment_start_string="{##",
        comment_end_string="##}",
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["u"] = with_unit
    return environment


def _fill(
    environment: ImmutableSandboxedEnvironment,
    text: str,
    functions: dict[str, Any],
    *,
    document: Document,
    line: int,
) -> str:
    """Fill in the references; blank lines ahead make jinja2 count the file's lines."""
    try:
        template = environment.from_string("\n" * (line - 1) + text)
        return template.render(functions)
    except TemplateSyntaxError as error:
        raise ContentError(
            f"{document.path}:{error.lineno}: {error.message}: mend the reference"
        ) from error
    except (ContentError, TemplateError, TypeError, ValueError, LookupError) as error:
        place = _line_of(error)
        raise ContentError(f"{document.path}:{place or line}: {error}") from error


def _line_of(error: BaseException) -> int | None:
    """Return the line of the text on which a reference failed."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _TEMPLATE_FILE:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _split(source: str, document: Document) -> Iterator[Part]:
    """Yield the HTML between the places of tables and figures, and the places."""
    pieces = _PART.split(source)
    for index in range(0, len(pieces), 3):
        stray = _STRAY_PART.search(pieces[index])
        if stray:
            raise ContentError(
                f"{document.path}: {stray[1]} stands inside other text: "
                "put it in a paragraph of its own"
            )
        if pieces[index].strip():
            # Sanitised above, so it may be shown as it is.
            yield Part(kind="html", html=Markup(pieces[index]))  # noqa: S704
        if index + 2 < len(pieces):
            kind, name = pieces[index + 1 : index + 3]
            yield Part(kind="table" if kind == "table" else "figure", name=name)
