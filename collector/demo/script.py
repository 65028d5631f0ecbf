"""The demo's models: what each says, how fast, and in which pieces."""

import re
from dataclasses import dataclass
from importlib import resources
from typing import Literal

GREETING = "はい、準備ができました。どうぞ、ご質問をお聞かせください。"

_BUILDER_THINKING = (
    "The user wants a JSON to CSV function. Standard library only: flatten nested "
    "objects, keep late keys, offer a CLI with a BOM for Excel, exit codes."
)

# The shortest two to five characters that end where a word begins or ends; inside a
# longer word, three.
_PIECE = re.compile(r"(?s:.{2,5}?\b|.{1,3})")


@dataclass(frozen=True, kw_only=True)
class ScriptedModel:
    """A model that says what is written in its script.

    Attributes:
        key: The server's name for it.
        name: The name shown to people.
        tok_s: Tokens per second, thinking included.
        ttft_s: Seconds from the request to the first token of a new prompt.
        load_s: Seconds that loading takes.
        thinking: What it thinks before it answers; empty: it does not.
        answer: Its answer to the task, Markdown.
    """

    key: str
    name: str
    tok_s: float
    ttft_s: float
    load_s: float
    thinking: str = ""
    answer: str


@dataclass(frozen=True)
class Piece:
    """The text of one token, and the field of a delta it goes into."""

    field: Literal["reasoning", "content"]
    text: str


@dataclass(frozen=True)
class Script:
    """What is to be said in one reply, token by token.

    Attributes:
        pieces: The tokens, in order.
        is_cut: Whether more would have come but for the token limit.
    """

    pieces: tuple[Piece, ...]
    is_cut: bool

    def text(self, field: Literal["reasoning", "content"]) -> str:
        """Return all text of one field."""
        return "".join(piece.text for piece in self.pieces if piece.field == field)

    def count(self, field: Literal["reasoning", "content"]) -> int:
        """Return the number of tokens of one field."""
        return sum(piece.field == field for piece in self.pieces)


def split(text: str) -> list[str]:
    """Cut a text into pieces of one to five characters; joined, they are the text."""
    return _PIECE.findall(text)


def write_script(model: ScriptedModel, prompt: str, max_tokens: int | None) -> Script:
    """Return what a model says to a prompt.

    A prompt that speaks of JSON and CSV is the task; any other, such as a warm-up,
    is greeted. ``max_tokens`` of None is no limit.
    """
    is_task = {"json", "csv"} <= set(re.findall(r"[a-z]+", prompt.lower()))
    thinking, answer = (model.thinking, model.answer) if is_task else ("", GREETING)
    pieces = (
        *(Piece("reasoning", text) for text in split(thinking)),
        *(Piece("content", text) for text in split(answer)),
    )
    kept = pieces if max_tokens is None else pieces[:max_tokens]
    return Script(kept, is_cut=len(kept) < len(pieces))


def read_models() -> tuple[ScriptedModel, ...]:
    """Return the demo's models with the answers that ship in this package."""
    return (
        ScriptedModel(
            key="demo/sketch",
            name="Demo sketch",
            tok_s=900,
            ttft_s=0.08,
            load_s=0.05,
            answer=_read_answer("sketch"),
        ),
        ScriptedModel(
            key="demo/plain",
            name="Demo plain",
            tok_s=700,
            ttft_s=0.18,
            load_s=0.1,
            answer=_read_answer("plain"),
        ),
        ScriptedModel(
            key="demo/teacher",
            name="Demo teacher",
            tok_s=520,
            ttft_s=0.12,
            load_s=0.08,
            answer=_read_answer("teacher"),
        ),
        ScriptedModel(
            key="demo/builder",
            name="Demo builder",
            tok_s=560,
            ttft_s=0.3,
            load_s=0.15,
            thinking=_BUILDER_THINKING,
            answer=_read_answer("builder"),
        ),
    )


def _read_answer(name: str) -> str:
    path = resources.files("collector.demo").joinpath("answers", f"{name}.md")
    return path.read_text(encoding="utf-8").removesuffix("\n")
