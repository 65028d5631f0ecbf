"""How the site wants to be cited, and on what terms its data may be used, as files."""

import json
from collections.abc import Mapping

from site_builder.config import SiteConfig
from site_builder.discovery import Edition, Publication, citation
from site_builder.places import article_path

CITATION_CFF = "data/CITATION.cff"
LICENCE_TXT = "data/LICENSE.txt"


def bibtex_path(language: str) -> str:
    """Return the path of the BibTeX entry of a language's article."""
    return f"data/citation-{language}.bib"


def citation_files(config: SiteConfig, titles: Mapping[str, str]) -> dict[str, bytes]:
    """Return how the site wants to be cited, and on what terms, by path.

    Args:
        config: The site's settings. Without its address there is no BibTeX.
        titles: The article's title by language, the primary one first.
    """
    site_name = next(iter(titles.values()))
    files = {CITATION_CFF: _cff(config, site_name).encode()}
    if config.licence:
        files[LICENCE_TXT] = _licence(config, site_name).encode()
    if config.base_url:
        for language, title in titles.items():
            text = citation(_publication(config, site_name), _edition(language, title))
            files[bibtex_path(language)] = text.encode()
    return files


def _publication(config: SiteConfig, site_name: str) -> Publication:
    return Publication(
        base_url=config.base_url,
        site_name=site_name,
        author=config.author,
        licence=config.licence,
        licence_url=config.licence_url,
        published_on=config.published_on,
        updated_on=config.updated_on,
    )


def _edition(language: str, title: str) -> Edition:
    """Return an article as a citation needs it; the rest is for other programs."""
    return Edition(
        language=language,
        path=article_path(language).removesuffix("index.html"),
        title=title,
        description="",
        image_path="",
        dataset_name="",
        dataset_description="",
        metrics=(),
    )


def _cff(config: SiteConfig, title: str) -> str:
    """Return the citation in the Citation File Format; JSON strings are YAML's too."""
    day = config.updated_on or config.published_on
    fields = {
        "cff-version": "1.2.0",
        "message": "Please cite these data as below.",
        "type": "dataset",
        "title": title,
        **({"date-released": day.isoformat()} if day else {}),
        **({"license": config.licence} if config.licence else {}),
        **({"license-url": config.licence_url} if config.licence_url else {}),
        **({"url": config.base_url} if config.base_url else {}),
        **({"repository-code": config.repository} if config.repository else {}),
    }
    lines = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in fields.items()
    ]
    author = json.dumps(config.author or title, ensure_ascii=False)
    return "\n".join((*lines, "authors:", f"  - name: {author}")) + "\n"


def _licence(config: SiteConfig, title: str) -> str:
    """Return the note beside the data, in English as licences are."""
    return (
        f"The data in this folder and its subfolders belong to {title!r},\n"
        f"published by {config.author or title} under the licence {config.licence}.\n"
        + (f"Terms: {config.licence_url}\n" if config.licence_url else "")
        + "Code and answers were written by the models that the records name.\n"
    )
