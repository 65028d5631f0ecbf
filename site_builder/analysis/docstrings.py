"""The parameters a docstring names, in any of the usual styles and in Japanese."""

import re

MAX_DOCSTRING_CHARS = 20_000

_SECTIONS = {
    "Args": "引数|パラメーター?|Args|Arguments|Parameters|Params",
    "Returns": "戻り値|返り値|返値|Returns?",
    "Raises": "例外|Raises",
    "Examples": "使用例|Examples?",
}
_ASCII = str.maketrans({"：": ":", "（": "(", "）": ")", "　": " "})
_HEADING = re.compile(
    r"[ \t]*(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _SECTIONS.items())
    + r")[ \t]*:?[ \t]*",
)
_UNDERLINE = re.compile(r"[ \t]*-{3,}[ \t]*")
_BULLET = re.compile(r"^([ \t]+)[-*・•][ \t]*(?=\w)")
_NUMPY_NAMES = {"Args": "Parameters"}


def normalise(docstring: str) -> str:
    """Return a docstring with section headings in English, set apart by blank lines.

    Full-width colons, brackets and spaces become ASCII, list marks before a name go.
    """
    lines = docstring.translate(_ASCII).replace("\t", "    ").split("\n")
    result: list[str] = []
    for index, line in enumerate(lines):
        name = _section(line)
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if name is None:
            result.append(_BULLET.sub(r"\1", line))
            continue
        if result and result[-1].strip():
            result.append("")
        indent = line[: len(line) - len(line.lstrip())]
        if _UNDERLINE.fullmatch(following):
            result.append(indent + _NUMPY_NAMES.get(name, name))
        elif line.rstrip().endswith(":"):
            result.append(f"{indent}{name}:")
        else:
            result.append(line)
    return "\n".join(result)


def named_parameters(docstring: str) -> frozenset[str]:
    """Return the names in a docstring's list of parameters, without stars."""
    import griffe  # noqa: PLC0415 - slow to import

    if len(docstring) > MAX_DOCSTRING_CHARS:
        return frozenset()
    quiet: griffe.PerStyleOptions = {
        "google": {"warnings": False},
        "numpy": {"warnings": False},
        "sphinx": {"warnings": False},
    }
    kinds = (
        griffe.DocstringSectionKind.parameters,
        griffe.DocstringSectionKind.other_parameters,
    )
    # The style is told by a line that must have one before and one behind it.
    text = griffe.Docstring("Summary.\n\n" + normalise(docstring) + "\n\n.")
    sections = griffe.parse_auto(text, per_style_options=quiet)
    return frozenset(
        parameter.name.lstrip("*\\")
        for section in sections
        if section.kind in kinds
        for parameter in section.value
    )


def _section(line: str) -> str | None:
    found = _HEADING.fullmatch(line)
    return None if found is None else found.lastgroup
