"""The recorded streams that race: one trial of each model, and its text step by step.

Text is made visible here, so that the page only has to put it in place.
"""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from collector.extract import extract_code
from collector.metrics import answer_s, completion_tokens, decode_tok_s, ttft_s
from collector.record import Channel, PlannedModel, Trial
from collector.store import LoadedRun
from site_builder.analysis.summary import CACHE_PREFERENCE
from site_builder.listing import make_visible
from site_builder.race_file import RaceFile, Replay, Step, race_file

TEXT_CHARS = 40_000
"""Longer texts are cut in the race, and said to be; the model's page has all."""

CODE_CHARS = 20_000
"""Longer code is shown without colours."""

_PLAIN = frozenset({"", "n", "o", "p", "w", "err"})
"""Pygments' classes for what looks like running text."""


@dataclass(frozen=True, kw_only=True)
class RaceData:
    """A race of all models of a run, whatever the language."""

    replays: tuple[Replay, ...]
    file: RaceFile

    @property
    def files(self) -> dict[str, bytes]:
        """The file to publish by its path; none where nothing needs it."""
        return {self.file.path: self.file.content} if self.file.path else {}


def race_data(run: LoadedRun, task_id: str | None) -> RaceData:
    """Return the race of a task; None: the plan's first, or the first there is."""
    task_id = task_id or _first_task(run)
    replays = tuple(_replay(run, model, task_id) for model in run.run.models)
    return RaceData(replays=replays, file=race_file(replays, task_id))


def choose_trial(trials: Iterable[Trial]) -> Trial | None:
    """Return the trial nearest the median rate; None: none counts.

    Failed trials and warm-ups never race. Where some trials found the prompt cache
    cold, one of them is taken, as the first-token time of the tables is theirs; the
    median is that of all. Without any rate it is the first trial.
    """
    counted = [t for t in trials if t.failure is None and not t.is_warmup]
    rates = [rate for t in counted if (rate := decode_tok_s(t)) is not None]
    median = statistics.median(rates) if rates else 0.0

    def distance(trial: Trial) -> tuple[bool, float, int]:
        rate = decode_tok_s(trial)
        return rate is None, abs((rate or 0.0) - median), trial.number

    for state in CACHE_PREFERENCE:
        group = [trial for trial in counted if trial.cache == state]
        if group:
            return min(group, key=distance)
    return None


def _first_task(run: LoadedRun) -> str:
    planned = () if run.run.plan is None else run.run.plan.tasks
    found = (trial.task_id for trial in run.trials if not trial.is_warmup)
    return next(iter((*planned, *found)), "none")


def _replay(run: LoadedRun, model: PlannedModel, task_id: str) -> Replay:
    trial = choose_trial(
        trial
        for trial in run.trials
        if (trial.model_id, trial.task_id) == (model.model_id, task_id)
    )
    if trial is None:
        return Replay(model=model, trial=None, kind="absent")
    if trial.published is not None:
        return _rebuild(model, trial)
    if not trial.timeline:
        return Replay(model=model, trial=trial, kind="absent")
    steps = _steps(trial)
    answer_us = next((s.t_us for s in steps if s.channel == "answer"), None)
    recorded = Replay(
        model=model,
        trial=trial,
        kind="text" if any(step.text for step in steps) else "times",
        steps=steps,
        first_us=steps[0].t_us,
        last_us=steps[-1].t_us,
        answer_us=answer_us if steps[0].channel == "reasoning" else None,
    )
    if recorded.kind == "times":
        return recorded
    code = run.codes.get((trial.model_id, task_id, trial.number))
    if code is None and trial.answer_text:
        code = extract_code(trial.answer_text)
    return replace(
        recorded,
        code=_highlight(code or ""),
        is_cut=len((trial.reasoning_text or "") + (trial.answer_text or ""))
        > TEXT_CHARS,
    )


def _rebuild(model: PlannedModel, trial: Trial) -> Replay:
    """Take the wait and the time to the finished answer from printed figures."""
    first, last, tokens = ttft_s(trial), answer_s(trial), completion_tokens(trial)
    if first is None or last is None or not tokens:
        return Replay(model=model, trial=trial, kind="absent")
    return Replay(
        model=model,
        trial=trial,
        kind="rebuilt",
        first_us=round(first * 1e6),
        last_us=round(last * 1e6),
    )


def _steps(trial: Trial) -> tuple[Step, ...]:
    """Give each arrival its text, where the texts are what the timeline counted."""
    timeline = trial.timeline or ()
    texts: dict[Channel, str] = {
        "reasoning": trial.reasoning_text or "",
        "answer": trial.answer_text or "",
    }
    came: dict[Channel, int] = dict.fromkeys(texts, 0)
    for _, channel, chars in timeline:
        came[channel] += chars
    is_whole = all(came[channel] == len(text) for channel, text in texts.items())
    room = TEXT_CHARS if is_whole else 0
    at: dict[Channel, int] = dict.fromkeys(texts, 0)
    steps = []
    for t_us, channel, chars in timeline:
        start = at[channel]
        shown = _piece(texts[channel], start, start + min(chars, room))
        at[channel], room = start + chars, max(0, room - chars)
        steps.append(Step(t_us, channel, chars, shown))
    return tuple(steps)


def _piece(text: str, start: int, end: int) -> str:
    """Return a part of a text made visible; a line break cut in two stays one."""
    if text[end - 1 : end + 1] == "\r\n":
        end -= 1
    return make_visible(text[start:end])


def _highlight(code: str) -> tuple[str, ...]:
    """Return class and text in turn, as Pygments sees the code; empty: no colours."""
    if not code.strip() or len(code) > CODE_CHARS:
        return ()
    # pygments takes a tenth of a second to import: only sites with code pay for it.
    from pygments.lexers.python import PythonLexer  # noqa: PLC0415
    from pygments.token import STANDARD_TYPES  # noqa: PLC0415

    tokens = (
        (STANDARD_TYPES.get(kind, ""), text)
        for kind, text in PythonLexer().get_tokens(make_visible(code))
    )
    plain = (("" if name in _PLAIN else name, text) for name, text in tokens)
    pieces: list[str] = []
    for name, group in groupby(plain, key=lambda pair: pair[0]):
        pieces += (name, "".join(text for _, text in group))
    return tuple(pieces)
