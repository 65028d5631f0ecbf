"""The whole way of a site: load → analyse → check → assemble → render → write."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from collector.store import BadRecord
from site_builder.announce import announce
from site_builder.assemble import assemble
from site_builder.changes import changes_since_last, run_view
from site_builder.check import read_content, report_on
from site_builder.check_report import CheckReport
from site_builder.config import SiteConfig, read_config, with_base_url
from site_builder.errors import ContentError
from site_builder.load import load
from site_builder.problem import Problem
from site_builder.render import render
from site_builder.share_text import share_texts, write_share_texts
from site_builder.write import write_site


@dataclass(frozen=True, kw_only=True)
class BuildPlan:
    """What to build from what.

    Attributes:
        records: The folder that holds the runs.
        run_id: The run to show; None: as ``site.toml`` says.
        base_url: Address of the published site; None: as ``site.toml`` says.
        is_strict: Whether a record that cannot be used, a broken claim that nobody
            accepted, or a text that changed in one language only stops the build.
        on_problems: Whether what is wrong with the texts and claims stops the build,
            or is reported beside a site that shows as much as it can.
    """

    content: Path
    records: Path
    templates: Path
    output: Path
    run_id: str | None = None
    base_url: str | None = None
    is_strict: bool = False
    on_problems: Literal["refuse", "report"] = "refuse"


@dataclass(frozen=True, kw_only=True)
class BuildResult:
    """What was built.

    Attributes:
        files: The site by path.
        share: A short post by language.
        home: Path of the primary article.
        bad: The records left out.
        report: What was found of the texts and claims.
    """

    config: SiteConfig
    run_id: str
    files: Mapping[str, bytes]
    share: Mapping[str, str]
    home: str
    bad: tuple[BadRecord, ...]
    report: CheckReport

    @property
    def n_files(self) -> int:
        """The number of files."""
        return len(self.files)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What has to be mended; none if problems stop the build."""
        return self.report.problems


def build(plan: BuildPlan) -> BuildResult:
    """Build the site; the old one stays until the new one is whole.

    Raises:
        SiteError: Something a writer can mend; the old site is untouched.
    """
    result = make(plan)
    write_site(result.files, plan.output)
    write_share_texts(result.share, plan.output)
    return result


def make(plan: BuildPlan) -> BuildResult:
    """Build the site without writing it.

    Raises:
        SiteError: Something a writer can mend.
    """
    config = read_config(plan.content / "site.toml")
    if plan.base_url is not None:
        config = with_base_url(config, plan.base_url, place="--base-url")
    sources = load(
        plan.content, records=plan.records, config=config, run_id=plan.run_id
    )
    if plan.is_strict and sources.bad:
        _refuse(f"{len(sources.bad)} records cannot be used", sources.bad)
    content = read_content(sources)
    report = report_on(content)
    _refuse_faults(plan, report)
    view = run_view(sources.run, content.summaries, content.found, content.verdicts)
    site = assemble(
        sources,
        content.summaries,
        content.found,
        content.texts,
        content.verdicts,
        changes=changes_since_last(plan.records, view),
    )
    site = announce(site, sources, content.summaries)
    return BuildResult(
        config=config,
        run_id=sources.run.run.run_id,
        files=render(site, plan.templates),
        share=share_texts(content, base_url=config.base_url),
        home=site.languages[0].article.head.path,
        bad=sources.bad,
        report=report,
    )


def _refuse_faults(plan: BuildPlan, report: CheckReport) -> None:
    """Raise ContentError with all that the plan says may not be published."""
    faults = list(map(str, report.problems)) if plan.on_problems == "refuse" else []
    if plan.is_strict:
        faults += report.warnings
    if faults:
        _refuse(f"{len(faults)} things to mend", faults)


def _refuse(found: str, faults: Iterable[object]) -> None:
    listed = [str(fault) for fault in faults]
    if len(listed) == 1:
        raise ContentError(listed[0])
    raise ContentError("\n  ".join((f"{found}:", *listed)))
