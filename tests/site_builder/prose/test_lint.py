"""Numbers and comparisons typed by hand are found; harmless words are left alone."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.errors import ContentError
from site_builder.load import Document, read_document
from site_builder.prose.lint import LISTS, find_typed, lint, read_rules
from site_builder.prose.plain_text import REFERENCE, read_plain_text
from site_builder.words import read_words

CONTENT = Path(__file__).parents[3] / "content"
WORDS = {
    language: read_words(CONTENT / language / "strings.toml")
    for language in ("ja", "en")
}
RULES = {language: read_rules(words) for language, words in WORDS.items()}

TYPED_JA = {
    "速度は93.9です。": "93.9",
    "速度は９３．９です。": "９３．９",
    "答えは１，８００字です。": "１，８００",
    "①速いモデル": "①",
    "第Ⅲ群のモデル": "Ⅲ",
    "面積はm²で示します。": "²",
    "およそ½です。": "½",
    "㋀に測りました。": "㋀",
    "{{ v('ttft_s', 'a') }}％です。": "％",
    "待つのは三秒です。": "三秒",
    "待つのは十数秒です。": "十数秒",
    "数倍の長さです。": "数倍",
    "指数は七十点です。": "七十点",
    "三割ほど短く終わります。": "三割",
    "半分で止まりました。": "半分",
    "四分の一の時間です。": "四分の一",
    "百二十トークンを書きました。": "百二十トークン",
    "待つのは二十分でした。": "二十分",
    "数分後に終わります。": "数分",
    "千二百文字の答えです。": "千二百文字",
    "三つのモデルが通りました。": "三つのモデル",
    "ふたつのモデルが並走します。": "ふたつのモデル",
    "一桁の差です。": "一桁",
    "三点五秒かかります。": "三点五秒",
    "半時間を使います。": "半時間",
    "約五パーセントです。": "五パーセント",
    "二位のモデルです。": "二位",
    "**三**倍の速さです。": "三**倍",
    "最速はこれです。": "最速",
    "最も短い答えです。": "最も",
    "唯一の選択肢です。": "唯一",
    "コードはすべて動きました。": "すべて",
    "必ず説明が付きます。": "必ず",
    "倍の速さです。": "倍",
    "平均を上回ります。": "上回",
    "平均を下回ります。": "下回",
    "速さは同程度です。": "同程度",
    "これより速いモデルです。": "より速",
    "一番短い答えです。": "一番",
    "いちばん丁寧です。": "いちばん",
    "速さで勝るモデルです。": "勝る",
    "長さで劣ります。": "劣り",
    "速さで匹敵します。": "匹敵",
    "互角の速さです。": "互角",
    "速さで肩を並べます。": "肩を並べ",
    "僅差でした。": "僅差",
    "圧倒的な速さです。": "圧倒",
    "大半が動きました。": "大半",
    "どのモデルよりも書きます。": "どのモデル",
    "常に型を付けます。": "常に",
    "首位に立ちます。": "首位",
    "最下位に終わりました。": "最下位",
    "桁違いに速いモデルです。": "桁違い",
    "書く量は倍以上です。": "倍",
    "{{ name('a') }}より丁寧です。": "より",
    "{{ name('a') }}ほど書きません。": "ほど",
    "{{ name('a') }}だけが動きました。": "だけ",
    "動いたのは{{ name('a') }}のみです。": "のみ",
    "{{ v('ttft_s', 'a') }}以下です。": "以下",
    "Ａは最ｂｅｓｔではなく、ベストです。": "ベスト",
    "最\u200b速でした。": "最\u200b速",
}
HARMLESS_JA = (
    "{{ v('ttft_s', 'a') | u }}で届きます。",
    "{{ num(3, '課題の数') }}つの課題です。",
    "`93.9`と書かれています。",
    "``3 ` 4``と書かれています。",
    "```\nx = 93.9  # 最速\n```",
    "~~~\n三倍\n~~~",
    "[方法](method/index.html#v2)を見てください。",
    "[方法](<a b 3.html>)を見てください。",
    "![速さの図](rates-2x.png)",
    "<https://example.org/v1/3>を見てください。",
    "https://example.org/v1/3を見てください。",
    "[方法]: https://example.org/v1",
    "脚注を付けます[^1]。",
    "[^12]: 脚注です。",
    "## 速さ {#speed-2}",
    '`依頼`{: lang="ja" .v2 }',
    "1. モデルを読み込みます。\n2. 依頼を送ります。",
    "> 10. 依頼を送ります。",
    "<h2 id='x3'>速さ</h2>",
    "<!-- 93.9は古い値 -->",
    "{## 93.9は古い値 ##}速さです。",
    "{% plain '仕様' %}最大4096トークン、三倍、最速{% endplain %}です。",
    "{% plain %}0{% endplain %}とも推測とも書きません。",
    "{% if is_calibrated(76, 1000) %}誤差です。{% endif %}",
    "速さは十分です。",
    "十分に速いモデルです。",
    "説明は不十分です。",
    "以上のように、性格は異なります。",
    "以下の表を見てください。",
    "入力は倍精度の数です。",
    "一番号ずつ見ます。",
    "関数を一つ頼みます。",
    "文字数分の記憶が要ります。",
    "もう一度尋ねます。",
    "最初のトークンが届きます。",
    "最後に保存します。",
    "最新の版を使います。",
    "万一に備えます。",
    "いずれも文章は新たに書きました。",
    "縦軸は速さ、横軸は構造です。",
    "もっとも、これは見本です。",
    "コードは勝手に直しません。",
    "変更は最小限にします。",
    "一つの課題から読みます。",
    "分岐は整い、コメントは少なめです。",
    "職人が一息で描く下絵です。",
    "入力から出力まで寄り道をしません。",
    "答えは二分法では語れません。",
)
TYPED_EN = {
    "It writes 93.9 tokens.": "93.9",
    "It writes 1,800 tokens.": "1,800",
    "It starts at 12:30.": "12:30",
    "It is ½ done.": "½",
    "Group Ⅳ is next.": "Ⅳ",
    "Written &frac12; done.": "&frac12;",
    "Written &#51; done.": "51",
    "A {{ v('x', 'a') }}% change.": "%",
    "[text](a.html 'title 3')": "3",
    "![chart of 7 runs](a.png)": "7",
    "<span title='93 tokens'>text</span>": "93",
    "{{ v('ttft_s', 'a', fallback='3 s') }}": "3",
    "The wait is two seconds.": "two seconds",
    "It is three times the length.": "three times",
    "A two-fold gain.": "two-fold",
    "A twofold gain.": "twofold",
    "The wait is half a second.": "half a second",
    "It takes a dozen seconds.": "dozen seconds",
    "It takes two and a half minutes.": "two and a half minutes",
    "It writes twenty-one tokens.": "twenty-one tokens",
    "It grew by ten per cent.": "ten per cent",
    "It grew by ten percent.": "ten percent",
    "It writes a few hundred tokens.": "few hundred tokens",
    "It waits several seconds.": "several seconds",
    "Four of the models ran.": "Four of the models",
    "Two thirds are comments.": "Two thirds",
    "It uses **three** times the room.": "three** times",
    "Ｔｗｏ seconds pass.": "Ｔｗｏ seconds",
    "The fastest is here.": "The fastest",
    "Most of it is code.": "Most",
    "It is the only choice.": "only",
    "It works every day.": "every",
    "It always explains.": "always",
    "It writes twice.": "twice",
    "Half is code.": "Half",
    "It is quicker\nthan that.": "quicker",
    "It has the same speed.": "same",
    "It is faster.": "faster",
    "It is the tidiest of them.": "the tidiest",
    "It takes first place.": "first place",
    "It comes second.": "comes second",
    "A third of it is code.": "A third",
    "It beats the others.": "beats",
    "It outperforms them.": "outperforms",
    "Its speed exceeds theirs.": "exceeds",
    "It leads by far.": "leads",
    "It trails the field.": "trails",
    "It is well ahead.": "ahead",
    "It falls far behind.": "behind",
    "It is double the length.": "double",
    "Their speed is equal.": "equal",
    "Their speed is similar.": "similar",
    "It never fails.": "never",
    "None of them ran.": "None",
    "All of them ran.": "All",
    "Both ran.": "Both",
    "No other model ran.": "No other",
    "It is at the top.": "top",
    "It is the runner-up.": "runner-up",
    "Comparable in speed.": "Comparable",
    "It is as quick as that.": "as quick as",
    "It stays above {{ v('x', 'a') }}.": "above",
    "It is as well-built as that.": "as well-built as",
    "It keeps up to {{ v('x', 'a') }}.": "up to",
    "FASTEST OF THEM": "FASTEST",
    "It is fas**test** here.": "fas**test",
    "It is fast&shy;er here.": "fast&shy;er",
}
HARMLESS_EN = (
    "It takes {{ v('ttft_s', 'a') | u }}.",
    "{{ num(3, 'the number of tasks') }} tasks.",
    "{{ v('x', 'a', fallback=unknown) }}",
    "It says `93.9` there.",
    "``3 ` 4`` is code.",
    "```python\nx = 93.9  # the fastest\n\ny = 2\n```",
    "See the [method](method/index.html#v2).",
    "See the [method](<a 3.html>).",
    "See the [method](a_(3).html).",
    "See <https://example.org/v1/3>.",
    "See https://example.org/v1/3 there.",
    "[method]: https://example.org/v1",
    "A note[^1].",
    "[^12]: The note.",
    "## Speed {#speed-2}",
    '`text`{: lang="ja" .v2 }',
    "1. Load a model.\n2. Ask it.",
    "   10. Ask it.",
    "<h2 id='x3'>Speed</h2>",
    "<!-- 93.9 was the value -->",
    "{## 93.9 was the fastest ##}Speed.",
    "{% plain 'a limit' %}4096 tokens, twice, the fastest{% endplain %}.",
    "{% plain %}\n\n93 and\n\nmore than that\n\n{% endplain %}",
    "{% if is_calibrated(76, 1000) %}Errors.{% endif %}",
    "It draws rather than talks.",
    "It works as well as before.",
    "It ends as soon as it can.",
    "It no longer holds.",
    "The latest version is used.",
    "The request is short.",
    "The test is run.",
    "At the same time it explains.",
    "Tokens per second are a rate.",
    "The first token arrives.",
    "It is written in one breath.",
    "It leads to questions.",
    "It is one of the models.",
    "Spell it out once more.",
    "A trailing newline is kept.",
    "It does not explain at all.",
    "The output is left behind.",
    "It won't explain.",
    "It is a halfway house.",
    "The tenant is a bookworm.",
    "The top-level function is short.",
    "Someone models the data.",
    "The stones weigh little.",
    "An answer is given.",
    "Everyday language is used.",
)


def typed(text, language):
    return [text[f.start : f.end] for f in find_typed(text, RULES[language])]


@pytest.mark.parametrize(("text", "word"), TYPED_JA.items())
def test_japanese_typed_by_hand_is_found(text, word):
    assert word in typed(text, "ja")


@pytest.mark.parametrize("text", HARMLESS_JA)
def test_harmless_japanese_is_left_alone(text):
    assert typed(text, "ja") == []


@pytest.mark.parametrize(("text", "word"), TYPED_EN.items())
def test_english_typed_by_hand_is_found(text, word):
    assert word in typed(text, "en")


@pytest.mark.parametrize("text", HARMLESS_EN)
def test_harmless_english_is_left_alone(text):
    assert typed(text, "en") == []


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "article.md"
        path.write_text(text, encoding="utf-8")
        return read_document(path)

    return written


def lines(document, language):
    return [
        (problem.line, problem.message.partition("' in ")[0].strip("'"))
        for problem in lint(document, WORDS[language])
    ]


def test_a_problem_names_the_line_of_the_file(write):
    document = write(
        "+++\n"
        'title = "Speed of 4 models"\n'
        "# set by hand\n"
        "description = '''\n"
        "One\n"
        "of the fastest'''\n"
        "+++\n"
        "\n"
        "It writes {{ v('completion_tokens',\n"
        " 'a') | u }} in\n"
        "two\n"
        "seconds.\n"
        "```\n"
        "3\n"
        "```\n"
        "{% plain 'why' %}\n"
        "4\n"
        "{% endplain %}\n"
        "It is the\n"
        "fastest, at 93 tokens, and 3.\n"
    )

    assert lines(document, "en") == [
        (2, "4"),
        (6, "fastest"),
        (11, "two seconds"),
        (19, "the fastest"),
        (20, "93"),
        (20, "3"),
    ]


def test_a_text_without_settings_begins_on_the_first_line(write):
    assert lines(write("最速\n\n93"), "ja") == [(1, "最速"), (3, "93")]


def test_a_setting_of_a_file_that_is_gone_is_on_the_first_line(tmp_path):
    document = Document(
        path=tmp_path / "gone.md", meta={"title": "93"}, body="", first_line=4
    )

    assert lines(document, "en") == [(1, "93")]


def test_a_comparison_may_stand_in_a_claim_and_a_number_may_not():
    text = (
        '{% claim "fastest" %}The fastest, at 93.{% undecided %}Ahead of both.'
        "{% endclaim %} The slowest."
    )

    assert typed(text, "en") == ["93", "The slowest"]


def test_a_numeral_beside_a_unit_is_found_in_a_claim_too():
    text = '{% claim "twice" %}最速で、三倍です。{% endclaim %}'

    assert typed(text, "ja") == ["三倍"]


def test_a_plain_block_excuses_nothing_after_it():
    assert typed("{% plain %}3{% endplain %} 4", "en") == ["4"]


def test_a_block_that_is_never_closed_excuses_nothing():
    assert typed('{% plain "why" %}3 and the fastest', "en") == ["3", "the fastest"]
    assert typed('{% claim "a" %}the fastest', "en") == ["the fastest"]


def test_what_several_lists_hold_is_found_once():
    assert typed("半分", "ja") == ["半分"]
    assert typed("twice as fast as that", "en") == ["twice", "as fast as"]


def test_a_number_is_found_with_its_fractions_in_one_piece():
    assert typed("It has 1,800.5% and 3, 4.", "en") == ["1,800.5%", "3", "4"]


def test_a_word_beside_a_reference_is_shown_without_it():
    assert typed("{{ name('a') }}）より速い", "ja") == ["より"]


def test_an_exception_does_not_begin_inside_a_numeral():
    assert typed("二十分で終わります。", "ja") == ["二十分"]
    assert typed("時間は十分です。", "ja") == []


def test_the_message_shows_the_place_and_the_ways_out(write):
    number, word = lint(write("It writes 93 tokens. It is best."), WORDS["en"])

    assert number.message.startswith("'93' in “It writes 93 tokens. It is best.”: ")
    for way in ("{{ v(…) | u }}", '{{ num(3, "why") }}', '{% plain "why" %}'):
        assert way in number.message
    for way in ('{% claim "id" %}', '{% plain "why" %}'):
        assert way in word.message


def test_a_language_may_have_empty_lists():
    words = WORDS["en"]
    entries = {key: text for key, text in words.entries.items() if "lint." not in key}
    empty = {f"lint.{name}": " " for name in LISTS}
    rules = read_rules(replace(words, entries={**entries, **empty}))

    found = find_typed("The fastest takes two seconds and 3.", rules)

    assert [(f.start, f.end) for f in found] == [(34, 35)]


@pytest.mark.parametrize("entries", ["fast||slow", "fast|*", "…", "|fast"])
def test_an_entry_that_is_no_word_is_named(entries):
    words = WORDS["en"]
    broken = replace(words, entries={**words.entries, "lint.comparisons": entries})

    with pytest.raises(ContentError, match=r"strings\.toml: lint\.comparisons: "):
        read_rules(broken)


def test_a_language_without_a_list_is_told_which():
    words = WORDS["en"]
    entries = {k: text for k, text in words.entries.items() if k != "lint.units"}

    with pytest.raises(ContentError, match=r"lint\.units"):
        read_rules(replace(words, entries=entries))


@pytest.mark.parametrize("language", WORDS)
def test_no_exception_swallows_a_whole_listed_entry(language):
    """One that is an entry of another list makes that entry dead."""
    listed = {
        name: {entry.strip() for entry in WORDS[language](f"lint.{name}").split("|")}
        for name in ("comparisons", "exceptions")
    }

    assert listed["comparisons"] & listed["exceptions"] == set()


MINIMUM = {
    "ja": "最速 最も 唯一 すべて 必ず 倍 半分 上回 下回 同程度",
    "en": "fastest most only every always twice half than same",
}


@pytest.mark.parametrize("language", WORDS)
def test_the_words_every_language_must_know_are_found(language):
    for word in MINIMUM[language].split():
        assert typed(word, language) == [word]


MARKUP = st.lists(
    st.sampled_from(
        [
            *("{{", "}}", "{%", "%}", "{##", "##}", " plain ", " endplain ", "claim"),
            *("`", "``", "```", "~~~", "\n", "\n\n", "[", "](", ")", "]: ", "[^", "<"),
            *(">", "<!--", "-->", "{:", "{#", "}", '"', "'", "\\", "&frac12;", "&#3;"),
            *("&NewLine;", "&shy;", "https://", "a@b", "1. ", "title=", "fallback="),
            *(
                "三倍",
                "最速",
                "two seconds",
                "93",
                "½",
                " ",
                "*",
                "_",
                "+++",
                "ﾊﾞ",
                "㍘",
            ),
        ]
    )
).map("".join)


@given(st.one_of(MARKUP, st.text()))
def test_blanking_keeps_every_character_in_its_place(source):
    text = read_plain_text(source).text

    assert len(text) == len(source)
    assert [i for i, c in enumerate(text) if c == "\n"] == [
        i for i, c in enumerate(source) if c == "\n"
    ]


@given(MARKUP)
def test_findings_are_apart_and_in_order(source):
    found = find_typed(source, RULES["ja"])

    ends = [0, *(f.end for f in found)]
    assert all(f.start >= end for f, end in zip(found, ends, strict=False))
    assert all(f.start < f.end <= len(source) for f in found)


@given(st.text(alphabet="0123456789.,"))
def test_a_reference_hides_whatever_it_is_given(digits):
    source = f'{{{{ num("{digits}", "why") }}}}'

    assert read_plain_text(source).text == REFERENCE * len(source)
