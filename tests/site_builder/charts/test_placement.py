"""Labels find room, near their marks if they can."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.charts.geometry import Box, boxes_overlap
from site_builder.charts.placement import Label, place_labels

BOUNDS = Box(left=0, top=0, right=400, bottom=300)


def label(y, *, left=0.0, right=400.0, width=100.0, is_line=True):
    mark = Box(left=left, top=y - 1, right=right, bottom=y + 1)
    return Label(mark=mark, width=width, height=16, is_line=is_line)


def test_a_lone_label_of_a_line_sits_on_its_right_end():
    (place,) = place_labels([label(150)], BOUNDS)
    # 149 is the upper edge of the mark; 149 - 16 = 133; 400 - 100 = 300.
    assert place.box == Box(left=300, top=133, right=400, bottom=149)
    assert place.leader is None
    assert place.is_at_right


def test_a_lone_label_of_a_range_sits_on_its_left_end():
    (place,) = place_labels([label(150, left=20, right=90, is_line=False)], BOUNDS)
    assert place.box == Box(left=20, top=133, right=120, bottom=149)
    assert not place.is_at_right


def test_a_label_too_wide_to_start_at_its_range_ends_with_it():
    (place,) = place_labels([label(150, left=320, right=390, is_line=False)], BOUNDS)
    assert (place.box.left, place.box.right) == (290, 390)
    assert place.is_at_right


def test_a_label_goes_below_where_there_is_no_room_above():
    (place,) = place_labels([label(10)], BOUNDS)
    assert place.box.top == 11


def test_a_pushed_label_is_led_back_to_its_mark():
    # Three ranges in one place, as wide as their labels: one label is pushed.
    labels = [label(y, left=0, right=100, is_line=False) for y in (150.0, 150.5, 151.0)]
    places = place_labels(labels, BOUNDS)
    (leader,) = [place.leader for place in places if place.leader]
    assert leader.right - leader.left == 2
    assert leader.bottom - leader.top >= 8


def test_labels_keep_off_the_marks_of_others():
    labels = [label(y, left=0, right=100, is_line=False) for y in (100.0, 120.0, 140.0)]
    for place in place_labels(labels, BOUNDS):
        assert not any(boxes_overlap(place.box, other.mark) for other in labels)


def test_bounds_too_low_for_their_labels_are_an_error():
    low = Box(left=0, top=0, right=100, bottom=20)
    with pytest.raises(ValueError, match="too low"):
        place_labels([label(10, right=100), label(10, right=100)], low)


@settings(max_examples=60, deadline=None, database=None)
@given(
    ys=st.lists(st.floats(1, 479), min_size=1, max_size=12),
    widths=st.lists(st.floats(20, 400), min_size=12, max_size=12),
)
def test_no_two_labels_overlap_and_all_are_inside(ys, widths):
    bounds = Box(left=0, top=0, right=400, bottom=480)
    labels = [label(y, width=width) for y, width in zip(ys, widths, strict=False)]
    boxes = [place.box for place in place_labels(labels, bounds)]
    assert not any(boxes_overlap(one, other) for one, other in combinations(boxes, 2))
    for box in boxes:
        assert bounds.left <= box.left
        assert box.right <= bounds.right + 1e-9
        assert bounds.top <= box.top
        assert box.bottom <= bounds.bottom
