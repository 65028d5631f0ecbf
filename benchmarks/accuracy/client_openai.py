"""The openai package as its documentation shows it, with a clock around it."""

import time

import client
import openai

clients: dict[str, openai.OpenAI] = {}


def measure(base_url: str, name: str) -> client.Figures:
    """Measure one stream; the client is kept, as programs keep it."""
    if base_url not in clients:
        clients[base_url] = openai.OpenAI(base_url=base_url, api_key="-", max_retries=0)
    body = client.chat_body(name)
    stamps_s: list[float] = []
    tokens = None
    start_s = time.perf_counter()
    for chunk in clients[base_url].chat.completions.create(**body):
        now_s = time.perf_counter()
        for choice in chunk.choices:
            thought = getattr(choice.delta, "reasoning_content", None)
            if choice.delta.content or thought:
                stamps_s.append(now_s)
        if chunk.usage is not None:
            tokens = chunk.usage.completion_tokens
    return client.plain_figures(start_s, stamps_s, tokens)


client.run(measure)
