"""References and claims of a text filled in; one that fails does not stop the others.

Every call is handed the line it stands on, so that its failure can name it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Template, nodes
from jinja2.visitor import NodeTransformer

from site_builder.claims.claim import Verdict
from site_builder.errors import ContentError
from site_builder.prose.scan import Fault
from site_builder.prose.syntax import CLAIM_CALL, article_environment
from site_builder.prose.vocabulary import FUNCTIONS, unknown_name
from site_builder.quantities import with_range, with_unit
from site_builder.references import References

PLACEHOLDER = "…"
"""Stands for a reference that failed."""

_CALL = "_call"
_FILTERS = {"u": with_unit, "range": with_range}
_SAYS = {
    "holds": "holds",
    "undecided": "is not decidable with these trials",
    "broken": "does not hold",
    "missing": "is not known in this run",
}

Wrap = Callable[[int, str], str]
"""What the wording of the claim with this number in the text is put into."""


@dataclass(frozen=True, kw_only=True)
class UsedClaim:
    """A claim whose wording stands in a text, on this line and those below."""

    verdict: Verdict
    line: int

    @property
    def claim_id(self) -> str:
        """Its name in the registry."""
        return self.verdict.claim.claim_id


@dataclass(kw_only=True)
class Filled:
    """A text with its references filled in.

    Attributes:
        claims: In the order they stand in the text.
        wordings: Theirs, as filled in.
        places: The line each table and figure was put on, by kind and name.
    """

    text: str = ""
    claims: list[UsedClaim] = field(default_factory=list)
    wordings: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def compile_text(template: nodes.Template) -> Template:
    """Return a text that can be filled in; it is changed on the way."""
    environment = article_environment()
    known = _WithLines().visit(template)
    known.set_environment(environment)
    code = environment.compile(known)
    return Template.from_code(environment, code, environment.make_globals(None))


def fill(
    template: Template,
    references: References,
    wrap: Wrap = lambda _, wording: wording,
) -> Filled:
    """Fill in the references of a text, and choose the wording of each claim."""
    filled = Filled()
    functions = {**references.functions(), **_FILTERS}

    def call(name: str, line: int, *arguments: Any, **named: Any) -> Any:
        try:
            value = functions[name](*arguments, **named)
        except ContentError as error:
            filled.faults.append(Fault(line=line, message=str(error)))
            is_test = name in FUNCTIONS and FUNCTIONS[name].gives in ("flag", "verdict")
            return "" if is_test else PLACEHOLDER
        if name in ("table", "figure"):
            filled.places.setdefault(f"{name}:{arguments[0]}", line)
        return value

    def claim(
        line: int,
        claim_id: str,
        branches: tuple[str, ...],
        caller: Callable[[str], str],
    ) -> str:
        verdict = references.verdicts.get(claim_id)
        if verdict is None:
            message = unknown_name("claim", claim_id, references.verdicts)
            filled.faults.append(Fault(line=line, message=message))
            return PLACEHOLDER
        branch = choose_branch(verdict, branches)
        if branch not in branches:
            language = references.words.language
            message = _no_wording(verdict, branch, language)
            filled.faults.append(Fault(line=line, message=message))
            return PLACEHOLDER
        number = len(filled.claims)
        filled.claims.append(UsedClaim(verdict=verdict, line=line))
        wording = caller(branch)
        filled.wordings.append(wording)
        return wrap(number, wording)

    context = {_CALL: call, CLAIM_CALL: claim, **references.variables()}
    filled.text = template.render(context)
    return filled


def choose_branch(verdict: Verdict, branches: tuple[str, ...]) -> str:
    """Return the wording a verdict asks for, whether or not it is there."""
    if verdict.is_missing and "missing" in branches:
        return "missing"
    return verdict.verdict


def _no_wording(verdict: Verdict, branch: str, language: str) -> str:
    says = _SAYS["missing" if verdict.is_missing else verdict.verdict]
    claim_id = verdict.claim.claim_id
    where = f'{{% claim "{claim_id}" %}}'
    if branch != "holds":
        where = f"{{% {branch} %}}"
    return (
        f"the claim {claim_id!r} {says}, and the language {language!r} has no wording "
        f"for that: write one after {where}"
    )


class _WithLines(NodeTransformer):
    """Turns ``v(…)`` into a call that knows its line, and ``… | u`` into another."""

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - jinja2's name
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name == CLAIM_CALL:
            return node
        return _call(node.node.name, node, node.args)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.call.args.insert(0, nodes.Const(node.lineno))
        return node

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802 - likewise
        self.generic_visit(node)
        return _call(node.name, node, [node.node, *node.args])


def _call(
    name: str, node: nodes.Call | nodes.Filter, arguments: list[Any]
) -> nodes.Call:
    return nodes.Call(
        nodes.Name(_CALL, "load"),
        [nodes.Const(name), nodes.Const(node.lineno), *arguments],
        node.kwargs,
        None,
        None,
        lineno=node.lineno,
    )
