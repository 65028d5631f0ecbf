"""One slot of the schedule into one trial: send, keep, read, judge."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pydantic import JsonValue

from collector.backends.protocol import Backend, ChatRequest, Clock, Exchange
from collector.plan import Plan, Slot
from collector.record import CacheState, Failure, Request, Trial
from collector.stream import judge, read_exchange
from collector.task import prompt_sha256

CHAT_PATH = "/v1/chat/completions"
WARMUP_PROMPT = "こんにちは。ひとことで答えてください。"
WARMUP_MAX_TOKENS = 16


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """The two clocks: one for arithmetic, one for display."""

    monotonic_ns: Clock = time.perf_counter_ns
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """What is known of the model that answers the next request.

    Attributes:
        load_s: Seconds of the load that the next request follows; None: there was none.
        is_fresh: Whether it was loaded for this block, with an empty cache.
        seen: Tasks whose prompt it has already read since.
        failure: Why it could not be loaded; None: it was, or no load was asked for.
    """

    load_s: float | None = None
    is_fresh: bool = False
    seen: frozenset[str] = frozenset()
    failure: Failure | None = None

    def cache(self, task_id: str) -> CacheState:
        """Say whether the prompt of a task is in the model's cache."""
        if not self.is_fresh:
            return "unknown"
        return "warm" if task_id in self.seen else "cold"

    def after(self, task_id: str) -> "LoadedModel":
        """Return what is known once the prompt of a task was read."""
        return replace(self, load_s=None, seen=self.seen | {task_id})


def measure(
    slot: Slot,
    prompt: str,
    *,
    plan: Plan,
    run_id: str,
    backend: Backend,
    model: LoadedModel,
    clocks: Clocks,
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
        "cache": model.cache(slot.task_id),
        "started_at": clocks.now(),
        "load_s": model.load_s,
    }
    if model.failure is not None:
        return Trial.model_validate(
            {**facts, "outcome": "failed", "failure": model.failure}
        )
    request = chat_request(slot, prompt, sampling=plan.sampling)
    exchange = backend.stream(request, clock=clocks.monotonic_ns)
    sent = Request(
        path=request.path, body=request.body, prompt_sha256=prompt_sha256(prompt)
    )
    return Trial.model_validate(
        {**facts, "request": sent, **_answer(exchange, model_key=slot.model.key)}
    )


def chat_request(
    slot: Slot, prompt: str, *, sampling: dict[str, JsonValue]
) -> ChatRequest:
    """Return the request for a slot; a warm-up's answer is cut short."""
    body: dict[str, JsonValue] = {
        "model": slot.model.key,
        "messages": [{"role": "user", "content": prompt}],
        "stream": True,
        "stream_options": {"include_usage": True},
        **sampling,
    }
    if slot.is_warmup:
        body["max_tokens"] = WARMUP_MAX_TOKENS
    return ChatRequest(path=CHAT_PATH, body=body)


def _answer(exchange: Exchange, *, model_key: str) -> dict[str, object]:
    """Return the fields of a trial that the exchange tells."""
    reading = read_exchange(exchange)
    outcome, failure = judge(exchange, reading, model_key=model_key)
    return {
        "outcome": outcome,
        "failure": failure,
        "status_code": exchange.status_code,
        "headers_us": _since_us(exchange.sent_ns, exchange.headers_ns),
        "end_us": _since_us(exchange.sent_ns, exchange.ended_ns),
        "timeline": reading.timeline,
        "reasoning_text": reading.reasoning_text,
        "answer_text": reading.answer_text,
        "served_model": next(iter(reading.served_models), None),
        "finish_reason": reading.finish_reason,
        "has_end_mark": reading.has_end_mark,
        "usage": reading.usage,
        "server_stats": reading.server_stats,
    }


def _since_us(start_ns: int | None, end_ns: int | None) -> int | None:
    if start_ns is None or end_ns is None:
        return None
    return max(0, end_ns - start_ns) // 1000
