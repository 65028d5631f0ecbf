"""Where pages lie, and the links that lead to them."""

from collections.abc import Callable

from collector.record import Trial
from site_builder.analysis.summary import ModelSummary
from site_builder.load import Sources
from site_builder.model import Link, hue_of
from site_builder.words import Words

ROOT_PATH = "index.html"


def article_path(language: str) -> str:
    """Return the path of a language's article."""
    return f"{language}/index.html"


def method_path(language: str) -> str:
    """Return the path of a language's page about the method."""
    return f"{language}/method/index.html"


def model_path(language: str, model_id: str) -> str:
    """Return the path of a model's page in a language."""
    return f"{language}/models/{model_id}/index.html"


def code_path(run_id: str, trial: Trial) -> str:
    """Return the path of a trial's code as a file of the site."""
    name = f"{trial.task_id}-{trial.number:02d}.py"
    return f"data/records/{run_id}/{trial.model_id}/{name}"


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
