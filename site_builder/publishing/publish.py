"""From content to the published branch: gates, build, links, commit, push, lock."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from collector.record import Run
from collector.store import RecordError, read_record, run_path
from site_builder.build import BuildPlan, BuildResult, make
from site_builder.claims.lock import read_lock, write_lock
from site_builder.config import read_config
from site_builder.errors import ContentError, OutputError
from site_builder.load import choose_run
from site_builder.publishing.address import Address, choose_address, find_domain
from site_builder.publishing.branch import (
    Published,
    commit_site,
    push,
    read_published,
    refuse_foreign,
)
from site_builder.publishing.git import Git
from site_builder.publishing.limits import check_limits
from site_builder.publishing.links import check_links
from site_builder.publishing.plan import (
    Difference,
    Plan,
    describe,
    describe_branch,
    differences,
    files_to_publish,
)
from site_builder.publishing.remote import (
    Remote,
    find_remote,
    pages_address,
    refuse_source_branch,
)
from site_builder.publishing.source import (
    SHORT,
    Source,
    find_repository,
    read_source,
    refuse_dirty,
)
from site_builder.write import write_site

_LINKS_NAMED = 20


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for; None: not given.

    Attributes:
        output: Write the checked site to this folder in place of pushing it.
        domain: The site's own; empty: it has none, whatever the files say.
        message: First line of the commit's message.
    """

    content: Path
    templates: Path
    run_id: str | None = None
    remote: str = "origin"
    branch: str = "gh-pages"
    output: Path | None = None
    base_url: str | None = None
    domain: str | None = None
    message: str | None = None
    is_dry: bool = False
    allows_demo: bool = False
    allows_dirty: bool = False


def publish(
    request: Request, environment: Mapping[str, str], tell: Callable[[str], object]
) -> None:
    """Publish the site, or say what that would do.

    Args:
        request: What is asked for.
        environment: The variables git gets.
        tell: Takes a line for the terminal.

    Raises:
        SiteError: A gate is closed, or a git call failed: the branch is as it was, and
            so is every local one.
    """
    git = find_repository(request.content, environment)
    source = read_source(git, request.content)
    if not request.allows_dirty:
        refuse_dirty(source)
    run = _choose_run(request)
    target = None if request.output else _target(git, source, request)
    url = _url_of(git, request) if target is None else target.remote.url
    domain = None if target is None else target.published.domain
    plan = _plan(request, run, source, _address(request, url, domain))
    with tempfile.TemporaryDirectory(prefix="seikaku-publish-") as folder:
        site = Path(folder) / "site"
        write_site(plan.files, site)
        for line in (*describe(plan), *map("warning: {}".format, check_limits(site))):
            tell(line)
        if read_source(git, request.content) != source:
            raise ContentError(
                f"{source.root}: changed during the build: publish again"
            )
        if target is not None:
            _deliver(request, plan, target, site, tell)
    if request.output is not None:
        _write(request, plan, request.output, tell)


@dataclass(frozen=True, kw_only=True)
class _Target:
    """The repository, and the branch as it is published."""

    git: Git
    remote: Remote
    published: Published


def _target(git: Git, source: Source, request: Request) -> _Target:
    """Return the branch to publish on; raises SiteError if it is not for that."""
    remote = find_remote(git, request.remote, request.branch)
    refuse_source_branch(remote, source.branch)
    published = read_published(git, remote)
    refuse_foreign(published, remote)
    return _Target(git=git, remote=remote, published=published)


def _choose_run(request: Request) -> Run:
    """Return the run's record; raises ContentError for a demo that nobody asked for."""
    records = request.content / "records"
    config = read_config(request.content / "site.toml")
    run_id, _ = choose_run(records, request.run_id or config.run)
    path = run_path(records, run_id)
    try:
        run = read_record(path)
    except RecordError as error:
        raise ContentError(str(error)) from error
    if not isinstance(run, Run):
        raise ContentError(f"{path}: is no run: restore it, or name another with --run")
    if run.source == "demo" and not request.allows_demo:
        raise ContentError(
            f"{path}: is a demo, no real model was measured: name another run with "
            "--run, or publish it all the same with --allow-demo"
        )
    return run


