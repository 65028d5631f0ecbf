"""Two models' code beside each other, chosen without a script, in one language."""

from collections.abc import Iterator, Mapping

from collector.record import Trial
from site_builder.analysis.summary import ModelSummary
from site_builder.answers import TrialKey, trial_key
from site_builder.code_model import CodeListing, ComparePage, Panel
from site_builder.code_page import PAGE_ROOM, Shown, beginning_of, listing_of
from site_builder.evidence import count, counted_cases
from site_builder.findings import CodeEvidence
from site_builder.listing import Weight, count_lines, weight
from site_builder.load import Sources
from site_builder.model import Head, Link
from site_builder.places import (
    compare_path,
    language_links,
    model_links,
    model_path,
    trial_name,
)
from site_builder.trial_rows import trial_structure, trial_verdict
from site_builder.words import Words

Summaries = tuple[ModelSummary, ...]


def compared_trials(
    sources: Sources, summaries: Summaries, found: CodeEvidence
) -> dict[str, Trial]:
    """Return the trial that stands for each model with code, by model id.

    It is the first that counts, of the task that models are compared on; where none
    counts, the first. Fewer than two models: nobody is to be compared.
    """
    chosen: dict[str, Trial] = {}
    for summary in summaries:
        coded = [
            trial
            for trial in summary.trials
            if trial.task_id == found.task_id and trial_key(trial) in sources.run.codes
        ]
        counted = [trial for trial in coded if trial.failure is None]
        if coded:
            chosen[summary.model.model_id] = (counted or coded)[0]
    return chosen if len(chosen) > 1 else {}


def compare_link(
    sources: Sources, words: Words, summaries: Summaries, found: CodeEvidence
) -> Link | None:
    """Return the link to the page; None: no two models have code."""
    if not compared_trials(sources, summaries, found):
        return None
    return Link(text=words("code.compare"), path=compare_path(words.language))


def compare_page(
    sources: Sources,
    words: Words,
    summaries: Summaries,
    found: CodeEvidence,
    shown: Shown,
) -> ComparePage | None:
    """Return the page; None: no two models have code."""
    trials = compared_trials(sources, summaries, found)
    if not trials:
        return None
    title = words("code.compare_title")
    room = Weight(
        n_elements=PAGE_ROOM.n_elements // len(trials),
        n_chars=PAGE_ROOM.n_chars // len(trials),
    )
    return ComparePage(
        head=Head(
            path=compare_path(words.language),
            language=words.language,
            title=title,
            description=words("code.compare_description"),
            languages=language_links(sources, compare_path),
            default_path=compare_path(sources.languages[0].words.language),
        ),
        title=title,
        texts=(words("code.compare_text", task=found.task_id),),
        panels=tuple(
            Panel(
                place=place,
                model=link,
                facts=tuple(_facts(trial, sources.run.codes, found, words)),
                listing=_listing(
                    trial,
                    sources.run.codes[trial_key(trial)],
                    words,
                    shown,
                    room=room,
                ),
            )
            for place, (trial, link) in enumerate(
                _with_links(summaries, trials, words), 1
            )
        ),
    )


def _listing(
    trial: Trial, code: str, words: Words, shown: Shown, *, room: Weight
) -> CodeListing:
    """Return a trial's code; only its beginning where it weighs too much."""
    anchor = trial.model_id
    whole = listing_of((trial,), code, words, shown, room=room, anchor=anchor)
    if weight(whole.html).fits(room):
        return whole
    more = Link(
        text=words("code.more", trial=trial_name(trial)),
        path=f"{model_path(words.language, trial.model_id)}#code",
    )
    return beginning_of((trial,), code, words, shown, more=more, anchor=anchor)


def _with_links(
    summaries: Summaries, trials: dict[str, Trial], words: Words
) -> Iterator[tuple[Trial, Link]]:
    links = model_links(words, summaries)
    for summary, link in zip(summaries, links, strict=True):
        trial = trials.get(summary.model.model_id)
        if trial is not None:
            yield trial, link


def _facts(
    trial: Trial, codes: Mapping[TrialKey, str], found: CodeEvidence, words: Words
) -> Iterator[tuple[str, str]]:
    """Yield what is known of a trial's code, each as label and value."""
    key, unknown = trial_key(trial), words("unknown")
    verdict, structure = trial_verdict(found, key), trial_structure(found, key)
    level, passes = unknown, unknown
    if verdict is not None:
        level = words(f"level.{verdict.level}")
        if verdict.level != "not_executed":
            passes = words(
                "verification.passes_value",
                strict=words.number(count(verdict, "pass"), 0),
                lenient=words.number(count(verdict, "lenient"), 0),
                total=words.number(len(counted_cases(verdict)), 0),
            )
    yield words("table.trial"), trial_name(trial)
    if trial.failure is not None:
        yield words("table.outcome"), words(f"failure.{trial.failure.kind}")
    yield words("code.lines"), words.number(count_lines(codes[key]), 0)
    yield words("table.works"), level
    yield words("table.cases"), passes
    index = unknown if structure is None else words.number(structure.index, 1)
    yield words("table.structure"), index
