"""The client's end of the benchmark: a request a line on standard input.

Each client is a script of its own, so that its imports and processor time are its own.
"""

import json
import sys
import time
from collections.abc import Callable

Figures = tuple[float, float]
"""Seconds to the first token, and tokens per second."""

PROMPT = "Write what the schedule says."


def chat_body(name: str) -> dict[str, object]:
    """Return the request that all clients send."""
    return {
        "model": name,
        "messages": [{"role": "user", "content": PROMPT}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def plain_figures(start_s: float, stamps_s: list[float], tokens: int | None) -> Figures:
    """Return what most clients make of their stamps: (N - 1) / (last - first)."""
    if tokens is None:
        raise ValueError("the server sent no token count")
    span_s = stamps_s[-1] - stamps_s[0]
    return stamps_s[0] - start_s, (tokens - 1) / span_s


def run(measure: Callable[[str, str], Figures]) -> None:
    """Measure each stream asked for and print the figures and what they cost."""
    for line in sys.stdin:
        order = json.loads(line)
        cpu_s = time.process_time()
        try:
            ttft_s, tok_s = measure(order["base_url"], order["name"])
            answer: dict[str, object] = {"ttft_s": ttft_s, "tok_s": tok_s}
        except Exception as error:  # noqa: BLE001 - whatever it is, the runner shows it
            answer = {"error": repr(error)}
        answer["cpu_s"] = time.process_time() - cpu_s
        print(json.dumps(answer), flush=True)
