"""What programs read of a site: structured data, a citation, a guide for models.

All of it names absolute addresses, so it is made only where the site's own is known.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_SCHEMA = "https://schema.org"


@dataclass(frozen=True, kw_only=True)
class Publication:
    """Who publishes the site, since when, and on what terms.

    Attributes:
        base_url: Address of the site, with a last slash.
        author: Name of the author; empty: the site's name stands for it.
        licence: Name of the licence of texts and data, such as ``MIT``; empty: none.
        licence_url: Its address; empty: not known.
        published_on: First day; None: not stated.
        updated_on: Day of the last change; None: not stated.
    """

    base_url: str
    site_name: str
    author: str = ""
    licence: str = ""
    licence_url: str = ""
    published_on: date | None = None
    updated_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Edition:
    """The article in one language, as programs are told of it.

    Attributes:
        path: Path of the page inside the site, without ``index.html``.
        image_path: Path of its picture; empty: it has none.
        dataset_name: Name of the body of data behind it.
        dataset_description: What the data are, in at least fifty characters.
        metrics: What was measured, in the edition's words.
    """

    language: str
    path: str
    title: str
    description: str
    image_path: str
    dataset_name: str
    dataset_description: str
    metrics: tuple[str, ...]


def structured_data(
    publication: Publication,
    edition: Edition,
    others: tuple[Edition, ...],
    downloads: Mapping[str, str],
) -> str:
    """Return the JSON-LD of an article and its data, safe inside a ``script`` element.

    Args:
        publication: Of the site.
        edition: The page's own.
        others: The article in the other languages.
        downloads: Media type by path of each file of data.
    """
    address = publication.base_url + edition.path
    author = {
        "@type": "Organization",
        "name": publication.author or publication.site_name,
        "url": publication.base_url,
    }
    article = {
        "@type": "TechArticle",
        "@id": address + "#article",
        "url": address,
        "headline": edition.title,
        "description": edition.description,
        "inLanguage": edition.language,
        "author": author,
        "publisher": author,
        **_dates(publication),
        **_licence(publication),
        "workTranslation": [
            {"@id": publication.base_url + other.path + "#article"} for other in others
        ],
        "isBasedOn": {"@id": address + "#data"},
    }
    if edition.image_path:
        article["image"] = publication.base_url + edition.image_path
    graph = {
        "@context": _SCHEMA,
        "@graph": [article, _dataset(publication, edition, downloads, author)],
    }
    # "</script>" inside a string would end the element.
    return json.dumps(graph, ensure_ascii=False).replace("</", "<\\/")


def citation(publication: Publication, edition: Edition) -> str:
    """Return a BibTeX entry for the article; a day not stated is left out."""
    day = publication.updated_on or publication.published_on
    fields = {
        "title": "{" + _bibtex(edition.title) + "}",
        "author": "{" + _bibtex(publication.author or publication.site_name) + "}",
        "url": publication.base_url + edition.path,
        "langid": edition.language,
    }
    if day is not None:
        fields["year"], fields["month"] = str(day.year), str(day.month)
        fields["note"] = f"Version of {day.isoformat()}"
    body = ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items())
    return f"@online{{seikaku-{edition.language},\n{body}\n}}\n"


def llms_txt(
    publication: Publication,
    editions: tuple[Edition, ...],
    pages: Mapping[str, Mapping[str, str]],
    downloads: Mapping[str, str],
) -> str:
    """Return the guide for language models, in the form of llmstxt.org.

    Args:
        publication: Of the site.
        editions: The article in every language, the primary one first.
        pages: By language, the titles of its other pages by path.
        downloads: Description by path of each file of data.
    """
    lines = [f"# {publication.site_name}", "", f"> {editions[0].description}"]
    for edition in editions:
        lines += ["", f"## {edition.language}", ""]
        listed = {edition.path: edition.title, **pages.get(edition.language, {})}
        lines += [
            f"- [{_link_text(title)}]({publication.base_url}{path})"
            for path, title in listed.items()
        ]
    lines += ["", "## Data", ""]
    lines += [
        f"- [{_link_text(text)}]({publication.base_url}{path})"
        for path, text in downloads.items()
    ]
    return "\n".join(lines) + "\n"


def _dataset(
    publication: Publication,
    edition: Edition,
    downloads: Mapping[str, str],
    author: dict[str, str],
) -> dict[str, Any]:
    return {
        "@type": "Dataset",
        "@id": publication.base_url + edition.path + "#data",
        "name": edition.dataset_name,
        "description": edition.dataset_description,
        "inLanguage": edition.language,
        "creator": author,
        "isAccessibleForFree": True,
        **_dates(publication),
        **_licence(publication),
        "variableMeasured": list(edition.metrics),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": media_type,
                "contentUrl": publication.base_url + path,
            }
            for path, media_type in downloads.items()
        ],
    }


def _dates(publication: Publication) -> dict[str, str]:
    days = {
        "datePublished": publication.published_on,
        "dateModified": publication.updated_on or publication.published_on,
    }
    return {
        key: f"{day.isoformat()}T00:00:00Z"
        for key, day in days.items()
        if day is not None
    }


def _licence(publication: Publication) -> dict[str, str]:
    return {"license": publication.licence_url} if publication.licence_url else {}


def _bibtex(text: str) -> str:
    return re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", "/"))


def _link_text(text: str) -> str:
    return text.replace("[", "(").replace("]", ")").replace("\n", " ")
