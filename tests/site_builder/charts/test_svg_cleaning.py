"""What the cleaning keeps, changes and refuses."""

import pytest

from site_builder.charts.svg import STAND_INS, clean_svg

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">'
)


def clean(body):
    svg = clean_svg(
        f"{HEAD}{body}</svg>", "c-x-w", title="t", description="d", classes="chart"
    )
    return svg.partition("</desc>")[2].removesuffix("</svg>").strip()


def test_style_becomes_attributes_and_colours_become_classes():
    ink, grid = STAND_INS["ink"], STAND_INS["grid"]
    assert clean(
        f'<path d="M 0.123456 1 \nL 2 -0.001 \nz\n" style="fill: {ink}; '
        f'stroke: {grid}; stroke-width: 0.754; stroke-linejoin: miter"/>'
    ) == ('<path d="M0.12 1L2 0z" stroke-width="0.75" class="f-ink s-grid" />')


def test_groups_that_group_nothing_give_way_to_their_children():
    assert clean('<g id="figure_1"><g id="a"><path d="M 1 1"/></g></g>') == (
        '<path d="M1 1" />'
    )


def test_clips_metadata_and_style_sheets_are_gone():
    assert (
        clean(
            "<metadata><a/></metadata><defs><style>*{}</style>"
            '<clipPath id="p"><rect/></clipPath></defs>'
            '<path d="M 1 1" clip-path="url(#p)"/>'
        )
        == '<path d="M1 1" />'
    )


def test_ids_in_use_are_prefixed():
    assert clean(
        '<defs><path id="m1" d="M 1 1"/></defs><use xlink:href="#m1" x="3.14159"/>'
    ) == (
        '<defs><path id="c-x-w-1" d="M1 1" /></defs>\n<use href="#c-x-w-1" x="3.14" />'
    )


def test_text_keeps_its_size_and_loses_its_font():
    assert (
        clean(
            "<text style=\"font-size: 13px; font-family: 'DejaVu Sans';"
            f' text-anchor: middle; fill: {STAND_INS["muted"]}" x="1" y="2"'
            ' transform="rotate(-0 1 2)">a &amp; b</text>'
        )
        == '<text x="1" y="2" font-size="13" text-anchor="middle"'
        ' class="f-muted">a &amp; b</text>'
    )


@pytest.mark.parametrize("paint", ["fill: #123456", "stroke: #ffffff"])
def test_a_colour_without_a_role_is_refused(paint):
    with pytest.raises(ValueError, match="no role"):
        clean(f'<path d="M 1 1" style="{paint}"/>')


def test_a_role_the_page_cannot_paint_is_refused():
    with pytest.raises(ValueError, match="no role"):
        clean(f'<path d="M 1 1" style="fill: {STAND_INS["grid"]}"/>')
