"""The picture for shared addresses: complete, the same each time, of no other font."""

import struct

import pytest
from matplotlib.ft2font import FT2Font

from site_builder.charts import card as module
from site_builder.charts.card import Card, CardRow, draw_card


def make_card(**changes):
    fields = {
        "brand": "性格 Seikaku",
        "title": "速さと厚み：一つの課題から読むローカルLLMの性格",
        "label": "生成速度",
        "note": "公開された比較の数値",
        "rows": (CardRow(name="Qwen", value_text="76.02", share=1.0, hue=1),),
    }
    return Card(**{**fields, **changes})


def test_it_is_a_png_of_the_size_that_sites_ask_for():
    picture = draw_card(make_card())

    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)


def test_the_same_card_gives_the_same_bytes_and_another_title_others():
    first = draw_card(make_card())

    assert draw_card(make_card()) == first
    assert draw_card(make_card(title="別の題名")) != first


def test_the_packaged_font_knows_every_character_of_japanese_titles():
    face = FT2Font(module._font_path())

    assert all(
        face.get_char_index(ord(c)) for c in "速さと厚み：読む、ローカル性格髙①〜−LLM"
    )


def test_markup_dollars_and_unknown_characters_in_names_are_drawn_as_they_are():
    row = CardRow(name="$x^2$ <b>🦙</b>", value_text="$", share=None, hue=13)

    assert draw_card(make_card(rows=(row,)))[:4] == b"\x89PNG"


def test_a_long_title_is_cut_after_three_lines_and_says_so():
    font = module._font_path()
    lines = module._wrap("とても長い題名" * 30, 1056, 50, font)

    assert len(lines) == 3
    assert lines[-1].endswith("…")


def test_a_line_never_begins_with_closing_punctuation():
    font = module._font_path()
    for length in range(18, 26):
        lines = module._wrap("速" * length + "、読む", 1056, 50, font)
        assert not any(line.startswith("、") for line in lines)


def test_latin_words_are_not_broken():
    font = module._font_path()
    title = "Tempo and thickness: the character of local LLMs, read from one task"
    lines = module._wrap(title, 1056, 50, font)

    assert " ".join(line.strip() for line in lines) == title


@pytest.mark.parametrize("n_rows", [0, 1, 5, 12])
def test_any_number_of_models_can_be_drawn(n_rows):
    rows = tuple(
        CardRow(name=f"Model {i}", value_text="1", share=i / 12, hue=i + 1)
        for i in range(n_rows)
    )

    assert draw_card(make_card(rows=rows))
