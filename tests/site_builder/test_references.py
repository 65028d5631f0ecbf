"""What prose may say of our own measuring error."""

import pytest

from site_builder.errors import ContentError
from site_builder.references import References, with_unit


def references(run, words) -> References:
    return References(
        run=run,
        summaries={},
        words=words,
        model_path=lambda model_id: model_id,
        escape=str,
        parts={},
    )


@pytest.mark.parametrize(
    ("fact", "tok_s", "shown"),
    [
        ("tok_s", 76, "76 tok/s"),
        ("tok_s", 1000, "1,000 tok/s"),
        ("ttft_error_ms", 76, "0.41 ms"),
        ("ttft_error_ms", 1000, "0.50 ms"),  # the sign is the table's
        ("ttft_error_max_ms", 76, "0.83 ms"),
        ("rate_error_percent", 1000, "0.03%"),
        ("rate_error_max_percent", 76, "0.02%"),
    ],
)
def test_the_error_is_told_as_a_size_with_its_unit(
    measured, english, fact, tok_s, shown
):
    found = references(measured.run, english)
    assert with_unit(found.calibration(fact, tok_s)) == shown


def test_a_run_without_the_rate_is_an_error_or_the_fallback(measured, english):
    found = references(measured.run, english)
    with pytest.raises(ContentError, match=r'calibration\("tok_s", 500\) is not known'):
        found.calibration("tok_s", 500)
    assert found.calibration("tok_s", 500, fallback="unmeasured") == "unmeasured"


def test_a_misspelt_fact_is_named_with_the_nearest(measured, english):
    with pytest.raises(ContentError, match="did you mean 'ttft_error_ms'"):
        references(measured.run, english).calibration("tfft_error_ms", 76)


def test_calibrated_means_at_every_rate_asked_for(measured, published, english):
    found = references(measured.run, english)
    assert found.is_calibrated(76, 1000)
    assert not found.is_calibrated(76, 500)
    assert not references(published.run, english).is_calibrated(76)
