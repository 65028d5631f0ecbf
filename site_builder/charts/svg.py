"""From matplotlib's SVG to one that may stand in the page.

The page's CSP forbids inline style and its themes own every colour. So charts
are drawn in stand-in colours, one per role, and each becomes a CSS class here.
A colour without a role is an error: it would be wrong in one of the themes.
"""

import re
from collections.abc import Iterator
from types import MappingProxyType
from xml.etree import ElementTree as ET

from site_builder.charts.data import HUE_COUNT
from site_builder.charts.text import plain

_SERIES = tuple(f"s{hue}" for hue in range(1, HUE_COUNT + 1))
FILL_ROLES: tuple[str, ...] = ("ink", "muted", "bg", *_SERIES)
"""What the page's stylesheet can fill: ``f-<role>``."""
STROKE_ROLES: tuple[str, ...] = ("ink", "muted", "grid", *_SERIES)
"""What the page's stylesheet can stroke: ``s-<role>``."""

STAND_INS = MappingProxyType(
    {
        role: f"#5eca{number:02x}"
        for number, role in enumerate(("ink", "muted", "bg", "grid", *_SERIES), start=1)
    }
)
"""The colour each role is drawn in before the page colours it."""

_ROLE_OF = MappingProxyType({colour: role for role, colour in STAND_INS.items()})
_PAINTED = MappingProxyType({"fill": FILL_ROLES, "stroke": STROKE_ROLES})
_DROPPED_TAGS = frozenset({"metadata", "style", "clipPath"})
# Nothing is drawn outside its axes, so clips would only add ids.
_DROPPED_ATTRIBUTES = frozenset({"clip-path", "font-family", "style"})
_DEFAULTS = frozenset(
    {
        ("stroke-linecap", "butt"),
        ("stroke-linejoin", "miter"),
        ("stroke-width", "1"),
        ("text-anchor", "start"),
    }
)
_NO_TURN = re.compile(r"rotate\(-?0(\.0*)? ")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def clean_svg(
    drawing: str, key: str, *, title: str, description: str, classes: str
) -> str:
    """Turn matplotlib's SVG document into one element without style or colours.

    Every id that stays begins with ``key``, so several charts share a page.

    Raises:
        ValueError: Something is painted in a colour that belongs to no role.
    """
    source = ET.fromstring(drawing)  # noqa: S314 - our own, just written
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": _rounded(source.get("viewBox", "")),
            "class": classes,
            "role": "img",
            "aria-labelledby": f"{key}-title {key}-desc",
        },
    )
    for tag, text in (("title", title), ("desc", description)):
        ET.SubElement(root, tag, {"id": f"{key}-{tag}"}).text = plain(text)
    new_ids = _new_ids(source, key)
    for child in source:
        root.extend(_cleaned(child, new_ids))
    for element in root:
        element.tail = "\n"
    return ET.tostring(root, encoding="unicode")


def _new_ids(source: ET.Element, key: str) -> dict[str, str]:
    """Map the ids that something refers to; all others are dropped."""
    used: dict[str, str] = {}
    for element in source.iter():
        for name, value in element.attrib.items():
            if _local(name) == "href":
                used.setdefault(value.removeprefix("#"), f"{key}-{len(used) + 1}")
    return used


def _cleaned(element: ET.Element, new_ids: dict[str, str]) -> list[ET.Element]:
    """Clean an element; a group that groups nothing gives way to its children."""
    tag = _local(element.tag)
    if tag in _DROPPED_TAGS:
        return []
    children = [kept for child in element for kept in _cleaned(child, new_ids)]
    attributes = dict(_attributes(element, new_ids))
    if tag in ("g", "defs") and (not children or (tag == "g" and not attributes)):
        return children
    copy = ET.Element(tag, attributes)
    copy.text = element.text if tag == "text" else None
    copy.extend(children)
    return [copy]


def _attributes(
    element: ET.Element, new_ids: dict[str, str]
) -> Iterator[tuple[str, str]]:
    classes: list[str] = []
    for name, value in _declared(element):
        if name in _PAINTED and value != "none":
            classes.append(_paint_class(name, value))
        elif name == "id":
            if value in new_ids:
                yield "id", new_ids[value]
        elif name == "href":
            yield "href", f"#{new_ids[value.removeprefix('#')]}"
        elif name == "transform" and _NO_TURN.match(value):
            continue
        elif name not in _DROPPED_ATTRIBUTES:
            short = _shortened(name, value)
            if (name, short) not in _DEFAULTS:
                yield name, short
    if classes:
        yield "class", " ".join(classes)


def _declared(element: ET.Element) -> Iterator[tuple[str, str]]:
    """Yield attributes and style declarations alike."""
    for name, value in element.attrib.items():
        yield _local(name), value
    for declaration in element.get("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if name.strip():
            yield name.strip(), value.strip()


def _paint_class(property_name: str, colour: str) -> str:
    role = _ROLE_OF.get(colour.lower())
    if role is None or role not in _PAINTED[property_name]:
        raise ValueError(f"{property_name} {colour} stands for no role of the page")
    return f"{property_name[0]}-{role}"


def _shortened(name: str, value: str) -> str:
    if name == "d":
        # A letter separates numbers as well as a space does.
        return re.sub(r"\s*([A-Za-z])\s*", r"\1", _rounded(" ".join(value.split())))
    if name == "font-size":
        return _rounded(value.removesuffix("px"))
    return _rounded(value) if name not in ("id", "class") else value


def _rounded(text: str) -> str:
    """Round every number in a text to two decimals."""
    return _NUMBER.sub(lambda match: _short_number(float(match[0])), text)


def _short_number(value: float) -> str:
    # Adding 0 turns -0.0 into 0.0.
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _local(name: str) -> str:
    """Drop the namespace that ElementTree writes before a name."""
    return name.rpartition("}")[2]
