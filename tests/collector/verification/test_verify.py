"""Cases are run once each with the plan of the first, and what that shows is kept."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from collector.errors import SandboxError
from collector.verification import verify
from collector.verification.observation import Observation, Shape, Stimulus
from collector.verification.rules.finding import PASS, Finding
from collector.verification.sandbox.protocol import Limits, Tier
from collector.verification.suite import Suite, SuiteCase
from collector.verification.verify import verify_code

SHAPE = Shape(
    input_suffix=".json",
    output_suffix=".csv",
    entry_words={},
    input_words=(),
    output_words=(),
    text_words=(),
    object_words=(),
    parses="json",
)
NATIVE = Tier(name="bubblewrap", version="0.8.0", guest_python="3.11.2")
GUEST = Tier(
    name="wasi",
    version="50.0.1",
    guest_python="3.12.0",
    time_factor=6.0,
    has_native=False,
)
SEEN = Observation(
    ending="exit",
    exit_code=0,
    output=b"",
    output_place="expected file",
    raised=None,
    has_traceback=False,
    stdout="",
    stderr="",
    wall_s=0.25,
)


def judge_output(seen: Observation) -> Finding:
    """The outputs of these tests say themselves what they are worth."""
    word = (seen.output or b"").decode().split("\n")[0].strip()
    return PASS if word in ("pass", "a,b", "b,a") else Finding(word, f"it is {word}")


def case(name: str, **changes: object) -> SuiteCase:
    plain = SuiteCase(
        case_id=name,
        group="core",
        rule="csv_rows",
        judge=judge_output,
        stimulus=Stimulus(content=name.encode(), limits=Limits(wall_s=10, cpu_s=10)),
        is_counted=True,
        checks_order=False,
        needs=frozenset(),
    )
    return replace(plain, **changes)


def suite(*cases: SuiteCase, needs: frozenset = frozenset()) -> Suite:
    return Suite(
        task_id="shout",
        shape=SHAPE,
        needs=needs,
        cases=cases,
        reference="",
        sha256="0" * 64,
    )


@dataclass
class Bench:
    """Stands for the adapter: what each input gives, run by run."""

    outputs: dict[str, list[str | Observation]]
    has_plan: bool = True
    first_error: str | None = None
    missing_module: str | None = None
    not_taken: bytes | None = b"none"
    ran: list[Stimulus] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    wait: Callable[[], object] = lambda: None

    def find_plan(self, code, shape, stimulus, sandbox, is_right):
        if not self.has_plan:
            return self._search(None)
        seen = replace(SEEN, output=b"pass")
        assert is_right(seen)
        assert is_right(replace(SEEN, output=b"lenient"))
        assert not is_right(replace(SEEN, output=b"fail"))
        self.probed = stimulus
        return self._search(SimpleNamespace(describe=lambda: "convert(in, out)"))

    def _search(self, plan):
        return SimpleNamespace(
            plan=plan,
            tried=("convert(in): wrong", "convert(in, out): right"),
            first_error=self.first_error,
            level="as_is" if plan else None,
            diff=None,
            missing_module=self.missing_module,
        )

    def can_take(self, plan, shape, stimulus):
        return stimulus.content != self.not_taken

    def observe(self, plan, code, shape, stimulus, sandbox):
        self.wait()
        with self.lock:
            self.ran.append(stimulus)
            given = self.outputs[stimulus.content.decode()].pop(0)
        if isinstance(given, Exception):
            raise given
        if isinstance(given, Observation):
            return given
        return replace(SEEN, output=given.encode())


@pytest.fixture
def run(monkeypatch):
    def run(bench: Bench, *cases: SuiteCase, tier: Tier = NATIVE, **options):
        monkeypatch.setattr(verify, "find_plan", bench.find_plan)
        monkeypatch.setattr(verify, "observe", bench.observe)
        monkeypatch.setattr(verify, "can_take", bench.can_take)
        needs = options.pop("needs", frozenset())
        sandbox = SimpleNamespace(tier=tier)
        return verify_code("x", suite(*cases, needs=needs), sandbox, **options)

    return run


def test_every_case_runs_once_and_the_verdict_keeps_their_order(run):
    bench = Bench({"01-a": ["pass"], "02-b": ["lenient"], "03-c": ["pass"]})
    found = run(bench, case("01-a"), case("02-b"), case("03-c", is_counted=False))

    assert [(c.case_id, c.result, c.reason) for c in found.cases] == [
        ("01-a", "pass", ""),
        ("02-b", "lenient", "it is lenient"),
        ("03-c", "pass", ""),
    ]
    assert [c.is_counted for c in found.cases] == [True, True, False]
    assert {c.wall_s for c in found.cases} == {0.25}
    assert (found.level, found.call) == ("as_is", "convert(in, out)")
    assert found.tried == ("convert(in): wrong", "convert(in, out): right")
    assert len(bench.ran) == 3


def test_a_case_that_fails_twice_fails_and_one_that_then_passes_is_flaky(run):
    bench = Bench({"01-a": ["fail", "fail"], "02-b": ["fail", "pass"]})
    first, second = run(bench, case("01-a"), case("02-b")).cases
    assert (first.result, first.reason) == ("fail", "it is fail")
    assert second.result == "flaky"
    assert second.reason == "first: it is fail; then: it passed"


def test_failing_twice_for_different_reasons_is_still_failing(run):
    reasons = iter(["one", "another"])
    loud = case("02-b", judge=lambda _: Finding("fail", next(reasons)))
    bench = Bench({"01-a": ["pass"], "02-b": ["x", "x"]})
    found = run(bench, case("01-a"), loud).cases[1]
    assert (found.result, found.reason) == ("fail", "one")


def test_what_may_take_longest_begins_first(run):
    bench = Bench({"01-a": ["pass"], "02-b": ["pass"], "03-c": ["pass"]})
    slow = Stimulus(content=b"02-b", limits=Limits(wall_s=60))
    found = run(bench, case("01-a"), case("02-b", stimulus=slow), case("03-c"))
    assert [stimulus.content for stimulus in bench.ran] == [b"02-b", b"01-a", b"03-c"]
    assert [c.case_id for c in found.cases] == ["01-a", "02-b", "03-c"]


def test_a_timeout_is_an_outcome_of_its_own_and_tried_again_as_well(run):
    stopped = replace(SEEN, ending="time", exit_code=None, output=None)
    bench = Bench({"01-a": [stopped, stopped], "02-b": [stopped, "fail"]})
    first, second = run(bench, case("01-a"), case("02-b")).cases
    assert (first.result, first.reason) == ("timeout", "it was stopped after 10 s")
    assert second.result == "flaky"


@pytest.mark.parametrize(
    ("second", "notes"),
    [("b,a\nx", ("column_order_varies",)), ("a,b\ny", ()), ("fail", ())],
)
def test_another_hash_seed_shows_columns_without_an_order(run, second, notes):
    other = replace(SEEN, output=None) if second == "fail" else second
    bench = Bench({"01-a": ["a,b\nx", other]})
    found = run(bench, case("01-a", checks_order=True))
    assert found.notes == notes
    assert [stimulus.hash_seed for stimulus in bench.ran] == [0, 1]
    assert found.cases[0].result == "pass"


def test_a_slower_tier_has_more_time_for_the_same_work(run):
    bench = Bench({"01-a": ["pass"]})
    run(bench, case("01-a"), tier=GUEST)
    for stimulus in (bench.probed, *bench.ran):
        assert (stimulus.limits.wall_s, stimulus.limits.cpu_s) == (60, 60)
        assert stimulus.limits.memory_bytes == Limits().memory_bytes


def test_what_needs_native_python_is_not_run_in_a_guest(run):
    bench = Bench({"01-a": ["pass"], "02-b": ["pass"]})
    needing = case("02-b", needs=frozenset({"native"}))
    found = run(bench, case("01-a"), needing, tier=GUEST)
    assert [c.result for c in found.cases] == ["pass", "not_run"]
    assert "the sandbox wasi does not have" in found.cases[1].reason
    bench = Bench({"02-b": ["pass"]})
    assert run(bench, needing).cases[0].result == "pass"

    whole = run(bench, case("01-a"), tier=GUEST, needs=frozenset({"native"}))
    assert (whole.level, whole.is_executed) == ("not_executed", False)
    assert [c.result for c in whole.cases] == ["not_run"]


def test_code_that_cannot_be_called_fails_with_its_first_error(run):
    bench = Bench(
        {}, has_plan=False, first_error="NameError: name 'csv' is not defined"
    )
    found = run(bench, case("01-a"), case("02-b"))
    assert found.level == "fails"
    assert "NameError: name 'csv' is not defined" in found.reason
    assert [c.result for c in found.cases] == ["not_run", "not_run"]
    assert found.call is None
    assert found.is_executed


def test_a_package_that_the_sandbox_lacks_is_not_the_codes_fault(run):
    found = run(Bench({}, has_plan=False, missing_module="pandas"), case("01-a"))
    assert found.level == "not_executed"
    assert "the package pandas, which the sandbox bubblewrap" in found.reason


def test_an_input_that_the_plan_cannot_be_given_is_not_held_against_the_code(run):
    bench = Bench({"01-a": ["pass"]}, not_taken=b"02-b")
    found = run(bench, case("01-a"), case("02-b"))
    assert [c.result for c in found.cases] == ["pass", "not_run"]
    assert found.cases[1].reason == (
        "called as convert(in, out), it cannot be given this input"
    )


def test_jobs_run_cases_at_the_same_time(run):
    together = threading.Barrier(2, timeout=10)
    bench = Bench({"01-a": ["pass"], "02-b": ["pass"]}, wait=together.wait)
    found = run(bench, case("01-a"), case("02-b"), jobs=2)
    assert [c.result for c in found.cases] == ["pass", "pass"]


def test_a_sandbox_that_breaks_stops_the_rest(run):
    outputs = {f"{n:02}-a": ["pass"] for n in range(1, 9)}
    bench = Bench(
        {**outputs, "01-a": [SandboxError("bwrap is gone")]},
        wait=lambda: time.sleep(0.03),  # time for the error to arrive
    )
    with pytest.raises(SandboxError, match="bwrap is gone"):
        run(bench, *(case(name) for name in outputs))
    assert len(bench.ran) < 8


def test_reasons_are_cut_and_printable(run):
    bench = Bench({"01-a": ["pass"], "02-b": ["pass", "pass"]})
    loud = case("02-b", judge=lambda _: Finding("fail", "\x1b[2J" + "x" * 5000))
    found = run(bench, case("01-a"), loud).cases[1]
    assert found.result == "fail"
    assert found.reason.isprintable()
    assert len(found.reason) == 300
