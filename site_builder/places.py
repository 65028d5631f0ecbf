"""Where pages lie, and the links that lead to them."""

from collections.abc import Callable

from collector.record import Trial, Verdict
from site_builder.analysis.summary import ModelSummary
from site_builder.load import Sources
from site_builder.model import Link, hue_of
from site_builder.words import Words

ROOT_PATH = "index.html"
RECORDS = "data/records"
"""Folder of the records, laid out as the collector lays them out."""


def article_path(language: str) -> str:
    """Return the path of a language's article."""
    return f"{language}/index.html"


def method_path(language: str) -> str:
    """Return the path of a language's page about the method."""
    return f"{language}/method/index.html"


def changes_path(language: str) -> str:
    """Return the path of a language's page about changes since the last run."""
    return f"{language}/changes/index.html"


def model_path(language: str, model_id: str) -> str:
    """Return the path of a model's page in a language."""
    return f"{language}/models/{model_id}/index.html"


def trial_page_path(language: str, trial: Trial) -> str:
    """Return the path of the page that shows one trial's code and answer in full."""
    return f"{language}/models/{trial.model_id}/{trial_name(trial)}/index.html"


def compare_path(language: str) -> str:
    """Return the path of the page with two models' code beside each other."""
    return f"{language}/compare/index.html"


def downloads_path(language: str) -> str:
    """Return the path of a language's list of all files."""
    return f"{language}/data/index.html"


def trial_name(trial: Trial | Verdict) -> str:
    """Return the name that a trial's files and its place on pages begin with."""
    return f"{trial.task_id}-{trial.number:02d}"


def run_path(run_id: str) -> str:
    """Return the path of a run's own record as a file of the site."""
    return f"{RECORDS}/{run_id}/run.json"


def record_path(trial: Trial | Verdict) -> str:
    """Return the path of a trial's record, or a verdict's, as a file of the site."""
    suffix = ".json" if isinstance(trial, Trial) else ".verdict.json"
    return _trial_file(trial, suffix)


def code_path(trial: Trial) -> str:
    """Return the path of a trial's code as a file of the site."""
    return _trial_file(trial, ".py")


def answer_path(trial: Trial) -> str:
    """Return the path of a trial's answer as a file of the site."""
    return _trial_file(trial, ".md")


def _trial_file(trial: Trial | Verdict, suffix: str) -> str:
    return f"{RECORDS}/{trial.run_id}/{trial.model_id}/{trial_name(trial)}{suffix}"


def language_links(sources: Sources, path_of: Callable[[str], str]) -> tuple[Link, ...]:
    """Return the links to a page in every language."""
    return tuple(
        Link(
            text=entry.words("site.language_name"),
            path=path_of(entry.words.language),
            language=entry.words.language,
        )
        for entry in sources.languages
    )


def model_links(words: Words, summaries: tuple[ModelSummary, ...]) -> tuple[Link, ...]:
    """Return the links to every model's page."""
    return tuple(
        Link(
            text=summary.model.name,
            path=model_path(words.language, summary.model.model_id),
            hue=hue_of(index),
        )
        for index, summary in enumerate(summaries)
    )
