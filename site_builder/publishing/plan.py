"""What a publication would change, as values and as lines for the terminal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collector.record import Source as RunSource
from site_builder.check_report import CheckReport
from site_builder.claims.lock import Lock
from site_builder.publishing.address import CNAME, Address
from site_builder.publishing.branch import NO_JEKYLL, Published, blob_of
from site_builder.publishing.remote import Remote
from site_builder.publishing.source import SHORT, Source
from site_builder.write import MARKER


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How a site differs from what the branch holds, as paths in order.

    Attributes:
        n_new_bytes: Size of the files that are added or changed.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    n_new_bytes: int

    @property
    def is_none(self) -> bool:
        """Whether the branch holds this very site."""
        return not (self.added or self.changed or self.removed)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A publication, ready to be made.

    Attributes:
        files: All that the branch will hold, by path.
        locked: The claims as published last.
    """

    run_id: str
    run_source: RunSource
    source: Source
    address: Address
    files: Mapping[str, bytes]
    report: CheckReport
    locked: Lock

    @property
    def n_bytes(self) -> int:
        """Size of the files."""
        return sum(map(len, self.files.values()))

    @property
    def is_locked(self) -> bool:
        """Whether ``claims.lock`` notes what would be published."""
        return self.report.lock == self.locked

    def message(self, subject: str | None) -> str:
        """Return the message of the commit; the subject replaces the usual one."""
        usual = f"Publish the run {self.run_id} from {self.source.short_name}"
        return (
            f"{subject or usual}\n\nSite: {self.address.base_url}\n"
            f"Run: {self.run_id}\nSource-Commit: {self.source.name}"
        )


def files_to_publish(site: Mapping[str, bytes], domain: str | None) -> dict[str, bytes]:
    """Return the files of the branch: the site, and what Pages asks for."""
    own = {} if domain is None else {CNAME: f"{domain}\n".encode()}
    return {**site, **own, NO_JEKYLL: b"", MARKER: b""}


def differences(files: Mapping[str, bytes], published: Published) -> Difference:
    """Hold the files against what the branch holds."""
    digits = len(published.commit or "")
    old = published.files
    new = {path: blob_of(data, digits=digits) for path, data in files.items()}
    added = sorted(new.keys() - old.keys())
    changed = sorted(path for path in new.keys() & old.keys() if new[path] != old[path])
    return Difference(
        added=tuple(added),
        changed=tuple(changed),
        removed=tuple(sorted(old.keys() - new.keys())),
        n_new_bytes=sum(new[path].size_bytes for path in (*added, *changed)),
    )


def describe(plan: Plan) -> Iterator[str]:
    """Yield what is published: run, commit, address, claims that flipped."""
    source = plan.source
    branch = f"branch {source.branch}" if source.branch else "no branch checked out"
    yield f"run      {plan.run_id} ({plan.run_source})"
    yield f"source   {source.short_name} ({branch})"
    for path in source.changes:
        yield f"         not committed: {path}"
    yield f"address  {plan.address.base_url}"
    yield f"site     {len(plan.files)} files, {plan.n_bytes:,} bytes"
    yield from _describe_claims(plan)


def describe_branch(
    remote: Remote, published: Published, difference: Difference, *, is_whole: bool
) -> Iterator[str]:
    """Yield what changes on the branch; whole: file by file."""
    commit = published.commit
    state = "which is new" if commit is None else f"now at {commit[:SHORT]}"
    yield f"to       {remote.title}, {state}"
    kinds = {
        "added": difference.added,
        "changed": difference.changed,
        "removed": difference.removed,
    }
    counts = ", ".join(f"{len(paths)} {kind}" for kind, paths in kinds.items())
    yield f"files    {counts}; {difference.n_new_bytes:,} new bytes"
    if is_whole:
        for kind, paths in kinds.items():
            for path in paths:
                yield f"         {kind}: {path}"


def _describe_claims(plan: Plan) -> Iterator[str]:
    rows = plan.report.claims
    if not plan.locked:
        yield f"claims   {len(rows)}, none published before"
        return
    gone = sorted(plan.locked.keys() - {row.claim_id for row in rows})
    told = [
        f"{row.claim_id}: {row.was.verdict} → {row.now.verdict}"
        for row in rows
        if row.was is not None and "verdict" in row.changed
    ]
    told += [f"{row.claim_id}: new, {row.now.verdict}" for row in rows if not row.was]
    told += [f"{claim_id}: gone" for claim_id in gone]
    yield f"claims   {len(rows)}, {len(told)} flipped, new or gone since claims.lock"
    for line in told:
        yield f"         {line}"
