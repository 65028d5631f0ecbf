"""A run's answers are judged once, saved beside their trials, and passed over after."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from collector import store
from collector.errors import CollectorError, PlanError, RecordError, SandboxError
from collector.record import Case, Failure, PlannedModel, Rig, Run, Server, Trial
from collector.task import prompt_sha256
from collector.verification import command as verify_module
from collector.verification import verify_run
from collector.verification.sandbox.protocol import Tier
from collector.verification.verify import Findings

TASKS = Path(__file__).parents[3] / "content" / "tasks"
PROMPT = "PythonでJSON→CSV変換関数を書いてください"
CODE = "def json_to_csv(json_path, csv_path):\n    pass\n"
ANSWER = f"こうです。\n\n```python\n{CODE}```\n"
TIER = Tier(name="bubblewrap", version="0.8.0", guest_python="3.11.2")
CALLED = Findings(
    level="as_is",
    call="json_to_csv(in, out)",
    tried=("json_to_csv(in, out): right",),
    cases=(Case(case_id="01-flat", result="pass", reason="", wall_s=0.1),),
)


def trial(number: int, answer: str | None = ANSWER, **changes: object) -> Trial:
    fields: dict = {
        "run_id": "r1",
        "model_id": "m",
        "task_id": "json-to-csv",
        "number": number,
        "outcome": "complete",
        "answer_text": answer,
        "finish_reason": "stop",
    }
    return Trial(**{**fields, **changes})


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    shutil.copytree(TASKS, folder / "tasks")
    run = Run(
        run_id="r1",
        source="measured",
        models=(PlannedModel(model_id="m", key="m", name="M"),),
        prompts={"json-to-csv": prompt_sha256(PROMPT)},
        rig=Rig(),
        server=Server(),
    )
    store.save_run(folder / "records", run)
    return folder


@pytest.fixture
def save(content):
    def save(trial: Trial, code: str | None = CODE) -> None:
        store.save_trial(content / "records", trial)
        store.save_code(content / "records", trial, code)

    return save


@pytest.fixture
def judge(content, monkeypatch):
    """Judge the run with a verifier that tells which codes it was given."""

    def judge(tier: Tier | None = TIER, findings: Findings = CALLED):
        ran: list[str] = []
        told: list[tuple[int, str, bool]] = []

        def verify_code(code, suite, sandbox, *, jobs):
            ran.append(code)
            return findings

        def open_sandbox():
            if tier is None:
                raise SandboxError("there is no sandbox: install bubblewrap")
            return SimpleNamespace(tier=tier)

        monkeypatch.setattr(verify_run, "verify_code", verify_code)
        records = content / "records"
        work = verify_run.read_work(records, "r1", [content / "tasks"])
        verify_run.judge_all(
            work,
            records,
            open_sandbox,
            jobs=1,
            on_verdict=lambda v, is_old: told.append((v.number, v.level, is_old)),
        )
        return ran, told

    return judge


def verdicts(content: Path):
    return store.load_run(content / "records", "r1").verdicts


def test_a_verdict_names_code_task_judge_and_tier(content, save, judge):
    save(trial(1))
    assert judge() == ([CODE], [(1, "as_is", False)])

    (verdict,) = verdicts(content)
    path = content / "records" / "r1" / "m" / "json-to-csv-01.verdict.json"
    assert path.is_file()
    assert (verdict.sandbox, verdict.sandbox_version) == ("bubblewrap", "0.8.0")
    assert (verdict.guest_python, verdict.judge_version) == ("3.11.2", "judge/1")
    assert verdict.call == "json_to_csv(in, out)"
    assert verdict.code_sha256 == prompt_sha256(CODE)  # the same hash of any text


def test_what_is_up_to_date_is_passed_over(content, save, judge):
    save(trial(1))
    judge()
    before = store.verdict_path(content / "records", verdicts(content)[0]).stat()
    assert judge() == ([], [(1, "as_is", True)])
    after = store.verdict_path(content / "records", verdicts(content)[0]).stat()
    assert after.st_ino == before.st_ino


@pytest.mark.parametrize(
    "change",
    [
        {"name": "wasi"},
        {"version": "0.9.0"},
        {"guest_python": "3.13.0"},
    ],
)
def test_another_tier_judges_anew(save, judge, change):
    save(trial(1))
    judge()
    ran, told = judge(replace(TIER, **change))
    assert (ran, told) == ([CODE], [(1, "as_is", False)])


def test_another_code_or_case_or_judge_judges_anew(content, save, judge, monkeypatch):
    save(trial(1))
    judge()
    save(trial(1), CODE + "\n")
    assert judge()[0] == [CODE + "\n"]

    cases = content / "tasks" / "json-to-csv" / "cases"
    with (cases / "01-flat" / "case.toml").open("a", encoding="utf-8") as file:
        file.write("# another thought\n")
    assert judge()[0] == [CODE + "\n"]
    assert judge()[0] == []

    monkeypatch.setattr("collector.verification.verdict.JUDGE_VERSION", "judge/9")
    assert judge()[0] == [CODE + "\n"]


@pytest.mark.parametrize(
    ("answer", "finish_reason", "reason"),
    [
        ("```python\ndef f(:\n```\n", "stop", "the code is not Python: line 1: "),
        ("できません。", "stop", "the answer holds no code"),
        ("", "stop", "the answer is empty"),
        ("考え中", "length", "cut at the token limit before any code"),
        (
            "```python\nimport csv\ndef f(a):\n    return [",
            "length",
            "cut at the token limit before its code was whole",
        ),
    ],
)
def test_what_cannot_run_fails_without_a_sandbox(
    content, save, judge, answer, finish_reason, reason
):
    cut = Failure(kind="limit", message="cut") if finish_reason == "length" else None
    outcome = "truncated" if cut else "complete"
    save(
        trial(1, answer, finish_reason=finish_reason, failure=cut, outcome=outcome),
        None,
    )
    assert judge(tier=None) == ([], [(1, "fails", False)])

    (verdict,) = verdicts(content)
    assert reason in verdict.reason
    assert (verdict.sandbox, verdict.guest_python) == (None, None)
    assert {case.result for case in verdict.cases} == {"not_run"}
    assert len(verdict.cases) == 19
    assert judge(tier=None) == ([], [(1, "fails", True)])


def test_code_that_was_whole_before_the_cut_is_run(save, judge):
    cut = Failure(kind="limit", message="cut")
    save(trial(1, finish_reason="length", failure=cut, outcome="truncated"))
    assert judge()[0] == [CODE]


def test_saved_code_is_judged_even_where_the_answer_now_reads_as_cut(save, judge):
    cut = Failure(kind="limit", message="cut")
    text = "```python\nimport csv\ndef f(a):\n    return ["
    save(trial(1, text, finish_reason="length", failure=cut, outcome="truncated"))
    assert judge()[0] == [CODE]


def test_failed_trials_warm_ups_and_trials_without_an_answer_get_no_verdict(
    content, save, judge
):
    lost = Failure(kind="disconnected", message="lost")
    save(trial(1, failure=lost, outcome="truncated"))
    save(trial(2, is_warmup=True))
    save(trial(3, None, outcome=None), None)
    save(trial(4))
    assert judge()[1] == [(4, "as_is", False)]
    assert len(verdicts(content)) == 1


def test_without_a_sandbox_it_is_written_that_nothing_ran(content, save, judge):
    save(trial(1))
    save(trial(2, "だめ"), None)
    with pytest.raises(SandboxError, match="install bubblewrap"):
        judge(tier=None)

    first, second = verdicts(content)
    assert (first.level, first.sandbox) == ("not_executed", None)
    assert "install bubblewrap" in first.reason
    assert second.level == "fails"
    assert judge()[0] == [CODE]


def test_without_a_sandbox_what_another_machine_found_is_kept(content, save, judge):
    save(trial(1))
    judge()
    before = verdicts(content)
    with pytest.raises(SandboxError):
        judge(tier=None)
    assert verdicts(content) == before


def test_an_interrupted_call_goes_on_where_it_stopped(content, save, judge):
    for number in (1, 2, 3):
        save(trial(number))
    records = content / "records"
    work = verify_run.read_work(records, "r1", [content / "tasks"])

    def stop(verdict, is_old):
        if verdict.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge_with(work, records, stop)
    assert [v.number for v in verdicts(content)] == [1, 2]
    assert judge()[1] == [(1, "as_is", True), (2, "as_is", True), (3, "as_is", False)]


def judge_with(work, records, on_verdict) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify_run, "verify_code", lambda *_, **__: CALLED)
        verify_run.judge_all(
            work,
            records,
            lambda: SimpleNamespace(tier=TIER),
            jobs=1,
            on_verdict=on_verdict,
        )


def test_a_prompt_that_was_not_the_one_measured_is_refused(content, save, judge):
    save(trial(1))
    prompt = content / "tasks" / "json-to-csv" / "prompt.md"
    prompt.write_text("別の依頼\n", encoding="utf-8")
    with pytest.raises(PlanError, match=r"prompt\.md: is not the prompt that run r1"):
        judge()


def test_a_verdict_that_cannot_be_read_is_named_and_not_written_over(content, save):
    save(trial(1))
    path = content / "records" / "r1" / "m" / "json-to-csv-01.verdict.json"
    path.write_text('{"schema_version": 99, "kind": "verdict"}', encoding="utf-8")
    work = verify_run.read_work(content / "records", "r1", [content / "tasks"])
    assert [bad.path for bad in work.bad] == [path]
    assert work.items == ()


def test_the_newest_measured_run_is_found(content):
    records = content / "records"
    run = store.read_record(store.run_path(records, "r1"))
    assert isinstance(run, Run)
    for name, source, day in (("r2", "measured", 9), ("r3", "demo", 20)):
        started = f"2026-11-{day:02}T00:00:00Z"
        fields = {**json.loads(run.model_dump_json()), "run_id": name}
        fields |= {"source": source, "started_at": started}
        store.save_run(records, Run.model_validate_json(json.dumps(fields)))
    assert verify_run.newest_measured(records) == "r2"
    with pytest.raises(RecordError, match="there is no measured run"):
        verify_run.newest_measured(records / "r1")


class Command(click.Command):
    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except CollectorError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(1)


@pytest.fixture
def call(content, monkeypatch):
    monkeypatch.setattr(verify_run, "verify_code", lambda *_, **__: CALLED)

    def call(*arguments: str, tier: Tier | None = TIER):
        def open_sandbox(*, env, unsafe, prefer):
            if tier is None:
                raise SandboxError("there is no sandbox: install bubblewrap")
            return SimpleNamespace(tier=tier)

        monkeypatch.setattr(
            "collector.verification.sandbox.choose.open_sandbox", open_sandbox
        )
        command = verify_module.verify_command(Command)
        return CliRunner().invoke(command, ["--content", str(content), *arguments])

    return call


def test_the_command_prints_a_line_for_each_verdict_and_a_summary(save, call):
    save(trial(1))
    done = call()
    assert done.exit_code == 0, done.stderr
    assert "[1/1] m  json-to-csv #1  as_is  1 of 1 pass, 1 leniently" in done.stderr
    assert (
        "run r1: 1 answers: 1 as they are; 0 of them up to date before" in done.stderr
    )
    assert done.stdout == ""
    assert "1 of them up to date before" in call().stderr


def test_the_command_writes_json_for_programs(save, call):
    save(trial(1))
    (line,) = call("--json").stdout.splitlines()
    found = json.loads(line)
    assert (found["event"], found["level"], found["is_old"]) == (
        "verdict",
        "as_is",
        False,
    )
    assert found["cases"][0]["case_id"] == "01-flat"
    assert json.loads(call("--json").stdout)["is_old"] is True


def test_the_command_ends_with_1_without_a_sandbox(content, save, call):
    save(trial(1))
    done = call(tier=None)
    assert done.exit_code == 1
    assert "error: there is no sandbox: install bubblewrap" in done.stderr
    assert verdicts(content)[0].level == "not_executed"


def test_the_command_ends_with_3_if_a_record_is_bad(content, save, call):
    save(trial(1))
    (content / "records" / "r1" / "m" / "json-to-csv-02.json").write_text("{")
    done = call("--run", "r1")
    assert done.exit_code == 3
    assert "left out: " in done.stderr
    assert call("--run", "r1", "--check-tasks").exit_code == 2
