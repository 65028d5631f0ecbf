"""What programs are told of a site: true addresses, and nothing that breaks a page."""

import json
from datetime import date

from site_builder.discovery import (
    Edition,
    Publication,
    citation,
    llms_txt,
    structured_data,
)

PUBLICATION = Publication(
    base_url="https://a.example/repo/",
    site_name="Seikaku",
    author="Mori & Co.",
    licence="MIT",
    licence_url="https://licence.example/mit",
    published_on=date(2026, 11, 24),
    updated_on=date(2026, 12, 1),
)


def edition(language="en", **changes):
    fields = {
        "language": language,
        "path": f"{language}/",
        "title": "Tempo and thickness",
        "description": "Four models.",
        "image_path": f"assets/card-{language}.png",
        "dataset_name": "Trials",
        "dataset_description": "Every trial with its time of arrival, token by token.",
        "metrics": ("Speed (tok/s)",),
    }
    return Edition(**{**fields, **changes})


def graph(**changes):
    text = structured_data(
        PUBLICATION,
        edition(**changes),
        (edition("ja"),),
        {"data/summary.csv": "text/csv"},
    )
    article, dataset = json.loads(text)["@graph"]
    return article, dataset


def test_article_and_data_point_at_each_other_and_at_the_translation():
    article, dataset = graph()

    assert article["isBasedOn"] == {"@id": dataset["@id"]}
    assert article["workTranslation"] == [{"@id": "https://a.example/repo/ja/#article"}]
    assert article["inLanguage"] == "en"


def test_every_address_is_absolute():
    article, dataset = graph()

    assert article["url"] == "https://a.example/repo/en/"
    assert article["image"] == "https://a.example/repo/assets/card-en.png"
    assert dataset["distribution"] == [
        {
            "@type": "DataDownload",
            "encodingFormat": "text/csv",
            "contentUrl": "https://a.example/repo/data/summary.csv",
        }
    ]


def test_days_carry_their_zone_and_the_licence_its_address():
    article, dataset = graph()

    assert article["datePublished"] == "2026-11-24T00:00:00Z"
    assert article["dateModified"] == "2026-12-01T00:00:00Z"
    assert dataset["license"] == "https://licence.example/mit"


def test_what_is_not_stated_is_left_out():
    plain = Publication(base_url="https://a.example/", site_name="Seikaku")
    article, _ = json.loads(structured_data(plain, edition(image_path=""), (), {}))[
        "@graph"
    ]

    assert article["author"]["name"] == "Seikaku"
    assert not {"datePublished", "dateModified", "license", "image"} & set(article)


def test_a_title_cannot_end_the_script_element():
    text = structured_data(
        PUBLICATION, edition(title="</script><script>alert(1)"), (), {}
    )

    assert "</" not in text
    assert json.loads(text)["@graph"][0]["headline"] == "</script><script>alert(1)"


def test_a_citation_escapes_what_bibtex_reads_as_a_command():
    text = citation(PUBLICATION, edition(title="100 % {of} a_b"))

    assert text == (
        "@online{seikaku-en,\n"
        "  title = {{100 \\% \\{of\\} a\\_b}},\n"
        "  author = {{Mori \\& Co.}},\n"
        "  url = {https://a.example/repo/en/},\n"
        "  langid = {en},\n"
        "  year = {2026},\n"
        "  month = {12},\n"
        "  note = {Version of 2026-12-01}\n"
        "}\n"
    )


def test_the_guide_lists_every_page_by_language_and_then_the_data():
    text = llms_txt(
        PUBLICATION,
        (edition("ja"), edition()),
        {"en": {"en/method/": "Method [all]"}},
        {"data/summary.json": "Summary"},
    )

    assert text.splitlines() == [
        "# Seikaku",
        "",
        "> Four models.",
        "",
        "## ja",
        "",
        "- [Tempo and thickness](https://a.example/repo/ja/)",
        "",
        "## en",
        "",
        "- [Tempo and thickness](https://a.example/repo/en/)",
        "- [Method (all)](https://a.example/repo/en/method/)",
        "",
        "## Data",
        "",
        "- [Summary](https://a.example/repo/data/summary.json)",
    ]
