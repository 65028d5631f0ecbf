"""The registry: its claims, and every fault with the line it stands on."""

import pytest

from site_builder.claims.registry import read_registry
from site_builder.errors import ContentError

MODELS = frozenset({"fast-model", "slow-model"})
CASES = frozenset({"01-flat", "03-late-keys"})


@pytest.fixture
def read(tmp_path):
    def reading(text):
        path = tmp_path / "claims.toml"
        path.write_text(text, encoding="utf-8")
        registry, problems = read_registry(path, models=MODELS, cases=CASES)
        assert all(problem.file == path for problem in problems)
        return registry, [(problem.line, problem.message) for problem in problems]

    return reading


def test_no_file_is_no_claim(tmp_path):
    registry, problems = read_registry(tmp_path / "claims.toml", models=MODELS)
    assert (dict(registry.claims), problems) == ({}, ())


def test_claims_come_in_the_files_order_with_their_lines(read):
    registry, problems = read(
        "# What we say.\n\n"
        "[zeta]\nassert = 'first(ttft_s, fast-model)'\n"
        '[alpha] # a remark\nassert = "claim(zeta)"\n\n'
        "[beta]\nassert = 'no_trend(ttft_s)'\n"
    )
    assert problems == []
    assert list(registry.claims) == ["zeta", "alpha", "beta"]
    zeta = registry.claims["zeta"]
    assert (zeta.line, zeta.assertion) == (3, "first(ttft_s, fast-model)")
    assert registry.claims["alpha"].line == 5
    assert registry.claims["beta"].line == 8


def test_a_note_that_looks_like_an_entry_moves_no_line(read):
    _, problems = read(
        "[one]\nnote = '''\n[two]\nassert = 1\n'''\nassert = 'first(x, y)'\n"
        '[two]\nnote = """[one]\n[two]"""\nassert = "last(x, y)"\n'
    )
    assert [line for line, _ in problems] == [6, 6, 10, 10]


@pytest.mark.parametrize(
    ("assertion", "told"),
    [
        ("first(ttft, fast-model)", "unknown quantity 'ttft': did you mean 'ttft_s'?"),
        ("first(ttft_s, fast-modle)", "unknown model 'fast-modle': did you mean 'fast"),
        (
            "no_trend(structure_index)",
            "unknown quantity of a trial 'structure_index': choose one of answer_s",
        ),
        (
            "every(levle = as_is, fast-model)",
            "unknown field 'levle': did you mean 'lev",
        ),
        (
            "every(level = as-is, fast-model)",
            "level is never 'as-is': did you mean 'as_",
        ),
        ("every(level, fast-model)", "level is held against nothing: write it like"),
        ("every(level:x = as_is, fast-model)", "level has no name after it"),
        ("every(level > as_is, fast-model)", "level is no number: hold it against"),
        ("every(case = pass, fast-model)", "case needs a name after a colon: write it"),
        ("every(03-late-keys = pass, fast-model)", "unknown field '03-late-keys'"),
        (
            "every(case:03-late-key = pass, fast-model)",
            "unknown case '03-late-key': did you mean '03-late-keys'?",
        ),
        ("every(case:01-flat = passed, fast-model)", "is never 'passed': did you mean"),
        ("every(trait:type > 0.5, fast-model)", "unknown trait 'type': did you mean"),
        ("every(trait:types > high, fast-model)", "is a number, and 'high' is none"),
        ("every(option:bom = 1, fast-model)", "option:bom is yes or no, not '1'"),
        ("every(outcome = failed, fast-model)", "outcome is never 'failed'"),
        (
            "type(fast-model) = carefulteacher",
            "unknown type 'carefulteacher': did you mean 'careful_teacher'?",
        ),
        ("claim(thsi)", "unknown claim 'thsi': did you mean 'this'?"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one(read, assertion, told):
    registry, problems = read(f"[this]\nnote = 'x'\nassert = '{assertion}'\n")
    ((line, message),) = problems
    assert line == 3
    assert message.startswith("this: ")
    assert told in message
    assert dict(registry.claims) == {}


def test_everything_is_told_at_once_and_the_sound_claims_are_kept(read):
    registry, problems = read(
        "[Bad]\nassert = 'first(ttft_s, fast-model)'\n"
        "[odd]\nasserts = 'x'\n"
        "[number]\nassert = 3\n"
        "[two]\nassert = 'first(x, fast-model) & last(ttft_s, y) & no(z)'\n"
        "[good]\nassert = 'first(ttft_s, fast-model)'\n"
    )
    assert list(registry.claims) == ["good"]
    told = [line for line, _ in problems]
    assert told == [1, 3, 3, 5, 8, 8, 8]
    text = "\n".join(message for _, message in problems)
    assert "unknown key 'asserts': did you mean 'assert'?" in text
    assert "the key 'assert' is missing" in text
    assert "assert is no text: put it in quotes" in text


def test_an_id_given_twice_is_told_where_it_stands_again(read):
    registry, problems = read(
        "[same]\nassert = 'first(ttft_s, fast-model)'\n\n"
        "[other]\nassert = 'last(ttft_s, nobody)'\n"
        "[same]\nassert = 'last(ttft_s, fast-model)'\n"
    )
    assert [line for line, _ in problems] == [5, 6]
    assert "same: the id is taken by line 1" in problems[1][1]
    assert registry.claims["same"].assertion.startswith("first")


def test_a_slip_of_toml_does_not_hide_the_other_entries(read):
    registry, problems = read(
        "[one]\nassert = first(ttft_s, fast-model)\n"
        "[two]\nassert = 'first(ttft_s, nobody)'\n"
        "[three]\nassert = 'first(ttft_s, fast-model)'\n"
    )
    assert [line for line, _ in problems] == [2, 4]
    assert "this is not TOML" in problems[0][1]
    assert list(registry.claims) == ["three"]


def test_a_value_that_is_no_entry_is_told(read):
    _, problems = read(
        "fast = 'first(ttft_s, fast-model)'\n[a]\nassert='claim(fast)'\n"
    )
    assert problems == [
        (1, "fast: is no entry: write [fast] and assert = '…' below it")
    ]


def test_a_circle_is_named_and_left_out(read):
    registry, problems = read(
        "[a]\nassert = 'claim(b)'\n"
        "[b]\nassert = 'claim(c) & first(ttft_s, fast-model)'\n"
        "[c]\nassert = 'claim(a)'\n[d]\nassert = 'claim(a)'\n[e]\nassert = 'claim(e)'\n"
    )
    assert [line for line, _ in problems] == [1, 9]
    assert "in a circle: a → b → c → a" in problems[0][1]
    assert "e → e" in problems[1][1]
    assert list(registry.claims) == ["d"]


def test_a_file_that_is_no_text_is_an_error(tmp_path):
    path = tmp_path / "claims.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ContentError, match="save it as UTF-8"):
        read_registry(path, models=MODELS)
