"""The race in one language: all that its template shows, and that its script says.

Numbers of what happened are written here, so that they are those of the rest of the
page; the script only counts on the way there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from collector.record import Source
from site_builder.model import Cell, Table, hue_of
from site_builder.places import model_path
from site_builder.race_course import Course, has_rate, make_course, shown_name
from site_builder.race_data import RaceData
from site_builder.race_file import Replay
from site_builder.words import Words

RACE = "race"
"""By this name texts place the race, among the figures."""

SPEEDS = (0.5, 1, 2, 4, 8, 16)
MAX_BLOCKS = 1500
"""A lane draws at most so many blocks; with more tokens a block is several."""

_MAX_TICKS = 5


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark of the time axis; ``x`` is its place in per cent, as all places here."""

    x: str
    label: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class RaceLane:
    """One model's place in the race.

    Attributes:
        badges: What its lane must be labelled with, such as "reconstructed".
        course: None: it cannot race; ``absence`` says why.
    """

    lane_id: str
    name: str
    path: str
    hue: int
    badges: tuple[str, ...]
    absence: str
    course: Course | None


@dataclass(frozen=True, kw_only=True)
class Race:
    """The race in one language.

    Attributes:
        path: The recording inside the site; empty: the script needs none.
        speeds: Value and label of each speed.
        order: What is said when all have finished; empty: there is nothing to run.
    """

    title: str
    intro: tuple[str, ...]
    notes: tuple[str, ...]
    lanes: tuple[RaceLane, ...]
    ticks: tuple[Tick, ...]
    speeds: tuple[tuple[str, str], ...]
    table: Table
    path: str
    order: str
    block: int
    seconds_pattern: str
    has_thinking: bool


def make_race(data: RaceData, words: Words, *, source: Source) -> Race:
    """Return the race of a run in one language."""
    full_us = max((item.last_us for item in data.replays), default=0) or 1
    running = [item for item in data.replays if item.kind != "absent"]
    lasts = sorted(item.last_us for item in running)
    lanes = tuple(
        _lane(
            item,
            words,
            full_us=full_us,
            place=1 + sum(last < item.last_us for last in lasts),
            hue=hue_of(index),
            is_demo=source == "demo",
        )
        for index, item in enumerate(data.replays)
    )
    counts = [lane.course.count for lane in lanes if lane.course]
    block = max(1, math.ceil(max(counts, default=0) / MAX_BLOCKS))
    return Race(
        title=words("race.title"),
        intro=_intro(running, words, is_demo=source == "demo"),
        notes=_notes(data, running, words, block=block),
        lanes=lanes,
        ticks=_ticks(full_us / 1e6, words) if running else (),
        speeds=tuple((f"{speed:g}", _speed_label(speed, words)) for speed in SPEEDS),
        table=_table(data, words),
        path=data.file.path,
        order=_order(lanes, words),
        block=block,
        seconds_pattern=words("unit.s"),
        has_thinking=any(item.answer_us is not None for item in running),
    )


def _lane(
    item: Replay, words: Words, *, full_us: int, place: int, hue: int, is_demo: bool
) -> RaceLane:
    badges = [words("race.badge_demo")] if is_demo else []
    if item.kind in ("rebuilt", "times"):
        badges.append(words(f"race.badge_{item.kind}"))
    is_absent = item.kind == "absent"
    reason = "failed" if item.trial is None else "unknown"
    return RaceLane(
        lane_id=item.model.model_id,
        name=shown_name(item),
        path=model_path(words.language, item.model.model_id),
        hue=hue,
        badges=() if is_absent else tuple(badges),
        absence=words(f"race.absent_{reason}") if is_absent else "",
        course=None if is_absent else make_course(item, words, full_us, place),
    )


def _intro(
    running: Sequence[Replay], words: Words, *, is_demo: bool
) -> tuple[str, ...]:
    kinds = [
        kind for kind in ("text", "rebuilt") if any(r.kind == kind for r in running)
    ]
    texts = [words(f"race.{kind}") for kind in kinds]
    if is_demo:
        texts.append(words("race.demo"))
    return tuple(texts)


