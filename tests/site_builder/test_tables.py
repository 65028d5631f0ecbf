"""The notes below a model's tables."""

from dataclasses import replace

from site_builder.analysis.summary import summarise
from site_builder.tables import conditions_table, model_table, trials_table


def test_flags_and_interruptions_name_the_trials_they_concern(measured, english):
    fast, slow = (trials_table(model, english) for model in summarise(measured))
    assert fast.notes == ("Other work kept the measuring machine busy: json-to-csv-02",)
    lost, cancelled = slow.notes
    assert lost.startswith("An earlier attempt was lost with the measuring program")
    assert lost.endswith(": json-to-csv-01 ×2")
    assert cancelled == (
        "An earlier attempt was stopped by hand and repeated: json-to-csv-01"
    )


def test_every_trial_is_listed_with_what_became_of_it(measured, english):
    rows = trials_table(summarise(measured)[1], english).rows
    assert len(rows) == 6
    assert rows[-1][-1].text == "no text for too long (no text for 600 s)"


def test_trials_without_anything_odd_have_no_notes(measured, words):
    plain = tuple(
        trial.model_copy(update={"conditions": None, "interruptions": ()})
        for trial in measured.trials
    )
    for model in summarise(replace(measured, trials=plain)):
        assert trials_table(model, words).notes == ()


def test_spread_and_drift_are_told_where_they_are_known(measured, english, japanese):
    fast, slow = (model_table(model, english) for model in summarise(measured))
    assert len(fast.notes) == 2
    assert "Kendall's tau \N{MINUS SIGN}1.00, p 0.003" in fast.notes[1]
    assert "its standard deviation is 29% of its mean" in slow.notes[1]
    japanese_notes = model_table(summarise(measured)[1], japanese).notes
    assert "標準偏差は平均の29%です" in japanese_notes[1]


def test_a_published_model_has_its_one_note(published, words):
    for model in summarise(published):
        assert model_table(model, words).notes == (words("note.published"),)


def test_the_conditions_table_says_unknown_in_words(measured, words):
    table = conditions_table(measured.run, words, prompts={}, trials=measured.trials)
    shown = {row[0].text: row[1].text for row in table.rows}
    assert shown[words("conditions.driver")] == words("unknown")
    assert shown[words("conditions.memory")] == "32 GB"
