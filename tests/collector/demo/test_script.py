import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.demo.script import GREETING, read_models, split, write_script

ALPHABET = "aZ_0 \n\t`.,()=あんア漢々ー「」。🍣"

MODELS = read_models()


@given(st.text(alphabet=ALPHABET))
def test_pieces_joined_are_the_text(text):
    assert "".join(split(text)) == text


@given(st.text(alphabet=ALPHABET))
def test_pieces_have_one_to_five_characters_and_at_most_the_last_only_one(text):
    sizes = [len(piece) for piece in split(text)]

    assert all(1 <= size <= 5 for size in sizes)
    assert all(size >= 2 for size in sizes[:-1])


def test_a_prompt_of_json_and_csv_is_answered_with_the_answer(task):
    for model in MODELS:
        script = write_script(model, task, None)

        assert script.text("content") == model.answer
        assert script.text("reasoning") == model.thinking
        assert not script.is_cut


@pytest.mark.parametrize("prompt", ["こんにちは", "Say hello.", "JSONとは何ですか", ""])
def test_any_other_prompt_is_greeted_with_about_a_dozen_tokens(prompt):
    for model in MODELS:
        script = write_script(model, prompt, None)

        assert script.text("content") == GREETING
        assert script.count("reasoning") == 0
        assert 8 <= len(script.pieces) <= 14


def test_only_the_builder_thinks(task):
    thinking = [model.key for model in MODELS if model.thinking]

    assert thinking == ["demo/builder"]
    assert 35 <= write_script(MODELS[-1], task, None).count("reasoning") <= 45


@given(limit=st.integers(min_value=0, max_value=2000))
def test_a_limit_keeps_the_first_tokens_and_says_if_it_cut(limit):
    model = MODELS[-1]
    whole = write_script(model, "json csv", None)

    script = write_script(model, "json csv", limit)

    assert script.pieces == whole.pieces[:limit]
    assert script.is_cut == (limit < len(whole.pieces))


def test_a_trial_of_all_models_takes_less_than_six_and_a_half_seconds(task):
    spans_s = [
        model.ttft_s + len(write_script(model, task, None).pieces) / model.tok_s
        for model in MODELS
    ]

    assert sum(spans_s) < 6.5


def test_answers_come_with_plain_line_ends():
    assert all("\r" not in model.answer for model in MODELS)
