"""What checking a site's content found: one row a claim, and all there is to mend."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from site_builder.claims.claim import Verdict
from site_builder.claims.lock import Lock, LockedClaim
from site_builder.problem import Problem


@dataclass(frozen=True, kw_only=True)
class ClaimRow:
    """A claim now and at the last publication.

    Attributes:
        verdict: What the trials say of it.
        now: As it would be published now.
        was: As it was published last; None: it was not.
        is_accepted: Whether a person has confirmed that it is to be published broken.
    """

    verdict: Verdict
    now: LockedClaim
    was: LockedClaim | None
    is_accepted: bool

    @property
    def claim_id(self) -> str:
        """Its name in the registry."""
        return self.verdict.claim.claim_id

    @property
    def is_broken(self) -> bool:
        """Whether it is broken and nobody has accepted that."""
        return self.verdict.verdict == "broken" and not self.is_accepted

    @property
    def warning(self) -> str:
        """That it is broken, with what the texts say and what to do."""
        said = " / ".join(filter(None, self.now.sentences.values()))
        return (
            f"{self.claim_id} no longer holds: {self.verdict.claim.assertion}"
            f"{f' ({said})' if said else ''}: see seikaku check --explain "
            f"{self.claim_id}, then rewrite it, or let it stand with seikaku check "
            f"--accept {self.claim_id}"
        )

    @property
    def changed(self) -> tuple[str, ...]:
        """What is not as it was published; nothing if it never was."""
        if self.was is None:
            return ()
        pairs = {
            "verdict": (self.now.verdict, self.was.verdict),
            "sentence": (self.now.sentences, self.was.sentences),
            "assertion": (self.now.assertion, self.was.assertion),
            "data": (self.now.data_sha256, self.was.data_sha256),
        }
        return tuple(name for name, (now, was) in pairs.items() if now != was)


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """What was found; problems and outdated texts are by file, then line.

    Attributes:
        run_id: The run the claims were held against.
        claims: In the order of the registry.
        problems: What must be mended before a site can be built.
        outdated: Sections whose text changed in one language only.
    """

    run_id: str
    claims: tuple[ClaimRow, ...]
    problems: tuple[Problem, ...]
    outdated: tuple[Problem, ...]

    @cached_property
    def broken(self) -> tuple[ClaimRow, ...]:
        """Claims that no longer hold and were not accepted."""
        return tuple(row for row in self.claims if row.is_broken)

    @cached_property
    def to_mend(self) -> tuple[Problem, ...]:
        """Problems and outdated texts together."""
        return in_order((*self.problems, *self.outdated))

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.to_mend or self.broken)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a build warns of, and a strict one refuses: a line each."""
        return (*map(str, self.outdated), *(row.warning for row in self.broken))

    @property
    def lock(self) -> Lock:
        """The claims as they would be published now."""
        return {row.claim_id: row.now for row in self.claims}


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems by file, then line, each once; the whole file comes first."""
    return tuple(
        sorted(set(problems), key=lambda p: (str(p.file), p.line or 0, p.message))
    )
