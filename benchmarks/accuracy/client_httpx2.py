"""A loop over the lines of an httpx2 stream: the least a client can do."""

import json
import time

import client
import httpx2

session = httpx2.Client(trust_env=False)


def measure(base_url: str, name: str) -> client.Figures:
    """Measure one stream; the connection is kept."""
    stamps_s: list[float] = []
    tokens = None
    body = client.chat_body(name)
    start_s = time.perf_counter()
    with session.stream("POST", f"{base_url}/chat/completions", json=body) as reply:
        for line in reply.iter_lines():
            now_s = time.perf_counter()
            if not line.startswith("data: {"):
                continue
            event = json.loads(line.removeprefix("data: "))
            for choice in event["choices"]:
                delta = choice["delta"]
                if delta.get("content") or delta.get("reasoning_content"):
                    stamps_s.append(now_s)
            if event.get("usage"):
                tokens = event["usage"]["completion_tokens"]
    return client.plain_figures(start_s, stamps_s, tokens)


client.run(measure)
