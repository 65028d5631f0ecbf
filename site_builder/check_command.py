"""The ``check`` command: check, note what a person confirmed, and show."""

from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from site_builder.check import Content, read_content, report_on, reviewed
from site_builder.check_explain import (
    explanation_json,
    find_row,
    print_explanation,
)
from site_builder.check_report import CheckReport
from site_builder.check_show import check_json, print_check
from site_builder.check_values import trial_values
from site_builder.claims.lock import write_lock
from site_builder.config import read_config
from site_builder.errors import ContentError
from site_builder.load import load
from site_builder.prose.reviews_file import read_reviews, write_reviews


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a check.

    Attributes:
        run_id: The run to hold claims against; None: as ``site.toml`` says.
        explain: The one claim to show; None: all of them.
        confirm: Sections that say the same in all languages.
        accept: Broken claims that may stand.
        lock: Whether to note what the claims say now, as publishing does.
    """

    content: Path
    run_id: str | None = None
    as_json: bool = False
    explain: str | None = None
    confirm: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    lock: bool = False


def run_check(request: Request, *, console: Console) -> bool:
    """Check, write what was confirmed, show what was found; return whether it is clean.

    Raises:
        SiteError: The content cannot be read, a name is unknown, or a file cannot be
            written.
    """
    sources = load(
        request.content,
        records=request.content / "records",
        config=read_config(request.content / "site.toml"),
        run_id=request.run_id,
    )
    content = read_content(sources)
    if request.confirm or request.accept:
        path = sources.reviews_path
        reviews = reviewed(
            content,
            read_reviews(path),
            sections=request.confirm,
            claims=request.accept,
        )
        write_reviews(path, reviews)
    report = report_on(content)
    if request.lock:
        # A damaged lock is what writing it mends.
        problems = [p for p in report.problems if p.file != sources.lock_path]
        report = replace(report, problems=tuple(problems))
    _show(request, content, report, console)
    if request.lock:
        _lock(sources.lock_path, report)
    return report.is_clean


def _show(
    request: Request, content: Content, report: CheckReport, console: Console
) -> None:
    if request.explain is not None:
        row = find_row(report, request.explain)
        values = trial_values(row, content)
        if request.as_json:
            console.file.write(explanation_json(row, report, values) + "\n")
        else:
            print_explanation(row, report, content, values, console=console)
    elif request.as_json:
        console.file.write(check_json(report) + "\n")
    else:
        print_check(report, console=console)


def _lock(path: Path, report: CheckReport) -> None:
    """Write what the claims say, unless something is left to do."""
    if not report.is_clean:
        raise ContentError(
            f"{path}: is not written: mend what seikaku check names first"
        )
    write_lock(path, report.lock)
