"""How one model's code is built, as tables and texts in one language."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from site_builder.analysis.judging import ModelStructure
from site_builder.analysis.published import IndexRange
from site_builder.analysis.structure import Structure
from site_builder.analysis.traits import GROUPS, TRAITS
from site_builder.constants import constants, score
from site_builder.findings import Portrait
from site_builder.model import Cell, Evidence, Remark, Table
from site_builder.profile_answers import facts_table, types_table
from site_builder.profile_counts import counted
from site_builder.words import Words

POINT_DECIMALS = 1


def profile_evidence(
    portraits: tuple[Portrait, ...], words: Words, *, name: str
) -> tuple[Evidence, ...]:
    """Return what to show of a model's structure; each task stands alone."""
    return tuple(
        _portrait(portrait, words, name=name, number=number)
        for number, portrait in enumerate(portraits, 1)
    )


def range_evidence(found: IndexRange, words: Words, *, name: str) -> Evidence:
    """Return what the words of a publication allow: bounds, never a point."""
    head = ("observation", "trait", "bound", "reading")
    return Evidence(
        title=words("profile.ranges_title"),
        texts=(
            words(
                "profile.ranges",
                low=_points(found.low, words),
                high=_points(found.high, words),
            ),
        ),
        tables=(
            Table(
                table_id="bounds",
                caption=words("profile.ranges_caption", name=name),
                head=tuple(
                    Cell(text=words(f"profile.{key}"), is_number=key == "bound")
                    for key in head
                ),
                rows=tuple(
                    (
                        Cell(text=words(f"observation.{key}")),
                        Cell(text=words(f"trait.{bound.trait}")),
                        Cell(
                            text=words(
                                "range",
                                low=score(bound.low, words),
                                high=score(bound.high, words),
                            ),
                            is_number=True,
                        ),
                        Cell(text=words(bound.reason_key)),
                    )
                    for key, bound in found.derivation
                ),
            ),
        ),
    )


def rank_text(structure: ModelStructure, words: Words) -> str | None:
    """Return a model's rank by structure in a sentence; None: it has none."""
    if structure.place is None:
        return None
    key = "place_shared" if structure.place.is_shared else "place"
    return words(f"profile.{key}", rank=words.number(structure.place.rank, 0))


def _portrait(portrait: Portrait, words: Words, *, name: str, number: int) -> Evidence:
    read = [
        item.findings.structure
        for item in portrait.trials
        if item.findings is not None and item.findings.structure is not None
    ]
    tables = [facts_table(portrait, words, name=name, number=number)]
    remarks: tuple[Remark, ...] = ()
    if read:
        tables = [
            _traits_table(read, words, name=name, number=number),
            _groups_table(portrait.structure, words, name=name, number=number),
            types_table(portrait, words, name=name, number=number),
            *tables,
        ]
        remarks = tuple(_definitions(words))
    return Evidence(
        title=words("profile.task", task=portrait.task_id),
        texts=tuple(_sentences(portrait.structure, words)),
        tables=tuple(tables),
        remarks_title=words("profile.definitions"),
        remarks=remarks,
    )


def _sentences(found: ModelStructure, words: Words) -> Iterator[str]:
    """Yield what is to be said of the index and the type, with what it rests on."""
    if found.style is None:
        yield words("profile.none")
    else:
        yield words(
            "profile.index",
            style=_points(found.style, words),
            k=words.number(found.n_ok, 0),
            n=words.number(found.n, 0),
            **constants(words),
        )
    if found.interval is not None and found.interval.n > 1:
        yield words(
            "profile.interval",
            low=_points(found.interval.low, words),
            high=_points(found.interval.high, words),
            coverage=words.quantity(100 * found.interval.coverage, "percent", 1),
            n=words.number(found.interval.n, 0),
        )
    if found.delivered is not None and found.n_ok < found.n:
        delivered = _points(found.delivered, words)
        yield words("profile.delivered", delivered=delivered)
    if found.n_distinct < found.n_ok:
        yield words(
            "profile.same",
            distinct=words.number(found.n_distinct, 0),
            k=words.number(found.n_ok, 0),
        )
    if found.is_hollow:
        yield words("profile.hollow")
    rank = rank_text(found, words)
    if rank is not None:
        yield rank
    yield from _type_sentences(found, words)


