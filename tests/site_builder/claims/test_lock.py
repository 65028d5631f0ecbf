"""The claims at the last publication: written whole, read strictly, hashed by value."""

import json
from dataclasses import replace

import pytest

from site_builder.claims.claim import Claim, Fact, Term, Verdict
from site_builder.claims.lock import data_sha256, locked, read_lock, write_lock
from site_builder.errors import OutputError

FACT = Fact(
    key="first",
    metric="decode_tok_s",
    models=("fast", "slow"),
    numbers={"p": 0.05, "ratio": 2.0},
    texts={"unit": "tok/s"},
)


def verdict(claim_id: str = "fastest", **changes) -> Verdict:
    assertion = "first(decode_tok_s, fast)"
    fields = {
        "claim": Claim(
            claim_id=claim_id,
            assertion=assertion,
            terms=(Term(predicate="first", arguments=("decode_tok_s", "fast")),),
            line=1,
        ),
        "verdict": "holds",
        "is_missing": False,
        "p": 0.05,
        "p_adjusted": 0.05,
        "n": 3,
        "facts": (FACT,),
    }
    return Verdict(**{**fields, **changes})


def lock():
    sentences = {"en": "Fast is fastest.", "ja": "最速は Fast です。"}
    return {
        claim_id: locked(verdict(claim_id), sentences, run_id="my-rig")
        for claim_id in ("zebra", "apple")
    }


def test_what_is_written_is_read_again_whatever_the_language(tmp_path):
    path = tmp_path / "claims.lock"
    write_lock(path, lock())
    assert read_lock(path) == (lock(), ())
    assert "最速は Fast です。" in path.read_text(encoding="utf-8")
    assert [entry.name for entry in tmp_path.iterdir()] == ["claims.lock"]


def test_the_file_is_sorted_so_that_a_change_is_one_line_of_a_diff(tmp_path):
    path = tmp_path / "claims.lock"
    write_lock(path, lock())
    text = path.read_text(encoding="utf-8")
    assert list(json.loads(text)["claims"]) == ["apple", "zebra"]
    write_lock(path, dict(reversed(lock().items())))
    assert path.read_text(encoding="utf-8") == text


def test_without_a_file_nothing_was_published_and_nothing_is_wrong(tmp_path):
    assert read_lock(tmp_path / "claims.lock") == ({}, ())


def damaged():
    """Texts that are no lock, and what must be said of them."""
    whole = {
        "verdict": "holds",
        "assertion": "a",
        "run_id": "r",
        "data_sha256": "d",
        "sentences": {"en": "A."},
    }
    yield '{"version": 1, "claims": {', "Expecting"
    yield "[]", "'claims'"
    yield '{"version": 1}', "'claims'"
    yield json.dumps({"version": 2, "claims": {}}), "version is 2"
    for changes, said in (
        ({"verdict": "true"}, "verdict 'true'"),
        ({"sentences": ["A."]}, "no text"),
        ({"sentences": {"en": 3}}, "no text"),
        ({"run_id": None}, "no text"),
        ({"more": "x"}, "must have"),
    ):
        claims = {"fastest": {**whole, **changes}}
        yield json.dumps({"version": 1, "claims": claims}), said


@pytest.mark.parametrize(("text", "said"), list(damaged()))
def test_a_damaged_file_is_named_with_what_to_do_and_nothing_of_it_is_used(
    tmp_path, text, said
):
    path = tmp_path / "claims.lock"
    path.write_text(text, encoding="utf-8")
    claims, problems = read_lock(path)
    assert claims == {}
    assert [problem.file for problem in problems] == [path]
    assert said in problems[0].message
    assert "check --lock" in problems[0].message


def test_a_file_that_is_no_utf8_is_damaged_too(tmp_path):
    path = tmp_path / "claims.lock"
    path.write_bytes(b"\xff\xfe")
    assert len(read_lock(path)[1]) == 1


def test_where_nothing_can_be_written_the_old_file_stays_and_no_half_one(
    tmp_path, monkeypatch
):
    path = tmp_path / "claims.lock"
    write_lock(path, lock())
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", _refuse)
    with pytest.raises(OutputError, match=r"claims\.lock: cannot be written"):
        write_lock(path, {})
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["claims.lock"]


def _refuse(_descriptor):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    "changed",
    [
        replace(FACT, numbers={"p": 0.05, "ratio": 2.0001}),
        replace(FACT, models=("slow", "fast")),
        replace(FACT, texts={"unit": "s"}),
        replace(FACT, metric="ttft_s"),
        replace(FACT, key="last"),
    ],
)
def test_the_hash_follows_every_value_the_verdict_rests_on(changed):
    assert data_sha256([changed]) != data_sha256([FACT])
    assert data_sha256([FACT, FACT]) != data_sha256([FACT])


def test_what_other_claims_made_of_a_p_is_no_value_of_this_one():
    family = Fact(key="family", numbers={"p": 0.05, "p_adjusted": 0.15})
    assert data_sha256([FACT, family]) == data_sha256([FACT])


def test_the_hash_follows_neither_order_of_names_nor_the_last_digit_of_a_float():
    turned = replace(FACT, numbers={"ratio": 2.0, "p": 0.05})
    assert data_sha256([turned]) == data_sha256([FACT])
    third = replace(FACT, numbers={"ratio": 0.1 + 0.2})
    assert data_sha256([third]) == data_sha256([replace(FACT, numbers={"ratio": 0.3})])
