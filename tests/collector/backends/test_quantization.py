import pytest

from collector.backends.protocol import Wish
from collector.backends.quantization import quantization_warning
from collector.record import Instance


def warning(wished: str | None, loaded: str | None) -> str | None:
    return quantization_warning(
        Wish(key="maker/one", quantization=wished),
        Instance(instance_id="maker/one", quantization=loaded),
    )


@pytest.mark.parametrize(
    ("wished", "loaded"),
    [
        ("Q4_K_M", "Q4_K_M"),
        ("q4-k-m", "Q4_K_M"),
        ("4-bit", "4bit"),
        (None, "Q4_K_M"),
        ("Q4_K_M", None),
    ],
)
def test_the_same_or_an_unknown_quantization_is_no_matter(wished, loaded):
    assert warning(wished, loaded) is None


@pytest.mark.parametrize(
    ("wished", "loaded"), [("Q4_K_M", "Q8_0"), ("Q4_K_M", "Q4_K_S"), ("F16", "BF16")]
)
def test_another_quantization_is_named_beside_the_expected_one(wished, loaded):
    text = warning(wished, loaded)

    assert text is not None
    assert text.startswith("maker/one: ")
    assert repr(wished) in text
    assert repr(loaded) in text


def test_a_server_that_tells_nothing_gives_no_warning():
    assert quantization_warning(Wish(key="a", quantization="Q4_K_M"), None) is None
