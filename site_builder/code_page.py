"""The code and answers of one model: on its page while there is room, or on their own.

What several trials share is shown once, under the first of them.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from collector.record import Trial
from site_builder.analysis.summary import ModelSummary
from site_builder.answer_html import MAX_RENDERED_CHARS, Answers, part_thinking
from site_builder.answers import trial_key
from site_builder.code_model import Answer, CodeListing, CodePage
from site_builder.listing import (
    Listings,
    Weight,
    has_hidden,
    make_visible,
    preformatted,
    weight,
)
from site_builder.load import Sources
from site_builder.model import Head, Link
from site_builder.places import (
    answer_path,
    code_path,
    language_links,
    model_path,
    trial_name,
    trial_page_path,
)
from site_builder.words import Words

CODE_ROOM = Weight(n_elements=1500, n_chars=120_000)
"""What all code on a model's page may weigh; with the rest it must stay quick."""

ANSWER_ROOM = Weight(n_elements=600, n_chars=70_000)
"""What all answers on a model's page may weigh, each twice: laid out and as it came."""

PAGE_ROOM = Weight(n_elements=3000, n_chars=200_000)
"""What code, or an answer laid out, may weigh on a page of its own."""

PREVIEW_LINES = 12
PREVIEW_CHARS = 1000

Trials = tuple[Trial, ...]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What models wrote: as HTML, known for all pages of a build, and as files.

    Attributes:
        files: All data files of the site, by path.
    """

    files: Mapping[str, bytes]
    listings: Listings = field(default_factory=Listings)
    answers: Answers = field(default_factory=Answers)


@dataclass(frozen=True, kw_only=True)
class CodeParts:
    """What a model's page shows of code and answers, and the pages it leads to."""

    listings: tuple[CodeListing, ...]
    answers: tuple[Answer, ...]
    pages: tuple[CodePage, ...]


def code_parts(
    sources: Sources, summary: ModelSummary, words: Words, shown: Shown, *, hue: int
) -> CodeParts:
    """Return the code and answers of a model in one language."""
    codes = sources.run.codes
    listings = tuple(_listings(summary.trials, codes, words, shown))
    answers = tuple(_answers(summary.trials, words, shown))
    links = (*(item.more for item in listings), *(item.more for item in answers))
    cut = {link.path.partition("#")[0] for link in links if link is not None}
    return CodeParts(
        listings=listings,
        answers=answers,
        pages=tuple(
            _page(sources, summary, words, shown, trial=trial, hue=hue)
            for trial in summary.trials
            if trial_page_path(words.language, trial) in cut
        ),
    )


def listing_of(
    trials: Trials,
    code: str,
    words: Words,
    shown: Shown,
    *,
    room: Weight,
    anchor: str | None = None,
) -> CodeListing:
    """Return the whole of a code that these trials share, coloured if there is room.

    Args:
        trials: Those with this code.
        code: As it came.
        words: The language.
        shown: What is known as HTML.
        room: What it may weigh.
        anchor: Id of the listing; None: the first trial's name.
    """
    anchor = anchor or trial_name(trials[0])
    html, style = shown.listings.html(code, anchor, within=room)
    notes = [] if style == "coloured" else [words(f"code.{style}")]
    return CodeListing(
        anchor=anchor,
        title=_title("code", trials, words),
        html=html,
        is_coloured=style == "coloured",
        is_numbered=style != "plain",
        notes=(*notes, *_notes(trials, (code,), words)),
        file=Link(text=words("model.download"), path=code_path(trials[0])),
    )


def beginning_of(
    trials: Trials,
    code: str,
    words: Words,
    shown: Shown,
    *,
    more: Link,
    anchor: str | None = None,
) -> CodeListing:
    """Return the beginning of a code that these trials share, and where the rest is."""
    begun = _beginning(code)
    whole = listing_of(trials, begun, words, shown, room=PAGE_ROOM, anchor=anchor)
    return replace(
        whole,
        notes=(
            _cut_note(begun, make_visible(code), words),
            *_notes(trials, (code,), words),
        ),
        more=more,
    )


def _listings(
    trials: Trials,
    codes: dict[tuple[str, str, int], str],
    words: Words,
    shown: Shown,
) -> Iterator[CodeListing]:
    """Yield each different code, its beginning only where there is no more room."""
    room = CODE_ROOM
    for alike in _alike(trials, lambda trial: codes.get(trial_key(trial))):
        code = codes[trial_key(alike[0])]
        whole = listing_of(alike, code, words, shown, room=room)
        if whole.is_coloured:
            room -= weight(whole.html)
            yield whole
            continue
        yield beginning_of(alike, code, words, shown, more=_more(alike[0], words))


