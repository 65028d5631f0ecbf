"""What running one model's code showed, as tables and texts in one language."""

from collections.abc import Iterable, Iterator, Sequence

from collector.record import Case, Verdict
from site_builder.evidence import (
    UNSAFE_TIER,
    Bench,
    Verification,
    count,
    counted_cases,
)
from site_builder.listing import make_visible
from site_builder.model import Cell, Evidence, Fold, Remark, Table
from site_builder.words import Words

JUDGE_TONGUE = "en"
"""The language in which the judge gives its reasons."""

Verdicts = tuple[Verdict, ...]


def verification_evidence(
    found: Verification, words: Words, *, name: str
) -> tuple[Evidence, ...]:
    """Return what to show of a model's verdicts; each setting stands alone.

    Args:
        found: What running the model's code showed.
        words: The language.
        name: The model's name, for captions.
    """
    parts = []
    if len(found.benches) > 1:
        parts.append(Evidence(texts=(words("verification.several_settings"),)))
    parts.extend(
        _bench(bench, words, name=name, number=number)
        for number, bench in enumerate(found.benches, 1)
    )
    by_task: dict[str, list[Verdict]] = {}
    for verdict in found.unplaced:
        by_task.setdefault(verdict.task_id, []).append(verdict)
    parts.extend(
        _unplaced(tuple(verdicts), words, name=name, number=number)
        for number, verdicts in enumerate(by_task.values(), len(found.benches) + 1)
    )
    if found.stale:
        listed = _trials(found.stale, words)
        parts.append(Evidence(warnings=(words("verification.stale", trials=listed),)))
    if found.n_missing:
        n = words.number(found.n_missing, 0)
        parts.append(Evidence(texts=(words("verification.missing", n=n),)))
    return tuple(parts)


def level_cell(level: str | None, words: Words) -> Cell:
    """Return a level in words, or the word for unknown."""
    if level is None:
        return Cell(text=words("unknown"))
    return Cell(text=words(f"level.{level}"), mark=level.replace("_", "-"))


def case_title(task_id: str, case_id: str, words: Words) -> str:
    """Return a case's title; where the language has none, its id."""
    return words.entries.get(f"case.{task_id}.{case_id}", case_id)


def tier_name(sandbox: str, words: Words) -> str:
    """Return a sandbox's name in words; where the language has none, its own."""
    return words.entries.get(f"sandbox.{sandbox}", sandbox)


def _bench(bench: Bench, words: Words, *, name: str, number: int) -> Evidence:
    setting, verdicts = bench.setting, bench.verdicts
    counted = _matrix(
        verdicts, words, is_counted=True, table_id=f"cases-{number}", name=name
    )
    apart = _matrix(
        verdicts, words, is_counted=False, table_id=f"uncounted-{number}", name=name
    )
    table_id = f"levels-{number}"
    is_unsafe = setting.sandbox == UNSAFE_TIER
    return Evidence(
        title=words(
            "verification.setting",
            task=setting.task_id,
            sandbox=tier_name(setting.sandbox, words),
        ),
        warnings=(words("verification.no_sandbox"),) if is_unsafe else (),
        texts=_setting_texts(bench, words),
        tables=(
            _level_table(verdicts, words, table_id=table_id, name=name),
            *(table for table in (counted, apart) if table.rows),
        ),
        remarks_title=words("verification.reasons"),
        remarks=tuple(_reasons(verdicts, words)),
        folds=tuple(_folds(verdicts, words)),
    )


def _unplaced(verdicts: Verdicts, words: Words, *, name: str, number: int) -> Evidence:
    """Show verdicts of code that was not executed, or of answers without code."""
    is_idle = any(verdict.level == "not_executed" for verdict in verdicts)
    return Evidence(
        title=words("verification.unplaced", task=verdicts[0].task_id),
        warnings=(words("verification.not_executed"),) if is_idle else (),
        tables=(_level_table(verdicts, words, table_id=f"levels-{number}", name=name),),
        remarks_title=words("verification.reasons"),
        remarks=tuple(_reasons(verdicts, words)),
        folds=tuple(_folds(verdicts, words)),
    )


def _setting_texts(bench: Bench, words: Words) -> tuple[str, ...]:
    setting = bench.setting
    unknown = words("unknown")
    facts = words(
        "verification.facts",
        version=setting.sandbox_version or unknown,
        python=setting.guest_python or unknown,
        judge=setting.judge_version,
    )
    return (facts,)


def _level_table(
    verdicts: Verdicts, words: Words, *, table_id: str, name: str
) -> Table:
    head = ("trial", "level", "passes", "call")
    return Table(
        table_id=table_id,
        caption=words("verification.levels_caption", name=name),
        head=tuple(
            Cell(text=words(f"verification.{key}"), is_number=key == "passes")
            for key in head
        ),
        rows=tuple(
            (
                Cell(text=_trial(verdict, words)),
                level_cell(verdict.level, words),
                Cell(text=_passes(verdict, words), is_number=True),
                _call(verdict, words),
            )
            for verdict in verdicts
        ),
    )