def _notes(
    data: RaceData, running: Sequence[Replay], words: Words, *, block: int
) -> tuple[str, ...]:
    notes = []
    drawn = [item for item in running if item.kind != "text"]
    if any(item.kind == "times" for item in drawn):
        notes.append(words("race.times"))
    if drawn:
        key = "blocks_one" if block == 1 else "blocks"
        notes.append(words(f"race.{key}", n=words.number(block, 0)))
    if not all(map(has_rate, drawn)):
        notes.append(words("race.blocks_characters"))
    tasks = [item.trial.task_id for item in running if item.trial and item.steps]
    if tasks:
        notes.append(words("race.rule", task=tasks[0]))
    if data.file.window_us:
        window = words.quantity(data.file.window_us / 1e3, "ms", 0)
        notes.append(words("race.thinned", window=window))
    if running:
        notes.append(words("race.no_ranking"))
    return tuple(notes)


def _order(lanes: Sequence[RaceLane], words: Words) -> str:
    found = [(lane.course, lane.name) for lane in lanes if lane.course is not None]
    found.sort(key=lambda pair: pair[0].place)
    items = words("list_separator").join(
        words("race.order_item", place=course.place, name=name, time=course.final_time)
        for course, name in found
    )
    return words("race.order", items=items) if items else ""


def _table(data: RaceData, words: Words) -> Table:
    has_thinking = any(item.answer_us is not None for item in data.replays)
    times = ["first", "answer", "last"] if has_thinking else ["first", "last"]
    unit = words("unit_label.s")
    head = (
        Cell(text=words("table.model")),
        *(
            Cell(
                text=words("table.head", label=words(f"race.table_{key}"), unit=unit),
                is_number=True,
            )
            for key in times
        ),
        Cell(text=words("race.table_origin")),
    )
    return Table(
        table_id="race",
        caption=words("race.table_caption"),
        head=head,
        rows=tuple(_row(item, times, words) for item in data.replays),
    )


def _row(item: Replay, times: list[str], words: Words) -> tuple[Cell, ...]:
    known = {"first": item.first_us, "answer": item.answer_us, "last": item.last_us}
    cells = []
    for key in times:
        at_us = None if item.kind == "absent" else known[key]
        text = words("no_range") if at_us is None else words.number(at_us / 1e6, 2)
        cells.append(Cell(text=text, is_number=True))
    return Cell(text=shown_name(item)), *cells, Cell(text=_origin(item, words))


def _origin(item: Replay, words: Words) -> str:
    if item.trial is None or item.kind == "absent":
        return words("race.origin_absent")
    if item.kind == "rebuilt":
        return words("race.origin_published")
    trial = f"{item.trial.task_id}-{item.trial.number:02d}"
    cache = words(f"cache.{item.trial.cache}")
    return words("race.origin_trial", trial=trial, cache=cache)


def _ticks(full_s: float, words: Words) -> tuple[Tick, ...]:
    """Return marks at round times, the request's at 0 among them."""
    exponent = math.floor(math.log10(full_s / _MAX_TICKS))
    candidates = (
        factor * 10.0**e for e in (exponent, exponent + 1) for factor in (1, 2, 5)
    )
    step = next(s for s in candidates if full_s / s <= _MAX_TICKS)
    decimals = max(0, -math.floor(math.log10(step)))
    ticks = []
    for number in range(math.floor(full_s / step + 1e-9) + 1):
        ratio = number * step / full_s
        anchor = "start" if number == 0 else "end" if ratio > 0.93 else "middle"
        label = words.quantity(number * step, "s", decimals if number else 0)
        ticks.append(Tick(x=f"{100 * ratio:.2f}%", label=label, anchor=anchor))
    return tuple(ticks)


def _speed_label(speed: float, words: Words) -> str:
    if speed == 1:
        return words("race.speed_one")
    return words("race.speed_many", n=words.number(speed, 0 if speed >= 1 else 1))
