"""What the templates of models, their code and the downloads may see.

Like ``model.py``, of which alone it knows: text ready to be shown, and paths.
"""

from dataclasses import dataclass

from markupsafe import Markup

from site_builder.model import ClaimNote, Evidence, Head, Link, Part, Table


@dataclass(frozen=True, kw_only=True)
class CodeListing:
    """Code a model wrote, or its beginning.

    Attributes:
        anchor: Id of the listing; that of a line is ``<anchor>-L<number>``.
        is_coloured: Whether classes say what a word is.
        is_numbered: Whether each line has its number and its id.
        notes: What is left out or written otherwise, a sentence each.
        file: The code as it came.
        more: Page that shows the whole; None: this is the whole.
    """

    anchor: str
    title: str
    html: Markup
    is_coloured: bool
    is_numbered: bool
    notes: tuple[str, ...]
    file: Link
    more: Link | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer as a model wrote it, or its beginning.

    Attributes:
        html: Its Markdown as harmless HTML; None: it is shown as it came only.
        text: As it came, hidden characters written out.
        thinking: What was thought aloud, apart; empty: nothing, or not recorded.
        notes: What is left out or written otherwise, a sentence each.
        file: The answer as it came; None: there is nothing but thinking.
        more: Page that shows the whole; None: this is the whole.
    """

    anchor: str
    title: str
    html: Markup | None
    text: Markup
    thinking: Markup
    notes: tuple[str, ...]
    file: Link | None
    more: Link | None = None


@dataclass(frozen=True, kw_only=True)
class ModelPage:
    """One model in one language.

    Attributes:
        downloads: The files of every trial.
        compare: Page that shows its code beside another model's; None: there is none.
    """

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
    downloads: Table
    others: tuple[Link, ...]
    claims: tuple[ClaimNote, ...] = ()
    compare: Link | None = None
    template: str = "model.html"


@dataclass(frozen=True, kw_only=True)
class CodePage:
    """One trial's code and answer in full, where the model's page had no room."""

    head: Head
    title: str
    hue: int
    model: Link
    listings: tuple[CodeListing, ...]
    answers: tuple[Answer, ...]
    template: str = "code.html"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One model's code on the page that holds two beside each other.

    Attributes:
        place: Number of the panel, from 1, by which the style finds it.
        facts: Label and value.
    """

    place: int
    model: Link
    facts: tuple[tuple[str, str], ...]
    listing: CodeListing


@dataclass(frozen=True, kw_only=True)
class ComparePage:
    """The code of all models, two of them beside each other."""

    head: Head
    title: str
    texts: tuple[str, ...]
    panels: tuple[Panel, ...]
    template: str = "compare.html"


@dataclass(frozen=True, kw_only=True)
class DownloadSection:
    """A part of the list of files.

    Attributes:
        shown: A text to be copied, such as a citation; empty: none.
    """

    anchor: str
    title: str
    texts: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    shown: str = ""


@dataclass(frozen=True, kw_only=True)
class DownloadsPage:
    """Every file a reader can have, with what it holds."""

    head: Head
    title: str
    sections: tuple[DownloadSection, ...]
    template: str = "downloads.html"
