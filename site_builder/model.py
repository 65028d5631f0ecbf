"""All that a page template may see; imports nothing of ours.

Everything is text that is ready to be shown, or a path inside the site. Text is
escaped by the templates; only fields of type Markup hold HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

N_HUES = 12


def hue_of(index: int) -> int:
    """Number of the colour of the model at this place, from 1; past twelve again."""
    return index % N_HUES + 1


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a table.

    Attributes:
        href: Path inside the site the text links to; None: no link.
        hue: Number of the model's colour, for a swatch; None: no swatch.
        mark: Style of a result, such as ``pass``; empty: no result.
        symbol: Drawn before the text, which says the same in words.
        is_code: Whether it is set as code.
        tongue: Language of the text where it is not the page's; empty: the page's.
    """

    text: str
    is_number: bool = False
    href: str | None = None
    hue: int | None = None
    mark: str = ""
    symbol: str = ""
    is_code: bool = False
    tongue: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with a caption; the first cell of a row is the row's header.

    Attributes:
        head: Column headers; numbers are right-aligned under theirs.
        notes: Sentences shown below.
    """

    table_id: str
    caption: str
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A text that a program or a model left, under what it is about.

    Attributes:
        tongue: Language of the text where it is not the page's; empty: the page's.
    """

    label: str
    text: str
    tongue: str = ""


@dataclass(frozen=True, kw_only=True)
class Fold:
    """A text that is shown on request, such as a diff; the reader sees its title."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A part of a model's page: what is shown of its code, and what must be known.

    Attributes:
        warnings: What a reader must see before the rest.
        remarks: Reasons below the tables, under a title of their own.
    """

    title: str = ""
    warnings: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    remarks_title: str = ""
    remarks: tuple[Remark, ...] = ()
    folds: tuple[Fold, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart as two drawings of the same data, and the data as a table."""

    chart_id: str
    title: str
    caption: str
    wide_svg: Markup
    narrow_svg: Markup
    table: Table


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of an article: HTML of its own, or the place of a table or chart."""

    kind: Literal["html", "table", "figure"]
    html: Markup | None = None
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Heading:
    """An entry of the table of contents."""

    anchor: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link to a page of the site, by its path."""

    text: str
    path: str
    language: str = ""
    hue: int | None = None


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a page says of itself.

    Attributes:
        path: The page's own path inside the site, such as ``ja/index.html``.
        languages: The same page in every language, this one included.
        default_path: The page for readers of none of the languages.
        is_indexed: Whether search engines should list it.
    """

    path: str
    language: str
    title: str
    description: str
    languages: tuple[Link, ...]
    default_path: str
    is_indexed: bool = True


@dataclass(frozen=True, kw_only=True)
class ArticlePage:
    """The article in one language."""

    head: Head
    title: str
    parts: tuple[Part, ...]
    contents: tuple[Heading, ...]
    tables: Mapping[str, Table]
    charts: Mapping[str, Chart]
    models: tuple[Link, ...]
    dates: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CodeListing:
    """Code a model wrote, highlighted, with its file for download."""

    title: str
    html: Markup
    path: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer as the model wrote it, as text."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ModelPage:
    """One model in one language."""

    head: Head
    name: str
    hue: int
    phrase: str
    observations: tuple[str, ...]
    parts: tuple[Part, ...]
    tables: tuple[Table, ...]
    verification: tuple[Evidence, ...]
    traits: tuple[Evidence, ...]
    listings: tuple[CodeListing, ...]
    answers: tuple[Answer, ...]
    others: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class MethodPage:
    """What every number of the site means, in one language."""

    head: Head
    title: str
    parts: tuple[Part, ...]
    contents: tuple[Heading, ...]
    tables: Mapping[str, Table]


@dataclass(frozen=True, kw_only=True)
class LanguageSite:
    """All pages of one language.

    Attributes:
        words: The interface's words by dotted key.
        notice: What every page must say of its data; empty: nothing.
        feed_updated: Time of the last change for the feed, as RFC 3339; empty: no feed.
    """

    language: str
    name: str
    words: Mapping[str, str]
    notice: str
    article: ArticlePage
    models: tuple[ModelPage, ...]
    method: MethodPage
    feed_updated: str = ""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything the site consists of.

    Attributes:
        base_url: Address it will have; empty: not known.
        languages: The primary language first.
        data: Files served as they are, by path.
    """

    base_url: str
    repository: str
    source: str
    languages: tuple[LanguageSite, ...]
    data: Mapping[str, bytes]
