"""Types by rule and vote, models over their answers, and ranges from words."""

import pytest

from site_builder.analysis.archetypes import classify, settle, speed_among
from site_builder.analysis.judging import Answer, judge_models
from site_builder.analysis.published import OBSERVATIONS, index_range
from site_builder.analysis.structure import analyse_code
from site_builder.analysis.traits import TRAITS


def groups(contract=0.0, robustness=0.0, interface=0.0, shape=0.0, talk=0.0):
    return {
        "contract": contract,
        "robustness": robustness,
        "interface": interface,
        "shape": shape,
        "talk": talk,
    }


@pytest.mark.parametrize(
    ("scores", "archetype", "rule"),
    [
        (groups(0.24, 0.24, 1, 1, 1), "sketcher", 1),
        (groups(0.25, 0.24, 0, 1, 0.6), "careful_teacher", 3),
        (groups(0.24, 0.25), "plain_craftsman", 4),
        (groups(0.6, 0.5, 0.6, 0, 1), "enterprise_builder", 2),
        (groups(0.59, 0.5, 0.6, 0, 0.61), "careful_teacher", 3),
        (groups(0.6, 0.49, 0.6, 0, 0.6), "plain_craftsman", 4),
        (groups(1, 1, 0.59, 0, 0.6), "careful_teacher", 3),
        (groups(1, 1, 0.5, 0, 0.59), "plain_craftsman", 4),
    ],
)
def test_the_first_rule_that_fits_gives_the_type(scores, archetype, rule):
    vote = classify(scores)
    assert (vote.archetype, vote.rule) == (archetype, rule)
    assert vote.numbers.items() <= scores.items()
    assert vote.numbers


@pytest.mark.parametrize(
    ("votes", "settlement", "archetype"),
    [
        (["careful_teacher"] * 4 + ["sketcher"], "settled", "careful_teacher"),
        (["careful_teacher"] * 3 + ["sketcher"] * 2, "leaning", "careful_teacher"),
        (["careful_teacher"] * 3, "undetermined", None),
        (["careful_teacher"] * 4, "undetermined", None),
        (["careful_teacher"] * 3 + ["sketcher"] * 3, "unsettled", None),
        (["sketcher"] * 28 + ["careful_teacher"] * 7, "settled", "sketcher"),
        (["sketcher"] * 27 + ["careful_teacher"] * 8, "leaning", "sketcher"),
        ([], "undetermined", None),
    ],
)
def test_a_type_settles_at_four_fifths_and_leans_at_three(votes, settlement, archetype):
    settled = settle(votes)
    assert (settled.settlement, settled.archetype) == (settlement, archetype)
    assert settled.n == len(votes)
    assert sum(settled.votes.values()) == len(votes)


RATES = {
    "fast": [76, 77, 78, 75, 79, 76],
    "middle": [32, 33, 34, 35, 31, 32],
    "slow": [13, 14, 13, 14, 13, 14],
}


def test_a_sketcher_far_above_the_median_model_is_a_fast_one():
    speed = speed_among("fast", RATES)
    assert speed.ratio == pytest.approx(76.5 / 32.5)
    assert speed.p == pytest.approx(1 / 924)
    assert settle(["sketcher"] * 6, speed=speed).archetype == "speed_sketcher"
    assert settle(["plain_craftsman"] * 6, speed=speed).archetype == "plain_craftsman"
    slow = speed_among("slow", RATES)
    assert settle(["sketcher"] * 6, speed=slow).archetype == "sketcher"


def test_speed_is_not_claimed_of_two_models_few_trials_or_a_small_lead():
    two = {key: RATES[key] for key in ("fast", "slow")}
    assert speed_among("fast", two).p is None
    assert not speed_among("fast", two).is_fast
    few = {key: rates[:2] for key, rates in RATES.items()}
    assert speed_among("fast", few).p == pytest.approx(1 / 6)
    assert not speed_among("fast", few).is_fast
    near = {**RATES, "fast": [40.7, 41, 40.7, 40.8, 41, 41]}
    # The median is 1.25 times as high, but single trials of the other reach 43.75.
    assert speed_among("fast", near).ratio > 1.25
    assert not speed_among("fast", near).is_fast
    assert speed_among("new", RATES) is None


def test_of_two_middle_models_the_faster_is_the_one_to_beat():
    rates = {**RATES, "second": [70, 71, 72, 70, 71, 72]}
    assert speed_among("fast", rates).ratio > 1.25
    assert not speed_among("fast", rates).is_fast


@pytest.fixture
def found(answers):
    """Six readable answers of each worked kind; code and prose differ slightly."""
    return {
        name: [
            analyse_code(code + f"\nlast = {n}\n", prose + "漢" * n) for n in range(6)
        ]
        for name, (code, prose) in answers.items()
    }


def ok(model_id, findings, **more):
    return [
        Answer(model_id=model_id, status="ok", findings=item, **more)
        for item in findings
    ]