def _answers(trials: Trials, words: Words, shown: Shown) -> Iterator[Answer]:
    """Yield each different answer, its beginning only where there is no more room."""
    room = ANSWER_ROOM
    for alike in _alike(trials, _written):
        whole = _answer(alike, words, shown)
        cost = _cost(whole)
        if whole.html is not None and cost.fits(room):
            room -= cost
            yield whole
            continue
        written = alike[0].answer_text or ""
        begun = _beginning(written)
        yield Answer(
            anchor=whole.anchor,
            title=whole.title,
            html=None,
            text=preformatted(begun),
            thinking=Markup(),
            notes=(
                _cut_note(begun, make_visible(written), words),
                *([words("code.thinking_cut")] if whole.thinking else []),
                *_notes(alike, (written,), words),
            ),
            file=whole.file,
            more=_more(alike[0], words, whole.anchor),
        )


def _answer(trials: Trials, words: Words, shown: Shown) -> Answer:
    """Return the whole of an answer that these trials share."""
    first = trials[0]
    written = first.answer_text or ""
    parted = part_thinking(written)
    html = shown.answers.html(parted.rest)
    if html is not None and not weight(html).fits(PAGE_ROOM):
        html = None
    recorded = first.reasoning_text or ""
    # In a text that is shown whole as it came, long thinking need not stand twice.
    said = parted.thinking if len(written) <= MAX_RENDERED_CHARS else ""
    return Answer(
        anchor=f"{trial_name(first)}-answer",
        title=_title("answer", trials, words),
        html=html,
        text=preformatted(make_visible(written)),
        thinking=preformatted(
            make_visible("\n\n".join(filter(None, (recorded, said))))
        ),
        notes=(
            *([words("code.not_laid_out")] if html is None else []),
            *_notes(trials, (written, recorded), words),
        ),
        file=(
            Link(text=words("model.download"), path=answer_path(first))
            if written
            else None
        ),
    )


def _page(
    sources: Sources,
    summary: ModelSummary,
    words: Words,
    shown: Shown,
    *,
    trial: Trial,
    hue: int,
) -> CodePage:
    """Return the page with one trial's code and answer in full."""
    code = sources.run.codes.get(trial_key(trial))
    model_id, name = summary.model.model_id, make_visible(summary.model.name)
    title = words("code.page_title", name=name, trial=trial_name(trial))
    default = sources.languages[0].words.language
    return CodePage(
        head=Head(
            path=trial_page_path(words.language, trial),
            language=words.language,
            title=title,
            description=words("code.page_description", name=name),
            languages=language_links(
                sources, lambda language: trial_page_path(language, trial)
            ),
            default_path=trial_page_path(default, trial),
            is_indexed=False,
        ),
        title=title,
        hue=hue,
        model=Link(text=name, path=model_path(words.language, model_id)),
        listings=()
        if code is None
        else (listing_of((trial,), code, words, shown, room=PAGE_ROOM),),
        answers=(_answer((trial,), words, shown),) if _written(trial) else (),
    )


def _alike(trials: Trials, key: Callable[[Trial], Hashable | None]) -> list[Trials]:
    """Group trials of the same task by what they share; None: they have nothing."""
    found: dict[Hashable, Trials] = {}
    for trial in trials:
        shared = key(trial)
        if shared is not None:
            place = (trial.task_id, shared)
            found[place] = (*found.get(place, ()), trial)
    return list(found.values())


def _written(trial: Trial) -> tuple[str, str] | None:
    """Return what a trial's model wrote; None: nothing, or it was not recorded."""
    written = (trial.answer_text or "", trial.reasoning_text or "")
    return written if any(written) else None


def _title(kind: str, trials: Trials, words: Words) -> str:
    if len(trials) == 1:
        task, n = trials[0].task_id, trials[0].number
        return words(f"model.{kind}_title", task=task, n=n)
    numbers = words("list_separator").join(str(trial.number) for trial in trials)
    return words(f"code.{kind}_title_many", task=trials[0].task_id, numbers=numbers)


def _notes(trials: Trials, texts: tuple[str, ...], words: Words) -> Iterator[str]:
    """Yield what must be known of a text and of the trials it comes from."""
    for trial in trials:
        if trial.failure is not None:
            kind = words(f"failure.{trial.failure.kind}")
            yield words("code.not_counted", n=trial.number, kind=kind)
    if any(has_hidden(text) for text in texts):
        yield words("code.hidden")


def _beginning(text: str) -> str:
    lines = make_visible(text).split("\n")[:PREVIEW_LINES]
    return "\n".join(lines)[:PREVIEW_CHARS]


def _cut_note(begun: str, whole: str, words: Words) -> str:
    shown, n = (words.number(len(text), 0) for text in (begun, whole))
    return words("code.cut", shown=shown, n=n)


def _more(trial: Trial, words: Words, anchor: str = "") -> Link:
    """Link to the page with the whole, to the place of this name there."""
    path = f"{trial_page_path(words.language, trial)}#{anchor or trial_name(trial)}"
    return Link(text=words("code.more", trial=trial_name(trial)), path=path)


def _cost(answer: Answer) -> Weight:
    html = answer.html or ""
    n_chars = len(html) + len(answer.text) + len(answer.thinking)
    return Weight(n_elements=weight(html).n_elements, n_chars=n_chars)
