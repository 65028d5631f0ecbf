"""Bytes that may name a person or open a door into bytes that may be shown around."""

import json
import re
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from collector.doctor.recorder import Piece

SECRET = b"[redacted]"
HOME = b"~"
MIN_TOKEN_CHARS = 4
"""Anything shorter is no secret, and would be found everywhere."""

_KEYS = re.compile(
    rb"""(?ix)
    \b sk-[a-z0-9_-]{8,} (?: :[a-z0-9_-]+ )?     # OpenAI's and LM Studio's
    | \b hf_[a-z0-9]{16,}
    | (?<=bearer[ ]) [^\s"'\\,]+
    """
)

_NAME = rb"""(?: [^/\\"'<>|:*?\r\n]{1,64}? (?=[/\\]) | [^\s/\\"'<>|:*?,;)\]}]+ )"""
_HOMES = re.compile(
    rb"""(?x)
    (?: [A-Za-z]: [/\\]+ (?i:users) | [/\\]+ (?: home | Users ) ) [/\\]+ """
    + _NAME
)
"""A home folder of any user on any system, also as JSON and addresses write it."""


class Span(NamedTuple):
    """A part of some bytes, and what to put in its place."""

    start: int
    end: int
    instead: bytes


class Redactor:
    """Finds what must not be shown.

    Args:
        token: The server's token; None: none is set.
        home: The user's home folder; None: not known.
    """

    def __init__(self, *, token: str | None, home: str | None) -> None:
        literals: list[tuple[re.Pattern[bytes], bytes]] = []
        if token is not None and len(token) >= MIN_TOKEN_CHARS:
            literals.append((_any_of(_spellings(token)), SECRET))
        if home is not None and len(home.strip("/\\")) > 2:
            # Not the beginning of another name: /root is no part of /rootfs.
            literals.append((_any_of(_spellings(home), end=rb"(?![\w.-])"), HOME))
        self._patterns = (*literals, (_KEYS, SECRET), (_HOMES, HOME))

    def clean(self, data: bytes) -> bytes:
        """Return the bytes without secrets and user names."""
        (cleaned,) = replace_spans([data], self.spans(data))
        return cleaned

    def clean_text(self, text: str) -> str:
        """Return the text without secrets and user names."""
        data = text.encode(errors="replace")
        return self.clean(data).decode(errors="replace")

    def clean_pieces(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Return the pieces, each as it was but for secrets, also those cut in two."""
        parts = [piece.data for piece in pieces]
        cleaned = replace_spans(parts, self.spans(b"".join(parts)))
        return [
            Piece(piece.at_ns, data)
            for piece, data in zip(pieces, cleaned, strict=True)
        ]

    def spans(self, data: bytes) -> list[Span]:
        """Return what must not be shown, in order, without overlaps."""
        found = sorted(
            (
                Span(*match.span(), instead)
                for pattern, instead in self._patterns
                for match in pattern.finditer(data)
            ),
            key=lambda span: (span.start, -span.end),
        )
        kept: list[Span] = []
        for span in found:
            if not kept or span.start >= kept[-1].end:
                kept.append(span)
            elif span.end > kept[-1].end:
                kept[-1] = kept[-1]._replace(end=span.end, instead=SECRET)
        return kept


def replace_spans(parts: Sequence[bytes], spans: Iterable[Span]) -> list[bytes]:
    """Replace parts of the joined bytes; a replacement goes where its span begins."""
    cleaned = []
    queue = deque(spans)
    offset = 0
    for part in parts:
        kept, position, end = bytearray(), offset, offset + len(part)
        while queue and queue[0].start < end:
            span = queue[0]
            if span.start >= offset:
                kept += part[position - offset : span.start - offset] + span.instead
            position = span.end
            if span.end > end:
                break  # The next part has the rest of it.
            queue.popleft()
        kept += part[position - offset :]
        cleaned.append(bytes(kept))
        offset = end
    return cleaned


def _spellings(text: str) -> set[bytes]:
    """Return a text as JSON, addresses and other systems' paths write it."""
    slashed = text.replace("\\", "/")
    forms = {text, slashed}
    forms |= {json.dumps(form)[1:-1] for form in (text, slashed)}
    forms |= {json.dumps(form, ensure_ascii=False)[1:-1] for form in (text, slashed)}
    forms |= {form.replace("/", "\\/") for form in (slashed, json.dumps(slashed)[1:-1])}
    forms |= {quote(slashed), quote(slashed, safe="")}
    return {form.encode(errors="surrogateescape") for form in forms}


def _any_of(literals: Iterable[bytes], *, end: bytes = b"") -> re.Pattern[bytes]:
    longest_first = sorted(literals, key=len, reverse=True)
    alternatives = b"|".join(re.escape(literal) for literal in longest_first)
    return re.compile(b"(?i:" + alternatives + b")" + end)