def _url_of(git: Git, request: Request) -> str:
    """Return the remote's address; empty: a folder can be written without one."""
    url = git.ask("remote", "get-url", "--push", "--", request.remote)
    return (url or "").split("\n")[0]


def _address(request: Request, url: str, on_branch: bytes | None) -> Address:
    return choose_address(
        request.base_url,
        read_config(request.content / "site.toml"),
        domain=find_domain(request.domain, request.content, on_branch),
        derived=pages_address(url),
        remote_url=url or f"remote {request.remote}",
    )


def _plan(request: Request, run: Run, source: Source, address: Address) -> Plan:
    """Build the site as strictly as can be; raises SiteError naming all to mend."""
    result = make(
        BuildPlan(
            content=request.content,
            records=request.content / "records",
            templates=request.templates,
            output=request.output or Path(),
            run_id=run.run_id,
            base_url=address.base_url,
            is_strict=True,
        )
    )
    _refuse_broken_links(result, address)
    locked, _ = read_lock(request.content / "claims.lock")
    return Plan(
        run_id=result.run_id,
        run_source=run.source,
        source=source,
        address=address,
        files=files_to_publish(result.files, address.domain),
        report=result.report,
        locked=locked,
    )


def _refuse_broken_links(result: BuildResult, address: Address) -> None:
    broken = check_links(result.files, address.base_url)
    if not broken:
        return
    named = [str(problem) for problem in broken[:_LINKS_NAMED]]
    if len(broken) > _LINKS_NAMED:
        named.append(f"and {len(broken) - _LINKS_NAMED} more")
    raise ContentError("\n  ".join((f"{len(broken)} broken links:", *named)))


def _write(
    request: Request, plan: Plan, output: Path, tell: Callable[[str], object]
) -> None:
    if request.is_dry:
        tell(f"dry run: {output} is not written")
        return
    write_site(plan.files, output)
    tell(f"{output}: written; nothing was pushed")


def _deliver(
    request: Request,
    plan: Plan,
    target: _Target,
    site: Path,
    tell: Callable[[str], object],
) -> None:
    """Push the folder, if the branch does not hold it already, and note the claims."""
    remote, published = target.remote, target.published
    difference = differences(plan.files, published)
    for line in describe_branch(remote, published, difference, is_whole=request.is_dry):
        tell(line)
    message = plan.message(request.message)
    if request.is_dry:
        _tell_dry(plan, difference, message, tell)
    elif difference.is_none:
        tell(f"{remote.branch} holds this site already: nothing to push")
    else:
        commit = commit_site(
            target.git,
            site,
            site.with_name("scratch"),
            parent=published.commit,
            message=message,
        )
        push(target.git, remote, commit)
        tell(f"pushed {commit[:SHORT]} to {remote.branch}: {plan.address.base_url}")
        if published.commit is None:
            tell(
                "the branch is new: in the repository's Settings > Pages choose "
                f"'Deploy from a branch', {remote.branch}, / (root)"
            )
    if not request.is_dry:
        _lock(request, plan, tell)


def _tell_dry(
    plan: Plan, difference: Difference, message: str, tell: Callable[[str], object]
) -> None:
    for line in () if difference.is_none else message.splitlines():
        tell(f"commit   {line}".rstrip())
    lock = "stays as it is" if plan.is_locked else "would note what is published"
    tell(f"lock     claims.lock {lock}")
    tell("dry run: nothing was pushed, and no file was written")


def _lock(request: Request, plan: Plan, tell: Callable[[str], object]) -> None:
    """Note what the claims say, now that readers see it."""
    path = request.content / "claims.lock"
    if plan.is_locked:
        return
    try:
        write_lock(path, plan.report.lock)
    except OutputError as error:
        raise OutputError(
            f"the site is published, but {error}; then run seikaku check --lock"
        ) from error
    tell(f"{path}: notes what was published: commit it")
