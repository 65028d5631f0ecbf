"""Where a claim's wording begins and ends, carried through Markdown and the sanitiser.

Private-use characters stand for both ends. They are chosen so that the text has none of
them, and put where they do not change what Markdown makes of it.
"""

import html
import re
from collections.abc import Collection
from dataclasses import dataclass

from site_builder.errors import ContentError

_FIRST, _LAST = 0xE000, 0xF8FF  # the private-use area
_WIDTH = 13  # both ends, ten digits, and one around what is put in later

BLOCKS = (
    "address|article|aside|blockquote|caption|center|col|colgroup|dd|details|div|dl|dt|"
    "figcaption|figure|footer|h[1-6]|header|hgroup|hr|li|nav|ol|p|pre|section|summary|"
    "table|tbody|td|tfoot|th|thead|tr|ul"
)
"""Elements that end a paragraph, as a pattern."""

_TAIL_CHARACTERS = 1000

_LEAD = re.compile(
    r"(?:[ \t]*(?:[-*+][ \t]+|\d+\.[ \t]+|\#{1,6}(?!\#)[ \t]*|>[ \t]?|:[ \t]+|\|"
    rf"|\[\^[^\]\n]+\]:[ \t]*|</?(?:{BLOCKS})\b[^>\n]*>\s*))*[ \t]*"
)
"""What makes a line a list item, a heading, a row …: a mark stands behind it."""

_TAIL = re.compile(
    r"(?:[ \t]*\|)?(?:[ \n]+\{:?[ ]*[#.:\w][^{}\n]*\})?(?:\s*</(?:"
    + BLOCKS
    + r")>)*\s*\Z"
)
"""What may end a block: a mark stands before it."""

_FENCE_LINE = re.compile(r"[ ]*(?:`{3,}|~{3,})[^\n]*\n")


@dataclass(frozen=True, kw_only=True)
class Alphabet:
    """Thirteen characters that a text does not have."""

    first: int

    def start(self, number: int) -> str:
        """Return what stands where the wording of this number begins."""
        return chr(self.first) + self._digits(number)

    def end(self, number: int) -> str:
        """Return what stands where it ends."""
        return chr(self.first + 1) + self._digits(number)

    @property
    def pattern(self) -> re.Pattern[str]:
        """Both ends: which of the two, and the digits."""
        a, b, zero, nine = (chr(self.first + n) for n in (0, 1, 2, 11))
        return re.compile(f"([{a}{b}])([{zero}-{nine}]+)")

    def number(self, digits: str) -> int:
        """Return the number that these digits write."""
        return int("".join(str(ord(digit) - self.first - 2) for digit in digits))

    def place(self, name: str) -> str:
        """Return what stands where a table or chart is put in later."""
        return f"{chr(self.first + 12)}{name}{chr(self.first + 12)}"

    @property
    def places(self) -> re.Pattern[str]:
        """Such a place, and its name."""
        edge = chr(self.first + 12)
        return re.compile(f"{edge}([^{edge}]*){edge}")

    def strip(self, text: str) -> str:
        """Return the text without any mark."""
        return self.pattern.sub("", text)

    def _digits(self, number: int) -> str:
        return "".join(chr(self.first + 2 + int(digit)) for digit in str(number))


def choose_alphabet(text: str) -> Alphabet:
    """Return characters that the text has neither plainly nor as references.

    Raises:
        ContentError: It has nearly all characters for private use.
    """
    taken = {ord(character) for character in html.unescape(text)}
    for first in range(_FIRST, _LAST - _WIDTH, _WIDTH):
        if taken.isdisjoint(range(first, first + _WIDTH)):
            return Alphabet(first=first)
    raise ContentError("the text uses up the characters for private use: remove them")


def settle(text: str, alphabet: Alphabet, numbers: Collection[int]) -> str:
    """Move the marks of these wordings off what Markdown reads; drop the others."""
    bare = alphabet.strip(text)
    places: list[tuple[int, int, str]] = []
    removed = 0
    starts: dict[int, int] = {}
    for found in alphabet.pattern.finditer(text):
        place, number = found.start() - removed, alphabet.number(found[2])
        removed += len(found[0])
        if found[0] == alphabet.start(number):
            starts[number] = _after_lead(bare, place)
            continue
        end = _before_tail(bare, place)
        if number in numbers and starts[number] < end:
            places.append((starts[number], 1, alphabet.start(number)))
            places.append((end, 0, alphabet.end(number)))
    parts, done = [], 0
    for place, _, mark in sorted(places):
        parts += [bare[done:place], mark]
        done = place
    return "".join((*parts, bare[done:]))


def _after_lead(text: str, place: int) -> int:
    """Return where a wording begins that is put here: behind bullets and the like."""
    begin = place + len(text[place:]) - len(text[place:].lstrip())
    if "\n" in text[place:begin]:
        begin = text.rfind("\n", 0, begin) + 1
    elif not _LEAD.fullmatch(text, text.rfind("\n", 0, place) + 1, place):
        return begin
    begin = _match_end(_LEAD, text, begin)
    return _match_end(_FENCE_LINE, text, begin)


def _before_tail(text: str, place: int) -> int:
    """Return where a wording ends that ends here: before what closes its block."""
    head = text[:place]
    is_line_end = head.endswith("\n") or not text[place:].split("\n", 1)[0].strip()
    if not is_line_end:
        return len(head.rstrip())
    tail = _TAIL.search(head, max(0, place - _TAIL_CHARACTERS))
    end = len(head.rstrip()) if tail is None else tail.start()
    line = head.rfind("\n", 0, end) + 1
    if _FENCE_LINE.fullmatch(head[line:end] + "\n"):
        return max(0, line - 1)
    return end


def _match_end(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return place if found is None else found.end()
