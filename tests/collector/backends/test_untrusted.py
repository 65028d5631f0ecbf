import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.backends.untrusted import (
    count_of,
    decode,
    object_of,
    seconds_of,
    text_of,
)


@pytest.mark.parametrize(
    ("value", "count"),
    [(0, 0), (8192, 8192), (-1, None), (True, None), (2.0, None), ("3", None)],
)
def test_a_count_is_a_whole_number_from_zero(value, count):
    assert count_of(value) == count


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(0, 0.0), (9.099, 9.099), (3, 3.0), (-0.5, None), (False, None), ("3", None)],
)
def test_seconds_are_a_number_from_zero(value, seconds):
    assert seconds_of(value) == seconds
    assert type(seconds_of(value)) is type(seconds)


def test_an_empty_text_or_no_object_is_unknown():
    assert (text_of("a"), text_of(""), text_of(3)) == ("a", None, None)
    assert (object_of({"a": 1}), object_of([1]), object_of(None)) == ({"a": 1}, {}, {})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"1" + b"0" * 30,
        b"[" * 34 + b"]" * 34,
        b"[" * 100_000,
    ],
)
def test_what_no_record_can_hold_is_refused(content):
    with pytest.raises(ValueError, match=r"."):
        decode(content)


def test_the_limits_themselves_are_not_refused():
    assert decode(b"1" + b"0" * 29) == 10**29
    deep = b"[" * 33 + b"]" * 33
    assert json.dumps(decode(deep)).encode() == deep


def test_half_characters_are_replaced_wherever_they_stand():
    content = b'\xef\xbb\xbf{"k\\ud83d": ["v\\ude00", "\\ud83d\\ude00"]}'

    assert decode(content) == {"k?": ["v?", "😀"]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@settings(deadline=None)  # a busy machine is no fault
@given(JSON)
def test_ordinary_json_comes_back_as_it_was(value):
    assert decode(json.dumps(value, ensure_ascii=False).encode()) == value
