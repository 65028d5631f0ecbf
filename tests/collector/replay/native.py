"""LM Studio's own routes as data: what is listed, and what a load makes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Reply = tuple[int, object]

LIST_PATH = "/api/v1/models"
LOAD_PATH = "/api/v1/models/load"
UNLOAD_PATH = "/api/v1/models/unload"
V0_LIST_PATH = "/api/v0/models"


def instance(instance_id: str, context_length: int = 8192) -> dict[str, Any]:
    config = {"context_length": context_length, "parallel": 1, "flash_attention": True}
    return {"id": instance_id, "config": config}


def model(
    key: str, *instances: dict[str, Any], quantization: object = "Q4_K_M"
) -> dict[str, Any]:
    """An entry of ``/api/v1/models`` with every field of the documentation."""
    if isinstance(quantization, str):
        quantization = {"name": quantization, "bits_per_weight": 4}
    return {
        "type": "llm",
        "publisher": "maker",
        "key": key,
        "display_name": key,
        "architecture": "qwen3",
        "quantization": quantization,
        "size_bytes": 2_500_000_000,
        "params_string": "4B",
        "loaded_instances": list(instances),
        "max_context_length": 40_960,
        "format": "gguf",
        "capabilities": {"vision": False, "trained_for_tool_use": True},
        "description": None,
    }


EMBEDDING = {"type": "embedding", "key": "text-embedding-nomic", "loaded_instances": []}
"""An entry that lacks most fields."""


def v0_model(key: str, state: str = "loaded", **more: object) -> dict[str, Any]:
    """An entry of ``/api/v0/models``."""
    return {
        "id": key,
        "object": "model",
        "type": "llm",
        "publisher": "maker",
        "arch": "qwen3",
        "compatibility_type": "gguf",
        "quantization": "Q4_K_M",
        "state": state,
        "max_context_length": 40_960,
        **more,
    }


@dataclass
class NativeApi:
    """Answers the native routes, and loads and unloads as LM Studio does.

    Attributes:
        models: The list, which loads and unloads change.
        loads_as: Instances that a load of a key leaves in memory; LM Studio stacks
            them where one is resident already.
        answers: Answers in place of our own, by path.
        asked: Method and path of each request, in order, with its body.
    """

    models: list[dict[str, Any]]
    loads_as: Callable[[str, dict[str, Any]], Sequence[dict[str, Any]]] = (
        lambda key, _body: [instance(key)]
    )
    answers: dict[str, Reply] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: dict[str, Any]) -> Reply | None:
        self.asked.append((f"{method} {path}", body))
        if path in self.answers:
            return self.answers[path]
        if path == LIST_PATH:
            return 200, {"models": self.models}
        if path == LOAD_PATH:
            return self._load(body["model"], body)
        if path == UNLOAD_PATH:
            return self._unload(body["instance_id"])
        return None

    def _load(self, key: str, body: dict[str, Any]) -> Reply:
        for entry in self.models:
            if entry["key"] == key:
                entry["loaded_instances"] += self.loads_as(key, body)
                break
        return 200, {
            "type": "llm",
            "instance_id": key,
            "load_time_seconds": 1.25,
            "status": "loaded",
        }

    def _unload(self, instance_id: str) -> Reply:
        for entry in self.models:
            entry["loaded_instances"] = [
                each for each in entry["loaded_instances"] if each["id"] != instance_id
            ]
        return 200, {"instance_id": instance_id}
