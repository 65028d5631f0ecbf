"""Thinking that a server leaves inside the answer, told apart as it arrives; pure.

Some templates make a model write ``<think>…</think>`` and some servers pass that on as
part of the answer. The tags stay with the thinking, so that both texts together are
what came.
"""

from typing import NamedTuple

from collector.record import Channel

OPENING = "<think>"
CLOSING = "</think>"


class Piece(NamedTuple):
    """Text of one arrival that belongs to one channel."""

    at_ns: int
    channel: Channel
    text: str


class ThinkingSplitter:
    """Gives each piece of an answer its channel; a tag may be cut anywhere."""

    def __init__(self) -> None:
        self._undecided: list[tuple[int, str]] = []
        self._tail = ""
        self._state = "start"

    def feed(self, at_ns: int, text: str) -> list[Piece]:
        """Return the pieces whose channel is known now, in order of arrival."""
        if self._state == "answer":
            return [Piece(at_ns, "answer", text)]
        if self._state == "thinking":
            return self._think(at_ns, text)
        self._undecided.append((at_ns, text))
        head = "".join(part for _, part in self._undecided).lstrip()
        if len(head) < len(OPENING) and OPENING.startswith(head):
            return []
        undecided, self._undecided = self._undecided, []
        if not head.startswith(OPENING):
            self._state = "answer"
            return [Piece(at, "answer", part) for at, part in undecided]
        self._state = "thinking"
        return [piece for at, part in undecided for piece in self._think(at, part)]

    def close(self) -> list[Piece]:
        """Return what was still undecided, as answer."""
        undecided, self._undecided = self._undecided, []
        return [Piece(at, "answer", part) for at, part in undecided]

    def _think(self, at_ns: int, text: str) -> list[Piece]:
        if self._state == "answer":
            return [Piece(at_ns, "answer", text)]
        seen = self._tail + text
        end = seen.find(CLOSING)
        if end < 0:
            self._tail = seen[-(len(CLOSING) - 1) :]
            return [Piece(at_ns, "reasoning", text)]
        self._state = "answer"
        cut = end + len(CLOSING) - len(self._tail)
        pieces = [Piece(at_ns, "reasoning", text[:cut])]
        if text[cut:]:
            pieces.append(Piece(at_ns, "answer", text[cut:]))
        return pieces


def unopened_thinking_chars(answer: str) -> int:
    """Return how many characters at the start of an answer are thinking.

    A template may open the thinking in the prompt, so that only its end is written.
    That is taken for one only if it occurs once, before any block of code.
    """
    end = answer.find(CLOSING)
    if end < 0 or answer.count(CLOSING) > 1 or OPENING in answer:
        return 0
    return 0 if "```" in answer[:end] else end + len(CLOSING)
