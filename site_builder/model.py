"""All that a page template may see; imports nothing of ours.

Everything is text that is ready to be shown, or a path inside the site. Text is
escaped by the templates; only fields of type Markup hold HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

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
    csv_path: str


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
class ClaimNote:
    """What bears out a claim of the page, shown on request and in print.

    Attributes:
        standing: ``holds``, ``undecided``, ``broken`` or ``missing``.
        title: The verdict in words.
        facts: The evidence, a sentence each.
        links: To the data and the pages of the models it is about.
    """

    claim_id: str
    standing: str
    title: str
    assertion: str
    facts: tuple[str, ...]
    links: tuple[Link, ...]


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


class Page(Protocol):
    """A page that its own template shows, such as those of ``code_model.py``."""

    @property
    def head(self) -> Head:
        """What the page says of itself."""

    @property
    def template(self) -> str:
        """Name of its template."""


@dataclass(frozen=True, kw_only=True)
class ArticlePage:
    """The article in one language.

    Attributes:
        race: The race as ``race.py`` makes it, for its template alone.
    """

    head: Head
    title: str
    parts: tuple[Part, ...]
    contents: tuple[Heading, ...]
    tables: Mapping[str, Table]
    charts: Mapping[str, Chart]
    race: object
    models: tuple[Link, ...]
    dates: tuple[str, ...]
    claims: tuple[ClaimNote, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MethodPage:
    """What every number of the site means, in one language."""

    head: Head
    title: str
    parts: tuple[Part, ...]
    contents: tuple[Heading, ...]
    tables: Mapping[str, Table]
    claims: tuple[ClaimNote, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChangesSection:
    """A part of the page about changes: a table, or a sentence in its place."""

    anchor: str
    title: str
    texts: tuple[str, ...]
    table: Table | None


@dataclass(frozen=True, kw_only=True)
class ChangesPage:
    """What a run changes against an earlier one, in one language.

    Attributes:
        warnings: What a reader must see before the rest.
    """

    head: Head
    title: str
    texts: tuple[str, ...]
    warnings: tuple[str, ...]
    sections: tuple[ChangesSection, ...]


@dataclass(frozen=True, kw_only=True)
class LanguageSite:
    """All pages of one language.

    Attributes:
        downloads: The list of all files.
        compare: Two models' code beside each other; None: there are no two.
        more: Pages that only the models' own pages link to.
        changes: None: there is no earlier run to compare with.
        words: The interface's words by dotted key.
        notice: What every page must say of its data; empty: nothing.
        feed_updated: Time of the last change for the feed, as RFC 3339; empty: no feed.
        card_path: The picture shown where an address is shared; empty: none.
        card_alt: What it shows, in words.
        structured_data: JSON-LD of the article and its data; empty: none.
    """

    language: str
    name: str
    words: Mapping[str, str]
    notice: str
    article: ArticlePage
    models: tuple[Page, ...]
    method: MethodPage
    downloads: Page
    compare: Page | None = None
    more: tuple[Page, ...] = ()
    changes: ChangesPage | None = None
    feed_updated: str = ""
    card_path: str = ""
    card_alt: str = ""
    structured_data: str = ""


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
