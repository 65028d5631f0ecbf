"""Room for text, and round numbers on axes."""

import pytest

from site_builder.charts.geometry import tick_decimals, tick_values
from site_builder.charts.text import plain, truncated, width_units, wrapped


def test_cjk_takes_an_em_and_small_latin_a_little_more_than_half():
    assert width_units("日本", 10) == pytest.approx(20)
    assert width_units("ab", 10) == pytest.approx(11.2)
    assert width_units("か\u3099", 10) == pytest.approx(10)  # a combining mark


def test_text_that_fits_is_not_cut():
    assert truncated("日本語", 10, room=30) == "日本語"


def test_text_is_cut_to_its_room_with_an_ellipsis():
    assert truncated("日本語", 10, room=29) == "日…"
    assert truncated("ab cdef", 10, room=30) == "ab…"


def test_latin_breaks_at_spaces():
    # 5 letters of 5.6 are 28 units
    assert wrapped("aaaaa bbbbb", 10, room=40) == ("aaaaa", "bbbbb")
    assert wrapped("aaaaa bbbbb", 10, room=70) == ("aaaaa bbbbb",)


def test_cjk_breaks_anywhere_but_before_closing_marks():
    assert wrapped("あいうえ", 10, room=20) == ("あい", "うえ")
    assert wrapped("あいう。え", 10, room=30) == ("あい", "う。え")


def test_a_word_longer_than_a_line_is_broken():
    assert wrapped("aaaaaa", 10, room=20) == ("aaa", "aaa")


def test_an_empty_text_is_one_empty_line():
    assert wrapped("", 10, room=20) == ("",)


def test_plain_text_is_one_line_that_xml_can_hold():
    assert plain(" a\t\nb\x00\ud800\uffff ") == "a b"
    assert plain("👩\u200d💻 が\u3000ぎ") == "👩\u200d💻 が\u3000ぎ"


@pytest.mark.parametrize(
    ("limit", "ticks"),
    [
        (85.0, (0, 20, 40, 60, 80)),
        (100.0, (0, 50, 100)),  # at most four above 0
        (9.9, (0, 2, 4, 6, 8)),
        (4.0, (0, 1, 2, 3, 4)),
        (0.9, (0, 0.2, 0.4, 0.6, 0.8)),
        (0.0, (0,)),
    ],
)
def test_ticks_are_round(limit, ticks):
    assert tick_values(limit) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("ticks", "decimals"),
    [((0, 20, 40), 0), ((0, 1), 0), ((0, 0.5), 1), ((0, 0.02), 2), ((0,), 0)],
)
def test_ticks_show_the_decimals_that_tell_them_apart(ticks, decimals):
    assert tick_decimals(ticks) == decimals


def test_an_axis_too_short_for_ticks_has_its_zero():
    assert tick_values(2.2e-311) == (0.0,)
    assert tick_values(1e-12) == (0.0,)
    assert tick_values(4e-9)[1] == 1e-9
