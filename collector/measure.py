"""One slot of the schedule into one trial: send, read, judge."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pydantic import JsonValue

from collector.backends.protocol import (
    Backend,
    ChatRequest,
    Clock,
    Exchange,
    Limits,
    Wish,
)
from collector.judgement import judge
from collector.plan import Slot
from collector.record import (
    CacheState,
    Conditions,
    Failure,
    Instance,
    Interruption,
    Request,
    Trial,
)
from collector.sensors import Sensors
from collector.stream import AnswerReader
from collector.task import prompt_sha256

CHAT_PATH = "/v1/chat/completions"
WARMUP_PROMPT = "こんにちは。ひとことで答えてください。"
WARMUP_MAX_TOKENS = 16

TELL_EVERY_NS = 100_000_000
"""How often a watcher hears of arriving text."""


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """The two clocks, one for arithmetic and one for display, and waiting."""

    monotonic_ns: Clock = time.perf_counter_ns
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """What is known of the model that answers the next request.

    Attributes:
        wish: The model as the plan wants it.
        instance: The model as the server describes it; None: it does not.
        load_s: Seconds of the load that the next request follows; None: there was none.
        is_fresh: Whether we loaded it for this block, with an empty cache.
        seen: Tasks whose prompt it has already read since.
        failure: Why it could not be loaded; None: it was, or no load was asked for.
    """

    wish: Wish
    instance: Instance | None = None
    load_s: float | None = None
    is_fresh: bool = False
    seen: frozenset[str] = frozenset()
    failure: Failure | None = None

    @property
    def name(self) -> str:
        """The name that requests give."""
        return self.wish.key if self.instance is None else self.instance.instance_id

    @property
    def served_names(self) -> frozenset[str]:
        """The names under which it may answer; LM Studio may drop ``@variant``."""
        return frozenset({self.name, self.wish.key, self.wish.key.partition("@")[0]})

    def cache(self, task_id: str) -> CacheState:
        """Say whether the prompt of a task is in the model's cache."""
        if not self.is_fresh:
            return "unknown"
        return "warm" if task_id in self.seen else "cold"

    def after(self, task_id: str) -> "LoadedModel":
        """Return what is known once the prompt of a task was read."""
        return replace(self, load_s=None, seen=self.seen | {task_id})


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a measurement is made with.

    Attributes:
        sensors: Tell the state of this machine.
        on_text: Hears, some ten times a second, how many characters and events with
            text came so far.
    """

    backend: Backend
    sensors: Sensors
    limits: Limits = field(default_factory=Limits)
    clocks: Clocks = field(default_factory=Clocks)
    on_text: Callable[[int, int], None] = lambda _chars, _events: None


def measure(
    slot: Slot,
    request: ChatRequest,
    *,
    run_id: str,
    model: LoadedModel,
    bench: Bench,
    interruptions: tuple[Interruption, ...] = (),
) -> Trial:
    """Return what came of one request; a model that did not load is not asked.

    Asked all the same, the server would load it inside the first token's time.
    """
    facts: dict[str, object] = {
        "run_id": run_id,
        "model_id": slot.model.id,
        "task_id": slot.task_id,
        "number": slot.number,
        "is_warmup": slot.is_warmup,
        "round": slot.round,
        "position": slot.position,
        "interruptions": interruptions,
        "cache": model.cache(slot.task_id),
        "started_at": bench.clocks.now(),
        "load_s": model.load_s,
        "instance": model.instance,
    }
    if model.failure is not None:
        return Trial.model_validate(
            {**facts, "outcome": "failed", "failure": model.failure}
        )
    return Trial.model_validate(
        {**facts, **ask(request, names=model.served_names, bench=bench)}
    )


def ask(
    request: ChatRequest, *, names: frozenset[str], bench: Bench
) -> dict[str, object]:
    """Send one request and return the fields of a trial that its answer tells."""
    reader = _WatchedReader(bench.on_text)
    clock = bench.clocks.monotonic_ns
    before = bench.sensors.snapshot()
    began_ns = clock()
    exchange = bench.backend.stream(
        request, sink=reader, limits=bench.limits, clock=clock
    )
    after, wall_s = bench.sensors.snapshot(), (clock() - began_ns) / 1e9
    reader.close(exchange.ended_ns)
    conditions = bench.sensors.conditions(
        before, after, wall_s=wall_s, collector_cpu_s=exchange.cpu_s
    )
    return {
        "request": _sent(request),
        **_answer(exchange, reader, names=names, conditions=conditions),
    }


def chat_request(
    model_name: str,
    prompt: str,
    *,
    sampling: dict[str, JsonValue],
    max_tokens: int | None = None,
) -> ChatRequest:
    """Return the request for a prompt; ``max_tokens`` goes before the sampling's."""
    body: dict[str, JsonValue] = {
        "model": model_name,
        "messages": [{"role": "user", "content": prompt}],
        "stream": True,
        "stream_options": {"include_usage": True},
        **sampling,
    }
    if max_tokens is not None:
        body.pop("max_completion_tokens", None)
        body["max_tokens"] = max_tokens
    return ChatRequest(path=CHAT_PATH, body=body)


class _WatchedReader(AnswerReader):
    """Tells a watcher now and then how far the answer is."""

    def __init__(self, on_text: Callable[[int, int], None]) -> None:
        super().__init__()
        self._on_text = on_text
        self._told_ns = 0

    def feed(self, at_ns: int, data: bytes) -> None:
        super().feed(at_ns, data)
        if at_ns - self._told_ns >= TELL_EVERY_NS and self.text_events:
            self._told_ns = at_ns
            self._on_text(self.text_chars, self.text_events)


def _sent(request: ChatRequest) -> Request:
    messages = request.body["messages"]
    assert isinstance(messages, list)  # noqa: S101 - chat_request made it so
    last = messages[-1]
    prompt = last["content"] if isinstance(last, dict) else None
    return Request(
        path=request.path, body=request.body, prompt_sha256=prompt_sha256(str(prompt))
    )


def _answer(
    exchange: Exchange,
    reader: AnswerReader,
    *,
    names: frozenset[str],
    conditions: Conditions,
) -> dict[str, object]:
    sent_ns = exchange.sent_ns
    reading = reader.reading(sent_ns=exchange.ended_ns if sent_ns is None else sent_ns)
    outcome, failure = judge(exchange, reading, names=names)
    served = [name for name in reading.served_models if name not in names]
    return {
        "outcome": outcome,
        "failure": failure,
        "requests_sent": exchange.requests_sent,
        "status_code": exchange.status_code,
        "headers_us": _since_us(exchange.sent_ns, exchange.headers_ns),
        "end_us": _since_us(exchange.sent_ns, exchange.ended_ns),
        "timeline": reading.timeline,
        "reasoning_text": reading.reasoning_text,
        "answer_text": reading.answer_text,
        # Where several answered, the one that was not asked is the one to show.
        "served_model": next(iter((*served, *reading.served_models)), None),
        "finish_reason": reading.finish_reason,
        "has_end_mark": reading.has_end_mark,
        "usage": reading.usage,
        "server_stats": reading.server_stats,
        "conditions": conditions,
    }


def _since_us(start_ns: int | None, end_ns: int | None) -> int | None:
    if start_ns is None or end_ns is None:
        return None
    return max(0, end_ns - start_ns) // 1000
