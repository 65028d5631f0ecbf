"""The whole way of a site: load → analyse → assemble → render → write."""

from dataclasses import dataclass
from pathlib import Path

from collector.store import BadRecord
from site_builder.analysis.summary import summarise
from site_builder.assemble import assemble
from site_builder.config import read_config, with_base_url
from site_builder.errors import ContentError
from site_builder.findings import find_evidence
from site_builder.load import load
from site_builder.render import render
from site_builder.write import write_site


@dataclass(frozen=True, kw_only=True)
class BuildPlan:
    """What to build from what.

    Attributes:
        records: The folder that holds the runs.
        run_id: The run to show; None: as ``site.toml`` says.
        base_url: Address of the published site; None: as ``site.toml`` says.
        is_strict: Whether a record that cannot be used stops the build.
    """

    content: Path
    records: Path
    templates: Path
    output: Path
    run_id: str | None = None
    base_url: str | None = None
    is_strict: bool = False


@dataclass(frozen=True, kw_only=True)
class BuildResult:
    """What was built: the run shown, the number of files, the records left out."""

    run_id: str
    n_files: int
    bad: tuple[BadRecord, ...]


def build(plan: BuildPlan) -> BuildResult:
    """Build the site; the old one stays until the new one is whole.

    Raises:
        SiteError: Something a writer can mend; the old site is untouched.
    """
    config = read_config(plan.content / "site.toml")
    if plan.base_url is not None:
        config = with_base_url(config, plan.base_url, place="--base-url")
    sources = load(
        plan.content, records=plan.records, config=config, run_id=plan.run_id
    )
    if plan.is_strict and sources.bad:
        listed = "\n".join(f"  {entry}" for entry in sources.bad)
        raise ContentError(
            f"{len(sources.bad)} records cannot be used, and --strict was given:\n"
            f"{listed}"
        )
    summaries = summarise(sources.run)
    site = assemble(sources, summaries, find_evidence(sources.run, summaries))
    files = render(site, plan.templates)
    write_site(files, plan.output)
    return BuildResult(
        run_id=sources.run.run.run_id, n_files=len(files), bad=sources.bad
    )