def _type_sentences(found: ModelStructure, words: Words) -> Iterator[str]:
    settled = found.archetype
    if settled is None:
        return
    name = settled.archetype
    yield words(
        f"profile.{settled.settlement}",
        type="" if name is None else words(f"archetype.{name}"),
        k=words.number(settled.k, 0),
        n=words.number(settled.n, 0),
        **constants(words),
    )
    if settled.speed is not None:
        p = settled.speed.p
        yield words(
            "profile.speed" if p is not None else "profile.speed_unknown",
            ratio=words.quantity(settled.speed.ratio, "x", 2),
            p=words("unknown") if p is None else words.number(p, 3),
            **constants(words),
        )
    yield words("profile.caution")


def _traits_table(
    read: list[Structure], words: Words, *, name: str, number: int
) -> Table:
    head = (("trait", False), ("weight", True), ("value", True), ("range", True))
    return Table(
        table_id=f"traits-{number}",
        caption=words("profile.traits_caption", name=name),
        head=(
            *(Cell(text=words(f"profile.{key}"), is_number=n) for key, n in head),
            Cell(text=words("profile.counts")),
        ),
        rows=tuple(_trait_row(key, read, words) for key in TRAITS),
    )


def _trait_row(key: str, read: list[Structure], words: Words) -> tuple[Cell, ...]:
    from statistics import median  # noqa: PLC0415 - analysis has one of this name

    values = [structure.traits[key] for structure in read]
    low, high = score(min(values), words), score(max(values), words)
    counts = [counted(structure.counts, TRAITS[key], words) for structure in read]
    spread = low if low == high else words("range", low=low, high=high)
    return (
        Cell(text=trait_name(key, words)),
        Cell(text=words.number(TRAITS[key].weight, 0), is_number=True),
        Cell(text=score(median(values), words), is_number=True),
        Cell(text=spread if len(values) > 1 else words("no_range"), is_number=True),
        Cell(text=words("conditions.model_separator").join(_collapsed(counts, words))),
    )


def trait_name(key: str, words: Words) -> str:
    """Return a trait's number and name."""
    return f"{TRAITS[key].label} {words(f'trait.{key}')}"


def _collapsed(texts: Iterable[str], words: Words) -> Iterator[str]:
    """Yield each text once, with how often it occurs."""
    for text, n in Counter(texts).items():
        yield (
            text if n == 1 else words("profile.times", text=text, n=words.number(n, 0))
        )


def _groups_table(
    found: ModelStructure, words: Words, *, name: str, number: int
) -> Table:
    groups: Mapping[str, float] = found.groups or {}
    head = (("group", False), ("members", False), ("score", True))
    return Table(
        table_id=f"groups-{number}",
        caption=words("profile.groups_caption", name=name),
        head=tuple(Cell(text=words(f"profile.{key}"), is_number=n) for key, n in head),
        rows=tuple(
            (
                Cell(text=words(f"group.{group}")),
                Cell(
                    text=words("list_separator").join(
                        trait_name(trait.key, words)
                        for trait in TRAITS.values()
                        if trait.group == group
                    )
                ),
                Cell(text=score(groups[group], words), is_number=True),
            )
            for group in GROUPS
            if group in groups
        ),
    )


def _definitions(words: Words) -> Iterator[Remark]:
    for key in TRAITS:
        yield Remark(label=trait_name(key, words), text=trait_definition(key, words))


def trait_definition(key: str, words: Words) -> str:
    """Return how a trait is computed, with the constants of its formula."""
    trait = TRAITS[key]
    fields = {
        name: words.number(number.value, _decimals(number.value))
        for name, number in trait.numbers.items()
    }
    return words(trait.formula_key, **fields)


def _decimals(value: float) -> int:
    """Return as many decimals as a constant of at most two has."""
    return next(n for n in (0, 1, 2) if n == 2 or value == round(value, n))


def _points(value: float, words: Words) -> str:
    return words.number(value, POINT_DECIMALS)