def _passes(verdict: Verdict, words: Words) -> str:
    total = len(counted_cases(verdict))
    if not total or verdict.level == "not_executed":
        return words("unknown") if verdict.level != "fails" else words.number(0, 0)
    strict, lenient = count(verdict, "pass"), count(verdict, "lenient")
    return words(
        "verification.passes_value",
        strict=words.number(strict, 0),
        lenient=words.number(lenient, 0),
        total=words.number(total, 0),
    )


def _call(verdict: Verdict, words: Words) -> Cell:
    if verdict.call is None:
        return Cell(text=words("no_range"))
    return Cell(text=make_visible(verdict.call), is_code=True, tongue=JUDGE_TONGUE)


def _matrix(
    verdicts: Verdicts, words: Words, *, is_counted: bool, table_id: str, name: str
) -> Table:
    """Return cases by trials; a case that a verdict lacks was not run."""
    by_trial = [
        {case.case_id: case for case in verdict.cases if case.is_counted == is_counted}
        for verdict in verdicts
    ]
    ids = sorted({case_id for cases in by_trial for case_id in cases})
    task_id = verdicts[0].task_id
    kind = "cases" if is_counted else "uncounted"
    return Table(
        table_id=table_id,
        caption=words(f"verification.{kind}_caption", name=name),
        head=(
            Cell(text=words("verification.case")),
            *(Cell(text=_trial(verdict, words)) for verdict in verdicts),
        ),
        rows=tuple(
            (
                Cell(text=case_title(task_id, case_id, words)),
                *(_result(cases.get(case_id), words) for cases in by_trial),
            )
            for case_id in ids
        ),
    )


def _result(case: Case | None, words: Words) -> Cell:
    result = "not_run" if case is None else case.result
    return Cell(
        text=words(f"result.{result}"),
        symbol=words(f"symbol.{result}"),
        mark=result.replace("_", "-"),
    )


def _reasons(verdicts: Verdicts, words: Words) -> Iterator[Remark]:
    """Yield the levels' reasons, then the cases'; a shared one names its trials."""
    found: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.reason:
            found.setdefault((words("verification.level"), verdict.reason), []).append(
                verdict
            )
    cases = sorted(
        (
            (case.case_id, case.result, case.reason, verdict)
            for verdict in verdicts
            for case in verdict.cases
            if case.reason
        ),
        key=lambda item: (item[0], item[3].number),
    )
    for case_id, result, reason, verdict in cases:
        title = case_title(verdict.task_id, case_id, words)
        label = words(
            "verification.reason_label", case=title, result=words(f"result.{result}")
        )
        found.setdefault((label, reason), []).append(verdict)
    for (label, reason), concerned in found.items():
        yield Remark(
            label=words(
                "verification.reason_of",
                label=label,
                trials=_concerned(concerned, verdicts, words),
            ),
            text=make_visible(reason),
            tongue=JUDGE_TONGUE,
        )
    yield from _notes(verdicts, words)


def _notes(verdicts: Verdicts, words: Words) -> Iterator[Remark]:
    """Yield what else was seen, once for each kind, with the trials it concerns."""
    seen: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        for note in verdict.notes:
            seen.setdefault(note, []).append(verdict)
    for note, concerned in seen.items():
        text = words.entries.get(f"verdict_note.{note}")
        yield Remark(
            label=words(
                "verification.reason_of",
                label=words("verification.noted"),
                trials=_concerned(concerned, verdicts, words),
            ),
            text=text or note,
            tongue="" if text else JUDGE_TONGUE,
        )


def _folds(verdicts: Verdicts, words: Words) -> Iterator[Fold]:
    """Yield the changes, then the ways of calling; equal ones stand once."""
    found: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.diff:
            found.setdefault(("diff_title", verdict.diff), []).append(verdict)
    for verdict in verdicts:
        if verdict.tried:
            tried = "\n".join(verdict.tried)
            found.setdefault(("tried_title", tried), []).append(verdict)
    for (key, text), concerned in found.items():
        trials = _concerned(concerned, verdicts, words)
        yield Fold(
            title=words(f"verification.{key}", trials=trials), text=make_visible(text)
        )


def _trial(verdict: Verdict, words: Words) -> str:
    return words("verification.trial_n", n=verdict.number)


def _trials(verdicts: Iterable[Verdict], words: Words) -> str:
    return words("list_separator").join(_trial(verdict, words) for verdict in verdicts)


def _concerned(some: Sequence[Verdict], every: Verdicts, words: Words) -> str:
    """Name the trials something concerns; all of several are not listed."""
    if len(some) == len(every) > 1:
        return words("verification.all_trials", n=words.number(len(every), 0))
    return _trials(some, words)
