"""What of an exchange must never get into a bug report."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.doctor.recorder import Piece
from collector.doctor.redact import Redactor, Span, replace_spans

TOKEN = "s3cr3t/Pa+ss"  # noqa: S105 - a test's
HOME = "/home/kazuki.山田"


def clean(text: str, *, token: str | None = TOKEN, home: str | None = HOME) -> str:
    return Redactor(token=token, home=home).clean_text(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (f"token {TOKEN}.", "token [redacted]."),
        ("s3cr3t\\/Pa+ss", "[redacted]"),
        ("s3cr3t/Pa%2Bss s3cr3t%2FPa%2Bss", "[redacted] [redacted]"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [redacted]"),
        ('{"h":"bearer abc"}', '{"h":"bearer [redacted]"}'),
        ("sk-lm-AbCdEf12:ABCDEFGHIJ1234567890 x", "[redacted] x"),
        ("sk-proj-abcdefgh_IJK", "[redacted]"),
        ("hf_abcdefghijklmnopQRST", "[redacted]"),
        (
            "a task-oriented risk-management plan",
            "a task-oriented risk-management plan",
        ),
        ("sk-short", "sk-short"),
    ],
)
def test_tokens_are_taken_out_however_they_are_written(text, cleaned):
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (f"{HOME}/models/x.gguf", "~/models/x.gguf"),
        (json.dumps(HOME + "/m"), '"~/m"'),
        ("/HOME/Kazuki.山田/x", "~/x"),
        ("file:///home/bob/x", "file:~/x"),
        ("/home/bob", "~"),
        (f"{HOME} と/x", "~/x"),
        ("open /home/bob: no such file", "open ~: no such file"),
        ('{"path":"/Users/taro/Library"}', '{"path":"~/Library"}'),
        ("C:\\Users\\Taro Yamada\\.lmstudio", "~\\.lmstudio"),
        ('{"p":"C:\\\\Users\\\\Taro Yamada\\\\x"}', '{"p":"~\\\\x"}'),
        ("c:/users/taro/x", "~/x"),
        ("\\/home\\/bob\\/x", "~\\/x"),
        ("/mnt/c/Users/bob/x", "/mnt/c~/x"),
        ("http://localhost/v1/models", "http://localhost/v1/models"),
        ("C:\\Windows\\x", "C:\\Windows\\x"),
    ],
)
def test_home_folders_are_taken_out_of_whoever_they_are(text, cleaned):
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("/root/x", "~/x"), ("/rootfs/x", "/rootfs/x"), ("/root", "~")],
)
def test_a_home_elsewhere_is_taken_out_but_not_the_beginning_of_other_names(
    text, cleaned
):
    assert clean(text, home="/root") == cleaned


def test_a_windows_home_is_found_as_json_writes_it():
    home = "D:\\profiles\\taro"
    text = json.dumps({"p": home + "\\x", "q": "d:/profiles/taro/x"})
    assert clean(text, home=home) == '{"p": "~\\\\x", "q": "~/x"}'


@pytest.mark.parametrize("home", [None, "", "/", "\\", "C:\\"])
@pytest.mark.parametrize("token", [None, "", "abc"])
def test_no_home_and_no_token_take_nothing_out(home, token):
    text = "abc / C:\\ \\ x"
    assert clean(text, token=token, home=home) == text


@given(st.lists(st.integers(0, 60), max_size=6), st.integers(0, 30))
def test_a_secret_that_arrives_in_pieces_is_taken_out_all_the_same(cuts, at_ns):
    data = f'data: {{"a":"x {TOKEN} y {HOME}/z"}}\n\n'.encode()
    bounds = sorted({0, len(data), *cuts})
    pieces = [
        Piece(at_ns + index, data[start:end])
        for index, (start, end) in enumerate(pairwise(bounds))
    ]
    cleaned = Redactor(token=TOKEN, home=HOME).clean_pieces(pieces)
    assert b"".join(piece.data for piece in cleaned) == (
        b'data: {"a":"x [redacted] y ~/z"}\n\n'
    )
    assert [piece.at_ns for piece in cleaned] == [piece.at_ns for piece in pieces]


def test_a_replacement_goes_where_its_span_begins():
    parts = [b"ab", b"", b"cd", b"ef", b"gh"]
    spans = [Span(1, 6, b"X"), Span(6, 7, b"Y")]
    assert replace_spans(parts, spans) == [b"aX", b"", b"", b"", b"Yh"]


@given(st.lists(st.binary(max_size=8), max_size=8))
def test_without_spans_everything_stays_as_it_was(parts):
    assert replace_spans(parts, []) == parts


@given(st.binary(max_size=200))
def test_any_bytes_can_be_cleaned_and_cleaning_again_changes_nothing(data):
    redactor = Redactor(token=TOKEN, home=HOME)
    cleaned = redactor.clean(data)
    assert redactor.clean(cleaned) == cleaned