def test_models_get_style_interval_rank_and_type_from_their_answers(found):
    answers = [a for name in found for a in ok(name, found[name], tok_s=20.0)]
    judgement = judge_models(list(found), answers)
    models = {model.model_id: model for model in judgement.models}
    assert {key: m.place.rank for key, m in models.items()} == {
        "builder": 1,
        "teacher": 2,
        "plain": 3,
        "sketch": 4,
    }
    teacher = models["teacher"]
    assert (teacher.n, teacher.n_ok, teacher.n_distinct) == (6, 6, 6)
    assert teacher.style == teacher.delivered == teacher.interval.median
    assert teacher.interval.coverage == pytest.approx(0.96875)
    assert teacher.archetype.archetype == "careful_teacher"
    assert teacher.archetype.k == 6
    # The trials show it, the weights do not.
    assert judgement.ranking.is_above("builder", "teacher")
    assert not judgement.may_rank("builder", "teacher")
    assert judgement.may_rank("teacher", "sketch")


def test_another_model_moves_no_other_models_figures(found):
    few = judge_models(["plain"], ok("plain", found["plain"]))
    many = judge_models(
        ["plain", "builder"],
        ok("plain", found["plain"]) + ok("builder", found["builder"]),
    )
    assert few.models[0].style == many.models[0].style
    assert few.models[0].interval == many.models[0].interval
    assert few.models[0].groups == many.models[0].groups


def test_answers_without_code_lower_what_is_delivered_not_the_style(found):
    answers = [
        *ok("m", found["builder"][:3]),
        Answer(model_id="m", status="truncated"),
        Answer(model_id="m", status="no_code"),
        Answer(model_id="m", status="invalid"),
    ]
    model = judge_models(["m"], answers).models[0]
    assert (model.n, model.n_ok, model.is_hollow) == (5, 3, False)
    indexes = sorted(item.structure.index for item in found["builder"][:3])
    assert model.style == indexes[1]
    assert model.delivered == indexes[0]
    assert model.statuses == {"no_code": 1, "ok": 3, "truncated": 1}


def test_too_few_readable_answers_make_a_hollow_marker_without_rank_or_type(found):
    for k, bad in ((2, 0), (3, 3)):
        answers = ok("m", found["builder"][:k])
        answers += [Answer(model_id="m", status="syntax_error")] * bad
        judgement = judge_models(["m"], answers)
        model = judgement.models[0]
        assert model.is_hollow
        assert model.style is not None
        assert (model.place, model.archetype) == (None, None)
    silent = judge_models(["m"], []).models[0]
    assert (silent.style, silent.delivered, silent.is_hollow) == (None, None, True)


def test_code_that_cannot_be_analysed_is_unknown_not_nought(found):
    huge = analyse_code("a = 1\n" * 50_000, "")
    answers = ok("m", [*found["plain"][:3], huge])
    model = judge_models(["m"], answers).models[0]
    assert (model.n, model.n_ok) == (4, 3)
    assert model.delivered == model.style


def test_the_same_answer_given_often_counts_once(found):
    same = judge_models(["m"], ok("m", [found["teacher"][0]] * 6)).models[0]
    assert (same.n_ok, same.n_distinct) == (6, 1)
    assert same.interval.coverage == 0
    assert same.archetype.settlement == "undetermined"
    assert same.archetype.n == 1


def test_same_code_with_other_prose_stands_as_its_middle_answer(answers):
    code, _ = answers["plain"]
    talks = [analyse_code(code, "漢" * n) for n in (0, 50, 100)]
    model = judge_models(["m"], ok("m", talks)).models[0]
    assert model.n_distinct == 1
    assert model.interval.median == talks[1].structure.index


def test_words_give_ranges_that_hold_what_each_names(found):
    sketch = index_range(["shortest", "least_explanation"])
    built = index_range(["type_hints", "docstring", "command_line", "options_bom"])
    # 14/3 for types, 14 · 0.3 for docs, 10 · 0.7 for argv, 8 / 4 for one option.
    assert built.low == pytest.approx(14 / 3 + 4.2 + 7 + 2)
    assert built.high == 100
    # 100 less a third of 12 twice, half of 8, and two thirds of 8.
    assert sketch.low == 0
    assert sketch.high == pytest.approx(100 - 4 - 4 - 4 - 16 / 3)
    worked = found["builder"][0].structure
    assert built.low <= worked.index <= built.high
    for key, (low, high) in built.traits.items():
        assert low <= worked.traits[key] <= high
    assert built.derivation[0][0] == "type_hints"


def test_words_that_say_nothing_of_structure_give_no_range():
    assert index_range(["runs_at_once", "best_structured"]) is None
    assert index_range([]) is None
    assert index_range(["plain", "new_word"]).unread == ("new_word",)


def test_every_published_observation_has_a_reading(content_observations):
    assert content_observations <= OBSERVATIONS.keys()
    for bounds in OBSERVATIONS.values():
        for bound in bounds:
            assert bound.trait in TRAITS
            assert 0 <= bound.low < bound.high <= 1
            assert bound.reason_key.startswith("reading.")


@pytest.fixture
def content_observations():
    import tomllib
    from pathlib import Path

    file = Path(__file__).parents[3] / "content" / "en" / "strings.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))["observation"].keys()
