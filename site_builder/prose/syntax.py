"""The language of texts: a small part of Jinja, with claims and plain blocks.

``{% claim "id" %}…{% undecided %}…{% broken %}…{% missing %}…{% endclaim %}`` holds a
wording for each verdict; ``{% plain "reason" %}…{% endplain %}`` marks words and
numbers that are meant as they are typed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from site_builder.prose.scan import Fault, Piece, keep_lines, mask, scan
from site_builder.prose.tags import check_tags
from site_builder.prose.vocabulary import BRANCHES

CLAIM_CALL = "_claim"
"""What a claim block calls with its id, its branches, and a chooser of wordings."""

HOLDS = "holds"
_BRANCH = "_branch"


class ClaimExtension(Extension):
    """Reads claim blocks and plain blocks."""

    tags = frozenset({"claim", "plain"})  # type: ignore[assignment] # a set, unchanging

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Return a claim as a call with its wordings, or the body of a plain block."""
        tag = next(parser.stream)
        if tag.value == "plain":
            parser.stream.skip_if("string")
            return parser.parse_statements(("name:endplain",), drop_needle=True)
        claim_id = parser.stream.expect("string").value
        wordings = {HOLDS: _wording(parser)}
        while (name := next(parser.stream).value) != "endclaim":
            wordings[name] = _wording(parser)
        given = [name for name, body in wordings.items() if not _is_blank(body)]
        arguments = [nodes.Const(claim_id), nodes.Const(tuple(given))]
        call = nodes.Call(nodes.Name(CLAIM_CALL, "load"), arguments, [], None, None)
        body = [_when(name, body) for name, body in wordings.items()]
        chosen = nodes.Name(_BRANCH, "param")
        return nodes.CallBlock(call, [chosen], [], body, lineno=tag.lineno)


def _wording(parser: Parser) -> list[nodes.Node]:
    ends = tuple(f"name:{name}" for name in (*BRANCHES, "endclaim"))
    return parser.parse_statements(ends)


def _is_blank(body: list[nodes.Node]) -> bool:
    return all(
        isinstance(part, nodes.TemplateData) and not part.data.strip()
        for node in body
        for part in (node.nodes if isinstance(node, nodes.Output) else [node])
    )


def _when(name: str, body: list[nodes.Node]) -> nodes.If:
    operand = nodes.Operand("eq", nodes.Const(name))
    test = nodes.Compare(nodes.Name(_BRANCH, "load"), [operand])
    return nodes.If(test, body, [], [])


@dataclass(frozen=True, kw_only=True)
class Printed:
    """``{{ … }}``: an expression whose value is printed."""

    expression: nodes.Node
    line: int


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The test of an if or elif."""

    expression: nodes.Node
    line: int


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A claim block; its branches are those that are not blank."""

    claim_id: str
    line: int
    branches: frozenset[str]


Item = Printed | Asked | Claimed


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A text as read.

    Attributes:
        template: The text, what could not be read left out; None: its tags do not
            open and close in order.
        loose: References and tests read one by one, where there is no template.
    """

    template: nodes.Template | None
    loose: tuple[nodes.Template, ...]
    faults: tuple[Fault, ...]


def article_environment() -> ImmutableSandboxedEnvironment:
    """Return what reads and renders texts."""
    return ImmutableSandboxedEnvironment(
        extensions=[ClaimExtension],
        undefined=StrictUndefined,
        # Headings carry {#anchors}, which open a comment by default.
        comment_start_string="{##",
        comment_end_string="##}",
        trim_blocks=True,
        lstrip_blocks=True,
    )


def parse_text(source: str, *, first_line: int = 1) -> Parsed:
    """Read a text; what is wrong with its form is told, one fault hiding no other.

    Args:
        source: The text.
        first_line: Line of the file it begins on.
    """
    environment = article_environment()
    pieces = tuple(scan(source, first_line))
    tags = check_tags(pieces)
    faults, loose, masked = list(tags.faults), [], list(tags.masked)
    is_whole = tags.is_balanced
    for piece in pieces:
        text = _alone(piece)
        if text is None or piece in tags.masked:
            continue
        try:
            loose.append(_parse(environment, text, piece.line))
        except TemplateSyntaxError as error:
            faults.append(_syntax_fault(error, text))
            masked.append(piece)
            # Without its test an if is none, and its end would be one too many.
            is_whole = is_whole and piece.kind == "value"
    template = None
    if is_whole:
        try:
            template = _parse(environment, keep_lines(mask(source, masked)), first_line)
        except TemplateSyntaxError as error:
            faults.append(_syntax_fault(error, ""))
    return Parsed(template=template, loose=tuple(loose), faults=tuple(faults))


def _parse(
    environment: ImmutableSandboxedEnvironment, text: str, first_line: int
) -> nodes.Template:
    """Read a text, its nodes on the lines of the file."""
    try:
        template = environment.parse(text)
    except TemplateSyntaxError as error:
        error.lineno += first_line - 1
        raise
    for node in template.find_all(nodes.Node):
        if node.lineno is not None:
            node.lineno += first_line - 1
    return template


def walk(template: nodes.Template) -> Iterator[Item]:
    """Yield what a text prints, tests and claims, in its order."""
    yield from _walk(template.body)


def _walk(body: list[nodes.Node]) -> Iterator[Item]:
    for node in body:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                if not isinstance(part, nodes.TemplateData):
                    yield Printed(expression=part, line=part.lineno)
        elif isinstance(node, nodes.If):
            for branch in (node, *node.elif_):
                yield Asked(expression=branch.test, line=branch.lineno)
                yield from _walk(branch.body)
            yield from _walk(node.else_)
        elif isinstance(node, nodes.CallBlock):
            claim_id, branches = (arg.as_const() for arg in node.call.args)
            yield Claimed(
                claim_id=claim_id, line=node.lineno, branches=frozenset(branches)
            )
            for wording in node.body:
                if isinstance(wording, nodes.If):
                    yield from _walk(wording.body)


def _alone(piece: Piece) -> str | None:
    """Return a reference, or the test of an if, so that it can be read alone."""
    if piece.kind == "value":
        return piece.text
    if piece.kind == "tag" and piece.tag[0] in ("if", "elif") and piece.tag[1]:
        return piece.text.replace("elif", "if", 1) + "{% endif %}"
    return None


def _syntax_fault(error: TemplateSyntaxError, text: str) -> Fault:
    what = "the tag" if text.startswith("{%") else "the reference"
    hint = 'write it like {{ v("ttft_s", "model") | u }}'
    if text.startswith("{%"):
        hint = 'write it like {% if source == "demo" %}'
    reason = (error.message or "").rstrip(".")
    return Fault(line=error.lineno, message=f"{what} cannot be read ({reason}): {hint}")
