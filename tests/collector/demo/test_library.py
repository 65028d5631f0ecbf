import pytest

from collector.demo.library import Library
from collector.demo.script import read_models


@pytest.fixture
def library(fake_timer):
    return Library(read_models(), fake_timer)


@pytest.fixture
def model(library):
    return library.models[0]


def test_nothing_is_loaded_at_first(library):
    assert all(library.loaded(model) == () for model in library.models)


def test_loading_takes_the_scripted_time(library, model):
    _, load_s = library.load(model)

    assert load_s == pytest.approx(model.load_s, abs=0.001)


def test_loading_twice_stacks_a_second_instance(library, model):
    library.load(model)
    library.load(model, 1024)

    loaded = library.loaded(model)
    assert [(each.instance_id, each.context_length) for each in loaded] == [
        ("demo/sketch", 8192),
        ("demo/sketch:2", 1024),
    ]


def test_a_model_that_is_not_loaded_is_loaded_when_asked(library, model, fake_timer):
    instance = library.acquire(model.key)

    assert library.loaded(model) == (instance,)
    assert fake_timer.clock() == pytest.approx(model.load_s, abs=0.001)
    assert library.acquire(model.key) is instance


def test_an_instance_answers_to_its_own_name_and_to_its_models(library, model):
    first, _ = library.load(model)
    second, _ = library.load(model)

    assert library.acquire("demo/sketch:2") is second
    assert library.acquire("demo/sketch") is first
    library.unload("demo/sketch")
    assert library.acquire("demo/sketch") is second


def test_an_unknown_name_gives_nothing(library):
    assert library.acquire("gpt-5") is None
    assert library.find("gpt-5") is None
    assert not library.unload("gpt-5")


def test_a_prompt_is_new_once_per_load(library, model):
    instance, _ = library.load(model)

    assert library.cache_prompt(instance, "p")
    assert not library.cache_prompt(instance, "p")
    assert library.cache_prompt(instance, "q")

    library.unload(instance.instance_id)
    again, _ = library.load(model)

    assert library.cache_prompt(again, "p")
