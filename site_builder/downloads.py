"""The list of all files, with what they hold, in one language."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from collector.metrics import METRICS
from collector.record import KINDS, Run
from site_builder.citing import CITATION_CFF, LICENCE_TXT, bibtex_path
from site_builder.claim_notes import CLAIMS_JSON
from site_builder.code_model import DownloadSection, DownloadsPage
from site_builder.config import SiteConfig
from site_builder.constants import constants
from site_builder.data_files import (
    SCHEMA_FOLDER,
    SUMMARY_COLUMNS,
    SUMMARY_CSV,
    SUMMARY_JSON,
    TRIALS_CSV,
    zip_path,
)
from site_builder.listing import make_visible
from site_builder.load import Sources
from site_builder.model import Cell, Head, Table
from site_builder.places import RECORDS, downloads_path, language_links, run_path
from site_builder.trial_files import trial_files_table
from site_builder.trial_rows import COLUMNS
from site_builder.words import Words

CHART_FOLDER = "data/charts/"

Files = Mapping[str, bytes]
Columns = Iterator[tuple[str, str, str]]
"""Name, unit and meaning of each column of a file."""

_TYPES = {
    ".json": "JSON",
    ".csv": "CSV",
    ".zip": "ZIP",
    ".py": "Python",
    ".md": "Markdown",
    ".bib": "BibTeX",
    ".cff": "CFF",
    ".txt": "TXT",
}
_WHAT = {
    ".zip": "zip",
    "run.json": "run",
    "summary.json": "summary",
    "summary.csv": "summary",
    "trials.csv": "trials",
    "claims.json": "claims",
    ".bib": "bibtex",
    ".cff": "cff",
    "LICENSE.txt": "licence",
}


def downloads_page(sources: Sources, words: Words, files: Files) -> DownloadsPage:
    """Return the page that lists every file.

    Args:
        sources: What the site is made of.
        words: The page's language.
        files: All data files of the site, by path.
    """
    title = words("code.downloads_title")
    run = sources.run.run
    sections = (
        _section("whole", words, files, _whole(run), texts=_run_texts(run, words)),
        _columns_section(words, files, "summary", _summary_columns(words)),
        _columns_section(words, files, "trials", _trial_columns(words)),
        _section("claims", words, files, (CLAIMS_JSON,)),
        _section("other", words, files, _others(files, run)),
        *_trial_sections(sources, words, files),
        _section("schemas", words, files, _schemas()),
        *_terms(sources.config, words, files),
    )
    return DownloadsPage(
        head=Head(
            path=downloads_path(words.language),
            language=words.language,
            title=title,
            description=words("code.downloads_description"),
            languages=language_links(sources, downloads_path),
            default_path=downloads_path(sources.languages[0].words.language),
        ),
        title=title,
        sections=tuple(section for section in sections if section is not None),
    )


def _section(
    key: str,
    words: Words,
    files: Files,
    paths: tuple[str, ...],
    *,
    texts: tuple[str, ...] = (),
) -> DownloadSection | None:
    """Return a part that lists files; None: there is none of them."""
    rows = tuple(
        (
            Cell(text=path.removeprefix("data/"), href=path),
            Cell(text=_what(path, words)),
            Cell(text=_TYPES.get(_suffix(path), words("unknown"))),
            Cell(text=words.number(len(files[path]) / 1000, 1), is_number=True),
        )
        for path in paths
        if path in files
    )
    if not rows:
        return None
    title = words(f"code.section_{key}")
    heads = ("file", "holds", "type", "size")
    return DownloadSection(
        anchor=key,
        title=title,
        texts=texts,
        tables=(
            Table(
                table_id=f"files-{key}",
                caption=words("code.files_caption", title=title),
                head=tuple(
                    Cell(text=words(f"code.head_{head}"), is_number=head == "size")
                    for head in heads
                ),
                rows=rows,
            ),
        ),
    )


def _what(path: str, words: Words) -> str:
    """Return what a file holds, in words."""
    if path.startswith(SCHEMA_FOLDER):
        kind = path.rpartition("/")[2].partition(".")[0]
        return words("code.what_schema", kind=words(f"schema.{kind}"))
    if path.startswith(CHART_FOLDER):
        chart_id = path.removeprefix(CHART_FOLDER).partition(".")[0]
        return words("table.chart_caption", title=words(f"figure.{chart_id}.title"))
    key = _WHAT.get(path.rpartition("/")[2]) or _WHAT.get(_suffix(path), "other")
    return words(f"code.what_{key}")


def _suffix(path: str) -> str:
    return "." + path.rpartition(".")[2]


def _whole(run: Run) -> tuple[str, ...]:
    return (zip_path(run.run_id), run_path(run.run_id), SUMMARY_JSON)


def _run_texts(run: Run, words: Words) -> tuple[str, ...]:
    notice = words.entries.get(f"notice.{run.source}", "")
    return (words("code.whole_text"), *([notice] if notice else []))


def _others(files: Files, run: Run) -> tuple[str, ...]:
    """Return the files that no other part lists, such as those of the charts."""
    listed = {
        *_whole(run),
        *_schemas(),
        *_citing(files),
        SUMMARY_CSV,
        TRIALS_CSV,
        CLAIMS_JSON,
    }
    return tuple(
        path
        for path in sorted(files)
        if path not in listed and not path.startswith(f"{RECORDS}/")
    )


def _schemas() -> tuple[str, ...]:
    return tuple(f"{SCHEMA_FOLDER}/{kind}.schema.json" for kind in ("record", *KINDS))


def _citing(files: Files) -> tuple[str, ...]:
    bibtex = (path for path in sorted(files) if path.endswith(".bib"))
    return (CITATION_CFF, *bibtex, LICENCE_TXT)


def _columns_section(
    words: Words, files: Files, name: str, columns: Columns
) -> DownloadSection | None:
    """Return a part about a CSV file: where it is, and what its columns mean."""
    section = _section(name, words, files, (f"data/{name}.csv",))
    if section is None:
        return None
    meanings = Table(
        table_id=f"columns-{name}",
        caption=words("code.columns_caption", file=f"{name}.csv"),
        head=tuple(
            Cell(text=words(f"code.head_{head}"))
            for head in ("column", "unit", "meaning")
        ),
        rows=tuple(
            (
                Cell(text=column, is_code=True),
                Cell(text=unit or words("no_range")),
                Cell(text=meaning),
            )
            for column, unit, meaning in columns
        ),
    )
    return replace(section, tables=(*section.tables, meanings))


def _trial_columns(words: Words) -> Columns:
    fields = constants(words)
    for column in COLUMNS:
        if column in METRICS:
            unit = words(f"unit_label.{METRICS[column].unit}")
            yield column, unit, words(f"definition.metric.{column}", **fields)
        else:
            unit = words.entries.get(f"code.unit.{column}", "")
            yield column, unit, words(f"code.column.{column}", **fields)


def _summary_columns(words: Words) -> Columns:
    fields = constants(words)
    for column in SUMMARY_COLUMNS:
        metric = METRICS.get(column)
        unit = "" if metric is None else words(f"unit_label.{metric.unit}")
        yield column, unit, words(f"definition.field.{column}", **fields)


def _trial_sections(
    sources: Sources, words: Words, files: Files
) -> Iterator[DownloadSection]:
    """Yield a part with the files of every trial, warm-ups included, by model."""
    run = sources.run
    tables = []
    for number, model in enumerate(run.run.models, 1):
        trials = tuple(t for t in run.trials if t.model_id == model.model_id)
        if trials:
            name = make_visible(model.name)
            caption = words("code.files_caption", title=name)
            table = trial_files_table(
                trials, words, files, table_id=f"files-{number}", caption=caption
            )
            tables.append(table)
    yield DownloadSection(
        anchor="trials-files",
        title=words("code.section_records"),
        texts=(words("code.records_text"),),
        tables=tuple(tables),
    )


def _terms(
    config: SiteConfig, words: Words, files: Files
) -> Iterator[DownloadSection | None]:
    """Yield how to cite the site, and on what terms its data may be used."""
    bibtex = bibtex_path(words.language)
    section = _section("citing", words, files, _citing(files))
    if section is not None:
        shown = files[bibtex].decode() if bibtex in files else ""
        yield replace(section, shown=shown)
    if config.licence:
        key = "code.licence_with_url" if config.licence_url else "code.licence_text"
        yield DownloadSection(
            anchor="licence",
            title=words("code.section_licence"),
            texts=(
                words(
                    key,
                    author=config.author or words("site.name"),
                    licence=config.licence,
                    url=config.licence_url,
                ),
                words("code.licence_scope"),
            ),
        )
