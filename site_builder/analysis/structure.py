"""One answer's code and prose into traits, index, groups, facts and its type."""

import hashlib
from dataclasses import dataclass

from site_builder.analysis.archetypes import Vote, classify
from site_builder.analysis.canonical import (
    CodeError,
    Source,
    read_source,
    ruff_version,
)
from site_builder.analysis.code_facts import CodeFacts, facts_of
from site_builder.analysis.contract import count_contract
from site_builder.analysis.counts import Counts
from site_builder.analysis.guards import count_robustness
from site_builder.analysis.interface import count_interface
from site_builder.analysis.names import Names, read_names
from site_builder.analysis.shape import count_shape
from site_builder.analysis.talk import count_talk
from site_builder.analysis.traits import (
    INDEX_VERSION,
    groups_of,
    index_of,
    traits_of,
)


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What the index is made of.

    Attributes:
        counts: The numbers counted.
        traits: Each 0 to 1, by key.
        groups: Each 0 to 1, by key.
        index: The structure index, 0 to 100 points.
        vote: The type of this one answer.
    """

    counts: Counts
    traits: dict[str, float]
    groups: dict[str, float]
    index: float
    vote: Vote
    facts: CodeFacts


@dataclass(frozen=True, kw_only=True)
class CodeFindings:
    """Everything found in one answer.

    Attributes:
        version: Of the rules, ``structure-index/1``.
        code_sha256: SHA-256 of the code as written; equal code is the same answer.
        error: Why the code has no structure; None: it has.
        structure: None: the code cannot be read.
    """

    version: str
    code_sha256: str
    error: CodeError | None
    structure: Structure | None


def analyse_code(code: str, prose: str) -> CodeFindings:
    """Return everything found in one answer; the code is parsed and never run.

    A pure function of its arguments and of ruff's version: see ``findings_key``.

    Args:
        code: The Python program as the model wrote it.
        prose: The answer's text outside the code blocks.

    Raises:
        SiteError: ruff is not installed.
    """
    source = read_source(code)
    error: CodeError | None = None
    structure: Structure | None = None
    if isinstance(source, Source):
        structure = _structure(source, prose)
    else:
        error = source
    return CodeFindings(
        version=INDEX_VERSION,
        code_sha256=_sha256(code),
        error=error,
        structure=structure,
    )


def findings_key(code: str, prose: str) -> str:
    """Return the key under which an answer's findings may be kept."""
    return _sha256("\0".join((INDEX_VERSION, ruff_version(), _sha256(code), prose)))


def _structure(source: Source, prose: str) -> Structure:
    names = read_names(source.tree)
    counts = _count(source, names, prose)
    traits = traits_of(counts)
    groups = groups_of(traits)
    return Structure(
        counts=counts,
        traits=traits,
        groups=groups,
        index=index_of(traits),
        vote=classify(groups),
        facts=facts_of(source, names, counts),
    )


def _count(source: Source, names: Names, prose: str) -> Counts:
    return Counts(
        contract=count_contract(source.tree),
        robustness=count_robustness(source.tree, names),
        interface=count_interface(source.tree, names),
        shape=count_shape(source.tree, source.text),
        talk=count_talk(source, prose),
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
