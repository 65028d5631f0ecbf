"""What a site tells programs and shows where its address is shared.

Made last, from the assembled site: a picture and structured data for each language,
and a guide for language models. Nothing of it is made where the address is not known.
"""

import hashlib
from dataclasses import replace

from site_builder.analysis.summary import SUMMARY_METRICS, ModelSummary
from site_builder.discovery import (
    Edition,
    Publication,
    llms_txt,
    structured_data,
)
from site_builder.load import Sources
from site_builder.model import LanguageSite, Site, hue_of
from site_builder.words import Words

CARD_METRIC = "decode_tok_s"
LLMS_TXT = "llms.txt"
_DATA = {"data/summary.json": "application/json", "data/summary.csv": "text/csv"}
_DATA_WORDS = {
    "data/summary.json": "site.data_json",
    "data/summary.csv": "site.data_csv",
}


def announce(site: Site, sources: Sources, summaries: tuple[ModelSummary, ...]) -> Site:
    """Return the site with what announces it; the same where it has no address.

    Raises:
        ContentError: A word is missing.
    """
    if not site.base_url:
        return site
    words = {entry.words.language: entry.words for entry in sources.languages}
    cards = {
        language.language: _card(language, words[language.language], summaries)
        for language in site.languages
    }
    paths = {key: _card_path(key, data) for key, data in cards.items()}
    editions = tuple(
        _edition(language, words[language.language], paths[language.language])
        for language in site.languages
    )
    publication = _publication(site, sources)
    languages = tuple(
        replace(
            language,
            card_path=paths[language.language],
            card_alt=_card_alt(language, words[language.language], summaries),
            structured_data=structured_data(
                publication,
                edition,
                tuple(other for other in editions if other is not edition),
                _DATA,
            ),
        )
        for language, edition in zip(site.languages, editions, strict=True)
    )
    guide = llms_txt(
        publication,
        editions,
        {language.language: _pages(language) for language in site.languages},
        {path: site.languages[0].words[key] for path, key in _DATA_WORDS.items()},
    )
    files = {paths[key]: data for key, data in cards.items()}
    return replace(
        site,
        languages=languages,
        data={**site.data, **files, LLMS_TXT: guide.encode()},
    )


def _card(
    language: LanguageSite, words: Words, summaries: tuple[ModelSummary, ...]
) -> bytes:
    # matplotlib takes a second to import, and most commands draw nothing.
    from site_builder.charts.card import Card, CardRow, draw_card  # noqa: PLC0415

    values = [summary.value(CARD_METRIC) for summary in summaries]
    most = max((value for value in values if value is not None), default=0.0)
    return draw_card(
        Card(
            brand=words("announce.brand"),
            title=language.article.title,
            label=words("announce.card_label"),
            note=language.notice or words("site.description"),
            rows=tuple(
                CardRow(
                    name=summary.model.name,
                    value_text=_value_text(summary, words),
                    share=None if value is None or not most else value / most,
                    hue=hue_of(index),
                )
                for index, (summary, value) in enumerate(
                    zip(summaries, values, strict=True)
                )
            ),
        )
    )


def _value_text(summary: ModelSummary, words: Words) -> str:
    value = summary.value(CARD_METRIC)
    return words("unknown") if value is None else words.quantity(value, "tok/s", 2)


def _card_alt(
    language: LanguageSite, words: Words, summaries: tuple[ModelSummary, ...]
) -> str:
    values = words("list_separator").join(
        f"{summary.model.name} {_value_text(summary, words)}" for summary in summaries
    )
    return words("announce.card_alt", title=language.article.title, values=values)


def _card_path(language: str, data: bytes) -> str:
    return f"assets/card-{language}.{hashlib.sha256(data).hexdigest()[:10]}.png"


def _edition(language: LanguageSite, words: Words, card_path: str) -> Edition:
    return Edition(
        language=language.language,
        path=language.article.head.path.removesuffix("index.html"),
        title=language.article.title,
        description=language.article.head.description,
        image_path=card_path,
        dataset_name=words("announce.dataset_name"),
        dataset_description=words("announce.dataset_description"),
        metrics=tuple(words(f"metric.{key}") for key in SUMMARY_METRICS),
    )


def _publication(site: Site, sources: Sources) -> Publication:
    config = sources.config
    return Publication(
        base_url=site.base_url,
        site_name=site.languages[0].words["site.name"],
        author=config.author,
        licence=config.licence,
        licence_url=config.licence_url,
        published_on=config.published_on,
        updated_on=config.updated_on,
    )


def _pages(language: LanguageSite) -> dict[str, str]:
    heads = [language.method.head, *(page.head for page in language.models)]
    return {head.path.removesuffix("index.html"): head.title for head in heads}
